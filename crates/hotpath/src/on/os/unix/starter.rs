//! The progress of the thread that started the session. Known on Linux only.

use std::time::Duration;

/// The thread that began the session, from a moment on.
pub(super) struct Starter {
    thread: u64,
    /// Its CPU time up to that moment.
    ran: Option<Duration>,
}

impl Starter {
    pub(super) fn new(thread: u64) -> Self {
        Self { thread, ran: ran(thread) }
    }

    /// Returns true if it wants to run and did so for less than `time`: on a busy machine it may be at its first lines for long.
    pub(super) fn is_starved(&self, time: Duration) -> bool {
        let since = ran(self.thread).zip(self.ran).map(|(now, before)| now.saturating_sub(before));
        is_ready(self.thread) && since.is_some_and(|since| since < time)
    }
}

/// Returns its CPU time. `None` when it has ended, or the system does not know.
fn ran(thread: u64) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/self/task/{thread}/schedstat")).ok()?;
    text.split_ascii_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// Returns true if it runs or waits for a core only.
fn is_ready(thread: u64) -> bool {
    let stat = std::fs::read(format!("/proc/self/task/{thread}/stat")).unwrap_or_default();
    // The name may hold anything; the last bracket ends it.
    let close = stat.iter().rposition(|byte| *byte == b')');
    close.is_some_and(|close| stat.get(close + 2) == Some(&b'R'))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::imp::os::thread_id;

    #[test]
    fn a_thread_that_runs_is_starved_until_it_had_its_time() {
        let me = Starter::new(thread_id());
        assert!(me.is_starved(Duration::MAX), "this thread runs, so it is ready");
        assert!(!me.is_starved(Duration::ZERO));
        assert!(!Starter::new(u64::MAX).is_starved(Duration::MAX), "there is no such thread");
    }

    #[test]
    fn a_thread_that_waits_is_not_starved() {
        let (sender, receiver) = std::sync::mpsc::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let waiting = std::thread::spawn(move || {
            sender.send(thread_id()).expect("it is received");
            ended.recv()
        });
        let starter = Starter::new(receiver.recv().expect("its number"));
        while starter.is_starved(Duration::MAX) {
            std::thread::yield_now(); // on its way to waiting
        }
        drop(end);
        waiting.join().expect("it ends").expect_err("nothing was sent");
    }
}
