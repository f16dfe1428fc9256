//! What only the operating system knows. One file per system behind one set of functions.

#[cfg(unix)]
#[allow(unsafe_code, reason = "calls of the C library")]
mod unix;
#[cfg(all(unix, feature = "serve"))]
pub(crate) use unix::{Forks, at_forks};
#[cfg(unix)]
pub(crate) use unix::{at_exit, process_id, signals, thread_id};

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
pub(crate) use other::{at_exit, process_id, signals, thread_id};

#[cfg(feature = "hotpath-cpu")]
pub(crate) mod cpu;
pub(crate) mod own_thread;
#[cfg(any(feature = "threads", feature = "hotpath-cpu"))]
#[cfg_attr(not(feature = "threads"), allow(dead_code, unused_imports, reason = "only who is who is asked"))]
pub(crate) mod threads;

/// Whether the processor's counter may be trusted as a clock: on x86-64 Linux if the kernel itself does, on aarch64 always (the
/// counter is defined to be constant and the same on all cores).
pub(crate) fn counter_is_trusted() -> bool {
    const SOURCE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    let kernel_uses_it = || {
        cfg!(target_os = "linux")
            && std::fs::read_to_string(SOURCE).is_ok_and(|source| source.trim() == "tsc")
    };
    cfg!(target_arch = "aarch64") || (cfg!(target_arch = "x86_64") && kernel_uses_it())
}
