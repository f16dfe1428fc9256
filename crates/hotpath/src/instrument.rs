//! The macros as methods, for generic code that was written with them: what is watched is called after its `label`, or else
//! after `source`, which is `file:line`. Without profiling each gives the value itself.

/// A [`future!`](crate::future!) as a method.
///
/// ```
/// use hotpath::InstrumentFuture;
///
/// let four = async { 4 }.instrument_future("src/main.rs:7", Some("four".to_owned()));
/// assert_eq!(futures::executor::block_on(four), 4);
/// ```
pub trait InstrumentFuture {
    /// The future that is watched.
    type Output;

    /// Watches it.
    fn instrument_future(self, source: &'static str, label: Option<String>) -> Self::Output;
}

/// The trait for `log = true`.
///
/// ```
/// use hotpath::InstrumentFutureLog;
///
/// let four = async { 4 }.instrument_future_log("src/main.rs:7", None);
/// assert_eq!(futures::executor::block_on(four), 4);
/// ```
pub trait InstrumentFutureLog {
    /// The future that is watched.
    type Output;

    /// Watches it, and keeps its value as text.
    fn instrument_future_log(self, source: &'static str, label: Option<String>) -> Self::Output;
}

/// A [`stream!`](crate::stream!) as a method.
///
/// ```
/// use futures::StreamExt;
/// use hotpath::InstrumentStream;
///
/// let numbers = futures::stream::iter(1..=3).instrument_stream("src/main.rs:7", None);
/// assert_eq!(futures::executor::block_on(numbers.count()), 3);
/// ```
pub trait InstrumentStream {
    /// The stream that is watched.
    type Output;

    /// Watches it.
    fn instrument_stream(self, source: &'static str, label: Option<String>) -> Self::Output;
}

/// The trait for `log = true`.
///
/// ```
/// use futures::StreamExt;
/// use hotpath::InstrumentStreamLog;
///
/// let numbers = futures::stream::iter(1..=3).instrument_stream_log("src/main.rs:7", Some("n".to_owned()));
/// assert_eq!(futures::executor::block_on(numbers.count()), 3);
/// ```
pub trait InstrumentStreamLog {
    /// The stream that is watched.
    type Output;

    /// Watches it, and keeps its items as text.
    fn instrument_stream_log(self, source: &'static str, label: Option<String>) -> Self::Output;
}

/// A [`mutex!`](crate::mutex!) as a method.
///
/// ```
/// use hotpath::InstrumentMutex;
///
/// let jobs = std::sync::Mutex::new(1).instrument("src/main.rs:7", Some("jobs".to_owned()));
/// assert_eq!(*jobs.lock().unwrap(), 1);
/// ```
pub trait InstrumentMutex {
    /// The mutex that is watched.
    type Output;

    /// Watches it.
    fn instrument(self, source: &'static str, label: Option<String>) -> Self::Output;
}

/// A [`rw_lock!`](crate::rw_lock!) as a method.
///
/// ```
/// use hotpath::InstrumentRwLock;
///
/// let names = std::sync::RwLock::new(1).instrument("src/main.rs:7", None);
/// assert_eq!(*names.read().unwrap(), 1);
/// ```
pub trait InstrumentRwLock {
    /// The lock that is watched.
    type Output;

    /// Watches it.
    fn instrument(self, source: &'static str, label: Option<String>) -> Self::Output;
}
