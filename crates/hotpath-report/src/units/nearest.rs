//! The nearest known name to a misspelt one.

/// Names longer than this many bytes are not compared: the work grows with both lengths, and nobody mistypes so long a name.
const LONGEST: usize = 300;

/// The known name that `text` was probably meant to be; `None` if none is near.
///
/// ```
/// use hotpath_report::units::nearest;
/// assert_eq!(nearest("chanels", ["channels", "streams"]), Some("channels"));
/// assert_eq!(nearest("weather", ["channels", "streams"]), None);
/// ```
pub fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known = known.into_iter().filter(|name| text.len().max(name.len()) <= LONGEST);
    let near = known.map(|name| (distance(text, name), name));
    near.filter(|(distance, name)| *distance * 3 <= name.len().max(text.len())).min().map(|(_, name)| name)
}

/// Number of characters to insert, remove or replace (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.chars().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.chars().count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["HOTPATH_FOCUS", "HOTPATH_LIMIT", "HOTPATH_OUTPUT_FORMAT"];
        assert_eq!(nearest("HOTPATH_FOCSU", known), Some("HOTPATH_FOCUS"));
        assert_eq!(nearest("HOTPATH_OUTPUT_FORMT", known), Some("HOTPATH_OUTPUT_FORMAT"));
        assert_eq!(nearest("SOMETHING_ELSE", known), None);
    }
}
