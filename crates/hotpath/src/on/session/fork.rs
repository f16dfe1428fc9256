//! The session in a process that forks: locked while the fork is made, continued in the child without its threads.

use std::{
    cell::Cell,
    sync::{
        MutexGuard, TryLockError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use hotpath_lane::thread as lanes;

use super::{SHARED, Shared, State};
use crate::imp::{ending, os};

/// The time that a fork waits for another thread that holds the session's lock: many times what a report takes.
const LOCK_WAIT: Duration = Duration::from_secs(2);

thread_local! {
    /// The lock of a thread that forks.
    static LOCK: Cell<Option<MutexGuard<'static, Shared>>> = const { Cell::new(None) };
}

/// The thread that forks. Written under the session's lock, unless a thread never gives that back.
static FORKING: AtomicU64 = AtomicU64::new(0);

/// Locks the session until [`release_after_fork`]. A thread that never gives the lock back is not waited for.
pub(super) fn lock_for_fork() {
    FORKING.store(os::thread_id(), Ordering::Relaxed); // read by the fork of this thread
    let deadline = Instant::now() + LOCK_WAIT;
    let guard = loop {
        match SHARED.try_lock() {
            Ok(guard) => break Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => break Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => break None,
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_micros(100)),
        }
    };
    let _past_its_end = LOCK.try_with(|lock| lock.set(guard));
}

/// Releases the lock of [`lock_for_fork`].
pub(super) fn release_after_fork() {
    let _past_its_end = LOCK.try_with(|lock| drop(lock.take()));
}

/// Continues the session in the child, without the threads that took part in it. What is missing is made anew when the child
/// measures something; many never do.
pub(super) fn begin_fork() {
    let (before, me) = (FORKING.load(Ordering::Relaxed), os::thread_id());
    let _past_its_end = LOCK.try_with(|lock| {
        let mut guard = lock.take();
        if let Some(shared) = &mut guard {
            shared.state = match std::mem::take(&mut shared.state) {
                State::CleaningUp { running, .. } if ending::cleaning() != before => State::Running(running),
                State::Reporting { by } if by == before => State::Reporting { by: me },
                State::Reporting { .. } => State::Idle,
                other => other,
            };
        }
        lock.set(guard);
    });
    hotpath_lane::allocations::begin_fork();
    ending::begin_anew(before, me);
    lanes::await_next_hit();
}
