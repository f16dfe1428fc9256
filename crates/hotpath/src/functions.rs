//! Measuring by hand, under a name that is given while the program runs: guards, futures and closures.
//!
//! The attributes and macros know more of what they measure; these are for libraries that get names at run time, and for
//! programs written for other versions. They are the same functions and types with profiling on and off. A name is best one of
//! few: some 4,000 have a row each, later ones share the row `<other>`.

use std::{fmt::Debug, future::Future};

use crate::imp::functions::{self, Timed};

/// Measures from where it is made to where it is dropped: wall time, on whatever thread it is dropped.
///
/// It can be held over an `.await`, moved to another thread or dropped in any order, and is therefore no place in the call tree:
/// its row has calls, times and percentiles, and no self time or allocations. A guard dropped after the report is not in it.
/// A guard that must have them is written [`measure_block!`](crate::measure_block).
///
/// ```
/// for _ in 0..5 {
///     let _timed = hotpath::MeasurementGuardSync::new("stage::one", false, false);
///     std::hint::black_box((0..100).sum::<u64>());
/// }
/// ```
#[must_use = "it measures until it is dropped: bind it to a name such as `_timed`"]
#[derive(Debug)]
pub struct MeasurementGuardSync {
    _timed: Option<Timed>,
}

/// The guard for async code: one that is held over awaits needs nothing else.
pub use MeasurementGuardSync as MeasurementGuardAsync;

impl MeasurementGuardSync {
    /// Begins to measure a call of `name`; nothing if it `is_skipped`.
    ///
    /// A guard that `is_wrapper` is a row like any other: the row of the whole session is that of
    /// [`HotpathGuard`](crate::HotpathGuard).
    ///
    /// ```
    /// let timed = hotpath::MeasurementGuardAsync::new("upload", false, false);
    /// std::thread::spawn(move || drop(timed)).join().unwrap();
    /// ```
    #[track_caller]
    pub fn new(name: &'static str, _is_wrapper: bool, is_skipped: bool) -> Self {
        // Not in a closure: the row's place in the source is that of the caller.
        Self { _timed: if is_skipped { None } else { Some(Timed::begin(name)) } }
    }
}

/// The guard of 0.7 to 0.12: as [`MeasurementGuardSync`].
///
/// ```
/// let _timed = hotpath::functions::MeasurementGuard::build("op.write", false, true);
/// ```
#[must_use = "it measures until it is dropped: bind it to a name such as `_timed`"]
#[derive(Debug)]
pub struct MeasurementGuard {
    _timed: Timed,
}

impl MeasurementGuard {
    /// Begins to measure a call of `name`. Whether it is of async code makes no difference.
    #[track_caller]
    pub fn new(name: &'static str, _is_wrapper: bool, _is_async: bool) -> Self {
        Self { _timed: Timed::begin(name) }
    }

    /// Starts measuring, too.
    #[track_caller]
    pub fn build(name: &'static str, _is_wrapper: bool, _is_async: bool) -> Self {
        Self { _timed: Timed::begin(name) }
    }
}

/// A [`MeasurementGuardSync`] for `name`.
///
/// ```
/// let _timed = hotpath::functions::build_measurement_guard_sync("parse", false);
/// ```
#[track_caller]
pub fn build_measurement_guard_sync(name: &'static str, is_wrapper: bool) -> MeasurementGuardSync {
    MeasurementGuardSync::new(name, is_wrapper, false)
}

/// A [`MeasurementGuardAsync`] for `name`.
///
/// ```
/// let _timed = hotpath::functions::build_measurement_guard_async("fetch", false);
/// ```
#[track_caller]
pub fn build_measurement_guard_async(name: &'static str, is_wrapper: bool) -> MeasurementGuardAsync {
    MeasurementGuardSync::new(name, is_wrapper, false)
}

/// A guard for the block `name`.
///
/// ```
/// let _timed = hotpath::functions::build_measurement_guard_block("block", false);
/// ```
#[track_caller]
pub fn build_measurement_guard_block(name: &'static str, is_wrapper: bool) -> MeasurementGuardSync {
    MeasurementGuardSync::new(name, is_wrapper, false)
}

/// Calls `f` as a measured function called `label`, and keeps its value as text, as `#[measure(log = true)]` does.
///
/// ```
/// assert_eq!(hotpath::measure_sync_log("op.sync", || 4), 4);
/// ```
#[track_caller]
pub fn measure_sync_log<T: Debug, F: FnOnce() -> T>(label: &'static str, f: F) -> T {
    functions::sync_log(label, f)
}

/// `future`, measured as an async function called `label`: total, busy and waiting time, polls, how it ended.
///
/// ```
/// let read = hotpath::measure_async("op.read", async { 3 });
/// assert_eq!(futures::executor::block_on(read), 3);
/// ```
#[track_caller]
pub fn measure_async<T, Fut>(label: &'static str, future: Fut) -> impl Future<Output = T>
where
    Fut: Future<Output = T>,
{
    functions::measured(label, future)
}

/// Measures a call, and keeps its value as text.
///
/// ```
/// let read = hotpath::measure_async_log("op.read", async { "text" });
/// assert_eq!(futures::executor::block_on(read), "text");
/// ```
#[track_caller]
pub fn measure_async_log<T: Debug, Fut>(label: &'static str, future: Fut) -> impl Future<Output = T>
where
    Fut: Future<Output = T>,
{
    functions::measured_logged(label, future)
}

/// Measures a future like [`measure_async`], with a row in the futures section too, like `#[measure(future = true)]`.
///
/// ```
/// let read = hotpath::measure_async_future("op.read", async { 3 });
/// assert_eq!(futures::executor::block_on(read), 3);
/// ```
#[track_caller]
pub fn measure_async_future<T, Fut>(label: &'static str, future: Fut) -> impl Future<Output = T>
where
    Fut: Future<Output = T>,
{
    functions::watched(label, future)
}

/// Measures a call, and keeps its value as text.
///
/// ```
/// let read = hotpath::measure_async_future_log("op.read", async { 3 });
/// assert_eq!(futures::executor::block_on(read), 3);
/// ```
#[track_caller]
pub fn measure_async_future_log<T: Debug, Fut>(label: &'static str, future: Fut) -> impl Future<Output = T>
where
    Fut: Future<Output = T>,
{
    functions::watched_logged(label, future)
}
