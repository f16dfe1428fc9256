//! What measured code runs: thin covers of the lane's, plus what needs a `Future` or `Debug`.

#![allow(missing_docs, reason = "not for people")]

use std::{
    any::Any,
    fmt::Debug,
    future::{Future, IntoFuture},
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll},
};

pub use super::{
    instruments::{
        call_site::CallSite,
        futures::{self as future, instrument_future, instrument_future_logged},
        locks::{mutex, rw_lock},
        options::{GivenCapacity, Label, NoCapacity, Options, label},
        streams as stream, values,
    },
    kind::{ASYNC_FN, BLOCK, FN, FUTURE},
    settings::{SETTINGS, Setting},
    unrecorded,
};
/// The room of `channel!`.
pub mod channel {
    pub use super::super::instruments::channels::{call_site, proxy, proxy_logged, wrap, wrap_logged};
    #[cfg(not(feature = "proxy"))]
    pub use super::super::instruments::channels::{
        wrap as wrap_or_proxy, wrap_logged as wrap_or_proxy_logged,
    };
    #[cfg(feature = "proxy")]
    pub use super::super::instruments::channels::{wrap_or_proxy, wrap_or_proxy_logged};
}

#[cfg(feature = "crossbeam")]
pub use super::instruments::channels::crossbeam_select::{Receives, Sends, no_ticket};
#[cfg(feature = "crossbeam")]
pub use crossbeam_channel;

use hotpath_lane::AsyncCall;
pub use hotpath_lane::{Apart, Block, Call, CallSlot, Site, enter};
pub use hotpath_macros::{instrument, measure_block};
use hotpath_report::units::write_debug_truncated;
use pin_project_lite::pin_project;

#[cfg(feature = "tokio")]
pub mod tokio_runtime {
    //! What `tokio_runtime!` calls.
    pub use super::super::instruments::tokio_runtime::{watch, watch_current};
}

/// The most characters of a value that are kept.
static MAX_LOG_LEN: AtomicUsize = AtomicUsize::new(1536);

pub(crate) fn set_max_log_len(chars: usize) {
    MAX_LOG_LEN.store(chars, Ordering::Relaxed);
}

/// What stands for a value whose formatting panicked.
const PANICKED: &str = "<panicked>";

/// Writes a value as text, not longer than the settings say. Without us nobody would have asked for the text: a panic stays here.
pub(crate) fn text_of<T: Debug + ?Sized>(value: &T) -> impl FnOnce(&mut String) {
    let max = MAX_LOG_LEN.load(Ordering::Relaxed);
    move |text| {
        let write = AssertUnwindSafe(|| write_debug_truncated(value, max, text));
        if let Err(panic) = catch_unwind(write) {
            forget_panic(panic);
            text.clear();
            text.push_str(PANICKED);
        }
    }
}

/// A label or key as text. A panic stays here.
pub(crate) fn text_of_label(label: &(impl ToString + ?Sized)) -> String {
    catch_unwind(AssertUnwindSafe(|| label.to_string())).unwrap_or_else(|panic| {
        forget_panic(panic);
        PANICKED.to_owned()
    })
}

/// What a panic carries may panic again when it is dropped.
fn forget_panic(panic: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(again);
    }
}

/// Writes a value as text that is kept.
pub(crate) fn write_to<T: Debug>(value: &T, text: &mut String) {
    text_of(value)(text);
}

/// Ends a call, and remembers its value.
pub fn log<T: Debug>(call: Call<'_>, value: &T) {
    call.end_with_text(text_of(value));
}

/// Says a type by a value: that of an `async` block, from outside of it. Not `Copy`, so that a block without `move` takes it in.
pub struct Output<T>(PhantomData<fn() -> T>);

impl<T> Output<T> {
    #[expect(clippy::new_without_default, reason = "not for people")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// No value, of that type.
    pub const fn none(self) -> Option<T> {
        None
    }
}

/// A place whose label is not known when compiling.
pub struct Labels(hotpath_lane::Labels);

impl Labels {
    pub const fn new(file: &'static str, line: u32, column: u32) -> Self {
        Self(hotpath_lane::Labels::new(file, line, column, BLOCK))
    }
}

pub fn labelled(labels: &'static Labels, label: &'static str) -> &'static Site {
    labels.0.site(label)
}

/// A block that contains awaits.
pub fn block(site: &'static Site) -> BlockWithAwaits {
    BlockWithAwaits(Block::new(site))
}

/// A block whose awaits are hidden in macros.
pub fn apart(site: &'static Site) -> Apart {
    Apart::new(site)
}

pub struct BlockWithAwaits(Block);

impl BlockWithAwaits {
    /// `future`, as a part of the block: the block is off the stack while it is pending.
    pub fn step<F: IntoFuture>(&self, future: F) -> Step<'_, F::IntoFuture> {
        Step { future: future.into_future(), block: &self.0 }
    }
}

pin_project! {
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
    Measured { future, site, call: AsyncCall::new() }
}

/// The same, remembering the values.
pub fn measure_future_logged<F: Future<Output: Debug>>(site: &'static Site, future: F) -> MeasuredLogged<F> {
    MeasuredLogged { future, site, call: AsyncCall::new() }
}

pin_project! {
    #[must_use = "futures do nothing unless polled"]
    pub struct Measured<F> {
        #[pin]
        future: F,
        site: &'static Site,
        call: AsyncCall,
    }

    impl<F> PinnedDrop for Measured<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.call.dropped(this.site);
        }
    }
}

impl<F: Future> Future for Measured<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut frame = this.call.poll(this.site);
        frame.begin();
        let result = this.future.poll(context);
        if result.is_ready() {
            frame.ready();
        }
        result
    }
}

pin_project! {
    #[must_use = "futures do nothing unless polled"]
    pub struct MeasuredLogged<F> {
        #[pin]
        future: F,
        site: &'static Site,
        call: AsyncCall,
    }

    impl<F> PinnedDrop for MeasuredLogged<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.call.dropped(this.site);
        }
    }
}

impl<F: Future<Output: Debug>> Future for MeasuredLogged<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut frame = this.call.poll(this.site);
        frame.begin();
        let result = this.future.poll(context);
        if let Poll::Ready(value) = &result {
            frame.end_with_text(text_of(value));
        }
        result
    }
}
