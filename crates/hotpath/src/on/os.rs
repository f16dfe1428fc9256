//! The operating system. One file per system behind one set of functions.

#[cfg(unix)]
#[allow(unsafe_code, reason = "calls of the C library")]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{at_exit, forks, process_cpu_ns, process_id, signals, thread_id};

#[cfg(unix)]
#[allow(unsafe_code, reason = "calls of the C library")]
mod descriptor;
#[cfg(unix)]
pub(crate) use descriptor::{descriptor, write_all};

/// Not run here: written against the documentation.
#[cfg(not(unix))]
#[allow(unsafe_code, reason = "calls of the system")]
mod other;
#[cfg(not(unix))]
pub(crate) use other::{at_exit, forks, process_cpu_ns, process_id, signals, thread_id};

#[cfg(feature = "hotpath-cpu")]
pub(crate) mod cpu;
pub(crate) mod own_thread;
#[cfg(unix)]
#[allow(unsafe_code, reason = "calls of the C library")]
pub(crate) mod pages;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[allow(unsafe_code, reason = "calls of the C library")]
pub(crate) mod thread_end;
#[cfg(any(feature = "threads", feature = "hotpath-cpu"))]
#[cfg_attr(not(feature = "threads"), allow(dead_code, unused_imports, reason = "only who is who is asked"))]
pub(crate) mod threads;

/// Callbacks around a fork, for a lock that no other thread may hold then, because the fork has no thread to release it.
#[cfg_attr(not(unix), expect(dead_code, reason = "nothing forks"))]
pub(crate) struct Forks {
    /// Takes it.
    pub(crate) hold: fn(),
    /// The fork begins, with one thread, which has it.
    pub(crate) begin: fn(),
    /// Gives it back, in both processes.
    pub(crate) release: fn(),
}

/// The moment from which on signals are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "there are no signals"))]
pub(crate) enum When {
    AtOnce,
    /// The first measured call, and at the latest a tenth of a second: until then the program may install handlers of its own, and
    /// find what it would find without us.
    Later,
    Never,
}

/// Returns true if the processor's counter may be trusted as a clock: on x86-64 Linux if the kernel itself does, on aarch64 always (the
/// counter is defined to be constant and the same on all cores).
pub(crate) fn counter_is_trusted() -> bool {
    const SOURCE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    let kernel_uses_it = || {
        cfg!(target_os = "linux")
            && std::fs::read_to_string(SOURCE).is_ok_and(|source| source.trim() == "tsc")
    };
    cfg!(target_arch = "aarch64") || (cfg!(target_arch = "x86_64") && kernel_uses_it())
}
