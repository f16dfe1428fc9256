//! Sizes and differences of sizes: bytes to `"1.5 MB"` (steps of 1024) and back.

use super::{rounded_steps, scale_decimal, split_unit};

const UNITS: [(&str, u64); 4] = [("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("TB", 1 << 40)];

/// Formats bytes as `N B`, `x.x KB`, `x.x MB`, `x.x GB` or `x.x TB`.
///
/// ```
/// use hotpath_report::units::format_bytes;
/// assert_eq!(format_bytes(1_023), "1023 B");
/// assert_eq!(format_bytes(1_536), "1.5 KB");
/// assert_eq!(format_bytes((1 << 20) - 1), "1.0 MB");
/// ```
pub fn format_bytes(bytes: u64) -> String {
    if bytes < 1_024 {
        return format!("{bytes} B");
    }
    let mut last = String::new();
    for (name, scale) in UNITS {
        let tenths = rounded_steps(bytes, scale, 10);
        last = format!("{}.{} {name}", tenths / 10, tenths % 10);
        if tenths < 10_240 {
            break;
        }
    }
    last
}

/// Reads what [`format_bytes`] writes, with or without the blank, and returns bytes.
///
/// ```
/// use hotpath_report::units::parse_bytes;
/// assert_eq!(parse_bytes("1.5 KB"), Some(1_536));
/// assert_eq!(parse_bytes("200B"), Some(200));
/// assert_eq!(parse_bytes("1.5"), None);
/// ```
pub fn parse_bytes(text: &str) -> Option<u64> {
    let (number, unit) = split_unit(text);
    let scale = match unit {
        "B" => 1,
        _ => UNITS.iter().find(|(name, _)| *name == unit)?.1,
    };
    scale_decimal(number, scale)
}

/// Formats a difference of sizes: as [`format_bytes`], with a minus sign when it is negative.
///
/// ```
/// use hotpath_report::units::format_bytes_difference;
/// assert_eq!(format_bytes_difference(-1_536), "-1.5 KB");
/// assert_eq!(format_bytes_difference(200), "200 B");
/// ```
pub fn format_bytes_difference(bytes: i64) -> String {
    let sign = if bytes < 0 { "-" } else { "" };
    format!("{sign}{}", format_bytes(bytes.unsigned_abs()))
}

/// Reads what [`format_bytes_difference`] writes; what exceeds `i64` is held at its ends.
///
/// ```
/// use hotpath_report::units::parse_bytes_difference;
/// assert_eq!(parse_bytes_difference("-1.5 KB"), Some(-1_536));
/// assert_eq!(parse_bytes_difference("200 B"), Some(200));
/// assert_eq!(parse_bytes_difference("--1 B"), None);
/// ```
pub fn parse_bytes_difference(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.strip_prefix('-') {
        Some(size) => Some(0i64.saturating_sub_unsigned(parse_bytes(size)?)),
        None => Some(0i64.saturating_add_unsigned(parse_bytes(text)?)),
    }
}
