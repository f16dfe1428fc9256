//! A guard of a watched lock.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use hotpath_lane::{Site, hold_timer, readers::ReaderSlot};

use super::{LockMode, Timed, Watch};

/// A guard of a watched lock. `W` is the lock, or the way to it.
///
/// Fields drop top down: the lock is released first, so that others get it sooner, and then the hold is recorded.
#[must_use = "if unused the lock is released at once"]
pub struct Held<G, W> {
    pub(super) raw: G,
    pub(super) hold: Hold,
    pub(super) lock: W,
}

/// A hold under way; recorded when dropped.
pub(super) struct Hold {
    site: &'static Site,
    held: hold_timer::HoldTimer,
    /// That it is held, for those who wait: where several may have it at once.
    share: Option<ReaderSlot>,
}

/// The way to a lock's watch.
pub trait Watched {
    /// The watch.
    fn watch(&self) -> &Watch;
}

impl Watched for &Watch {
    fn watch(&self) -> &Watch {
        self
    }
}

impl<L: ?Sized> Watched for &Timed<L> {
    fn watch(&self) -> &Watch {
        &self.watch
    }
}

impl<L: ?Sized> Watched for Arc<Timed<L>> {
    fn watch(&self) -> &Watch {
        &self.watch
    }
}

impl<G, W: Watched> Held<G, W> {
    /// The lock was got just now.
    #[inline]
    pub(super) fn new(raw: G, lock: W, mode: LockMode) -> Self {
        let hold = Hold::begin(lock.watch(), mode);
        Self { raw, hold, lock }
    }

    /// Releases the lock for as long as `meanwhile` runs, which takes it again.
    pub(super) fn unlocked_while<R>(&mut self, meanwhile: impl FnOnce(&mut G, &Watch) -> R) -> R {
        let Self { raw, hold, lock } = self;
        let watch = lock.watch();
        let _again = hold.interrupt(watch);
        meanwhile(raw, watch)
    }

    /// Another guard of the same lock, held in another way from here on.
    pub(super) fn turn<H>(self, mode: LockMode, turn: impl FnOnce(G) -> H) -> Held<H, W> {
        let Self { raw, hold, lock } = self;
        let raw = turn(raw);
        drop(hold);
        Held::new(raw, lock, mode)
    }

    /// The same, if it can be.
    pub(super) fn try_turn<H>(
        self,
        mode: LockMode,
        turn: impl FnOnce(G) -> Result<H, G>,
    ) -> Result<Held<H, W>, Self> {
        let Self { raw, hold, lock } = self;
        match turn(raw) {
            Ok(raw) => {
                drop(hold);
                Ok(Held::new(raw, lock, mode))
            }
            Err(raw) => Err(Self { raw, hold, lock }),
        }
    }
}

impl<G, W> Held<G, W> {
    /// A guard of a part of the value: the hold goes on.
    pub(super) fn map_raw<H, V>(self, map: impl FnOnce(G) -> H, lock: impl FnOnce(W) -> V) -> Held<H, V> {
        let Self { raw, hold, lock: whole } = self;
        Held { raw: map(raw), hold, lock: lock(whole) }
    }

    /// The same, if there is such a part.
    pub(super) fn try_map_raw<H, V>(
        self,
        map: impl FnOnce(G) -> Result<H, G>,
        lock: impl FnOnce(W) -> V,
    ) -> Result<Held<H, V>, Self> {
        let map = |raw| map(raw).map_err(|raw| (raw, ()));
        self.try_map_raw_or(map, lock).map_err(|(held, ())| held)
    }

    /// The same, with the reason if there is not.
    pub(super) fn try_map_raw_or<H, V, E>(
        self,
        map: impl FnOnce(G) -> Result<H, (G, E)>,
        lock: impl FnOnce(W) -> V,
    ) -> Result<Held<H, V>, (Self, E)> {
        let Self { raw, hold, lock: whole } = self;
        match map(raw) {
            Ok(raw) => Ok(Held { raw, hold, lock: lock(whole) }),
            Err((raw, error)) => Err((Self { raw, hold, lock: whole }, error)),
        }
    }
}

impl Hold {
    #[inline]
    pub(super) fn begin(watch: &Watch, mode: LockMode) -> Self {
        let site = mode.holds(watch.resource().sites);
        let (held, position) = hold_timer::begin(site);
        let share = watch.held_by(site, held, position);
        Self { site, held, share }
    }

    /// Ends it, and begins it anew when what is returned is dropped.
    fn interrupt<'a>(&'a mut self, watch: &'a Watch) -> impl Drop + 'a {
        struct Again<'a>(&'a mut Hold, &'a Watch);

        impl Drop for Again<'_> {
            fn drop(&mut self) {
                let (held, position) = hold_timer::begin(self.0.site);
                self.0.share = self.1.held_by(self.0.site, held, position);
                self.0.held = held;
            }
        }

        self.share = None;
        hold_timer::end(self.site, self.held);
        Again(self, watch)
    }
}

impl Drop for Hold {
    #[inline]
    fn drop(&mut self) {
        hold_timer::end(self.site, self.held);
    }
}

impl<G: Deref, W> Deref for Held<G, W> {
    type Target = G::Target;

    #[inline]
    fn deref(&self) -> &G::Target {
        &self.raw
    }
}

impl<G: DerefMut, W> DerefMut for Held<G, W> {
    #[inline]
    fn deref_mut(&mut self) -> &mut G::Target {
        &mut self.raw
    }
}

impl<G: fmt::Debug, W> fmt::Debug for Held<G, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<G: fmt::Display, W> fmt::Display for Held<G, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}
