//! What a lock carries to be watched: where its events go, and who has it.

use std::{
    any::type_name,
    collections::HashMap,
    panic::Location,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use hotpath_lane::memory::quiet;

#[cfg(any(
    feature = "tokio",
    feature = "parking_lot",
    feature = "parking_lot-0_13",
    feature = "async-lock"
))]
use super::wait::MaybeBlocked;
use super::{
    super::place::{Place, Spot, Wanted},
    Way,
    wait::Wait,
};
use crate::imp::kind::{MUTEX, RW_LOCK};

/// Kinds of events of a mutex: those of one [`Way`].
pub(super) const MUTEX_ASPECTS: u8 = 2;
/// Kinds of events of a reader-writer lock: those of two.
pub(super) const RW_LOCK_ASPECTS: u8 = 4;

/// Watches one lock.
#[derive(Debug)]
pub struct Watch {
    /// Found at the first use of a lock that was made by `new`, which may run when compiling.
    spot: OnceLock<&'static Spot>,
    /// The measured function that the lock was last got in; 0 is outside of all.
    holder: AtomicU32,
    origin: Origin,
}

/// Where a lock was made, and for what.
#[derive(Debug)]
struct Origin {
    kind: u8,
    at: &'static Location<'static>,
    type_name: fn() -> &'static str,
}

impl Watch {
    /// For a mutex of a `T`, made by the caller.
    #[track_caller]
    pub(super) const fn of_mutex<T>() -> Self {
        Self::new(MUTEX, type_name::<T>)
    }

    /// For a reader-writer lock of a `T`, made by the caller.
    #[track_caller]
    pub(super) const fn of_rw_lock<T>() -> Self {
        Self::new(RW_LOCK, type_name::<T>)
    }

    #[track_caller]
    const fn new(kind: u8, type_name: fn() -> &'static str) -> Self {
        let origin = Origin { kind, at: Location::caller(), type_name };
        Self { spot: OnceLock::new(), holder: AtomicU32::new(0), origin }
    }

    /// For a lock whose spot is known.
    #[track_caller]
    pub(super) fn at(spot: &'static Spot) -> Self {
        Self { spot: OnceLock::from(spot), ..Self::new(spot.kind, || "") }
    }

    #[inline]
    pub(super) fn spot(&self) -> &'static Spot {
        match self.spot.get() {
            Some(spot) => spot,
            None => self.find_spot(),
        }
    }

    #[cold]
    fn find_spot(&self) -> &'static Spot {
        let find = || {
            let wanted = Wanted { label: None, is_single: false, type_name: (self.origin.type_name)() };
            place_at(self.origin.kind, self.origin.at).spot(wanted)
        };
        self.spot.get_or_init(find)
    }

    /// The measured function that has the lock, or had it last.
    pub(super) fn holder(&self) -> u32 {
        self.holder.load(Ordering::Relaxed) // a name in a report: it orders nothing
    }

    pub(super) fn set_holder(&self, position: u32) {
        self.holder.store(position, Ordering::Relaxed); // no partner: a waiter that is late by a moment names the one before
    }

    /// Takes the lock where it cannot be told otherwise whether that was a wait.
    #[cfg(any(feature = "tokio", feature = "async-lock"))]
    pub(super) fn blocked<G>(&self, way: Way, lock: impl FnOnce() -> G) -> G {
        let blocked = self.maybe_blocked(way);
        let raw = lock();
        blocked.over();
        raw
    }

    /// The same for a limited time.
    #[cfg(any(feature = "parking_lot", feature = "parking_lot-0_13"))]
    pub(super) fn blocked_if_got<G, E>(&self, way: Way, lock: impl FnOnce() -> Result<G, E>) -> Result<G, E> {
        let blocked = self.maybe_blocked(way);
        let raw = lock()?;
        blocked.over();
        Ok(raw)
    }

    /// What begins now may be a wait.
    #[cfg(any(
        feature = "tokio",
        feature = "parking_lot",
        feature = "parking_lot-0_13",
        feature = "async-lock"
    ))]
    pub(super) fn maybe_blocked(&self, way: Way) -> MaybeBlocked {
        MaybeBlocked(self.wait(way), std::time::Instant::now())
    }

    /// Begins a wait.
    #[cold]
    pub(super) fn wait(&self, way: Way) -> Wait {
        Wait::begin(self, way)
    }
}

/// The place in the source where locks are made without a macro: as many as the source has.
fn place_at(kind: u8, at: &'static Location<'static>) -> &'static Place {
    type Key = (u8, &'static str, u32, u32);
    static PLACES: Mutex<Option<HashMap<Key, &'static Place>>> = Mutex::new(None);
    let _unseen = quiet();
    let (file, line, column) = (at.file(), at.line(), at.column());
    let mut places = PLACES.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || {
        let aspects = if kind == MUTEX { MUTEX_ASPECTS } else { RW_LOCK_ASPECTS };
        &*Box::leak(Box::new(Place::new(kind, aspects, file, line, column)))
    };
    places.get_or_insert_default().entry((kind, file, line, column)).or_insert_with(make)
}
