//! Answers as text.

use hotpath_report::render::is_printable;
use serde_json::Value;
use std::fmt::Write;

/// Formats an answer as JSON in which invisible and bidirectional characters are escaped, so that a name of the program cannot be
/// mistaken for another one, neither by an agent nor by a person.
pub(crate) fn visible_json(answer: &Value) -> String {
    let json = answer.to_string();
    if json.chars().all(is_printable) {
        return json;
    }
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if is_printable(c) {
            text.push(c);
        } else {
            // Such characters occur only in strings, because the JSON is on one line.
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _a_string_takes_it = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::visible_json;
    use serde_json::{Value, json};

    #[test]
    fn the_text_is_equivalent_and_hides_nothing() {
        let answer =
            json!({ "na\u{202e}me": ["a\u{2066}b\u{200b}\u{7f}", "\n\"\\", "größe \u{e0041}", 1.5] });
        let text = visible_json(&answer);
        assert!(text.chars().all(hotpath_report::render::is_printable), "{text}");
        assert!(text.contains("na\\u202eme") && text.contains("\\udb40\\udc41"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("valid JSON"), answer);
    }
}
