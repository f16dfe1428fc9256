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
/// | `proxy = true` | keeps the library's own types: somebody in between counts the messages, holds one more, and costs microseconds |
///
/// With hotpath's cargo feature `proxy` it is `proxy = true` wherever nothing else is said, as in 0.7 to 0.19; `proxy = false` at a
/// place gives the watched types there. Messages must be `Send` and `'static` then. Of such a channel is known what was taken out
/// of it and handed on: how long its messages waited, and how many do, is not. tokio's `broadcast` and `watch` have no proxy, and
/// are watched as ever.
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
    ($($input:tt)+) => {
        $crate::__hotpath_unwatched!($($input)+)
    };
}

/// Watches a stream: its items, the time between them, and whether it came to its end.
///
/// The value is a stream of the same items ([`InstrumentedStream`](crate::streams::InstrumentedStream)). Options, in any order:
/// `label = ..` names the row (without it the row is called after its place in the source); `log = true` keeps recent items as
/// text, for which they must be `Debug`; `iter = true` makes a row of its own for each stream made here.
///
/// ```
/// use futures::StreamExt;
///
/// let numbers = hotpath::stream!(futures::stream::iter(1..=100), label = "numbers", log = true);
/// let sum: i32 = futures::executor::block_on(numbers.fold(0, |sum, n| async move { sum + n }));
/// assert_eq!(sum, 5050);
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! stream {
    ($($input:tt)+) => {
        $crate::private::instrument!([$crate] stream, $($input)+)
    };
}

/// Watches a stream. Here profiling is off: it is the stream and nothing else.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[macro_export]
macro_rules! stream {
    ($($input:tt)+) => {
        $crate::__hotpath_unwatched!($($input)+)
    };
}

/// Watches a future: how often it is polled, what its polls cost, which of them block the executor, and how it ends.
///
/// The value is a future of the same output ([`InstrumentedFuture`](crate::futures::InstrumentedFuture)) with the methods of the
/// one inside, such as `abort` of a task; for those that take it by value or pinned there are
/// [`futures::into_inner`](crate::futures::into_inner) and [`futures::inner_pin_mut`](crate::futures::inner_pin_mut). Options, in any order:
/// `label = ..` names the row (without it the row is called after its place in the source); `log = true` keeps recent values as
/// text, for which they must be `Debug`.
///
/// ```
/// async fn fetch(page: u32) -> u32 {
///     page * 2
/// }
/// let page = futures::executor::block_on(hotpath::future!(fetch(21), label = "fetch", log = true));
/// assert_eq!(page, 42);
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! future {
    ($($input:tt)+) => {
        $crate::private::instrument!([$crate] future, $($input)+)
    };
}

/// Watches a future. Here profiling is off: it is the future and nothing else.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[macro_export]
macro_rules! future {
    ($($input:tt)+) => {
        $crate::__hotpath_unwatched!($($input)+)
    };
}

/// What all of these are when profiling is off: the expression. The options are not evaluated, but used: a variable that is only
/// a label must not become unused.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotpath_unwatched {
    ($watched:expr $(,)?) => {
        $watched
    };
    ($watched:expr, $($name:ident = $value:expr),+ $(,)?) => {{
        if false {
            $(let _ = &$value;)+
        }
        $watched
    }};
}

/// Shows the value of an expression in the report, with the expression: the last one, how often, and recent ones.
///
/// Unlike the macro of the standard library it prints nothing. It gives the value back; several values as a tuple.
///
/// ```
/// let (a, b) = hotpath::dbg!(1 + 1, "two");
/// assert_eq!((hotpath::dbg!(a), b), (2, "two"));
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! dbg {
    () => {
        ()
    };
    ($value:expr $(,)?) => {
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
    ($($value:expr),+ $(,)?) => {
        ($($crate::dbg!($value)),+,)
    };
}

/// The value of an expression; several as a tuple. Here profiling is off: nothing is shown.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[macro_export]
macro_rules! dbg {
    () => {
        ()
    };
    ($value:expr $(,)?) => {
        match $value {
            value => value,
        }
    };
    ($($value:expr),+ $(,)?) => {
        ($($crate::dbg!($value)),+,)
    };
}

/// Shows a value under a key: `val!("key").set(&value)`. Keys are anything that is `ToString`; a key is the same wherever in the
/// program it is used. There are at most 1,000, later ones share `<other>`.
///
/// ```
/// hotpath::val!("config").set(&vec![1, 2, 3]);
/// for shard in 0..3 {
///     hotpath::val!(format!("shard {shard}")).set(&shard);
/// }
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! val {
    ($key:literal $(,)?) => {
        $crate::__hotpath_key!().val(&$key)
    };
    ($key:expr $(,)?) => {
        $crate::__hotpath_key!().dynamic_val($crate::private::values::key(&$key).text())
    };
}

/// A number under a key: `gauge!("key").set(10).inc(1).dec(0.5)`. Its value, lowest and highest value and the number of updates
/// are shown. Keys are as those of [`val!`].
///
/// A gauge is one number for the whole program. It is kept also while nothing is recorded, so that what goes up comes down.
///
/// ```
/// hotpath::gauge!("workers").set(4).inc(1).dec(2);
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! gauge {
    ($key:literal $(,)?) => {
        $crate::__hotpath_key!().gauge(&$key)
    };
    ($key:expr $(,)?) => {
        $crate::__hotpath_key!().dynamic_gauge($crate::private::values::key(&$key).text())
    };
}

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotpath_key {
    () => {{
        static KEY: $crate::private::values::KeySite = $crate::private::values::KeySite::new(
            $crate::private::file!(),
            $crate::private::line!(),
            $crate::private::column!(),
        );
        &KEY
    }};
}

/// A value under a key. Here profiling is off: the key is evaluated, and nothing is shown.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[macro_export]
macro_rules! val {
    ($key:expr $(,)?) => {{
        let _ = &$key;
        $crate::private::values::val()
    }};
}

/// A number under a key. Here profiling is off: the key is evaluated, and nothing is shown.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[macro_export]
macro_rules! gauge {
    ($key:expr $(,)?) => {{
        let _ = &$key;
        $crate::private::values::gauge()
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
        $crate::private::compile_error!("`hotpath::tokio_runtime!` needs hotpath's feature `tokio`: add \"hotpath/tokio\" where \"hotpath/hotpath\" is turned on")
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

/// Watches a mutex: how often it is got, how long others wait for it and for whom, and how long it is held.
///
/// Takes the `Mutex` of std, and with the features `parking_lot`, `parking_lot-0_13`, `tokio` and `async-lock` the `Mutex` of these.
/// The value of the macro is the type of the same path in `hotpath::wrap`, such as `hotpath::wrap::std::sync::Mutex`: the original
/// when profiling is off. All locks made at one place in the source are one row, unless their labels differ.
///
/// ```
/// use std::sync::Arc;
/// use hotpath::wrap::std::sync::Mutex;
///
/// let jobs: Arc<Mutex<u32>> = Arc::new(hotpath::mutex!(Mutex::new(0), label = "jobs"));
/// *jobs.lock().unwrap() += 1;
/// assert_eq!(*jobs.lock().unwrap(), 1);
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! mutex {
    ($($input:tt)+) => {
        $crate::private::instrument!([$crate] mutex, $($input)+)
    };
}

/// Watches a mutex. Here profiling is off: it is the mutex and nothing else.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[macro_export]
macro_rules! mutex {
    ($($input:tt)+) => {
        $crate::__hotpath_unwatched!($($input)+)
    };
}

/// Watches a reader-writer lock: how often it is got, how long others wait for it and for whom, and how long it is held.
///
/// Takes the `RwLock` of std, and with the features `parking_lot`, `parking_lot-0_13`, `tokio` and `async-lock` the `RwLock` of these.
/// The value of the macro is the type of the same path in `hotpath::wrap`, such as `hotpath::wrap::std::sync::RwLock`: the original
/// when profiling is off. All locks made at one place in the source are one row, unless their labels differ.
///
/// ```
/// use std::sync::Arc;
/// use hotpath::wrap::std::sync::RwLock;
///
/// let jobs: Arc<RwLock<u32>> = Arc::new(hotpath::rw_lock!(RwLock::new(0), label = "jobs"));
/// *jobs.write().unwrap() += 1;
/// assert_eq!(*jobs.read().unwrap(), 1);
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! rw_lock {
    ($($input:tt)+) => {
        $crate::private::instrument!([$crate] rw_lock, $($input)+)
    };
}

/// Watches a reader-writer lock. Here profiling is off: it is the reader-writer lock and nothing else.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[macro_export]
macro_rules! rw_lock {
    ($($input:tt)+) => {
        $crate::__hotpath_unwatched!($($input)+)
    };
}

/// Watches what is read from and written to a value. Nothing is recorded in this version: the value goes through as it is, and the
/// report says so. [`io_unwrap`](crate::io_unwrap) gives back what it was given. Options, in any order: `label = ..`,
/// `iter = true`.
///
/// ```
/// use std::io::{Cursor, Read};
///
/// let mut text = String::new();
/// hotpath::io!(Cursor::new("text"), label = "config").read_to_string(&mut text).unwrap();
/// assert_eq!(text, "text");
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! io {
    ($value:expr $(, $option:ident = $to:expr)* $(,)?) => {{
        if false {
            $(let _ = &$to;)*
        }
        $crate::private::unrecorded::IO.through($value)
    }};
}

/// Hands through what it is given. Here profiling is off: it is the expression and nothing else.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[macro_export]
macro_rules! io {
    ($($input:tt)+) => {
        $crate::__hotpath_unwatched!($($input)+)
    };
}

/// Watches an HTTP client. Nothing is recorded in this version: the client goes through as it is, and the report says so. The
/// option is `label = ..`.
///
/// ```
/// # struct Client;
/// let client = Client; // of reqwest or ureq
/// let client: Client = hotpath::http!(client, label = "api");
/// # drop(client);
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! http {
    ($value:expr $(, $option:ident = $to:expr)* $(,)?) => {{
        if false {
            $(let _ = &$to;)*
        }
        $crate::private::unrecorded::HTTP.through($value)
    }};
}

/// Hands through what it is given. Here profiling is off: it is the expression and nothing else.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[macro_export]
macro_rules! http {
    ($($input:tt)+) => {
        $crate::__hotpath_unwatched!($($input)+)
    };
}

/// Watches an axum router. Nothing is recorded in this version: the router goes through as it is, and the report says so.
///
/// ```
/// # struct Router;
/// let router = Router; // of axum
/// let router: Router = hotpath::axum!(router);
/// # drop(router);
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[macro_export]
macro_rules! axum {
    ($value:expr $(, $option:ident = $to:expr)* $(,)?) => {{
        if false {
            $(let _ = &$to;)*
        }
        $crate::private::unrecorded::AXUM.through($value)
    }};
}

/// Hands through what it is given. Here profiling is off: it is the expression and nothing else.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[macro_export]
macro_rules! axum {
    ($($input:tt)+) => {
        $crate::__hotpath_unwatched!($($input)+)
    };
}
