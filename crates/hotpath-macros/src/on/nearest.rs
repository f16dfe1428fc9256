//! The name that the user may have meant.

/// The known name with the fewest letters changed, if few enough to be a slip.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let (distance, best) = known.iter().map(|known| (distance(name, known), *known)).min()?;
    (distance <= name.len().div_ceil(3).min(3)).then_some(best)
}

/// "a, b, c", each in backticks.
pub fn list(known: &[&str]) -> String {
    known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// " (did you mean `x`?)", or nothing.
pub fn hint(name: &str, known: &[&str]) -> String {
    nearest(name, known).map_or_else(String::new, |best| format!(" (did you mean `{best}`?)"))
}

/// Levenshtein distance, one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name() {
        let known = ["label", "log", "impl_type", "future"];
        assert_eq!(nearest("lable", &known), Some("label"));
        assert_eq!(nearest("futures", &known), Some("future"));
        assert_eq!(nearest("impl_typ", &known), Some("impl_type"));
    }

    #[test]
    fn another_word_finds_nothing() {
        assert_eq!(nearest("percentiles", &["label", "log"]), None);
        assert_eq!(nearest("x", &[]), None);
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
