//! How threads come to be sampled: by timers and signals where the system has them, else by looks from outside.
//!
//! Behind one set of functions: [`install`](system::install) before a session samples, [`arm`](system::arm) for each thread,
//! [`look`](system::look) now and then.

use std::io;

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "calls of the C library, and a signal handler")]
#[path = "cpu/linux.rs"]
mod system;
/// Not run here: written against the documentation.
#[cfg(not(target_os = "linux"))]
#[path = "cpu/looks.rs"]
mod system;

pub(crate) use system::{LOOK_EVERY, Timer, arm, install, is_ours, look, process_cpu_ns};

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

/// What is called with a sample: number of the slot, thread, weight, where the thread was.
pub(crate) type OnSample = fn(usize, u32, u64, Option<Registers>);

/// Where a thread was: addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Registers {
    /// The next instruction.
    pub(crate) pc: usize,
    /// The frame pointer, if the code keeps one.
    pub(crate) fp: usize,
    /// The top of the stack.
    pub(crate) sp: usize,
}

/// A thread of the process, and its processor time where samples are made from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) thread: u32,
    pub(crate) cpu_ns: Option<u64>,
}

/// Why a thread is not sampled.
#[derive(Debug)]
pub(crate) enum NotArmed {
    /// It has ended meanwhile.
    Gone,
    /// The system gives no timer.
    Refused(io::Error),
}

/// A loaded file of code: the program or a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Module {
    pub(crate) path: String,
    /// What tells builds apart, in hexadecimal digits; empty if the file has none.
    pub(crate) build_id: String,
    /// Added to the addresses in the file.
    pub(crate) bias: usize,
    /// Where its code is.
    pub(crate) code: Vec<std::ops::Range<usize>>,
}
