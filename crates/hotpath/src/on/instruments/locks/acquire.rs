//! Acquiring a guard of a lock as a future.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{
    guard::{HasProbe, TimedGuard},
    wait::Waited,
};

pin_project! {
    /// A future that acquires a guard of a lock.
    #[must_use = "futures do nothing unless polled"]
    pub struct Acquire<'a, F, W> {
        #[pin]
        waited: Waited<'a, F>,
        lock: W,
    }
}

impl<'a, F, W> Acquire<'a, F, W> {
    pub(super) fn new(waited: Waited<'a, F>, lock: W) -> Self {
        Self { waited, lock }
    }
}

impl<F: Future, W: HasProbe + Copy> Future for Acquire<'_, F, W> {
    type Output = TimedGuard<F::Output, W>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mode = this.waited.mode;
        this.waited.poll(context).map(|raw| TimedGuard::new(raw, *this.lock, mode))
    }
}
