//! Answers as text.

use hotpath_report::render::is_printable;
use serde_json::Value;
use std::fmt::Write;

/// An answer as JSON that says the same, with an escape for each character that is not seen or turns the direction of text: what a
/// program called something cannot pass for something else, neither before an agent nor before who reads along.
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
            // Such characters stand in texts only: JSON on one line has none between them.
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
    fn the_text_says_the_same_and_hides_nothing() {
        let answer =
            json!({ "na\u{202e}me": ["a\u{2066}b\u{200b}\u{7f}", "\n\"\\", "größe \u{e0041}", 1.5] });
        let text = visible_json(&answer);
        assert!(text.chars().all(hotpath_report::render::is_printable), "{text}");
        assert!(text.contains("na\\u202eme") && text.contains("\\udb40\\udc41"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("it is JSON"), answer);
    }
}
