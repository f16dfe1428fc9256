//! A comparison as Markdown for a comment on GitHub: the outcome in one line, what changed in a table, the rest folded.

use super::comparison::{Change, ComparedRow, Comparison, Outcome, Presence};
use super::text;
use hotpath_report::render::is_printable;
use std::fmt::{self, Write};

/// Rows of one table; a comment has room for 65,536 characters, and nobody reads the hundredth row.
const MAX_ROWS: usize = 50;

/// Writes a comparison as Markdown. Names are escaped: no row can end a cell or begin a tag.
pub fn markdown(comparison: &Comparison, out: &mut dyn Write) -> fmt::Result {
    writeln!(out, "**{} {}**\n", sign(comparison.outcome()), escaped(&text::summary(comparison)))?;
    let (base, head) = (&comparison.base, &comparison.head);
    let runs = (text::duration(base), text::duration(head));
    writeln!(
        out,
        "base: {} ({}), head: {} ({})\n",
        escaped(&text::side(base)),
        runs.0,
        escaped(&text::side(head)),
        runs.1
    )?;
    let changed =
        [Outcome::Regression, Outcome::Improvement].map(|outcome| text::with(comparison, outcome)).concat();
    write_rows(&changed, comparison, out)?;
    write_lone(comparison, out)?;
    for (words, outcome) in
        [("inconclusive", Outcome::Inconclusive), ("without regression", Outcome::NoRegression)]
    {
        let rows = text::with(comparison, outcome);
        if !rows.is_empty() {
            writeln!(out, "<details><summary>{} {words}</summary>\n", rows.len())?;
            write_rows(&rows, comparison, out)?;
            writeln!(out, "</details>\n")?;
        }
    }
    write_changes("counts differ", &text::reported_counts(comparison), out)?;
    write_changes("not judged", &text::unjudged(comparison), out)?;
    for note in &comparison.notes {
        writeln!(out, "> {}\n", escaped(note))?;
    }
    Ok(())
}

fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Regression => "\u{1f534}",
        Outcome::Improvement => "\u{1f7e2}",
        Outcome::NoRegression => "\u{2705}",
        Outcome::Inconclusive => "\u{26aa}",
    }
}

fn write_rows(rows: &[&ComparedRow], comparison: &Comparison, out: &mut dyn Write) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    let confidence = comparison.confidence * 100.0;
    writeln!(out, "| | Name | Metric | Base | Head | Change | {confidence} % CI | % of run |")?;
    writeln!(out, "|---|---|---|---:|---:|---:|---:|---:|")?;
    for row in rows.iter().take(MAX_ROWS) {
        for (i, (metric, change)) in text::main_changes(row).into_iter().enumerate() {
            write_line(row, &metric, change, i == 0, out)?;
        }
    }
    match rows.len().saturating_sub(MAX_ROWS) {
        0 => writeln!(out),
        more => writeln!(out, "\nand {more} more\n"),
    }
}

fn write_line(
    row: &ComparedRow,
    metric: &str,
    change: &Change,
    is_first: bool,
    out: &mut dyn Write,
) -> fmt::Result {
    let name = if is_first { name(row) } else { String::new() };
    let share = if is_first { text::share(row) } else { String::new() };
    writeln!(
        out,
        "| {} {} | {name} | {metric} | {} | {} | {} | {} | {share} |",
        sign(if change.over_budget.is_some() { Outcome::Regression } else { change.outcome }),
        change.words(),
        text::base(change),
        text::number(change.head, change.unit),
        text::change(change),
        text::interval(change),
    )
}

fn write_lone(comparison: &Comparison, out: &mut dyn Write) -> fmt::Result {
    for (word, presence) in [("added", Presence::Added), ("removed", Presence::Removed)] {
        let rows = comparison.rows.iter().filter(|row| row.presence == presence);
        // A function is a row of each section that has it.
        let mut names: Vec<String> = Vec::new();
        for name in rows.map(name) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if !names.is_empty() {
            let shown = names.iter().take(MAX_ROWS).cloned().collect::<Vec<_>>().join(", ");
            let more = names.len().saturating_sub(MAX_ROWS);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            writeln!(out, "{word}: {shown}{more}\n")?;
        }
    }
    Ok(())
}

/// Changes without an outcome.
fn write_changes(words: &str, changes: &[(&ComparedRow, &Change)], out: &mut dyn Write) -> fmt::Result {
    if changes.is_empty() {
        return Ok(());
    }
    writeln!(out, "<details><summary>{} {words}</summary>\n", changes.len())?;
    writeln!(out, "| Name | Metric | Base | Head | Change |")?;
    writeln!(out, "|---|---|---:|---:|---:|")?;
    for (row, change) in changes.iter().take(MAX_ROWS) {
        let (base, head) = (text::base(change), text::number(change.head, change.unit));
        writeln!(out, "| {} | {} | {base} | {head} | {} |", name(row), change.metric, text::change(change))?;
    }
    match changes.len().saturating_sub(MAX_ROWS) {
        0 => writeln!(out, "\n</details>\n"),
        more => writeln!(out, "\nand {more} more\n\n</details>\n"),
    }
}

/// The name of a row, or both of one that was renamed, and what it is, unless a function.
fn name(row: &ComparedRow) -> String {
    let name = text::names(row, 2).iter().map(|name| code(name)).collect::<Vec<_>>().join(text::RENAMED);
    if row.resource == "functions" { name } else { format!("{} {name}", row.title) }
}

/// Returns a name as code, in which GitHub recognises nothing: no mention of a user, no issue, no address. It cannot end the code, a cell
/// of a table or the line, so there are no backticks in it, and broken bars for bars.
///
/// ```
/// assert_eq!(hotpath_analysis::compare::code("a|`b` @everyone"), "`a\u{a6}\u{fffd}b\u{fffd} @everyone`");
/// ```
pub fn code(name: &str) -> String {
    let plain = |c: char| match c {
        '|' => '\u{a6}',
        '`' => '\u{fffd}',
        c if !is_printable(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    let name: String = name.chars().map(plain).collect();
    // An empty one would be no code.
    if name.trim().is_empty() { "`-`".to_owned() } else { format!("`{name}`") }
}

/// Escapes text for Markdown, HTML and GitHub. GitHub looks for users and issues when the Markdown is read, and
/// a blank without width keeps it from finding them.
fn escaped(text: &str) -> String {
    const NO_WIDTH: &str = "&#8203;";
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '@' | '#' => {
                escaped.push(c);
                escaped.push_str(NO_WIDTH);
            }
            // Of an address.
            '/' if escaped.ends_with(':') => {
                escaped.push_str(NO_WIDTH);
                escaped.push(c);
            }
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c if !is_printable(c) => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}
