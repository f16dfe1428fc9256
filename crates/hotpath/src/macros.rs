//! The macros that are no attributes. Each is documented here once and hands its input to `__hotpath_dispatch!`, which has one body
//! for programs that are profiled and one for those that are not.

/// Measures an expression; its value is the value of the macro.
///
/// The label is the name of the row; blocks of the same label are one row. The expression may contain `.await`, `?`, `return`,
/// `break` and `continue`: a block that waits is off the thread's stack while it does, so that it neither collects what other
/// tasks do meanwhile nor keeps a future from being `Send`. With profiling off it is the expression and nothing else.
///
/// ```
/// let sum = hotpath::measure_block!("sum", (1..=10).sum::<u32>());
/// assert_eq!(sum, 55);
/// ```
#[macro_export]
macro_rules! measure_block {
    ($($input:tt)+) => {
        $crate::__hotpath_dispatch!(measure_block, $($input)+)
    };
}

/// Instruments a channel: takes the two ends of a new one, and returns two ends with the same methods.
///
/// The report has a row for each place of the macro: messages sent and received, the length of the queue and its maximum, the time
/// from sending to receiving, and the time senders waited for room. Without the feature `hotpath` the macro is its expression, so
/// that the ends have the library's own types; a field or parameter that takes either is written
/// `hotpath::wrap::std::sync::mpsc::Sender<T>`, and so for each library.
///
/// It takes `std::sync::mpsc` and, with the feature of the same name, `tokio`, `futures`, `crossbeam`, `flume` and
/// `async-channel`.
///
/// | option | meaning |
/// |---|---|
/// | `label = ".."` | the name of the row, text or anything that has `to_string` |
/// | `log = true` | keeps the `Debug` form of recent messages |
/// | `capacity = N` | the capacity that the channel was made with. std's `sync_channel` and tokio's `broadcast` need it, because their ends do not know it; for futures' `mpsc::channel` it is only shown |
/// | `iter = true` | a row for each channel instead of one for all that are made here |
/// | `proxy = true` | keeps the library's own types: a proxy between them counts the messages, holds one more, and costs microseconds |
///
/// hotpath's cargo feature `proxy` makes `proxy = true` the default, as in 0.7 to 0.19; `proxy = false` at a place turns it off
/// there. Messages must be `Send` and `'static` then. A proxy knows only the messages that it took out of the channel and handed
/// on, so the length of the queue and the time that messages wait are unknown. tokio's `broadcast` and `watch` have no proxy, and
/// are instrumented as ever.
///
/// The channel is made anew with the same capacity. If it was used or cloned before, its messages come along as far as its library
/// allows, and a line on stderr says so.
///
/// ```
/// let (tx, rx) = hotpath::channel!(std::sync::mpsc::channel::<u32>(), label = "jobs");
/// tx.send(7).unwrap();
/// assert_eq!(rx.recv(), Ok(7));
/// ```
#[macro_export]
macro_rules! channel {
    ($($input:tt)*) => {
        $crate::__hotpath_dispatch!(channel, $($input)*)
    };
}

/// Instruments a stream: its items, the time between them, and whether it was read to its end.
///
/// The value is a stream of the same items ([`InstrumentedStream`](crate::streams::InstrumentedStream)); with profiling off it is
/// the stream itself. Options, in any order: `label = ..` names the row, which otherwise has the name of the place in the source;
/// `log = true` keeps recent items as text, for which they must be `Debug`; `iter = true` makes a row for each stream made here.
///
/// ```
/// use futures::StreamExt;
///
/// let numbers = hotpath::stream!(futures::stream::iter(1..=100), label = "numbers", log = true);
/// let sum: i32 = futures::executor::block_on(numbers.fold(0, |sum, n| async move { sum + n }));
/// assert_eq!(sum, 5050);
/// ```
#[macro_export]
macro_rules! stream {
    ($($input:tt)+) => {
        $crate::__hotpath_dispatch!(stream, $($input)+)
    };
}

/// Instruments a future: how often it is polled, the time of its polls, which of them block the executor, and how it ends.
///
/// The value is a future of the same output ([`InstrumentedFuture`](crate::futures::InstrumentedFuture)) with the methods of the
/// one inside, such as `abort` of a task; for those that take it by value or pinned there are
/// [`futures::into_inner`](crate::futures::into_inner) and [`futures::inner_pin_mut`](crate::futures::inner_pin_mut). With
/// profiling off it is the future itself. Options, in any order: `label = ..` names the row, which otherwise has the name of the
/// place in the source; `log = true` keeps recent values as text, for which they must be `Debug`.
///
/// ```
/// async fn fetch(page: u32) -> u32 {
///     page * 2
/// }
/// let page = futures::executor::block_on(hotpath::future!(fetch(21), label = "fetch", log = true));
/// assert_eq!(page, 42);
/// ```
#[macro_export]
macro_rules! future {
    ($($input:tt)+) => {
        $crate::__hotpath_dispatch!(future, $($input)+)
    };
}

/// Shows the value of an expression in the report: the last one, how often it was shown, and recent ones.
///
/// Unlike the macro of the standard library it prints nothing. It returns the value; several values as a tuple.
///
/// ```
/// let (a, b) = hotpath::dbg!(1 + 1, "two");
/// assert_eq!((hotpath::dbg!(a), b), (2, "two"));
/// ```
#[macro_export]
macro_rules! dbg {
    ($($input:tt)*) => {
        $crate::__hotpath_dispatch!(dbg, $($input)*)
    };
}

/// Shows a value under a key: `val!("key").set(&value)`. Keys are anything that is `ToString`; a key is the same wherever in the
/// program it is used. There are at most 1,000, and later ones share `<other>`.
///
/// With profiling off the key is evaluated, and nothing is shown.
///
/// ```
/// hotpath::val!("config").set(&vec![1, 2, 3]);
/// for shard in 0..3 {
///     hotpath::val!(format!("shard {shard}")).set(&shard);
/// }
/// ```
#[macro_export]
macro_rules! val {
    ($($input:tt)+) => {
        $crate::__hotpath_dispatch!(val, $($input)+)
    };
}

/// Shows a number under a key: `gauge!("key").set(10).inc(1).dec(0.5)`. The report has its value, lowest and highest value and the
/// number of updates. Keys are as those of [`val!`].
///
/// A gauge is one number for the whole program. It is kept also while nothing is recorded, so that what goes up comes down. With
/// profiling off the key is evaluated, and nothing is kept.
///
/// ```
/// hotpath::gauge!("workers").set(4).inc(1).dec(2);
/// ```
#[macro_export]
macro_rules! gauge {
    ($($input:tt)+) => {
        $crate::__hotpath_dispatch!(gauge, $($input)+)
    };
}

/// Polls the metrics of a tokio runtime: how busy its workers are, how often they sleep, its tasks and queues.
///
/// `tokio_runtime!()` takes the runtime that it is called in, `tokio_runtime!(&handle)` the one of a `tokio::runtime::Handle`.
/// Both may be used before or while a session runs, and for several runtimes; the report then has the section `tokio_runtime`,
/// with a history. A runtime is polled every `HOTPATH_TOKIO_RUNTIME_INTERVAL_MS`. A program that is built with
/// `--cfg tokio_unstable` gets more metrics. The value of the macro is `()`.
///
/// Needs the feature `tokio`, unless profiling is off.
///
/// ```
/// # #[cfg(any(feature = "tokio", feature = "hotpath-off", not(feature = "hotpath")))] {
/// let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
/// hotpath::tokio_runtime!(runtime.handle());
/// runtime.block_on(async { hotpath::tokio_runtime!() });
/// # }
/// ```
#[macro_export]
macro_rules! tokio_runtime {
    ($($input:tt)*) => {
        $crate::__hotpath_dispatch!(tokio_runtime, $($input)*)
    };
}

/// Instruments a mutex: how often it is acquired, how long others wait for it and for which function, and how long it is held.
///
/// It takes the `Mutex` of std, and with the features `parking_lot`, `parking_lot-0_13`, `tokio` and `async-lock` the `Mutex` of
/// these. The value of the macro is the type of the same path in `hotpath::wrap`, such as `hotpath::wrap::std::sync::Mutex`: the
/// original when profiling is off. All locks made at one place in the source are one row, unless their labels differ.
///
/// ```
/// use std::sync::Arc;
/// use hotpath::wrap::std::sync::Mutex;
///
/// let jobs: Arc<Mutex<u32>> = Arc::new(hotpath::mutex!(Mutex::new(0), label = "jobs"));
/// *jobs.lock().unwrap() += 1;
/// assert_eq!(*jobs.lock().unwrap(), 1);
/// ```
#[macro_export]
macro_rules! mutex {
    ($($input:tt)+) => {
        $crate::__hotpath_dispatch!(mutex, $($input)+)
    };
}

/// Instruments a reader-writer lock: how often it is acquired, how long others wait for it and for which function, and how long it
/// is held.
///
/// It takes the `RwLock` of std, and with the features `parking_lot`, `parking_lot-0_13`, `tokio` and `async-lock` the `RwLock` of
/// these. The value of the macro is the type of the same path in `hotpath::wrap`, such as `hotpath::wrap::std::sync::RwLock`: the
/// original when profiling is off. All locks made at one place in the source are one row, unless their labels differ.
///
/// ```
/// use std::sync::Arc;
/// use hotpath::wrap::std::sync::RwLock;
///
/// let jobs: Arc<RwLock<u32>> = Arc::new(hotpath::rw_lock!(RwLock::new(0), label = "jobs"));
/// *jobs.write().unwrap() += 1;
/// assert_eq!(*jobs.read().unwrap(), 1);
/// ```
#[macro_export]
macro_rules! rw_lock {
    ($($input:tt)+) => {
        $crate::__hotpath_dispatch!(rw_lock, $($input)+)
    };
}

/// Instruments the reads and writes of a value. This version records nothing: it returns the value as it is, and the report says so.
/// [`io_unwrap`](crate::io_unwrap) gives back the value. Options, in any order: `label = ..`, `iter = true`.
///
/// ```
/// use std::io::{Cursor, Read};
///
/// let mut text = String::new();
/// hotpath::io!(Cursor::new("text"), label = "config").read_to_string(&mut text).unwrap();
/// assert_eq!(text, "text");
/// ```
#[macro_export]
macro_rules! io {
    ($($input:tt)+) => {
        $crate::__hotpath_dispatch!(io, $($input)+)
    };
}

/// Instruments an HTTP client. This version records nothing: it returns the client as it is, and the report says so. The option is
/// `label = ..`.
///
/// ```
/// # struct Client;
/// let client = Client; // of reqwest or ureq
/// let client: Client = hotpath::http!(client, label = "api");
/// # drop(client);
/// ```
#[macro_export]
macro_rules! http {
    ($($input:tt)+) => {
        $crate::__hotpath_dispatch!(http, $($input)+)
    };
}

/// Instruments an axum router. This version records nothing: it returns the router as it is, and the report says so.
///
/// ```
/// # struct Router;
/// let router = Router; // of axum
/// let router: Router = hotpath::axum!(router);
/// # drop(router);
/// ```
#[macro_export]
macro_rules! axum {
    ($($input:tt)+) => {
        $crate::__hotpath_dispatch!(axum, $($input)+)
    };
}

/// The macros in a program that is profiled.
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotpath_dispatch {
    (measure_block, $label:expr, $($body:tt)+) => {
        $crate::private::measure_block!([$crate] $label, $($body)+)
    };
    (measure_block, $($rest:tt)*) => {
        $crate::private::compile_error!("expected a label and an expression: `measure_block!(\"label\", expression)`")
    };
    (dbg,) => {
        ()
    };
    (dbg, $value:expr $(,)?) => {
        match $value {
            value => {
                static SITE: $crate::private::Site = $crate::private::values::expression(
                    $crate::private::stringify!($value),
                    $crate::private::file!(),
                    $crate::private::line!(),
                    $crate::private::column!(),
                );
                $crate::private::values::dbg(&SITE, &value);
                value
            }
        }
    };
    (dbg, $($value:expr),+ $(,)?) => {
        ($($crate::dbg!($value)),+,)
    };
    (val, $key:literal $(,)?) => {
        $crate::__hotpath_dispatch!(key).val(&$key)
    };
    (val, $key:expr $(,)?) => {
        $crate::__hotpath_dispatch!(key).dynamic_val($crate::private::values::key(&$key).text())
    };
    (gauge, $key:literal $(,)?) => {
        $crate::__hotpath_dispatch!(key).gauge(&$key)
    };
    (gauge, $key:expr $(,)?) => {
        $crate::__hotpath_dispatch!(key).dynamic_gauge($crate::private::values::key(&$key).text())
    };
    (key) => {{
        static KEY: $crate::private::values::KeySite = $crate::private::values::KeySite::new(
            $crate::private::file!(),
            $crate::private::line!(),
            $crate::private::column!(),
        );
        &KEY
    }};
    (tokio_runtime, $($input:tt)*) => {
        $crate::__hotpath_tokio_runtime!($($input)*)
    };
    (io, $($input:tt)+) => {
        $crate::__hotpath_dispatch!(unrecorded IO, $($input)+)
    };
    (http, $($input:tt)+) => {
        $crate::__hotpath_dispatch!(unrecorded HTTP, $($input)+)
    };
    (axum, $($input:tt)+) => {
        $crate::__hotpath_dispatch!(unrecorded AXUM, $($input)+)
    };
    (unrecorded $name:ident, $value:expr $(, $option:ident = $to:expr)* $(,)?) => {{
        if false {
            $(let _ = &$to;)*
        }
        $crate::private::unrecorded::$name.through($value)
    }};
    ($name:ident, $($input:tt)*) => {
        $crate::private::instrument!([$crate] $name, $($input)*)
    };
}

#[cfg(all(feature = "hotpath", feature = "tokio", not(feature = "hotpath-off")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotpath_tokio_runtime {
    () => {
        $crate::private::tokio_runtime::watch_current()
    };
    ($handle:expr $(,)?) => {
        $crate::private::tokio_runtime::watch($handle)
    };
}

#[cfg(all(feature = "hotpath", not(feature = "tokio"), not(feature = "hotpath-off")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotpath_tokio_runtime {
    ($($handle:expr $(,)?)?) => {
        $crate::private::compile_error!("`hotpath::tokio_runtime!` needs hotpath's feature `tokio`: add \"hotpath/tokio\" where \"hotpath/hotpath\" is turned on")
    };
}

/// The macros in a program that is not profiled: their expressions. Labels and options are not evaluated, but used: a variable that
/// is only a label must not become unused.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotpath_dispatch {
    (measure_block, $label:literal, $body:expr $(,)?) => {
        $body
    };
    (measure_block, $label:expr, $body:expr $(,)?) => {{
        if false {
            let _: &'static str = $label;
        }
        $body
    }};
    (measure_block, $($rest:tt)*) => {
        $crate::private::compile_error!("expected a label and an expression: `measure_block!(\"label\", expression)`")
    };
    (dbg,) => {
        ()
    };
    (dbg, $value:expr $(,)?) => {
        match $value {
            value => value,
        }
    };
    (dbg, $($value:expr),+ $(,)?) => {
        ($($crate::dbg!($value)),+,)
    };
    (val, $key:expr $(,)?) => {{
        let _ = &$key;
        $crate::private::values::val()
    }};
    (gauge, $key:expr $(,)?) => {{
        let _ = &$key;
        $crate::private::values::gauge()
    }};
    (tokio_runtime,) => {
        ()
    };
    (tokio_runtime, $handle:expr $(,)?) => {{
        if false {
            let _ = &$handle;
        }
    }};
    ($name:ident, $watched:expr $(,)?) => {
        $watched
    };
    ($name:ident, $watched:expr, $($option:ident = $value:expr),+ $(,)?) => {{
        if false {
            $(let _ = &$value;)+
        }
        $watched
    }};
}
