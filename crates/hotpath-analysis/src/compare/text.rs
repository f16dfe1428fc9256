//! Words and numbers of a comparison, for every renderer that is for people.

use super::comparison::{Change, ComparedRow, Comparison, Counts, Evidence, Outcome, Presence, Side};
use hotpath_report::{
    MetricFamily, SECTIONS, Unit,
    units::{format_duration, shorten_function_name},
};

/// The whole result in a few words: `slower: 1 regression; 2 faster, 12 not slower, 3 cannot tell`.
pub(super) fn summary(comparison: &Comparison) -> String {
    let counts = comparison.counts();
    let verdict = match comparison.verdict() {
        Outcome::Regression if counts.slower == 1 => "1 regression".to_owned(),
        Outcome::Regression => format!("{} regressions", counts.slower),
        Outcome::Inconclusive if counts == Counts { not_judged: counts.not_judged, ..Counts::default() } => {
            "nothing could be judged".to_owned()
        }
        Outcome::Inconclusive => "no regression seen, but the runs do not tell everything".to_owned(),
        Outcome::Improvement | Outcome::NoRegression => "no regression".to_owned(),
    };
    let parts = [
        (counts.faster, "better"),
        (counts.not_slower, "not worse"),
        (counts.cannot_tell, "cannot tell"),
        (counts.added, "added"),
        (counts.removed, "removed"),
        (counts.not_judged, "not judged"),
    ];
    let parts =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    let rest = parts.collect::<Vec<_>>().join(", ");
    if rest.is_empty() { verdict } else { format!("{verdict}; {rest}") }
}

/// What a side is: `a1b2c3d "nightly", 10 runs`.
pub(super) fn side(side: &Side) -> String {
    let runs = if side.runs == 1 { "1 run".to_owned() } else { format!("{} runs", side.runs) };
    let sha = side.git_sha.as_deref().map(|sha| sha.get(..10).unwrap_or(sha).to_owned());
    let label = side.label.as_ref().map(|label| format!("\"{label}\""));
    let name = [sha, label].into_iter().flatten().collect::<Vec<_>>().join(" ");
    if name.is_empty() { runs } else { format!("{name}, {runs}") }
}

/// How long a run of a side took; reports of 0.7 need not say.
pub(super) fn duration(side: &Side) -> String {
    if side.duration_ns == 0 { "-".to_owned() } else { format_duration(side.duration_ns) }
}

/// A number in its unit.
pub(super) fn number(value: f64, unit: Unit) -> String {
    unit.value(value.round().max(0.0) as u64).to_string()
}

/// The number of the base, if a run of it has one.
pub(super) fn base(change: &Change) -> String {
    if change.runs.0 == 0 { "-".to_owned() } else { number(change.base, change.unit) }
}

/// The change in percent: `+12.3 %`. What came of nothing is no multiple of it.
pub(super) fn change(change: &Change) -> String {
    change.ratio.filter(|_| !is_new(change)).map_or_else(|| "new".to_owned(), percent)
}

fn is_new(change: &Change) -> bool {
    change.base <= 0.0 && change.head > 0.0
}

/// Where the change lies: `+8 % … +17 %`; `-` if there is no interval.
pub(super) fn interval(change: &Change) -> String {
    match (change.evidence, change.interval) {
        (Evidence::Exact, _) => "exact".to_owned(),
        (_, (None, None)) => "-".to_owned(),
        _ if is_new(change) => "-".to_owned(),
        (_, (lower, upper)) => {
            let end = |ratio: Option<f64>| ratio.map_or_else(|| "?".to_owned(), percent);
            format!("{} .. {}", end(lower), end(upper))
        }
    }
}

fn percent(ratio: f64) -> String {
    let percent = (ratio - 1.0) * 100.0;
    match percent.abs() {
        _ if ratio >= 10.0 => format!("x {ratio:.0}"),
        size if size >= 100.0 => format!("{percent:+.0} %"),
        size if size < 0.05 => "0 %".to_owned(),
        _ => format!("{percent:+.1} %"),
    }
}

/// The share of the run.
pub(super) fn share(row: &ComparedRow) -> String {
    row.share.map_or_else(|| "-".to_owned(), |share| format!("{share:.1} %"))
}

/// The name of a row; of one that was renamed both: `parse → parse_all`.
pub(super) fn name(row: &ComparedRow, depth: usize) -> String {
    names(row, depth).join(RENAMED)
}

/// Between what a row was called before and what it is called now.
pub(super) const RENAMED: &str = " \u{2192} ";

/// What a row is called, shortened, after what it was called before if that is something else. Where the short names do not tell
/// them apart, as when only a module is another, they stay whole.
pub(super) fn names(row: &ComparedRow, depth: usize) -> Vec<String> {
    let short = |name: &str| shorten_function_name(name, depth);
    match &row.presence {
        Presence::Renamed { from, .. } if short(from) == short(&row.name) => {
            vec![from.clone(), row.name.clone()]
        }
        Presence::Renamed { from, .. } => vec![short(from), short(&row.name)],
        _ => vec![short(&row.name)],
    }
}

/// The changes of a row that are worth a line, each with its name: of a decided row those that decided. Where several numbers
/// say the same, the first says it for all.
pub(super) fn telling(row: &ComparedRow) -> Vec<(String, &Change)> {
    let verdict = row.verdict();
    if matches!(verdict, Some(Outcome::Inconclusive | Outcome::NoRegression)) {
        return row.main_change().map(|change| (change.metric.clone(), change)).into_iter().collect();
    }
    let decided =
        |change: &&Change| change.over_budget.is_some() || (change.judged && Some(change.verdict) == verdict);
    let mut lines: Vec<(Vec<&str>, &Change)> = Vec::new();
    for told in row.changes.iter().filter(decided) {
        let says_the_same = |other: &Change| {
            let is_change = !is_new(told) && !is_new(other);
            is_change
                && (change(other), interval(other), other.words())
                    == (change(told), interval(told), told.words())
        };
        match lines.iter_mut().find(|(_, other)| says_the_same(other)) {
            Some((names, _)) => names.push(&told.metric),
            None => lines.push((vec![&told.metric], told)),
        }
    }
    let named = |(names, change): (Vec<&str>, _)| match names.split_first() {
        Some((first, rest)) if !rest.is_empty() => (format!("{first} ({} alike)", rest.join(", ")), change),
        _ => (names.concat(), change),
    };
    lines.into_iter().map(named).collect()
}

/// Counts that differ though nobody judges them: a function that is called more often is worth knowing.
pub(super) fn told_counts(comparison: &Comparison) -> Vec<(&ComparedRow, &Change)> {
    let is_told = |change: &&Change| {
        change.declared
            && !change.judged
            && change.judge == MetricFamily::Flow
            && change.base.total_cmp(&change.head).is_ne()
    };
    let mut told: Vec<(&ComparedRow, &Change)> = Vec::new();
    for row in &comparison.rows {
        let is_again = |change: &Change| {
            told.iter().any(|(other, told)| other.name == row.name && told.metric == change.metric)
        };
        if let Some(change) = row.changes.iter().find(is_told).filter(|change| !is_again(change)) {
            told.push((row, change));
        }
    }
    told
}

/// Rows with this verdict.
pub(super) fn with(comparison: &Comparison, verdict: Outcome) -> Vec<&ComparedRow> {
    comparison.rows.iter().filter(|row| row.verdict() == Some(verdict)).collect()
}

/// Rows that only one side has.
pub(super) fn one_sided(comparison: &Comparison) -> Vec<&ComparedRow> {
    let is_lone = |row: &&ComparedRow| matches!(row.presence, Presence::Added | Presence::Removed);
    comparison.rows.iter().filter(is_lone).collect()
}

/// Rows that both sides measured and the policy does not judge, each with its first number. Threads are told nowhere.
pub(super) fn unjudged(comparison: &Comparison) -> Vec<(&ComparedRow, &Change)> {
    let is_ambient =
        |row: &ComparedRow| SECTIONS.iter().any(|s| s.spec.name == row.section && s.spec.ambient);
    let rows = comparison.rows.iter().filter(|row| row.verdict().is_none() && row.skipped.is_none());
    let first = |row: &'_ ComparedRow| {
        row.changes.iter().position(|change| change.declared && change.judge != MetricFamily::Flow)
    };
    rows.filter(|row| !is_ambient(row)).filter_map(|row| Some((row, &row.changes[first(row)?]))).collect()
}
