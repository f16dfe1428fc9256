//! The guard of an instrumented lock.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use hotpath_lane::{
    hold_timer::{self, HoldTimer},
    readers::ReaderSlot,
};

use super::{
    super::resource::Resource,
    LockMode, LockProbe, Timed,
    wait::{PastWait, Wait},
};

/// The guard of an instrumented lock. `W` is the lock, or the way to it.
///
/// Fields drop top down: the lock is released first, so that others get it sooner, and then the hold is recorded, and the wait before it.
#[must_use = "if unused the lock is released at once"]
pub struct TimedGuard<G, W> {
    pub(super) raw: G,
    pub(super) hold: Hold,
    pub(super) lock: W,
}

/// A hold in progress; recorded when dropped.
pub(super) struct Hold {
    resource: &'static Resource,
    timer: HoldTimer,
    /// The reader that waiters see, where several may have the lock at once.
    reader: Option<ReaderSlot>,
    /// The wait for the lock, to be recorded when it is free again.
    waited: PastWait,
    mode: LockMode,
}

/// A way to the probe of a lock.
pub trait HasProbe {
    /// Returns the probe.
    fn probe(&self) -> &LockProbe;
}

impl HasProbe for &LockProbe {
    fn probe(&self) -> &LockProbe {
        self
    }
}

impl<L: ?Sized> HasProbe for &Timed<L> {
    fn probe(&self) -> &LockProbe {
        &self.probe
    }
}

impl<L: ?Sized> HasProbe for Arc<Timed<L>> {
    fn probe(&self) -> &LockProbe {
        &self.probe
    }
}

impl<G, W: HasProbe> TimedGuard<G, W> {
    /// Begins a hold: the lock was acquired just now.
    #[inline]
    pub(super) fn new(raw: G, lock: W, mode: LockMode) -> Self {
        Self::after(None, raw, lock, mode)
    }

    /// Begins a hold: the lock was acquired just now, after that wait.
    #[inline(always)] // as in `std::both`
    pub(super) fn after(wait: Option<Wait>, raw: G, lock: W, mode: LockMode) -> Self {
        let hold = Hold::begin(wait, lock.probe(), mode);
        Self { raw, hold, lock }
    }

    /// Releases the lock for as long as `meanwhile` runs, which takes it again.
    pub(super) fn unlocked_while<R>(&mut self, meanwhile: impl FnOnce(&mut G, &LockProbe) -> R) -> R {
        let Self { raw, hold, lock } = self;
        let probe = lock.probe();
        let _again = hold.interrupt(probe);
        meanwhile(raw, probe)
    }

    /// Makes another guard of the same lock, held in another mode from here on.
    pub(super) fn turn<H>(self, mode: LockMode, turn: impl FnOnce(G) -> H) -> TimedGuard<H, W> {
        let Self { raw, hold, lock } = self;
        let raw = turn(raw);
        drop(hold);
        TimedGuard::new(raw, lock, mode)
    }

    /// Makes another guard of the same lock, held in another mode from here on, if that can be.
    pub(super) fn try_turn<H>(
        self,
        mode: LockMode,
        turn: impl FnOnce(G) -> Result<H, G>,
    ) -> Result<TimedGuard<H, W>, Self> {
        let Self { raw, hold, lock } = self;
        match turn(raw) {
            Ok(raw) => {
                drop(hold);
                Ok(TimedGuard::new(raw, lock, mode))
            }
            Err(raw) => Err(Self { raw, hold, lock }),
        }
    }
}

impl<G, W> TimedGuard<G, W> {
    /// Makes a guard of a part of the value: the hold goes on.
    pub(super) fn map_raw<H, V>(
        self,
        map: impl FnOnce(G) -> H,
        lock: impl FnOnce(W) -> V,
    ) -> TimedGuard<H, V> {
        let Self { raw, hold, lock: whole } = self;
        TimedGuard { raw: map(raw), hold, lock: lock(whole) }
    }

    /// Makes a guard of a part of the value, if there is one.
    pub(super) fn try_map_raw<H, V>(
        self,
        map: impl FnOnce(G) -> Result<H, G>,
        lock: impl FnOnce(W) -> V,
    ) -> Result<TimedGuard<H, V>, Self> {
        let map = |raw| map(raw).map_err(|raw| (raw, ()));
        self.try_map_raw_or(map, lock).map_err(|(held, ())| held)
    }

    /// Makes a guard of a part of the value, or returns the reason for there being none.
    pub(super) fn try_map_raw_or<H, V, E>(
        self,
        map: impl FnOnce(G) -> Result<H, (G, E)>,
        lock: impl FnOnce(W) -> V,
    ) -> Result<TimedGuard<H, V>, (Self, E)> {
        let Self { raw, hold, lock: whole } = self;
        match map(raw) {
            Ok(raw) => Ok(TimedGuard { raw, hold, lock: lock(whole) }),
            Err((raw, error)) => Err((Self { raw, hold, lock: whole }, error)),
        }
    }
}

impl Hold {
    #[inline]
    pub(super) fn begin(wait: Option<Wait>, probe: &LockProbe, mode: LockMode) -> Self {
        let resource = probe.resource();
        let (timer, reader) = Self::time(resource, probe, mode);
        let waited = wait.map_or(PastWait::NONE, |wait| wait.over_with(timer));
        Self { resource, timer, reader, waited, mode }
    }

    #[inline]
    fn time(
        resource: &'static Resource,
        probe: &LockProbe,
        mode: LockMode,
    ) -> (HoldTimer, Option<ReaderSlot>) {
        let site = mode.holds(resource.sites);
        if mode == LockMode::Shared {
            return hold_timer::begin_shared(site, probe.address());
        }
        let (timer, function) = hold_timer::begin(site);
        probe.held_by(function);
        (timer, None)
    }

    #[inline]
    fn end(&mut self) {
        hold_timer::end(self.mode.holds(self.resource.sites), self.timer);
        let waited = std::mem::replace(&mut self.waited, PastWait::NONE);
        if !waited.is_none() {
            waited.record(self.resource, self.mode, self.timer.since());
        }
    }

    /// Ends the hold, and begins another when the returned value is dropped.
    fn interrupt<'a>(&'a mut self, probe: &'a LockProbe) -> impl Drop + 'a {
        struct Again<'a>(&'a mut Hold, &'a LockProbe);

        impl Drop for Again<'_> {
            fn drop(&mut self) {
                (self.0.timer, self.0.reader) = Hold::time(self.0.resource, self.1, self.0.mode);
            }
        }

        self.reader = None;
        self.end();
        Again(self, probe)
    }
}

impl Drop for Hold {
    #[inline]
    fn drop(&mut self) {
        self.end();
    }
}

impl<G: Deref, W> Deref for TimedGuard<G, W> {
    type Target = G::Target;

    #[inline]
    fn deref(&self) -> &G::Target {
        &self.raw
    }
}

impl<G: DerefMut, W> DerefMut for TimedGuard<G, W> {
    #[inline]
    fn deref_mut(&mut self) -> &mut G::Target {
        &mut self.raw
    }
}

impl<G: fmt::Debug, W> fmt::Debug for TimedGuard<G, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<G: fmt::Display, W> fmt::Display for TimedGuard<G, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}
