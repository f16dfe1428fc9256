//! The macros that are expressions, in their two modes.

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
    ($lock:expr $(,)?) => {
        $lock
    };
    ($lock:expr, label = $label:expr $(,)?) => {{
        // Not evaluated, but used: a variable that is only a label must not become unused when profiling is off.
        if false {
            let _ = &$label;
        }
        $lock
    }};
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
    ($lock:expr $(,)?) => {
        $lock
    };
    ($lock:expr, label = $label:expr $(,)?) => {{
        // Not evaluated, but used: a variable that is only a label must not become unused when profiling is off.
        if false {
            let _ = &$label;
        }
        $lock
    }};
}
