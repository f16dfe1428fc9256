//! The text of the comment and of the job summary, within GitHub's limits.

use std::fmt::Write;

use anyhow::Result;
use hotpath_analysis::compare::{self, Comparison, code};

/// The limit of a comment: 65,536 characters. Counted in UTF-16 units, of which there are never fewer.
pub(super) const COMMENT: usize = 65_536;
/// The limit of a job summary: a megabyte.
pub(super) const SUMMARY: usize = 1_000_000;

/// The heading above the comparison.
#[derive(Clone, Debug)]
pub(super) struct Heading<'a> {
    pub(super) benchmark: &'a str,
    /// Base and head of the pull request.
    pub(super) refs: Option<(String, String)>,
    /// The commit that was measured.
    pub(super) sha: Option<&'a str>,
}

/// Returns the whole text, without the marker.
pub(super) fn text(heading: &Heading<'_>, comparison: &Comparison) -> Result<String> {
    let mut text = format!("### hotpath: {}\n\n", heading.benchmark);
    let refs = heading.refs.as_ref().map(|(base, head)| format!("{} ← {}", code(base), code(head)));
    let sha = heading.sha.map(|sha| format!("at {}", code(sha.get(..12).unwrap_or(sha))));
    if refs.is_some() || sha.is_some() {
        _ = write!(text, "{}\n\n", refs.into_iter().chain(sha).collect::<Vec<_>>().join(" "));
    }
    compare::markdown(comparison, &mut text)?;
    Ok(text)
}

/// Truncates a text that is longer than `room` at the end of a line, with a note.
pub(super) fn fitting(text: &str, room: usize) -> String {
    let size = |text: &str| text.encode_utf16().count();
    if size(text) <= room {
        return text.to_owned();
    }
    // Room for the note and the closing tags.
    let room = room.saturating_sub(300);
    let (mut kept, mut used, mut open, mut lines) = (String::new(), 0, 0_usize, text.lines());
    for line in lines.by_ref() {
        used += size(line) + 1;
        if used > room {
            break;
        }
        open += line.matches("<details>").count();
        open = open.saturating_sub(line.matches("</details>").count());
        kept.push_str(line);
        kept.push('\n');
    }
    let left_out = lines.count() + 1;
    kept.push_str(&"\n</details>\n".repeat(open.min(8)));
    _ = write!(
        kept,
        "\n> {left_out} lines did not fit. Run `hotpath compare` on the reports of the job's artifact to see all of them.\n"
    );
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_is_truncated_with_a_note() {
        let line = "| ä | 𝄞 | 3 |\n";
        let long = format!("top\n<details><summary>rows</summary>\n{}</details>\n", line.repeat(8_000));
        assert_eq!(fitting(line, line.encode_utf16().count()), line);
        let cut = fitting(&long, COMMENT);
        assert!(cut.encode_utf16().count() <= COMMENT);
        assert!(cut.chars().count() > COMMENT / 2, "most of it is used");
        assert_eq!(cut.matches("<details>").count(), cut.matches("</details>").count());
        let whole = cut.lines().filter(|cut| line.trim_end() == *cut).count();
        assert!(
            cut.contains(&format!("> {} lines did not fit", 8_000 + 1 - whole)),
            "{}",
            &cut[cut.len() - 300..]
        );
    }

    #[test]
    fn a_single_line_that_is_too_long_is_left_out() {
        let cut = fitting(&"x".repeat(COMMENT + 1), COMMENT);
        assert!(cut.contains("1 lines did not fit"), "{cut}");
    }
}
