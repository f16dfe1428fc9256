//! The probe of a lock: its resource, and its holder.

use std::{
    any::type_name,
    panic::Location,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use hotpath_lane::readers::{self, OldestReader};

use super::{
    super::{
        call_site::{CallSite, CallSites, ResourceKey},
        holders::UNKNOWN,
        resource::Resource,
    },
    mutex, rw_lock,
};
use crate::imp::kind::{MUTEX, RW_LOCK};

/// The resource and the holder of one lock.
#[derive(Debug)]
pub struct LockProbe {
    /// Found at the first use of a lock that was made by `new`, which may run when compiling.
    resource: OnceLock<&'static Resource>,
    /// The site id of the measured function that last held the lock exclusively; 0 is outside of all functions.
    holder: AtomicU32,
    origin: Origin,
}

/// The kind, source location and value type of a lock.
#[derive(Debug)]
struct Origin {
    kind: u8,
    at: &'static Location<'static>,
    type_name: fn() -> &'static str,
}

impl LockProbe {
    /// Makes the probe of a mutex of a `T`, made by the caller.
    #[track_caller]
    pub(super) const fn of_mutex<T>() -> Self {
        Self::new(MUTEX, type_name::<T>)
    }

    /// Makes the probe of a reader-writer lock of a `T`, made by the caller.
    #[track_caller]
    pub(super) const fn of_rw_lock<T>() -> Self {
        Self::new(RW_LOCK, type_name::<T>)
    }

    #[track_caller]
    const fn new(kind: u8, type_name: fn() -> &'static str) -> Self {
        let origin = Origin { kind, at: Location::caller(), type_name };
        Self { resource: OnceLock::new(), holder: AtomicU32::new(0), origin }
    }

    /// Makes the probe of a lock whose resource is known.
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
            let key = ResourceKey { label: None, type_name: (self.origin.type_name)() };
            call_site_at(self.origin.kind, self.origin.at).resource(key)
        };
        self.resource.get_or_init(find)
    }

    /// Returns the measured function that has the lock, or had it last; [`UNKNOWN`] if it is not known.
    ///
    /// Of several readers it is the one that has been in longest: likely to be the one that is waited for.
    pub(super) fn holder(&self) -> u32 {
        // Several may have a reader-writer lock at once.
        let is_shared = self.resource().kind == RW_LOCK;
        let reader = if is_shared { readers::oldest(self.address()) } else { OldestReader::NoReader };
        match reader {
            OldestReader::Oldest(function) => function,
            OldestReader::Unknown => UNKNOWN,
            OldestReader::NoReader => self.holder.load(Ordering::Relaxed), // a name in a report: it orders nothing
        }
    }

    /// Notes that the lock is held exclusively in the measured function `function`.
    #[inline]
    pub(super) fn held_by(&self, function: u32) {
        self.holder.store(function, Ordering::Relaxed); // no partner: a waiter that is late by a moment names the one before
    }

    /// The address of the probe, which does not change while somebody has the lock.
    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

/// Returns the call site of locks that are made without a macro.
fn call_site_at(kind: u8, at: &'static Location<'static>) -> &'static CallSite {
    static MUTEXES: CallSites = CallSites::new(mutex::call_site);
    static RW_LOCKS: CallSites = CallSites::new(rw_lock::call_site);
    let call_sites = if kind == MUTEX { &MUTEXES } else { &RW_LOCKS };
    call_sites.at(at.file(), at.line(), at.column())
}
