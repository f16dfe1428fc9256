//! All sections. A new instrument is one file here and one line in the list.

mod alloc;
mod channels;
mod cpu;
mod debug;
mod functions;
mod futures;
mod locks;
mod streams;
mod threads;
mod timing;
mod tokio_runtime;

pub use alloc::*;
pub use channels::*;
pub use cpu::*;
pub use debug::*;
pub use functions::*;
pub use futures::*;
pub use locks::*;
pub use streams::*;
pub use threads::*;
pub use timing::*;
pub use tokio_runtime::*;

#[cfg(test)]
use crate::section::SectionSchema;
use crate::section::{Declaration, LogDeclaration, Row, Table};
use crate::value::Value;

macro_rules! sections {
    ($($name:ident: $instrument:ty),+ $(,)?) => {
        /// All sections, in the order in which a report shows them; a name with several readings has several entries,
        /// the usual one first.
        pub const SECTIONS: &[Declaration] = &[$(Declaration::of::<$instrument>()),+];

        #[test]
        fn the_list_names_each_section_as_it_names_itself() {
            let listed = [$((stringify!($name), <$instrument>::SPEC.name)),+];
            listed.into_iter().for_each(|(listed, own)| assert_eq!(listed, own));
        }
    };
}

sections! {
    functions_timing: Timing,
    functions_alloc: AllocBytes,
    functions_alloc: AllocBytesCumulative,
    functions_alloc: AllocBytesPeak,
    functions_alloc: AllocCount,
    functions_alloc: AllocCountCumulative,
    functions_alloc: AllocCountPeak,
    functions_cpu: CpuExclusive,
    functions_cpu: CpuInclusive,
    channels: Channels,
    streams: Streams,
    futures: Futures,
    mutexes: Mutexes,
    rw_locks: RwLocks,
    threads: Threads,
    tokio_runtime: TokioRuntime,
    debug: Debug,
}

impl Table {
    /// The declaration of this section; `None` for a list inside another one, and for a log.
    pub fn declaration(&self) -> Option<&'static Declaration> {
        SECTIONS.iter().find(|declared| declared.spec == self.spec)
    }

    /// The log that this row has, if it has one.
    pub fn log_of(&self, row: &Row) -> Option<&'static LogDeclaration> {
        let has = |log: &&LogDeclaration| {
            log.of.is_none_or(|(key, text)| self.cell(row, key).as_text() == Some(text))
        };
        self.declaration()?.logs.iter().find(has)
    }

    /// The path of an endpoint for the log of this row, if it has one.
    pub fn log_path(&self, row: &Row) -> Option<String> {
        let Value::Count(id) = self.cell(row, "id") else { return None };
        Some(self.log_of(row)?.path(self.spec.name, id))
    }
}
