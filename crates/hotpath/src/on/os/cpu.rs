//! Sampling of threads: by timers and signals where the system has them, else by polling their CPU time.
//!
//! Behind one set of functions: [`install`](system::install) before a session samples, [`arm`](system::arm) for each thread,
//! [`threads`](system::threads) at each poll.

use std::io;

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "calls of the C library, and a signal handler")]
#[path = "cpu/linux.rs"]
mod system;
/// Untested: written against the documentation.
#[cfg(not(target_os = "linux"))]
#[path = "cpu/polled.rs"]
mod system;

pub(crate) use system::{POLL_INTERVAL, Timer, arm, install, is_ours, threads};

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "reads the stack of a thread that a signal interrupted")]
#[path = "cpu/stack.rs"]
mod stack;
#[cfg(not(target_os = "linux"))]
#[path = "cpu/no_stack.rs"]
mod stack;

pub(crate) use stack::{Bounds, modules, walk};

/// The most threads that are sampled at once.
pub(crate) const MAX_THREADS: usize = 4096;

/// The callback of a sample: slot, thread, weight, registers.
pub(crate) type OnSample = fn(usize, u32, u64, Option<Registers>);

/// The position of a thread, as addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Registers {
    /// The next instruction.
    pub(crate) pc: usize,
    /// The frame pointer, if the code keeps one.
    pub(crate) fp: usize,
    /// The top of the stack.
    pub(crate) sp: usize,
}

/// A thread of the process, with its CPU time where samples are taken from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ThreadTime {
    pub(crate) thread: u32,
    pub(crate) cpu_ns: Option<u64>,
}

/// The reason why a thread is not sampled.
#[derive(Debug)]
pub(crate) enum ArmError {
    /// It has ended meanwhile.
    Gone,
    /// The system refused a timer.
    Refused(io::Error),
}

/// A loaded file of code: the program or a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Module {
    pub(crate) path: String,
    /// The build id, in hexadecimal digits; empty if the file has none.
    pub(crate) build_id: String,
    /// The difference between addresses in memory and in the file.
    pub(crate) bias: usize,
    /// The address ranges of its code.
    pub(crate) code: Vec<std::ops::Range<usize>>,
}
