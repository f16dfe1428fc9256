//! Durations: integer nanoseconds to `"1.16 ms"` and back.

use super::{rounded_steps, scale_decimal, split_unit};

const UNITS: [(&str, u64); 3] = [("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)];

/// Formats nanoseconds as `N ns`, `x.xx µs`, `x.xx ms` or `x.xx s`.
///
/// A value that would round to 1000 of a unit is shown as 1 of the next.
///
/// ```
/// use hotpath_report::units::format_duration;
/// assert_eq!(format_duration(950), "950 ns");
/// assert_eq!(format_duration(1_160_000), "1.16 ms");
/// assert_eq!(format_duration(999_999), "1.00 ms");
/// ```
pub fn format_duration(ns: u64) -> String {
    if ns < 1_000 {
        return format!("{ns} ns");
    }
    let mut last = String::new();
    for (name, scale) in UNITS {
        let hundredths = rounded_steps(ns, scale, 100);
        last = format!("{}.{:02} {name}", hundredths / 100, hundredths % 100);
        if hundredths < 100_000 {
            break;
        }
    }
    last
}

/// Reads what [`format_duration`] writes, with or without the blank, and returns nanoseconds.
///
/// `us` and both Unicode letters for micro are understood; what exceeds `u64` is held at `u64::MAX`.
///
/// ```
/// use hotpath_report::units::parse_duration;
/// assert_eq!(parse_duration("1.16 ms"), Some(1_160_000));
/// assert_eq!(parse_duration("67.04µs"), Some(67_040));
/// assert_eq!(parse_duration("soon"), None);
/// ```
pub fn parse_duration(text: &str) -> Option<u64> {
    let (number, unit) = split_unit(text);
    let scale = match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        _ => return None,
    };
    scale_decimal(number, scale)
}
