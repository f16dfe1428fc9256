//! The macros that are no attributes, each in its two modes.

/// Measures an expression; its value is the value of the macro.
///
/// The label is what the report calls it; blocks of the same label are one row. The expression may contain `.await`, `?`,
/// `return`, `break` and `continue`: a block that waits is off the thread's stack while it does, so that it neither collects what
/// other tasks do meanwhile nor keeps a future from being `Send`.
///
/// ```
/// let sum = hotpath::measure_block!("sum", (1..=10).sum::<u32>());
/// assert_eq!(sum, 55);
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! measure_block {
    ($label:expr, $($body:tt)+) => {
        $crate::private::measure_block!([$crate] $label, $($body)+)
    };
}

/// Measures an expression; its value is the value of the macro. Here profiling is off: it is the expression and nothing else.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[macro_export]
macro_rules! measure_block {
    ($label:literal, $body:expr $(,)?) => {
        $body
    };
    ($label:expr, $body:expr $(,)?) => {{
        // Not evaluated, but used: a variable that is only a label must not become unused when profiling is off.
        if false {
            let _: &'static str = $label;
        }
        $body
    }};
}

/// Watches a channel: takes the two ends of a new one, gives back two ends with the same methods.
///
/// The report has a row for each place of the macro: messages sent and received, those that wait, the most that ever did, the
/// time a message was on its way, and the time senders waited for room. Without the feature `hotpath` the macro is its
/// expression, so that the ends have the library's own types; a field or parameter that takes either is written
/// `hotpath::wrap::std::sync::mpsc::Sender<T>`, and so for each library.
///
/// It takes `std::sync::mpsc` and, with the feature of the same name, `tokio`, `futures`, `crossbeam`, `flume` and
/// `async-channel`.
///
/// | option | meaning |
/// |---|---|
/// | `label = ".."` | the name of the row, text or anything that has `to_string` |
/// | `log = true` | keeps the `Debug` form of recent messages |
/// | `capacity = N` | needed for channels that do not tell it, std's `sync_channel` and tokio's `broadcast`: the number that they were made with. For futures' `mpsc::channel` it is only shown |
/// | `iter = true` | a row for each channel, not one for all that are made here |
/// | `proxy = true` | keeps the library's own types: a thread in between counts the messages, holds one more, and costs microseconds |
///
/// The channel is made anew with the same capacity. One that was used or cloned before comes along as well as its library
/// allows; a line on stderr says so.
///
/// ```
/// let (tx, rx) = hotpath::channel!(std::sync::mpsc::channel::<u32>(), label = "jobs");
/// tx.send(7).unwrap();
/// assert_eq!(rx.recv(), Ok(7));
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! channel {
    ($($input:tt)*) => {
        $crate::private::instrument!([$crate] channel, $($input)*)
    };
}

/// Watches a channel. Here profiling is off: it is the channel and nothing else.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[macro_export]
macro_rules! channel {
    ($channel:expr $(,)?) => {
        $channel
    };
    ($channel:expr, $($name:ident = $value:expr),+ $(,)?) => {{
        // Not evaluated, but used: a variable that is only a label must not become unused when profiling is off.
        if false {
            $(let _ = &$value;)+
        }
        $channel
    }};
}

/// Watches a tokio runtime: how busy its workers are, how often they sleep, its tasks and queues.
///
/// `tokio_runtime!()` watches the runtime that it is called in, `tokio_runtime!(&handle)` the one of a
/// `tokio::runtime::Handle`. Both may be used before or while a session runs, and for several runtimes; the report then has the
/// section `tokio_runtime`, with a history. A runtime is looked at every `HOTPATH_TOKIO_RUNTIME_INTERVAL_MS`. In a program
/// built with `--cfg tokio_unstable` tokio tells more. Its value is `()`.
///
/// Needs the feature `tokio`.
///
/// ```
/// let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
/// hotpath::tokio_runtime!(runtime.handle());
/// runtime.block_on(async { hotpath::tokio_runtime!() });
/// ```
#[cfg(all(feature = "hotpath", feature = "tokio", not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! tokio_runtime {
    () => {
        $crate::private::tokio_runtime::watch_current()
    };
    ($handle:expr $(,)?) => {
        $crate::private::tokio_runtime::watch($handle)
    };
}

/// Watches a tokio runtime. Needs the feature `tokio`, which is not on.
#[cfg(all(feature = "hotpath", not(feature = "tokio"), not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! tokio_runtime {
    ($($handle:expr $(,)?)?) => {
        ::core::compile_error!("`hotpath::tokio_runtime!` needs hotpath's feature `tokio`: add \"hotpath/tokio\" where \"hotpath/hotpath\" is turned on")
    };
}

/// Watches a tokio runtime. Here profiling is off: it is `()` and nothing else.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[macro_export]
macro_rules! tokio_runtime {
    () => {
        ()
    };
    ($handle:expr $(,)?) => {{
        // Not evaluated, but used.
        if false {
            let _ = &$handle;
        }
    }};
}
