//! An age as people write it: `90d`, `12h`, `6w`, `1y`.

/// Seconds, by the letter behind the number.
const UNITS: [(char, i64); 5] =
    [('m', 60), ('h', 3_600), ('d', 86_400), ('w', 7 * 86_400), ('y', 365 * 86_400)];

/// The seconds of an age.
///
/// # Errors
///
/// Says what was expected, if the text is no age.
pub(crate) fn seconds(text: &str) -> Result<i64, String> {
    let wrong = || "expected a number with m, h, d, w or y, such as 90d".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let (_, scale) = UNITS.into_iter().find(|(letter, _)| *letter == unit).ok_or_else(wrong)?;
    let number: u32 = text.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    Ok(i64::from(number).saturating_mul(scale))
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn ages_are_seconds() {
        for (text, wanted) in
            [("90d", 7_776_000), ("0m", 0), ("12h", 43_200), ("2w", 1_209_600), ("1y", 31_536_000)]
        {
            assert_eq!(seconds(text), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "d", "90", "-1d", "1.5d", "90 d", "9x", "é"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
