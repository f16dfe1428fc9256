//! Base64, in which paths of 0.7 and 0.9 have names: in either alphabet, padded or not.

/// Decodes a text; `None` if it is not base64 of UTF-8.
pub(crate) fn decode(coded: &str) -> Option<String> {
    let digits: Vec<u32> = coded.trim_end_matches('=').bytes().map(digit).collect::<Option<_>>()?;
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    for group in digits.chunks(4) {
        if group.len() == 1 {
            return None; // six bits are no byte
        }
        let bits = group.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - group.len()));
        bytes.extend(&bits.to_be_bytes()[1..group.len()]);
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

fn digit(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn known_texts() {
        let text = |coded| decode(coded).unwrap_or_default();
        assert_eq!([text("YQ=="), text("YQ"), text("YWI="), text("YWJj")], ["a", "a", "ab", "abc"]);
        assert_eq!(text("YXBwOjpsb2Fk"), "app::load");
        assert_eq!((text("w7/Dvw=="), text("w7_Dvw")), ("ÿÿ".to_owned(), "ÿÿ".to_owned()));
        for wrong in ["", "=", "Y", "YWJjZ", "a b", "//8=", "\u{e9}"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
