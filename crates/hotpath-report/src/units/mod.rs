//! Units: numbers as text, and back.
//!
//! Every formatted string of a table or a report is made here, and every one of them can be read back here. What must
//! stay true: `format(parse(format(x))) == format(x)` for every value, `u64::MAX` included, and nothing panics.

mod bytes;
mod count;
mod duration;
mod names;
mod nearest;
mod text;

pub use bytes::{format_bytes, format_signed_bytes, parse_bytes, parse_signed_bytes};
pub use count::{
    format_count, format_float, format_load, format_percent, format_rate, parse_count, parse_load,
    parse_percent, round4, write_float,
};
pub use duration::{format_duration, parse_duration};
pub use names::{
    format_percentile_header, format_percentile_key, parse_percentile_key, shorten_function_name,
};
pub use nearest::nearest;
pub use text::{ceil_char_boundary, floor_char_boundary, format_debug_truncated, write_debug_truncated};

/// Splits `"1.5 ms"` or `"1.5ms"` into its number and its unit.
fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim_start())
}

/// `number * scale`, rounded to the nearest integer and held at `u64::MAX`; exact where floats are not.
fn scale_decimal(number: &str, scale: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
        return None;
    }
    // More than 18 decimals cannot change the rounded result of any unit used here.
    let fraction = &fraction[..fraction.len().min(18)];
    let divisor = 10u128.pow(fraction.len() as u32);
    let whole: u128 =
        if whole.is_empty() { 0 } else { whole.parse::<u64>().map_or(u128::from(u64::MAX), u128::from) };
    let part: u128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let scale = u128::from(scale);
    let value = whole * scale + (part * scale + divisor / 2) / divisor;
    Some(u64::try_from(value).unwrap_or(u64::MAX))
}

/// `value / unit` in steps of `1 / steps`, rounded to nearest: `(1_160_000, 1_000_000, 100)` is `116`.
fn rounded_steps(value: u64, unit: u64, steps: u64) -> u128 {
    let (value, unit, steps) = (u128::from(value), u128::from(unit), u128::from(steps));
    (value * steps + unit / 2) / unit
}
