//! Waiting for a lock. A wait that was given up is not counted. One that ended is recorded when the lock is free again, unless it was
//! long: what is done while the lock is held makes all others wait for longer.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use hotpath_lane::{clock, event, gate, hold_timer::HoldTimer};
use pin_project_lite::pin_project;

#[cfg(feature = "async-lock")]
use super::guard::{HasProbe, TimedGuard};
use super::{super::resource::Resource, LockMode, probe::LockProbe};

/// A wait that has begun.
#[derive(Debug)]
pub(super) struct Wait {
    resource: &'static Resource,
    mode: LockMode,
    /// The measured function that had the lock.
    holder: u32,
    /// [`event::UNTIMED`]: only counted.
    stamp: u64,
    epoch: u32,
}

impl Wait {
    pub(super) fn begin(probe: &LockProbe, mode: LockMode) -> Self {
        let resource = probe.resource();
        let (holder, epoch) = (probe.holder(), gate::last());
        Self { resource, mode, holder, epoch, stamp: event::stamp(mode.waits(resource.sites)) }
    }

    /// Ends the wait when the lock is acquired, and records it.
    pub(super) fn over(self) {
        self.over_at(clock::now());
    }

    fn over_at(self, end: u64) {
        let waited = PastWait { stamp: self.stamp, holder: self.holder, epoch: self.epoch };
        waited.record(self.resource, self.mode, end);
    }

    /// Ends the wait where the hold that `hold` times begins: one reading of the clock for both, while the lock is held. Returns the wait, to be
    /// recorded when the lock is free again.
    ///
    /// A long wait is recorded at once, since a guard may live as long as the program. So is one whose end is not known later.
    #[cold]
    pub(super) fn over_with(self, hold: HoldTimer) -> PastWait {
        let (stamp, end) = (self.stamp, hold.since());
        let is_long = stamp != event::UNTIMED && end.saturating_sub(stamp) >= PastWait::LONG;
        if is_long || end == event::UNTIMED || self.epoch == PastWait::NONE.epoch {
            self.over_at(if end == event::UNTIMED { clock::now() } else { end });
            return PastWait::NONE;
        }
        PastWait { stamp, holder: self.holder, epoch: self.epoch }
    }
}

/// A wait that is over and not recorded yet. Small, because guards are moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PastWait {
    stamp: u64,
    holder: u32,
    epoch: u32,
}

impl PastWait {
    /// No wait: it has no epoch.
    pub(super) const NONE: Self = Self { stamp: event::UNTIMED, holder: 0, epoch: 0 };
    /// In ticks: less than a millisecond with the counters of PCs, and far above the time that recording takes.
    const LONG: u64 = 1 << 20;

    #[inline]
    pub(super) fn is_none(self) -> bool {
        self.epoch == Self::NONE.epoch
    }

    /// Counts the wait, and attributes it to the function that had the lock.
    #[cold]
    pub(super) fn record(self, resource: &'static Resource, mode: LockMode, end: u64) {
        let site = mode.waits(resource.sites);
        let of_holder = resource.holders.site(mode, self.holder);
        if self.stamp == event::UNTIMED || self.epoch != gate::last() {
            event::count(site);
            event::count(of_holder);
            return;
        }
        let ticks = end.saturating_sub(self.stamp); // counters of two cores may be a few ticks apart
        event::record_at(site, end, ticks);
        event::record_at(of_holder, end, ticks);
    }
}

/// Ways to wait for the lock.
impl LockProbe {
    /// Takes the lock in a form that does not say if it waited.
    #[cfg(any(feature = "tokio", feature = "async-lock"))]
    pub(super) fn blocked<G>(&self, mode: LockMode, lock: impl FnOnce() -> G) -> G {
        let blocked = self.maybe_blocked(mode);
        let raw = lock();
        blocked.over();
        raw
    }

    /// Takes the lock in a form that does not say if it waited, for a limited time.
    #[cfg(any(feature = "parking_lot", feature = "parking_lot-0_13"))]
    pub(super) fn blocked_if_got<G, E>(
        &self,
        mode: LockMode,
        lock: impl FnOnce() -> Result<G, E>,
    ) -> Result<G, E> {
        let blocked = self.maybe_blocked(mode);
        let raw = lock()?;
        blocked.over();
        Ok(raw)
    }

    /// Begins an acquisition that may be a wait.
    #[cfg(any(
        feature = "tokio",
        feature = "parking_lot",
        feature = "parking_lot-0_13",
        feature = "async-lock"
    ))]
    pub(super) fn maybe_blocked(&self, mode: LockMode) -> MaybeBlocked {
        MaybeBlocked(self.wait(mode), std::time::Instant::now())
    }

    /// Begins a wait.
    #[cold]
    pub(super) fn wait(&self, mode: LockMode) -> Wait {
        Wait::begin(self, mode)
    }
}

/// An acquisition that was a wait if it took long: for forms that cannot be tried first and are not futures.
#[cfg(any(feature = "tokio", feature = "parking_lot", feature = "parking_lot-0_13", feature = "async-lock"))]
pub(super) struct MaybeBlocked(pub(super) Wait, pub(super) std::time::Instant);

#[cfg(any(feature = "tokio", feature = "parking_lot", feature = "parking_lot-0_13", feature = "async-lock"))]
impl MaybeBlocked {
    /// Far above the time that taking a free lock takes.
    const BLOCKED: std::time::Duration = std::time::Duration::from_micros(10);

    /// Ends when the lock is acquired.
    pub(super) fn over(self) {
        if self.1.elapsed() > Self::BLOCKED {
            self.0.over();
        }
    }
}

pin_project! {
    /// A future that acquires a lock. It waits from its first pending poll on.
    #[must_use = "futures do nothing unless polled"]
    pub struct Waited<'a, F> {
        #[pin]
        future: F,
        probe: &'a LockProbe,
        mode: LockMode,
        // Tells if a pending poll means that the lock is taken.
        is_taken: fn() -> bool,
        wait: Option<Wait>,
    }
}

impl<'a, F> Waited<'a, F> {
    pub(super) fn new(probe: &'a LockProbe, mode: LockMode, future: F) -> Self {
        Self::new_if(probe, mode, future, || true)
    }

    pub(super) fn new_if(probe: &'a LockProbe, mode: LockMode, future: F, is_taken: fn() -> bool) -> Self {
        Self { future, probe, mode, is_taken, wait: None }
    }
}

impl<F: Future> Future for Waited<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let result = this.future.poll(context);
        match (&result, &this.wait) {
            (Poll::Ready(_), Some(_)) => {
                if let Some(wait) = this.wait.take() {
                    wait.over();
                }
            }
            (Poll::Pending, None) if (this.is_taken)() => *this.wait = Some(this.probe.wait(*this.mode)),
            _ => {}
        }
        result
    }
}

#[cfg(feature = "async-lock")]
pin_project! {
    /// A future that acquires a guard of a lock.
    #[must_use = "futures do nothing unless polled"]
    pub struct Acquire<'a, F, W> {
        #[pin]
        waited: Waited<'a, F>,
        lock: W,
    }
}

#[cfg(feature = "async-lock")]
impl<'a, F, W> Acquire<'a, F, W> {
    pub(super) fn new(waited: Waited<'a, F>, lock: W) -> Self {
        Self { waited, lock }
    }
}

#[cfg(feature = "async-lock")]
impl<F: Future, W: HasProbe + Copy> Future for Acquire<'_, F, W> {
    type Output = TimedGuard<F::Output, W>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mode = this.waited.mode;
        this.waited.poll(context).map(|raw| TimedGuard::new(raw, *this.lock, mode))
    }
}
