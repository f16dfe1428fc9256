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
    Site, hold_timer,
    memory::pause_tracking,
    readers::{self, OldestReader, ReaderSlot},
};

use super::{
    super::{
        blame::UNKNOWN,
        place::{Place, Resource, Wanted},
    },
    LockMode,
};
use crate::imp::kind::{MUTEX, RW_LOCK};

/// Kinds of events of a mutex: those of one [`LockMode`].
pub(super) const MUTEX_ASPECTS: u8 = 2;
/// Kinds of events of a reader-writer lock: those of two.
pub(super) const RW_LOCK_ASPECTS: u8 = 4;

/// Watches one lock.
#[derive(Debug)]
pub struct Watch {
    /// Found at the first use of a lock that was made by `new`, which may run when compiling.
    resource: OnceLock<&'static Resource>,
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
        Self { resource: OnceLock::new(), holder: AtomicU32::new(0), origin }
    }

    /// For a lock whose resource is known.
    #[track_caller]
    pub(super) fn at(resource: &'static Resource) -> Self {
        Self { resource: OnceLock::from(resource), ..Self::new(resource.kind, || "") }
    }

    #[inline]
    pub(super) fn resource(&self) -> &'static Resource {
        match self.resource.get() {
            Some(resource) => resource,
            None => self.find_resource(),
        }
    }

    #[cold]
    fn find_resource(&self) -> &'static Resource {
        let find = || {
            let wanted = Wanted { label: None, is_single: false, type_name: (self.origin.type_name)() };
            place_at(self.origin.kind, self.origin.at).resource(wanted)
        };
        self.resource.get_or_init(find)
    }

    /// The measured function that has the lock, or had it last; [`UNKNOWN`] if it is not known.
    ///
    /// Of several readers it is the one that has been in longest: likely to be the one that is waited for.
    pub(super) fn holder(&self) -> u32 {
        // Several may have a reader-writer lock at once.
        let is_shared = self.resource().kind == RW_LOCK;
        let reader = if is_shared { readers::oldest(self.address()) } else { OldestReader::NoReader };
        match reader {
            OldestReader::Oldest(position) => position,
            OldestReader::Unknown => UNKNOWN,
            OldestReader::NoReader => self.holder.load(Ordering::Relaxed), // a name in a report: it orders nothing
        }
    }

    /// A hold of `site` has begun in the measured function `position`. What is returned lives as long as a hold that others may share.
    #[inline]
    pub(super) fn held_by(
        &self,
        site: &'static Site,
        hold_timer: hold_timer::HoldTimer,
        position: u32,
    ) -> Option<ReaderSlot> {
        let resource = self.resource();
        if resource.kind == RW_LOCK && std::ptr::eq(site, LockMode::READ.holds(resource.sites)) {
            return readers::register(self.address(), hold_timer.since(), position);
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
    let _untracked = pause_tracking();
    let (file, line, column) = (at.file(), at.line(), at.column());
    let mut places = PLACES.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || {
        let event_kinds = if kind == MUTEX { MUTEX_ASPECTS } else { RW_LOCK_ASPECTS };
        &*Box::leak(Box::new(Place::new(kind, event_kinds, file, line, column)))
    };
    places.get_or_insert_default().entry((kind, file, line, column)).or_insert_with(make)
}
