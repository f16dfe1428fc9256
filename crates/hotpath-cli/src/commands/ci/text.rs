//! The text of the comment and of the summary, no longer than GitHub takes.

use std::fmt::Write;

use anyhow::Result;
use hotpath_analysis::compare::{self, Comparison, code};

/// A comment may have 65,536 characters. Counted as UTF-16 units, of which there are never fewer.
pub(super) const COMMENT: usize = 65_536;
/// The summary of a step may have a megabyte.
pub(super) const SUMMARY: usize = 1_000_000;

/// What is said above the comparison.
#[derive(Clone, Debug)]
pub(super) struct Head<'a> {
    pub(super) benchmark: &'a str,
    /// Base and head of the pull request.
    pub(super) refs: Option<(String, String)>,
    /// The commit that was measured.
    pub(super) sha: Option<&'a str>,
}

/// The whole text, without the mark.
pub(super) fn text(head: &Head<'_>, comparison: &Comparison) -> Result<String> {
    let mut text = format!("### hotpath: {}\n\n", head.benchmark);
    let refs = head.refs.as_ref().map(|(base, head)| format!("{} ← {}", code(base), code(head)));
    let sha = head.sha.map(|sha| format!("at {}", code(sha.get(..12).unwrap_or(sha))));
    if refs.is_some() || sha.is_some() {
        _ = write!(text, "{}\n\n", refs.into_iter().chain(sha).collect::<Vec<_>>().join(" "));
    }
    compare::markdown(comparison, &mut text)?;
    Ok(text)
}

/// The text, cut at the end of a line if it is longer than `room`, with a note.
pub(super) fn fitting(text: &str, room: usize) -> String {
    let size = |text: &str| text.encode_utf16().count();
    if size(text) <= room {
        return text.to_owned();
    }
    // For the note, and for what has to be closed.
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
        "\n> {left_out} lines did not fit in here. `hotpath compare` on the reports of the job's artifact prints all.\n"
    );
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_and_what_does_not_says_so() {
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
    fn one_line_that_is_too_long_is_left_out() {
        let cut = fitting(&"x".repeat(COMMENT + 1), COMMENT);
        assert!(cut.contains("1 lines did not fit"), "{cut}");
    }
}
