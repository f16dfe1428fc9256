//! Guards that own a share of their lock.
//!
//! The libraries' own owned guards need an `Arc` of the bare lock, and ours is in an `Arc` together with its probe. So the
//! borrowed guard stands beside the `Arc` that it borrows from.
//!
//! Invariants:
//! - a reference from [`borrow`] is used only while the `Arc` it came from is alive; in a [`TimedGuard`](super::TimedGuard) the guard stands
//!   before the `Arc` and so is dropped before it;
//! - nothing that is given to users has that reference's lifetime: a guard is behind [`Inside`], which lends for the lifetime
//!   of the borrow only.
#![expect(unsafe_code, reason = "see the module's invariants")]

use std::{
    fmt,
    mem::{ManuallyDrop, MaybeUninit},
    ops::{Deref, DerefMut},
    sync::Arc,
};

use super::Timed;

/// The lock inside `lock`, for as long as whoever calls this keeps `lock` (see the invariants of the module).
pub(super) fn borrow<L: ?Sized + 'static>(lock: &Arc<Timed<L>>) -> &'static L {
    // SAFETY: the value of an `Arc` stays in place while the `Arc` or a clone of it lives, and is only shared; the callers, all
    // in this folder, keep the `Arc` behind whatever borrows.
    &unsafe { &*Arc::as_ptr(lock) }.raw
}

/// A guard whose lock is kept beside it. The memory need not be valid after the `Arc` is gone. `MaybeUninit`
/// keeps the compiler from assuming anything about references in there when the whole is moved or dropped.
pub struct Inside<G>(MaybeUninit<G>);

impl<G> Inside<G> {
    pub(super) fn new(guard: G) -> Self {
        Self(MaybeUninit::new(guard))
    }

    /// Makes another guard from this one; the lock stays beside it.
    pub(super) fn map<H>(self, map: impl FnOnce(G) -> H) -> Inside<H> {
        Inside::new(map(self.into_inner()))
    }

    /// Makes another guard from this one, if that can be.
    pub(super) fn try_map<H>(self, map: impl FnOnce(G) -> Result<H, G>) -> Result<Inside<H>, Self> {
        map(self.into_inner()).map(Inside::new).map_err(Inside::new)
    }

    pub(super) fn into_inner(self) -> G {
        let this = ManuallyDrop::new(self);
        // SAFETY: filled in `new`, and taken once: `this` is not dropped.
        unsafe { this.0.assume_init_read() }
    }

    fn get(&self) -> &G {
        // SAFETY: filled in `new`.
        unsafe { self.0.assume_init_ref() }
    }
}

impl<G> Drop for Inside<G> {
    fn drop(&mut self) {
        // SAFETY: filled in `new`; dropped once.
        unsafe { self.0.assume_init_drop() }
    }
}

impl<G: Deref> Deref for Inside<G> {
    type Target = G::Target;

    fn deref(&self) -> &G::Target {
        self.get()
    }
}

impl<G: DerefMut> DerefMut for Inside<G> {
    fn deref_mut(&mut self) -> &mut G::Target {
        // SAFETY: filled in `new`.
        unsafe { self.0.assume_init_mut() }
    }
}

impl<G: fmt::Debug> fmt::Debug for Inside<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl<G: fmt::Display> fmt::Display for Inside<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
