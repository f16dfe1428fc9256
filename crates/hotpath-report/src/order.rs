//! The order of the values that identify rows, and sorting.
//!
//! Lines of a file stand in the order of their numbers: `main.rs:9` before `main.rs:10`.

use crate::value::Value;
use std::cmp::Ordering;

/// Sorts `items`, as [`slice::sort_by`] does. That is compiled anew for every type and order, about a thousand lines of machine code in
/// each program; this once.
pub fn sort_by<T>(items: &mut [T], order: impl Fn(&T, &T) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    let from = sorted_indices(items.len(), &|a, b| order(&items[a], &items[b]));
    rearrange(from, &mut |a, b| items.swap(a, b));
}

/// Returns the indices of `len` items in their order; those of equal items stay as they are.
pub(crate) fn sorted_indices(len: usize, order: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..len).collect();
    indices.sort_by(|&a, &b| order(a, b));
    indices
}

/// Brings the item `from[i]` to the place `i` for all i, by swaps along each cycle.
fn rearrange(mut from: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..from.len() {
        let mut at = start;
        loop {
            let next = std::mem::replace(&mut from[at], at);
            if next == start || next == at {
                break;
            }
            swap(at, next);
            at = next;
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(keys in proptest::collection::vec(0u8..20, 0..200)) {
            let mut items: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| std::cmp::Reverse(item.0));
            sort_by(&mut items, |a, b| b.0.cmp(&a.0));
            prop_assert_eq!(items, expected);
        }
    }
}
