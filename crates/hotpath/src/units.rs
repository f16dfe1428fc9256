//! The formats of numbers and names in reports, for programs that write their own; equal with profiling on and off.

use std::fmt::Debug;

use crate::imp::units;

/// Path segments of a function's name in tables.
const NAME_DEPTH: usize = 2;

/// Characters of a value that are kept, as `HOTPATH_MAX_LOG_LEN` has it when it is not set.
const MAX_LOG_LEN: usize = 1536;

/// Nanoseconds as `N ns`, `x.xx µs`, `x.xx ms` or `x.xx s`.
///
/// ```
/// assert_eq!(hotpath::format_duration(1_160_000), "1.16 ms");
/// ```
#[must_use]
pub fn format_duration(ns: u64) -> String {
    units::format_duration(ns)
}

/// Reads what [`format_duration`] writes, with or without the blank, and returns nanoseconds.
///
/// ```
/// assert_eq!(hotpath::parse_duration("1.16 ms"), Some(1_160_000));
/// assert_eq!(hotpath::parse_duration("soon"), None);
/// ```
#[must_use]
pub fn parse_duration(text: &str) -> Option<u64> {
    units::parse_duration(text)
}

/// Bytes as `N B`, `x.x KB`, `x.x MB`, `x.x GB` or `x.x TB`, in steps of 1024.
///
/// ```
/// assert_eq!(hotpath::format_bytes(1_536), "1.5 KB");
/// ```
#[must_use]
pub fn format_bytes(bytes: u64) -> String {
    units::format_bytes(bytes)
}

/// Reads what [`format_bytes`] writes, with or without the blank, and returns bytes.
///
/// ```
/// assert_eq!(hotpath::parse_bytes("1.5 KB"), Some(1_536));
/// ```
#[must_use]
pub fn parse_bytes(text: &str) -> Option<u64> {
    units::parse_bytes(text)
}

/// A count with thousands separators.
///
/// ```
/// assert_eq!(hotpath::format_count(1_234_567), "1,234,567");
/// ```
#[must_use]
pub fn format_count(count: u64) -> String {
    units::format_count(count)
}

/// Reads a count with or without thousands separators.
///
/// ```
/// assert_eq!(hotpath::parse_count("1,234,567"), Some(1_234_567));
/// ```
#[must_use]
pub fn parse_count(text: &str) -> Option<u64> {
    units::parse_count(text)
}

/// Events per second; `-` if it is not known.
///
/// ```
/// assert_eq!(hotpath::format_rate(Some(12.345)), "12.35/s");
/// assert_eq!(hotpath::format_rate(None), "-");
/// ```
#[must_use]
pub fn format_rate(per_second: Option<f64>) -> String {
    per_second.map_or_else(|| "-".to_owned(), units::format_rate)
}

/// The JSON key of a percentile.
///
/// ```
/// assert_eq!(hotpath::format_percentile_key(99.9), "p99.9");
/// ```
#[must_use]
pub fn format_percentile_key(percentile: f64) -> String {
    format!("p{percentile}")
}

/// The column header of a percentile.
///
/// ```
/// assert_eq!(hotpath::format_percentile_header(95.0), "P95");
/// ```
#[must_use]
pub fn format_percentile_header(percentile: f64) -> String {
    format!("P{percentile}")
}

/// The last two segments of a function's path, as tables show it. Labels without `::` stay as they are.
///
/// ```
/// assert_eq!(hotpath::shorten_function_name("app::db::pool::get"), "pool::get");
/// ```
#[must_use]
pub fn shorten_function_name(name: &str) -> String {
    units::shorten_function_name(name, NAME_DEPTH)
}

/// The largest character boundary of `text` that is not above `index` (bytes).
///
/// ```
/// assert_eq!(hotpath::floor_char_boundary("aé", 2), 1);
/// ```
#[must_use]
pub fn floor_char_boundary(text: &str, index: usize) -> usize {
    units::floor_char_boundary(text, index)
}

/// The smallest character boundary of `text` that is not below `index` (bytes).
///
/// ```
/// assert_eq!(hotpath::ceil_char_boundary("aé", 2), 3);
/// ```
#[must_use]
pub fn ceil_char_boundary(text: &str, index: usize) -> usize {
    units::ceil_char_boundary(text, index)
}

/// The `Debug` form of a value, at most 1,536 bytes of it, then `...` if something was cut.
///
/// ```
/// assert_eq!(hotpath::format_debug_truncated(&[1, 2, 3]), "[1, 2, 3]");
/// ```
#[must_use]
pub fn format_debug_truncated(value: &impl Debug) -> String {
    units::format_debug_truncated(value, MAX_LOG_LEN)
}

/// Returns true if the environment variable `name` is `true`, in any case, or `1`. Reads it anew each time.
///
/// ```
/// assert!(!hotpath::env_flag("MY_PROGRAM_HAS_NO_SUCH_SETTING"));
/// ```
#[must_use]
pub fn env_flag(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"))
}

#[cfg(all(test, feature = "hotpath", not(feature = "hotpath-off")))]
mod tests {
    use hotpath_report::units as on;
    use proptest::prelude::*;

    use crate::off_units as off;

    /// Numbers of every size, those that are rounded up to the next unit among them.
    fn numbers() -> impl Strategy<Value = u64> {
        let near = (0..64_u32, 0..3_u64).prop_map(|(bits, off)| (1 << bits).max(off + 1) - 1 + off);
        let decimal = (0..20_u32, 0..20_u64).prop_map(|(zeros, off)| 10_u64.pow(zeros).saturating_sub(off));
        prop_oneof![any::<u64>(), near, decimal, 0..5_000_000_u64]
    }

    proptest! {
        #[test]
        fn numbers_are_written_alike(number in numbers()) {
            prop_assert_eq!(off::format_duration(number), on::format_duration(number));
            prop_assert_eq!(off::format_bytes(number), on::format_bytes(number));
            prop_assert_eq!(off::format_count(number), on::format_count(number));
            let rate = number as f64 / 1000.0;
            prop_assert_eq!(off::format_rate(rate), on::format_rate(rate));
        }

        #[test]
        fn and_read_alike(text in "[0-9.,]{0,21} ?(ns|us|µs|ms|s|B|KB|MB|GB|TB|x)?") {
            prop_assert_eq!(off::parse_duration(&text), on::parse_duration(&text));
            prop_assert_eq!(off::parse_bytes(&text), on::parse_bytes(&text));
            prop_assert_eq!(off::parse_count(&text), on::parse_count(&text));
        }

        #[test]
        fn names_and_texts_are_cut_alike(name in "[ab:<>()é -]{0,24}( \\(a\\.rs:1\\))?", at in 0..30_usize) {
            prop_assert_eq!(off::shorten_function_name(&name, 2), on::shorten_function_name(&name, 2));
            prop_assert_eq!(off::floor_char_boundary(&name, at), on::floor_char_boundary(&name, at));
            prop_assert_eq!(off::ceil_char_boundary(&name, at), on::ceil_char_boundary(&name, at));
            prop_assert_eq!(off::format_debug_truncated(&name, at), on::format_debug_truncated(&name, at));
        }
    }

    #[test]
    fn programs_get_the_formats_of_reports() {
        assert_eq!(crate::format_percentile_key(99.9), on::format_percentile_key(99.9));
        assert_eq!(crate::format_percentile_header(99.9), on::format_percentile_header(99.9));
        assert_eq!(crate::shorten_function_name("a::b::c"), on::shorten_function_name("a::b::c", 2));
    }
}
