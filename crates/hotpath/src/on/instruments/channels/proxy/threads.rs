//! The proxies' threads, for channels that block: one for each of std's and crossbeam's. It ends with the channel.
//!
//! At most [`MOST`] of them are alive at a time. A channel beyond that is left as it is, with a single warning for all of them.

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

/// Starts a thread that does `work` once the returned function gives it its input. Nothing is lost if there can be none.
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

/// Returns true if a warning is due: that there are too many threads is said once.
pub(super) fn is_first_warning(error: &io::Error) -> bool {
    static WARNED: AtomicBool = AtomicBool::new(false);
    // Relaxed: it stands alone.
    error.kind() != io::ErrorKind::QuotaExceeded || !WARNED.swap(true, Ordering::Relaxed)
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
                format!("there are {MOST} of them already; further channels are not listed"),
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
