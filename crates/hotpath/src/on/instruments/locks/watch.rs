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

use hotpath_lane::{
    Site, held,
    memory::quiet,
    sharers::{self, Registered, Sharer},
};

use super::{
    super::{
        blame::UNKNOWN,
        place::{Place, Spot, Wanted},
    },
    Way,
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
    /// The measured function that the lock was last got in by one that shares it with nobody; 0 is outside of all.
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

    /// The measured function that has the lock, or had it last; [`UNKNOWN`] if it is not known.
    ///
    /// Of several readers it is the one that has been in longest: likely to be the one that is waited for.
    pub(super) fn holder(&self) -> u32 {
        // Several may have a reader-writer lock at once.
        let is_shared = self.spot().kind == RW_LOCK;
        let reader = if is_shared { sharers::oldest(self.address()) } else { Sharer::Nobody };
        match reader {
            Sharer::Oldest(position) => position,
            Sharer::Unknown => UNKNOWN,
            Sharer::Nobody => self.holder.load(Ordering::Relaxed), // a name in a report: it orders nothing
        }
    }

    /// A hold of `site` has begun in the measured function `position`. What is returned lives as long as a hold that others may share.
    #[inline]
    pub(super) fn held_by(&self, site: &'static Site, held: held::Held, position: u32) -> Option<Registered> {
        let spot = self.spot();
        if spot.kind == RW_LOCK && std::ptr::eq(site, Way::READ.holds(spot.sites)) {
            return sharers::register(self.address(), held.since(), position);
        }
        self.holder.store(position, Ordering::Relaxed); // no partner: a waiter that is late by a moment names the one before
        None
    }

    /// Stays the same while somebody has the lock.
    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
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
