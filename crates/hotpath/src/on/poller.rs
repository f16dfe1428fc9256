//! One loop for all that the profiler polls: threads, CPU time, tokio runtimes.

use std::{
    io,
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::Thread,
    time::{Duration, Instant},
};

use super::os::own_thread;

/// A thread of the profiler that calls a function again and again, until this is dropped.
///
/// There is no lock in it: a process that was forked has no such thread, and may drop this all the same.
#[derive(Debug)]
pub(crate) struct Poller {
    is_stopped: Arc<AtomicBool>,
    thread: Thread,
}

impl Poller {
    /// Calls `poll` every `interval` until it breaks, for the first time after one interval.
    ///
    /// Polling takes at most one part in `parts` of one core: where a poll takes long, the interval becomes longer.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub(crate) fn start(
        name: &'static str,
        interval: Duration,
        parts: u32,
        mut poll: impl FnMut() -> ControlFlow<()> + Send + 'static,
    ) -> io::Result<Self> {
        let is_stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&is_stopped);
        let run = move || {
            let mut pause = interval;
            while slept(pause, &stop) {
                let start = Instant::now();
                if poll().is_break() {
                    return;
                }
                pause = interval.max(start.elapsed().saturating_mul(parts));
            }
        };
        let thread = own_thread::spawn(name, run)?.thread().clone();
        Ok(Self { is_stopped, thread })
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        self.is_stopped.store(true, Ordering::Relaxed); // `unpark` orders it before the load in `slept`
        self.thread.unpark();
    }
}

/// Sleeps for `time`. Returns false as soon as the poller is stopped.
fn slept(time: Duration, is_stopped: &AtomicBool) -> bool {
    let end = Instant::now() + time;
    while !is_stopped.load(Ordering::Relaxed) {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        std::thread::park_timeout(left);
    }
    false
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, RecvTimeoutError};

    use super::*;

    const DEADLINE: Duration = Duration::from_secs(30);

    #[test]
    fn it_polls_until_the_function_breaks() {
        let (sender, polls) = mpsc::channel();
        let mut left = 3;
        let poll = move || {
            left -= 1;
            sender.send(left).expect("it is received");
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let _poller = Poller::start("hp-test", Duration::from_millis(1), 1, poll).expect("a thread");
        assert_eq!([(); 3].map(|()| polls.recv_timeout(DEADLINE)), [Ok(2), Ok(1), Ok(0)]);
        assert_eq!(polls.recv_timeout(DEADLINE), Err(RecvTimeoutError::Disconnected), "the thread has ended");
    }

    #[test]
    fn dropping_it_ends_the_thread_long_before_the_interval() {
        let (sender, polls) = mpsc::channel::<()>();
        let poll = move || {
            sender.send(()).expect("it is received");
            ControlFlow::Continue(())
        };
        let poller = Poller::start("hp-test", Duration::from_secs(3600), 1, poll).expect("a thread");
        drop(poller);
        assert_eq!(polls.recv_timeout(DEADLINE), Err(RecvTimeoutError::Disconnected), "it never polled");
    }
}
