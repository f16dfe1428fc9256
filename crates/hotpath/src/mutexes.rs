//! Mutexes of the standard library that are watched with [`mutex!`](crate::mutex!), as 0.17 to 0.22 named them.
//!
//! The same types as in [`hotpath::wrap`](crate::wrap), which has those of other libraries too: with profiling off the
//! originals.
//!
//! ```
//! type Jobs = hotpath::mutexes::Mutex<Vec<u8>>;
//!
//! let jobs: Jobs = hotpath::mutex!(std::sync::Mutex::new(vec![1]), label = "jobs");
//! let held: hotpath::mutexes::MutexGuard<'_, Vec<u8>> = jobs.lock().unwrap();
//! assert_eq!(held.len(), 1);
//! ```

pub use crate::{
    instrument::InstrumentMutex,
    wrap::std::sync::{Mutex, MutexGuard},
};
