//! What the operating system knows of this process's threads and of its memory. One file per system behind one set of functions.
//!
//! What must stay true: a thread that has ended meanwhile is left out, and anything else that cannot be told is an error or
//! `None`, never a guess.

use std::time::Instant;

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "calls of the C library")]
#[path = "threads/linux.rs"]
mod system;
/// Not run here: written against the documentation.
#[cfg(target_os = "macos")]
#[allow(unsafe_code, reason = "calls of the C library")]
#[path = "threads/macos.rs"]
mod system;
/// Not run here: written against the documentation.
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

/// Whether the system keeps only the beginning of the calling thread's name: not where it keeps 63 characters and more.
#[cfg(all(feature = "threads", not(target_os = "linux")))]
pub(crate) fn is_my_name_cut() -> bool {
    false
}

/// Which thread: numbers are used again, so the moment of its start belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// The number that the system's own tools show.
    pub(crate) tid: u64,
    /// When it began, in the system's own unit; 0 where numbers are not used again.
    pub(crate) start: u64,
}

/// A thread, looked at once.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) key: Key,
    /// Its name, as far as the system keeps it.
    pub(crate) name: Option<String>,
    /// What it does, as a letter.
    pub(crate) state: Option<char>,
    /// Nanoseconds it has been on a processor.
    pub(crate) cpu_ns: Option<u64>,
    /// When `cpu_ns` was read.
    pub(crate) at: Instant,
    /// When it began, if the system tells; never too late, on Linux up to 10 ms too early.
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
        let me = me().expect("Linux tells");
        let all = all().expect("Linux tells");
        let other = all.iter().find(|seen| seen.key == me.key).expect("this thread");
        assert_eq!((&other.name, other.state), (&me.name, Some('R')));
        assert_eq!(me.key.tid, crate::imp::os::thread_id());
        let cpu = |cpu: Option<u64>| cpu.expect("Linux tells");
        assert!(cpu(me.cpu_ns) <= cpu(other.cpu_ns) && cpu(other.cpu_ns) <= cpu(my_cpu_ns()));
        assert!(me.began.expect("Linux tells") <= me.at);
    }

    #[test]
    fn the_most_memory_is_not_less_than_what_is_held() {
        let memory = memory();
        assert!(memory.resident > Some(0) && memory.resident_max >= memory.resident, "{memory:?}");
    }
}
