//! Cutting text without cutting a character.

use std::fmt::{self, Write};

/// The largest character boundary of `text` that is not above `index` (bytes).
///
/// ```
/// assert_eq!(hotpath_report::units::floor_char_boundary("aé", 2), 1);
/// ```
pub fn floor_char_boundary(text: &str, index: usize) -> usize {
    if index >= text.len() {
        return text.len();
    }
    (0..=index).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

/// The smallest character boundary of `text` that is not below `index` (bytes).
///
/// ```
/// assert_eq!(hotpath_report::units::ceil_char_boundary("aé", 2), 3);
/// ```
pub fn ceil_char_boundary(text: &str, index: usize) -> usize {
    (index..text.len()).find(|&i| text.is_char_boundary(i)).unwrap_or(text.len())
}

/// The `Debug` form of a value, at most `max_len` bytes of it, then `...` if something was cut.
///
/// Formatting stops as soon as the room is full, so a huge value costs no more than a small one.
///
/// ```
/// use hotpath_report::units::format_debug_truncated;
/// assert_eq!(format_debug_truncated(&[1, 2, 3], 100), "[1, 2, 3]");
/// assert_eq!(format_debug_truncated(&[1, 2, 3], 4), "[1, ...");
/// ```
pub fn format_debug_truncated(value: &(impl fmt::Debug + ?Sized), max_len: usize) -> String {
    let mut text = String::new();
    write_debug_truncated(value, max_len, &mut text);
    text
}

/// Writes like [`format_debug_truncated`] into an existing string: replaces its content and reuses its memory.
///
/// ```
/// use hotpath_report::units::write_debug_truncated;
/// let mut text = String::from("old");
/// write_debug_truncated(&"new", 100, &mut text);
/// assert_eq!(text, "\"new\"");
/// ```
pub fn write_debug_truncated(value: &(impl fmt::Debug + ?Sized), max_len: usize, text: &mut String) {
    text.clear();
    let mut room = Bounded { text, max_len, cut: false };
    // An error is either our own "full" or the value's; both leave what was written so far.
    let failed = write!(room, "{value:?}").is_err();
    if failed || room.cut {
        room.text.push_str("...");
    }
}

/// A string that refuses to grow past `max_len` bytes.
struct Bounded<'a> {
    text: &'a mut String,
    max_len: usize,
    cut: bool,
}

impl Write for Bounded<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let left = self.max_len.saturating_sub(self.text.len());
        let end = floor_char_boundary(part, left);
        self.text.push_str(&part[..end]);
        self.cut |= end < part.len();
        if self.cut { Err(fmt::Error) } else { Ok(()) }
    }
}
