//! CPU time of our own threads: servers, pollers, measurements. Known on Linux only.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::imp::{os::thread_id, shared_list::SharedList};

/// The living threads of ours, by number.
static LIVING: SharedList<u64> = SharedList::new();
/// Nanoseconds of those that have ended.
static ENDED: AtomicU64 = AtomicU64::new(0);

/// The CPU time of the thread that made it counts until this goes, and stays counted.
pub(super) struct Counted(u64);

/// Counts the calling thread.
pub(super) fn count() -> Counted {
    let thread = thread_id();
    LIVING.change(|living| living.push(thread));
    Counted(thread)
}

impl Drop for Counted {
    fn drop(&mut self) {
        ENDED.fetch_add(of_thread(self.0).unwrap_or(0), Ordering::Relaxed); // a number that stands alone
        LIVING.change(|living| living.retain(|thread| *thread != self.0));
    }
}

/// Returns the nanoseconds of CPU time that all threads of ours have taken since the process began; `None` where the system does not say.
pub(crate) fn cpu_ns() -> Option<u64> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let mut threads = [0; MOST];
    LIVING.read(|living| threads.iter_mut().zip(living).for_each(|(to, from)| *to = *from));
    let living = threads.into_iter().filter(|thread| *thread != 0).filter_map(of_thread);
    Some(living.sum::<u64>() + ENDED.load(Ordering::Relaxed))
}

/// The most threads of ours that are alive at once, and more: servers, pollers, one for signals, one for the end.
const MOST: usize = 32;

fn of_thread(thread: u64) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/self/task/{thread}/schedstat")).ok()?;
    text.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::imp::os::own_thread::spawn;

    const WORK: u64 = 2_000_000;

    #[test]
    fn work_of_our_threads_stays_counted_when_they_end() {
        let before = cpu_ns().expect("it is known");
        let thread = spawn("hp-test", || {
            let mut work = 1_u64;
            while of_thread(thread_id()).is_some_and(|nanos| nanos < WORK) {
                work = std::hint::black_box(work.wrapping_mul(3));
            }
        });
        thread.expect("it starts").join().expect("it ends");
        assert!(cpu_ns().expect("it is known") >= before + WORK);
    }
}
