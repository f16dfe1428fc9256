//! The functions and types that measured code runs: thin covers of the lane's, and the parts that need a `Future` or `Debug`.

#![allow(missing_docs, reason = "not for people")]

use std::{
    fmt::Debug,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

use hotpath_lane::AsyncCall;
pub use hotpath_lane::{Block, Call, CallSlot, Site, WallTimeBlock, enter};
use pin_project_lite::pin_project;

use super::{
    instruments::log::{Log, Logged, NotLogged, text_of},
    kind::BLOCK,
};

/// Ends a call, and records its value as text.
pub fn log<T: Debug>(call: Call<'_>, value: &T) {
    call.end_with_text(text_of(value));
}

/// The output type of an `async` block, named from outside of the block. Not `Copy`, so that a block without `move` captures it.
pub struct Output<T>(PhantomData<fn() -> T>);

impl<T> Output<T> {
    #[expect(clippy::new_without_default, reason = "not for people")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// Returns `None`, of the output type.
    pub const fn none(self) -> Option<T> {
        None
    }
}

/// A call site whose label is known only at run time.
pub struct Labels(hotpath_lane::Labels);

impl Labels {
    pub const fn new(file: &'static str, line: u32, column: u32) -> Self {
        Self(hotpath_lane::Labels::new(file, line, column, BLOCK))
    }
}

/// Returns the site of `label`.
pub fn labelled(labels: &'static Labels, label: &'static str) -> &'static Site {
    labels.0.site(label)
}

/// Begins a block that contains awaits.
pub fn block(site: &'static Site) -> BlockWithAwaits {
    BlockWithAwaits(Block::new(site))
}

/// Begins a block whose awaits are hidden in macros.
pub fn wall_time_block(site: &'static Site) -> WallTimeBlock {
    WallTimeBlock::new(site)
}

/// A block whose awaits are measured as its polls.
pub struct BlockWithAwaits(Block);

impl BlockWithAwaits {
    /// Wraps an awaited future: the block is off the stack while `future` is pending.
    pub fn step<F: IntoFuture>(&self, future: F) -> Step<'_, F::IntoFuture> {
        Step { future: future.into_future(), block: &self.0 }
    }
}

pin_project! {
    /// A future that a block awaits.
    pub struct Step<'a, F> {
        #[pin]
        future: F,
        block: &'a Block,
    }
}

impl<F: Future> Future for Step<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let resumed = this.block.resume();
        let result = this.future.poll(context);
        if result.is_ready() {
            resumed.keep();
        }
        result
    }
}

/// Measures `future`: 24 bytes and one type layer around it.
pub fn measure_future<F: Future>(site: &'static Site, future: F) -> Measured<F> {
    Measured { future, site, call: AsyncCall::new(), log: PhantomData }
}

/// Measures `future`, and records its value as text.
pub fn measure_future_logged<F: Future<Output: Debug>>(
    site: &'static Site,
    future: F,
) -> Measured<F, Logged> {
    Measured { future, site, call: AsyncCall::new(), log: PhantomData }
}

pin_project! {
    /// A measured future. `L` decides whether its value is recorded as text.
    #[must_use = "futures do nothing unless polled"]
    pub struct Measured<F, L = NotLogged> {
        #[pin]
        future: F,
        site: &'static Site,
        call: AsyncCall,
        log: PhantomData<fn() -> L>,
    }

    impl<F, L> PinnedDrop for Measured<F, L> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.call.dropped(this.site);
        }
    }
}

impl<F: Future, L: Log<F::Output>> Future for Measured<F, L> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut poll = this.call.poll(this.site);
        poll.begin();
        let result = this.future.poll(context);
        if let Poll::Ready(value) = &result {
            match L::text(value) {
                Some(write) => poll.end_with_text(write),
                None => poll.ready(),
            }
        }
        result
    }
}
