//! The threads and the memory of this process, as the operating system knows them. One file per system behind one set of functions.
//!
//! What must stay true: a thread that has ended meanwhile is left out, and anything else that is unknown is an error or
//! `None`, never a guess.

use std::time::Instant;

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "calls of the C library")]
#[path = "threads/linux.rs"]
mod system;
/// Untested: written against the documentation.
#[cfg(target_os = "macos")]
#[allow(unsafe_code, reason = "calls of the C library")]
#[path = "threads/macos.rs"]
mod system;
/// Untested: written against the documentation.
#[cfg(windows)]
#[allow(unsafe_code, reason = "calls of the system")]
#[path = "threads/windows.rs"]
mod system;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
#[path = "threads/other.rs"]
mod system;

pub(crate) use system::{all, me, memory, my_cpu_ns};

#[cfg(all(feature = "threads", target_os = "linux"))]
pub(crate) use system::is_my_name_cut;

/// Returns true if the system keeps only the beginning of the calling thread's name: not where it keeps 63 characters and more.
#[cfg(all(feature = "threads", not(target_os = "linux")))]
pub(crate) fn is_my_name_cut() -> bool {
    false
}

/// The identity of a thread: ids are reused, so the moment of its start belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// The id that the system's own tools show.
    pub(crate) tid: u64,
    /// Its start, in the system's own unit; 0 where ids are not reused.
    pub(crate) start: u64,
}

/// A thread at a moment.
#[derive(Clone, Debug)]
pub(crate) struct ThreadInfo {
    pub(crate) key: Key,
    /// Its name, as far as the system keeps it.
    pub(crate) name: Option<String>,
    /// Its state, as a letter.
    pub(crate) state: Option<char>,
    /// Its CPU time in nanoseconds.
    pub(crate) cpu_ns: Option<u64>,
    /// The moment when `cpu_ns` was read.
    pub(crate) at: Instant,
    /// Its start, if the system knows it; never too late, on Linux up to 10 ms too early.
    pub(crate) began: Option<Instant>,
}

/// Memory that the process holds, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) resident: Option<u64>,
    pub(crate) resident_max: Option<u64>,
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_thread_is_among_all_of_them_and_is_seen_the_same() {
        let me = me().expect("known on Linux");
        let all = all().expect("known on Linux");
        let other = all.iter().find(|seen| seen.key == me.key).expect("this thread");
        assert_eq!((&other.name, other.state), (&me.name, Some('R')));
        assert_eq!(me.key.tid, crate::imp::os::thread_id());
        let cpu = |cpu: Option<u64>| cpu.expect("known on Linux");
        assert!(cpu(me.cpu_ns) <= cpu(other.cpu_ns) && cpu(other.cpu_ns) <= cpu(my_cpu_ns()));
        assert!(me.began.expect("known on Linux") <= me.at);
    }

    #[test]
    fn peak_memory_is_at_least_the_current_memory() {
        let memory = memory();
        assert!(memory.resident > Some(0) && memory.resident_max >= memory.resident, "{memory:?}");
    }
}
