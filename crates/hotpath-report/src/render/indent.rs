//! JSON on one line, spread over several.
//!
//! On the text, and not with a formatter of its own below the serializers: all of them would be compiled a second time for it.

use std::fmt::{self, Write};

/// Writes the JSON `line`, which has no spaces between its tokens, with each entry on a line of its own, indented by two spaces per level.
pub(super) fn indented(line: &str, out: &mut dyn Write) -> fmt::Result {
    let bytes = line.as_bytes();
    // What is written so far, and the depth there.
    let (mut from, mut depth) = (0, 0);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = end_of_string(bytes, at),
            b'{' | b'[' if matches!(bytes.get(at + 1), Some(b'}' | b']')) => at += 1,
            b'{' | b'[' | b',' => {
                depth += usize::from(byte != b',');
                out.write_str(&line[from..=at])?;
                new_line(depth, out)?;
                from = at + 1;
            }
            b'}' | b']' => {
                depth -= 1;
                out.write_str(&line[from..at])?;
                new_line(depth, out)?;
                from = at;
            }
            b':' => {
                out.write_str(&line[from..=at])?;
                out.write_char(' ')?;
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    out.write_str(&line[from..])
}

/// Returns the position of the quote that ends the string that begins at `start`.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

fn new_line(depth: usize, out: &mut dyn Write) -> fmt::Result {
    write!(out, "\n{:width$}", "", width = 2 * depth)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<u64>().prop_map(Value::from),
            "[a-z\"\\\\\n{}\\[\\]:, \u{e9}]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::hash_map("[a-z\"\\\\:,{]{0,4}", inner, 0..5).prop_map(Value::from_iter),
            ]
        })
    }

    proptest! {
        #[test]
        fn is_what_serde_json_indents(value in json()) {
            let mut text = String::new();
            super::indented(&value.to_string(), &mut text).expect("a string takes everything");
            prop_assert_eq!(text, serde_json::to_string_pretty(&value).expect("JSON"));
        }
    }
}
