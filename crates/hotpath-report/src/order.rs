//! The order of the values that identify rows.
//!
//! Lines of a file stand in the order of their numbers: `main.rs:9` before `main.rs:10`.

use crate::value::Value;
use std::cmp::Ordering;

impl Value {
    /// Orders the values that identify rows; an unknown one comes first.
    pub fn order(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => compare_texts(a, b),
            (Value::Place(a), Value::Place(b)) => a.cmp(b),
            (Value::Flag(a), Value::Flag(b)) => a.cmp(b),
            _ => self.known().cmp(&other.known()),
        }
    }

    fn known(&self) -> (bool, Option<u64>) {
        (!self.is_nothing(), self.number())
    }
}

/// As people sort: line 9 of a file stands before line 10. Texts that differ are never the same.
fn compare_texts(a: &str, b: &str) -> Ordering {
    let mut parts = (parts(a), parts(b));
    loop {
        match (parts.0.next(), parts.1.next()) {
            (None, None) => return a.cmp(b), // they may differ in leading zeros
            (a, b) if a == b => {}
            (a, b) => return a.cmp(&b),
        }
    }
}

/// Numbers, as their length without leading zeros and their digits, and what stands between them.
fn parts(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let is_number = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        rest = after;
        let digits = part.trim_start_matches('0');
        Some(if is_number { (digits.len(), digits) } else { (usize::MAX, part) })
    })
}
