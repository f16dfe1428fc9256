//! The formats of numbers and names in reports, where the report crate is not built. A test compares the two.

use std::fmt::{self, Write};

const DURATIONS: [(&str, u64); 3] = [("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)];
const SIZES: [(&str, u64); 4] = [("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("TB", 1 << 40)];

pub(crate) fn format_duration(ns: u64) -> String {
    if ns < 1_000 { format!("{ns} ns") } else { in_units(ns, &DURATIONS, 2, 1_000) }
}

pub(crate) fn parse_duration(text: &str) -> Option<u64> {
    let (number, unit) = split_unit(text);
    let scale = match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        _ => return None,
    };
    scaled(number, scale)
}

pub(crate) fn format_bytes(bytes: u64) -> String {
    if bytes < 1_024 { format!("{bytes} B") } else { in_units(bytes, &SIZES, 1, 1_024) }
}

pub(crate) fn parse_bytes(text: &str) -> Option<u64> {
    let (number, unit) = split_unit(text);
    let scale = if unit == "B" { 1 } else { SIZES.iter().find(|(name, _)| *name == unit)?.1 };
    scaled(number, scale)
}

/// Formats in the first unit of which it is less than `next`, or the last one.
fn in_units(value: u64, units: &[(&str, u64)], decimals: u32, next: u64) -> String {
    let steps = 10_u64.pow(decimals);
    let mut text = String::new();
    for (name, scale) in units {
        let rounded = (u128::from(value) * u128::from(steps) + u128::from(scale / 2)) / u128::from(*scale);
        let (whole, rest) = (rounded / u128::from(steps), rounded % u128::from(steps));
        text = format!("{whole}.{rest:0width$} {name}", width = decimals as usize);
        if whole < u128::from(next) {
            break;
        }
    }
    text
}

fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim_start())
}

/// Rounded to the nearest integer, held at `u64::MAX`; exact where floats are not.
fn scaled(number: &str, scale: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let fraction = &fraction[..fraction.len().min(18)]; // more decimals change nothing
    let divisor = 10_u128.pow(fraction.len() as u32);
    let number = |text: &str| if text.is_empty() { 0 } else { text.parse().unwrap_or(u64::MAX) };
    let (whole, part) = (u128::from(number(whole)), u128::from(number(fraction)));
    let value = whole * u128::from(scale) + (part * u128::from(scale) + divisor / 2) / divisor;
    Some(u64::try_from(value).unwrap_or(u64::MAX))
}

pub(crate) fn format_count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(crate) fn parse_count(text: &str) -> Option<u64> {
    let digits: String = text.trim().chars().filter(|c| *c != ',').collect();
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

pub(crate) fn format_rate(per_second: f64) -> String {
    let rounded = (per_second * 100.0).round() / 100.0;
    if rounded < 1_000.0 || !rounded.is_finite() {
        format!("{rounded:.2}/s")
    } else {
        format!("{}/s", format_count(per_second.round() as u64))
    }
}

pub(crate) fn shorten_function_name(name: &str, depth: usize) -> String {
    let cut = if name.ends_with(')') { name.rfind(" (") } else { None };
    let (path, suffix) = name.split_at(cut.unwrap_or(name.len()));
    let bytes = path.as_bytes();
    let (mut starts, mut nesting) = (vec![0], 0_usize);
    for (at, byte) in bytes.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        match byte {
            b'<' | b'(' | b'[' | b'{' => nesting += 1,
            b'>' if before == Some(b'-') => {} // the arrow of `fn(A) -> B`
            b'>' | b')' | b']' | b'}' => nesting = nesting.saturating_sub(1),
            b':' if nesting == 0 && before == Some(b':') => starts.push(at + 1),
            _ => {}
        }
    }
    format!("{}{suffix}", &path[starts[starts.len().saturating_sub(depth)]..])
}

pub(crate) fn floor_char_boundary(text: &str, index: usize) -> usize {
    (0..=index.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

pub(crate) fn ceil_char_boundary(text: &str, index: usize) -> usize {
    (index..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

pub(crate) fn format_debug_truncated(value: &impl fmt::Debug, max_len: usize) -> String {
    let mut room = Bounded { text: String::new(), max_len, is_cut: false };
    let failed = write!(room, "{value:?}").is_err();
    if failed || room.is_cut {
        room.text.push_str("...");
    }
    room.text
}

/// A text that stops growing at `max_len` bytes.
struct Bounded {
    text: String,
    max_len: usize,
    is_cut: bool,
}

impl Write for Bounded {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let end = floor_char_boundary(part, self.max_len.saturating_sub(self.text.len()));
        self.text.push_str(&part[..end]);
        self.is_cut |= end < part.len();
        if self.is_cut { Err(fmt::Error) } else { Ok(()) }
    }
}
