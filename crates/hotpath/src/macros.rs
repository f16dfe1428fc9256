//! `measure_block!`, in its two modes.

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
