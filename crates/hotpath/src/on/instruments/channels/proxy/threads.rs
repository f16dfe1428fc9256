//! A thread for each channel that can only be waited for by one: std's and crossbeam's. It ends with the channel.
//!
//! At most [`MOST`] of them are alive at a time. A channel that is made beyond that is left as it is, which is said once.

use std::{
    io,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
};

use hotpath_lane::memory::{pause_tracking, resume_tracking};

use crate::imp::os::own_thread;

const MOST: usize = 256;

static ALIVE: AtomicUsize = AtomicUsize::new(0);

/// A thread that will do `work` once it is given what to work on. Nothing is lost if there can be none.
///
/// # Errors
///
/// When there are too many, or the system gives none.
pub(super) fn start<E: Send + 'static>(work: impl FnOnce(E) + Send + 'static) -> io::Result<impl FnOnce(E)> {
    let counted = Counted::new()?;
    let (begin, given) = {
        let _untracked = pause_tracking();
        mpsc::sync_channel(1)
    };
    let run = move || {
        let _counted = counted;
        if let Ok(given) = given.recv() {
            let _the_programs_own = resume_tracking(); // values that are dropped on the way
            work(given);
        }
    };
    own_thread::spawn("hp-channel", run)?;
    Ok(move |given| {
        let _untracked = pause_tracking();
        let _is_received = begin.send(given); // it waits for nothing else
        drop(begin);
    })
}

/// Whether nobody heard of such an error yet: that there are too many threads is said once.
pub(super) fn is_news(error: &io::Error) -> bool {
    static TOLD: AtomicBool = AtomicBool::new(false);
    // Relaxed: it stands alone.
    error.kind() != io::ErrorKind::QuotaExceeded || !TOLD.swap(true, Ordering::Relaxed)
}

/// One of the threads that are alive.
struct Counted;

impl Counted {
    fn new() -> io::Result<Self> {
        // Relaxed here and below: a number that stands alone.
        if ALIVE.fetch_add(1, Ordering::Relaxed) >= MOST {
            drop(Self);
            return Err(io::Error::new(
                io::ErrorKind::QuotaExceeded,
                format!("there are {MOST} of them already; more are not named"),
            ));
        }
        Ok(Self)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}
