//! Linux: `/proc/self/task`, and the CPU clock of each thread.

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    time::{Duration, Instant},
};

use super::{Key, Memory, ThreadInfo};

/// All threads of the process.
///
/// # Errors
///
/// When `/proc` cannot be read.
pub(crate) fn all() -> io::Result<Vec<ThreadInfo>> {
    let mut threads = Vec::new();
    const TASKS: &str = "/proc/self/task";
    let unread = |error: io::Error| io::Error::new(error.kind(), format!("{TASKS}: {error}"));
    for entry in std::fs::read_dir(TASKS).map_err(unread)? {
        if let Some(tid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) {
            threads.extend(read(tid)?);
        }
    }
    Ok(threads)
}

/// The calling thread.
pub(crate) fn me() -> Option<ThreadInfo> {
    // SAFETY: takes nothing and cannot fail.
    read(unsafe { libc::gettid() }).ok().flatten()
}

/// Returns the CPU time of the calling thread in nanoseconds.
pub(crate) fn my_cpu_ns() -> Option<u64> {
    clock_ns(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// Returns true if the system keeps only the beginning of the calling thread's name. Async-signal-safe.
///
/// A thread has the name of the one that started it before it gets its own, and an unnamed one keeps it: what is called like
/// the process is not taken for cut.
#[cfg(feature = "threads")]
pub(crate) fn is_my_name_cut() -> bool {
    static PROCESS: std::sync::OnceLock<[u8; NAME]> = std::sync::OnceLock::new();
    const NAME: usize = 16;
    let mut name = [0; NAME];
    // SAFETY: `name` is a place for the 16 bytes that are written.
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    let process = PROCESS.get_or_init(|| {
        let comm = std::fs::read("/proc/self/comm").unwrap_or_default();
        std::array::from_fn(|at| comm.get(at).copied().filter(|byte| *byte != b'\n').unwrap_or(0))
    });
    name[NAME - 2] != 0 && name != *process
}

/// Memory of the process. The peak is that of the program as it runs, without what ran before `exec`.
pub(crate) fn memory() -> Memory {
    // SAFETY: asks for a number.
    let page = u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok();
    let pages = |statm: String| statm.split_ascii_whitespace().nth(1)?.parse::<u64>().ok();
    let resident = std::fs::read_to_string("/proc/self/statm").ok().and_then(pages);
    let kilobytes = |status: String| {
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()
    };
    let peak = std::fs::read_to_string("/proc/self/status").ok().and_then(kilobytes);
    let resident = resident.zip(page).map(|(pages, page)| pages.saturating_mul(page));
    // The kernel updates the two independently.
    let resident_max = peak.map(|kilobytes| kilobytes.saturating_mul(1024).max(resident.unwrap_or(0)));
    Memory { resident, resident_max }
}

/// One thread; `None` if there is none of that number (any more).
fn read(tid: libc::pid_t) -> io::Result<Option<ThreadInfo>> {
    let mut text = [0; 1024]; // the kernel writes at most some 400 bytes
    let read = File::open(format!("/proc/self/task/{tid}/stat")).and_then(|mut file| file.read(&mut text));
    let length = match read {
        Ok(length) => length,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.raw_os_error() == Some(libc::ESRCH) => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(stat) = Stat::parse(&text[..length]) else {
        return Err(io::Error::new(ErrorKind::InvalidData, "stat has another form"));
    };
    let cpu_ns = clock_ns(clock_of(tid)).or_else(|| ticks_ns(stat.cpu_ticks));
    let at = Instant::now();
    let age = || clock_ns(libc::CLOCK_BOOTTIME)?.checked_sub(ticks_ns(stat.start)?);
    Ok(Some(ThreadInfo {
        key: Key { tid: u64::try_from(tid).unwrap_or_default(), start: stat.start },
        name: Some(stat.name),
        state: Some(stat.state),
        cpu_ns,
        at,
        began: age().and_then(|age| at.checked_sub(Duration::from_nanos(age))),
    }))
}

/// The fields of a line of `stat` that are used, see proc(5).
#[derive(Debug, PartialEq)]
struct Stat {
    name: String,
    state: char,
    cpu_ticks: u64,
    start: u64,
}

impl Stat {
    fn parse(text: &[u8]) -> Option<Self> {
        // The name may hold anything, brackets and blanks too; the last bracket ends it.
        let open = text.iter().position(|byte| *byte == b'(')?;
        let close = text.iter().rposition(|byte| *byte == b')')?;
        let name = String::from_utf8_lossy(text.get(open + 1..close)?).into_owned();
        let rest: Vec<&str> =
            std::str::from_utf8(&text[close + 1..]).ok()?.split_ascii_whitespace().collect();
        let number = |field: usize| rest.get(field - 3)?.parse::<u64>().ok();
        let state = rest.first()?.chars().next()?;
        Some(Self { name, state, cpu_ticks: number(14)?.saturating_add(number(15)?), start: number(22)? })
    }
}

/// Returns the CPU clock of a thread of this process: `CPUCLOCK_PERTHREAD_MASK | CPUCLOCK_SCHED` beside its inverted number, as
/// `pthread_getcpuclockid` makes it too. Numbers are below 2^22, so nothing is shifted out.
fn clock_of(tid: libc::pid_t) -> libc::clockid_t {
    (!tid << 3) | 4 | 2
}

fn clock_ns(clock: libc::clockid_t) -> Option<u64> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a place for the answer; a clock that is none gives an error.
    let is_known = unsafe { libc::clock_gettime(clock, &raw mut time) } == 0;
    let (seconds, nanos) = (u64::try_from(time.tv_sec).ok()?, u64::try_from(time.tv_nsec).ok()?);
    is_known.then(|| seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

fn ticks_ns(ticks: u64) -> Option<u64> {
    // SAFETY: asks for a number.
    let per_second = u64::try_from(unsafe { libc::sysconf(libc::_SC_CLK_TCK) }).ok()?;
    let nanos = u128::from(ticks) * 1_000_000_000;
    u64::try_from(nanos.checked_div(per_second.into())?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_what_it_likes() {
        let line = b"77 (a) b (c) S 1 1 1 0 -1 4194304 100 0 0 0 12 30 0 0 20 0 1 0 98765 0 0";
        let stat = Stat { name: "a) b (c".into(), state: 'S', cpu_ticks: 42, start: 98_765 };
        assert_eq!(Stat::parse(line), Some(stat));
        assert_eq!(Stat::parse(b"77 (a S 1 1"), None);
        assert_eq!(Stat::parse(b"77 (a) S 1 1"), None);
    }

    #[test]
    fn the_clock_of_another_thread_is_read_and_that_of_none_is_unknown() {
        let (sender, receiver) = std::sync::mpsc::channel();
        let (end, wait) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let before = my_cpu_ns();
            // SAFETY: takes nothing and cannot fail.
            sender.send((unsafe { libc::gettid() }, before)).expect("it is received");
            let _ended = wait.recv();
            my_cpu_ns()
        });
        let (tid, before) = receiver.recv().expect("it is sent");
        let from_outside = clock_ns(clock_of(tid));
        end.send(()).expect("it waits");
        let after = thread.join().expect("no panic");
        assert!(before.is_some() && before <= from_outside && from_outside <= after);
        assert_eq!(clock_ns(clock_of((1 << 22) + 1)), None, "no number is that large");
    }
}
