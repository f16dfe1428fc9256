//! What the process has used so far, all of its threads together.

/// User and system time of all threads, and the highest resident memory.
pub struct Usage {
    pub cpu_ns: u64,
    pub peak_rss_kb: u64,
}

impl Usage {
    pub fn now() -> Self {
        // SAFETY: `rusage` is a plain struct of numbers, for which all zeroes is a valid value.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is valid for writes of one `rusage` for the length of the call.
        unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
        Self {
            cpu_ns: nanos(usage.ru_utime) + nanos(usage.ru_stime),
            peak_rss_kb: high_water_kb().unwrap_or(usage.ru_maxrss as u64),
        }
    }
}

fn nanos(time: libc::timeval) -> u64 {
    time.tv_sec as u64 * 1_000_000_000 + time.tv_usec as u64 * 1_000
}

/// Linux: `ru_maxrss` starts at what the parent process had, this does not.
fn high_water_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
