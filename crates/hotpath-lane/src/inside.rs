//! Whether this thread is in the middle of the profiler's own rare work: registering a site, taking a lane, making a row.
//!
//! That work takes locks and passes through states that nobody may see. Measured code may still run in the middle of it, on
//! the same thread: in a signal handler, or in the program's own allocator. What finds the thread inside takes no lock,
//! changes nothing that is being changed, and is counted without its time.

use std::{
    cell::Cell,
    marker::PhantomData,
    sync::atomic::{AtomicU64, Ordering, compiler_fence},
};

thread_local! {
    /// No destructor and no first touch: a handler may ask at any moment of the thread's life.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// While this lives, the thread is inside.
#[derive(Debug)]
#[must_use = "the thread is inside until this is dropped"]
pub struct InsideGuard(PhantomData<*const ()>);

/// The thread goes inside; `None` if it is there already.
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
    compiler_fence(Ordering::SeqCst); // for handlers on this thread: what follows is done inside
    Some(InsideGuard(PhantomData))
}

/// Whether the thread is inside.
#[must_use]
pub fn is() -> bool {
    IS_INSIDE.get()
}

impl Drop for InsideGuard {
    fn drop(&mut self) {
        compiler_fence(Ordering::SeqCst); // as above: what came before was
        IS_INSIDE.set(false);
    }
}

/// Calls and events that could not even be counted.
static MISSED: AtomicU64 = AtomicU64::new(0);

/// A call or an event cannot be recorded, because its thread is inside.
pub(crate) fn miss() {
    MISSED.fetch_add(1, Ordering::Relaxed); // a number that stands alone
}

/// Calls and events that met their thread inside before their site had a row there, since the process began: they are in no
/// report.
#[must_use]
pub fn missed() -> u64 {
    MISSED.load(Ordering::Relaxed)
}
