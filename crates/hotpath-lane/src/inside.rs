//! The reentrancy guard of the profiler's rare work: registering a site, taking a lane, making a row.
//!
//! That work takes locks and passes through inconsistent states. Measured code may run in the middle of it, on the same thread: in a
//! signal handler, or in the program's own allocator. A call that finds its thread *inside* takes no lock, touches nothing that
//! is being changed, and is counted without its time.

use std::{
    cell::Cell,
    marker::PhantomData,
    sync::atomic::{AtomicU64, Ordering, compiler_fence},
};

thread_local! {
    /// Without destructor and lazy initialisation: a handler may read it at any moment of the thread's life.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the thread inside until dropped.
#[derive(Debug)]
#[must_use = "the thread is inside until this is dropped"]
pub struct InsideGuard(PhantomData<*const ()>);

/// Enters. Returns `None` if the thread is inside already.
///
/// ```
/// let inside = hotpath_lane::inside::enter();
/// assert!(inside.is_some() && hotpath_lane::inside::enter().is_none());
/// drop(inside);
/// assert!(hotpath_lane::inside::enter().is_some());
/// ```
pub fn enter() -> Option<InsideGuard> {
    if IS_INSIDE.replace(true) {
        return None;
    }
    compiler_fence(Ordering::SeqCst); // for handlers on this thread: the work that follows is done inside
    Some(InsideGuard(PhantomData))
}

/// Returns `true` if the thread is inside.
#[must_use]
pub fn is() -> bool {
    IS_INSIDE.get()
}

impl Drop for InsideGuard {
    fn drop(&mut self) {
        compiler_fence(Ordering::SeqCst); // as above, for the work before
        IS_INSIDE.set(false);
    }
}

/// Calls and events that could not be counted.
static MISSED: AtomicU64 = AtomicU64::new(0);

/// Counts a call or event that cannot be recorded, because its thread is inside.
pub(crate) fn miss() {
    MISSED.fetch_add(1, Ordering::Relaxed); // a number that stands alone
}

/// Returns the number of calls and events that are in no report, since the process began: they found their thread inside before
/// their site had a row there.
#[must_use]
pub fn missed() -> u64 {
    MISSED.load(Ordering::Relaxed)
}
