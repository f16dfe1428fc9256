//! Words and numbers of a comparison, shared by the renderers for people.

use super::comparison::{Change, ComparedRow, Comparison, Counts, Evidence, Outcome, Presence, Side};
use hotpath_report::{
    MetricFamily, SECTIONS, Unit,
    units::{format_duration, shorten_function_name},
};

/// The whole result in a few words: `1 regression; 2 improvements, 12 without regression, 3 inconclusive`.
pub(super) fn summary(comparison: &Comparison) -> String {
    let counts = comparison.counts();
    let outcome = match comparison.outcome() {
        Outcome::Regression => plural(counts.regressions, "regression"),
        Outcome::Inconclusive if counts == Counts { not_judged: counts.not_judged, ..Counts::default() } => {
            "nothing was judged".to_owned()
        }
        Outcome::Inconclusive => "no regression found, but not every row is conclusive".to_owned(),
        Outcome::Improvement | Outcome::NoRegression => "no regression".to_owned(),
    };
    let parts = [
        (counts.improvements, if counts.improvements == 1 { "improvement" } else { "improvements" }),
        (counts.no_regression, "without regression"),
        (counts.inconclusive, "inconclusive"),
        (counts.added, "added"),
        (counts.removed, "removed"),
        (counts.not_judged, "not judged"),
    ];
    let parts =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    let rest = parts.collect::<Vec<_>>().join(", ");
    if rest.is_empty() { outcome } else { format!("{outcome}; {rest}") }
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The description of a side: `a1b2c3d "nightly", 10 runs`.
pub(super) fn side(side: &Side) -> String {
    let runs = plural(side.runs, "run");
    let sha = side.git_sha.as_deref().map(|sha| sha.get(..10).unwrap_or(sha).to_owned());
    let label = side.label.as_ref().map(|label| format!("\"{label}\""));
    let name = [sha, label].into_iter().flatten().collect::<Vec<_>>().join(" ");
    if name.is_empty() { runs } else { format!("{name}, {runs}") }
}

/// The duration of a run of a side; reports of 0.7 may lack it.
pub(super) fn duration(side: &Side) -> String {
    if side.duration_ns == 0 { "-".to_owned() } else { format_duration(side.duration_ns) }
}

/// A value in its unit.
pub(super) fn number(value: f64, unit: Unit) -> String {
    unit.value(value.round().max(0.0) as u64).to_string()
}

/// The value of the base, if a run of it has one.
pub(super) fn base(change: &Change) -> String {
    if change.runs.0 == 0 { "-".to_owned() } else { number(change.base, change.unit) }
}

/// The change in percent: `+12.3 %`; `new` if the base is zero.
pub(super) fn change(change: &Change) -> String {
    change.ratio.filter(|_| !is_new(change)).map_or_else(|| "new".to_owned(), percent)
}

fn is_new(change: &Change) -> bool {
    change.base <= 0.0 && change.head > 0.0
}

/// The confidence interval of the change: `+8 % .. +17 %`; `-` if there is none.
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

/// The separator between the old and the new name of a row.
pub(super) const RENAMED: &str = " \u{2192} ";

/// The shortened name of a row, after its former one if it was renamed. Both stay whole where the short names are equal, as when only
/// the module changed.
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

/// The changes of a row that are worth a line, each with its name: those behind the outcome. Metrics that changed alike share a
/// line.
pub(super) fn main_changes(row: &ComparedRow) -> Vec<(String, &Change)> {
    let outcome = row.outcome();
    if matches!(outcome, Some(Outcome::Inconclusive | Outcome::NoRegression)) {
        return row.main_change().map(|change| (change.metric.clone(), change)).into_iter().collect();
    }
    let is_reason =
        |change: &&Change| change.over_budget.is_some() || (change.judged && Some(change.outcome) == outcome);
    let mut lines: Vec<(Vec<&str>, &Change)> = Vec::new();
    for shown in row.changes.iter().filter(is_reason) {
        let is_alike = |other: &Change| {
            let is_change = !is_new(shown) && !is_new(other);
            is_change
                && (change(other), interval(other), other.words())
                    == (change(shown), interval(shown), shown.words())
        };
        match lines.iter_mut().find(|(_, other)| is_alike(other)) {
            Some((names, _)) => names.push(&shown.metric),
            None => lines.push((vec![&shown.metric], shown)),
        }
    }
    let named = |(names, change): (Vec<&str>, _)| match names.split_first() {
        Some((first, rest)) if !rest.is_empty() => (format!("{first} ({} alike)", rest.join(", ")), change),
        _ => (names.concat(), change),
    };
    lines.into_iter().map(named).collect()
}

/// Counts that differ though the policy does not judge them: it is worth knowing that a function is called more often.
pub(super) fn reported_counts(comparison: &Comparison) -> Vec<(&ComparedRow, &Change)> {
    let is_reported = |change: &&Change| {
        change.declared
            && !change.judged
            && change.family == MetricFamily::Flow
            && change.base.total_cmp(&change.head).is_ne()
    };
    let mut reported: Vec<(&ComparedRow, &Change)> = Vec::new();
    for row in &comparison.rows {
        let is_again = |change: &Change| {
            reported.iter().any(|(other, seen)| other.name == row.name && seen.metric == change.metric)
        };
        if let Some(change) = row.changes.iter().find(is_reported).filter(|change| !is_again(change)) {
            reported.push((row, change));
        }
    }
    reported
}

/// Rows with this outcome.
pub(super) fn with(comparison: &Comparison, outcome: Outcome) -> Vec<&ComparedRow> {
    comparison.rows.iter().filter(|row| row.outcome() == Some(outcome)).collect()
}

/// Rows that only one side has.
pub(super) fn one_sided(comparison: &Comparison) -> Vec<&ComparedRow> {
    let is_lone = |row: &&ComparedRow| matches!(row.presence, Presence::Added | Presence::Removed);
    comparison.rows.iter().filter(is_lone).collect()
}

/// Rows that both sides measured and the policy does not judge, each with its first metric. Threads are left out.
pub(super) fn unjudged(comparison: &Comparison) -> Vec<(&ComparedRow, &Change)> {
    let is_ambient =
        |row: &ComparedRow| SECTIONS.iter().any(|s| s.spec.name == row.section && s.spec.ambient);
    let rows = comparison.rows.iter().filter(|row| row.outcome().is_none() && row.skipped.is_none());
    let first = |row: &'_ ComparedRow| {
        row.changes.iter().position(|change| change.declared && change.family != MetricFamily::Flow)
    };
    rows.filter(|row| !is_ambient(row)).filter_map(|row| Some((row, &row.changes[first(row)?]))).collect()
}
