//! Two sets of runs, compared: regressions, improvements, and what the runs cannot show.
//!
//! What must stay true:
//!
//! - The family-wise error rate holds: a comparison of a program with itself claims a change in at most [`Policy::alpha`] of all
//!   cases, whatever the noise, and however many rows there are. Without enough evidence the outcome is inconclusive.
//! - Swapping the sides swaps regressions and improvements.
//! - The columns declare what is compared, and what a difference means ([`hotpath_report::MetricFamily`]); a new section is
//!   compared without a line here.
//!
//! | file | what |
//! |---|---|
//! | `policy.rs` | what is judged, and how much evidence a claim needs |
//! | `metrics.rs` | the metrics that a policy can name |
//! | `comparison.rs` | the result, a plain value |
//! | `program.rs` | whether two sets of reports are of one program, of one build of it, and have a row in common |
//! | `pairing.rs` | rows of one side and their counterparts on the other; renamed rows |
//! | `observation.rs` | one metric of one row in one run, with the bounds that rounding leaves |
//! | `evaluate.rs` | metrics of both sides become changes with an outcome; the statistics are in `stats` |
//! | `table.rs`, `markdown.rs`, `json.rs` | the renderers |
//! | `text.rs` | words and numbers that they share |

mod comparison;
mod evaluate;
mod json;
mod markdown;
mod metrics;
mod observation;
mod pairing;
mod policy;
mod program;
mod table;
mod text;

pub use comparison::{Change, ComparedRow, Comparison, Counts, Evidence, Outcome, Presence, Side, Skipped};
pub use json::json;
pub use markdown::{code, markdown};
pub use metrics::{metric_unit, metrics};
pub use policy::{Budget, Policy, Resource, Rule};
pub use program::{difference_of_programs, nothing_in_common, same_build};
pub use table::table;

use crate::stats::median;
use evaluate::Metric;
use hotpath_report::{Dist, Heading, Merge, MetricFamily, Part, Report, Row, SECTIONS, Spec, Table};
use observation::Observation;
use pairing::{Pair, SideRow};

/// Compares two sets of runs of one program: evaluates `head` against `base`.
///
/// ```
/// use hotpath_analysis::compare::{Policy, Outcome, compare};
/// use hotpath_report::Report;
/// let comparison = compare(&[Report::default()], &[Report::default()], &Policy::default());
/// assert_eq!(comparison.outcome(), Outcome::Inconclusive);
/// ```
pub fn compare(base: &[Report], head: &[Report], policy: &Policy) -> Comparison {
    let pairs = all_pairs(base, head);
    let mut metrics = Vec::new();
    let mut rows: Vec<(ComparedRow, std::ops::Range<usize>)> = Vec::new();
    for (spec, pair) in &pairs {
        let row = row(spec, pair, policy, (base, head));
        let from = metrics.len();
        metrics.extend(metrics_of(&row, spec, pair, policy));
        rows.push((row, from..metrics.len()));
    }
    let mut changes: Vec<Option<Change>> =
        evaluate::evaluate(&metrics, policy).into_iter().map(Some).collect();
    let rows = rows.into_iter().map(|(mut row, range)| {
        row.changes = changes[range].iter_mut().filter_map(Option::take).collect();
        row
    });
    let mut rows: Vec<ComparedRow> = rows.collect();
    rows.sort_by(|a, b| group(a).cmp(&group(b)).then_with(|| b.importance().total_cmp(&a.importance())));
    let mut comparison = Comparison {
        base: side(base),
        head: side(head),
        alpha: policy.alpha,
        confidence: policy.confidence,
        rows,
        notes: Vec::new(),
    };
    comparison.notes = notes(&comparison, base, head, policy);
    comparison
}

/// The rows of all sections that both sides have, section by section. A section that only one side has is no change.
fn all_pairs<'a>(base: &'a [Report], head: &'a [Report]) -> Vec<(&'static Spec, Pair<'a>)> {
    let mut pairs = Vec::new();
    let is_one_program = difference_of_programs(base, head).is_none();
    for name in section_names() {
        let has = |reports: &'a [Report]| reports.iter().find_map(|report| report.section(name));
        let (Some(_), Some(section)) = (has(base), has(head)) else { continue };
        let found = pairing::pairs(name, base, head, is_one_program).into_iter();
        // Threads come and go without anybody having measured them.
        let is_kept = |pair: &Pair<'_>| !section.spec.ambient || (pair.base.is_some() && pair.head.is_some());
        pairs.extend(found.filter(is_kept).map(|pair| (section.spec, pair)));
    }
    pairs
}

fn section_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = SECTIONS.iter().map(|section| section.spec.name).collect();
    names.dedup();
    names
}

/// The row without its changes.
fn row(spec: &'static Spec, pair: &Pair<'_>, policy: &Policy, sides: (&[Report], &[Report])) -> ComparedRow {
    let name = pair.head.as_ref().or(pair.base.as_ref()).map(|row| row.name.clone()).unwrap_or_default();
    let share = [&pair.base, &pair.head].into_iter().flatten().filter_map(share_of).reduce(f64::max);
    let is_short = |reports: &[Report]| {
        let sections = reports.iter().filter_map(|report| report.section(spec.name));
        sections.into_iter().any(|section| section.total_count > section.rows.len() as u64)
    };
    let presence = match (&pair.base, &pair.head, &pair.renamed) {
        (Some(base), Some(_), Some(evidence)) => {
            Presence::Renamed { from: base.name.clone(), evidence: evidence.clone() }
        }
        (Some(_), Some(_), None) => Presence::Both,
        (None, _, _) if is_short(sides.0) => Presence::Unknown,
        (_, None, _) if is_short(sides.1) => Presence::Unknown,
        (None, _, _) => Presence::Added,
        (_, None, _) => Presence::Removed,
    };
    let skipped = if policy.ignores(spec.stem, &name) {
        Some(Skipped::Ignored)
    } else if share.is_some_and(|share| share < policy.min_share_of(spec.stem)) {
        Some(Skipped::BelowFloor)
    } else {
        None
    };
    ComparedRow {
        section: spec.name,
        resource: spec.stem,
        title: spec.title,
        name,
        presence,
        share,
        skipped,
        changes: Vec::new(),
    }
}

/// The share of the run that a row takes: the median over the runs.
fn share_of(row: &SideRow<'_>) -> Option<f64> {
    let shares = row.present().filter_map(|(report, section, row)| observation::share(report, section, row));
    median(shares)
}

/// The metrics that both sides have; of a row that only the head has, those with a budget.
fn metrics_of<'p>(row: &ComparedRow, spec: &Spec, pair: &Pair<'_>, policy: &'p Policy) -> Vec<Metric<'p>> {
    let Some(head) = &pair.head else { return Vec::new() };
    let Some(base) = &pair.base else { return budgeted(row, spec, head, policy) };
    let work = Work { calls: calls(base).min(calls(head)), is_steady: base.is_steady() && head.is_steady() };
    let same_work = calls(base).is_some() && calls(base) == calls(head);
    let headings =
        head.present().next().map(|(_, section, _)| observation::headings(section)).unwrap_or_default();
    let metrics = headings.iter().filter_map(|heading| {
        let (family, name) = (heading.column.family, observation::metric(heading));
        let rule = policy.rule(spec.stem, family)?;
        let may_be = row.skipped.is_none() && !spec.ambient;
        let single_calls = || Some((dist(base, heading)?, dist(head, heading)?));
        let metric = Metric {
            family,
            unit: heading.column.unit,
            judged: may_be && work.is_enough_for(rule) && rule.judges(&name, work.suits(heading)),
            declared: heading.column.judged,
            rule,
            budget: policy.budget(spec.stem, &row.name, &name),
            name,
            base: observations(base, heading),
            head: observations(head, heading),
            calls: if heading.part == Part::Avg { single_calls() } else { None },
            same_work,
            shows_run_effect: observation::shows_run_effect(heading),
        };
        let known = |side: &[Option<Observation>]| side.iter().any(Option::is_some);
        (known(&metric.base) && known(&metric.head)).then_some(metric)
    });
    metrics.collect()
}

/// The metrics with a budget of a row that only the head has.
fn budgeted<'p>(row: &ComparedRow, spec: &Spec, head: &SideRow<'_>, policy: &'p Policy) -> Vec<Metric<'p>> {
    let headings =
        head.present().next().map(|(_, section, _)| observation::headings(section)).unwrap_or_default();
    let metrics = headings.iter().filter_map(|heading| {
        let (family, name) = (heading.column.family, observation::metric(heading));
        let budget = Some(policy.budget(spec.stem, &row.name, &name)?);
        let rule = policy.rule(spec.stem, family)?;
        let (unit, declared) = (heading.column.unit, heading.column.judged);
        let (base, head) = (Vec::new(), observations(head, heading));
        let metric = Metric {
            name,
            family,
            unit,
            rule,
            judged: false,
            declared,
            budget,
            base,
            head,
            calls: None,
            same_work: false,
            shows_run_effect: false,
        };
        metric.head.iter().any(Option::is_some).then_some(metric)
    });
    metrics.collect()
}

/// The amount of work that a row did.
struct Work {
    /// The fewest calls of a run.
    calls: Option<u64>,
    /// True if all runs of a side did the same amount.
    is_steady: bool,
}

impl Work {
    fn is_enough_for(&self, rule: &Rule) -> bool {
        self.calls.is_none_or(|calls| calls >= rule.min_calls)
    }

    /// Returns true if a metric is judged unless the policy names others. A program that does as much as it can in a given time does more
    /// when it gets faster; so where the amount of work differs between runs, sums are not judged, and memory is judged per call.
    fn suits(&self, heading: &Heading) -> bool {
        let column = heading.column;
        let fits = match (column.family, column.dist) {
            (MetricFamily::Flow | MetricFamily::Skip, _) => true,
            (MetricFamily::Alloc, Some(_)) => !self.is_steady && heading.part == Part::Avg,
            (MetricFamily::Time, Some(_)) => true,
            (MetricFamily::Time | MetricFamily::Alloc, None) => self.is_steady || column.merge != Merge::Sum,
        };
        column.judged && fits
    }
}

fn observations(row: &SideRow<'_>, heading: &Heading) -> Vec<Option<Observation>> {
    let observe = |run: &Option<(&Report, &Table, &Row)>| {
        run.and_then(|(report, section, row)| observation::observe(report, section, row, heading))
    };
    row.runs.iter().map(observe).collect()
}

/// The distribution of the calls of all runs, if it is known.
fn dist(row: &SideRow<'_>, heading: &Heading) -> Option<Dist> {
    let mut dists = row.present().map(|(_, section, row)| observation::dist(section, row, heading));
    let mut all = dists.next()??.clone();
    for dist in dists {
        all.merge(dist?);
    }
    Some(all)
}

/// The fewest calls of a row in a run, or the first other count.
fn calls(row: &SideRow<'_>) -> Option<u64> {
    row.present().filter_map(|(_, section, row)| pairing::first_count(section, row)).min()
}

/// The position of a row's group in the output.
fn group(row: &ComparedRow) -> usize {
    match (&row.presence, row.outcome()) {
        (_, Some(Outcome::Regression)) => 0,
        (Presence::Added | Presence::Removed | Presence::Unknown, _) => 2,
        (_, Some(Outcome::Improvement)) => 1,
        (_, Some(Outcome::Inconclusive)) => 3,
        (_, Some(Outcome::NoRegression)) => 4,
        (_, None) => 5,
    }
}

fn side(reports: &[Report]) -> Side {
    let mut durations: Vec<u64> = reports.iter().map(|report| report.duration_ns).collect();
    durations.sort_unstable();
    Side {
        runs: reports.len(),
        label: agreed(reports.iter().map(|report| report.label.clone())),
        git_sha: agreed(reports.iter().map(|report| report.meta.git_sha.clone())),
        rounded: reports.iter().any(|report| report.rounded),
        duration_ns: durations.get(durations.len() / 2).copied().unwrap_or_default(),
    }
}

/// The text that all agree on, if they do.
fn agreed(mut texts: impl Iterator<Item = Option<String>>) -> Option<String> {
    let first = texts.next()??;
    texts.all(|text| text.as_ref() == Some(&first)).then_some(first)
}

/// Notes that help to read the outcomes rightly.
fn notes(comparison: &Comparison, base: &[Report], head: &[Report], policy: &Policy) -> Vec<String> {
    let mut notes = Vec::new();
    let fewest = base.len().min(head.len());
    let needed = policy.fewest_runs();
    if fewest == 1 {
        notes.push(format!(
            "one run per side does not show how runs of this program differ. Only times that at least double or halve are claimed, by \
             the single calls; counts and sizes are assumed to be the same in every run. Use {needed} runs per side"
        ));
    } else if fewest < needed {
        notes.push(format!(
            "{fewest} runs per side are too few to claim a regression or improvement of any time, however large the difference: \
             {needed} are needed"
        ));
    }
    for (name, side) in [("base", &comparison.base), ("head", &comparison.head)] {
        if side.rounded {
            notes.push(format!(
                "values of the {name} are rounded; a difference within the rounding is no change"
            ));
        }
    }
    if let Some(build) = same_build(base, head) {
        notes.push(format!(
            "both sides ran the same build of the program ({}) with the same arguments: any difference is due to chance or to the \
             environment",
            build.get(..12).unwrap_or(build)
        ));
    }
    notes.extend(unused_budgets(comparison, policy));
    notes.extend(one_sided("base", base, head).chain(one_sided("head", head, base)));
    notes.extend(machines(base, head));
    if comparison.rows.iter().any(|row| row.presence == Presence::Unknown) {
        notes.push(
            "a report is shortened: rows that only one side has may have been left out of the other"
                .to_owned(),
        );
    }
    notes
}

/// Budgets that match nothing: the name is wrong, or no row has it any more.
fn unused_budgets<'a>(comparison: &'a Comparison, policy: &'a Policy) -> impl Iterator<Item = String> + 'a {
    let budgets = policy
        .resources
        .iter()
        .flat_map(|(resource, own)| own.budgets.iter().map(move |budget| (resource, budget)));
    let is_unused = |(resource, budget): &(&String, &Budget)| {
        !comparison.rows.iter().any(|row| {
            row.resource == **resource
                && budget.fits(&row.name)
                && row.changes.iter().any(|change| change.metric == budget.metric)
        })
    };
    budgets.filter(is_unused).map(|(resource, budget)| {
        format!(
            "the budget for `{}` of `{}` in {resource} matches no row of the head",
            budget.metric, budget.rows
        )
    })
}

/// Notes on sections that only one side has.
fn one_sided<'a>(
    name: &'a str,
    these: &'a [Report],
    others: &'a [Report],
) -> impl Iterator<Item = String> + 'a {
    let has =
        |reports: &[Report], section: &str| reports.iter().any(|report| report.section(section).is_some());
    let lone =
        section_names().into_iter().filter(move |section| has(these, section) && !has(others, section));
    lone.map(move |section| format!("only the {name} has the section `{section}`; it is not compared"))
}

/// Notes on different systems, processors and compilers of the runs.
fn machines(base: &[Report], head: &[Report]) -> Vec<String> {
    let metas = || base.iter().chain(head).map(|report| &report.meta);
    let facts: [(&str, Vec<&str>); 3] = [
        ("systems", metas().map(|meta| meta.os.as_str()).collect()),
        ("processors", metas().map(|meta| meta.arch.as_str()).collect()),
        ("compilers", metas().map(|meta| meta.rustc.as_str()).collect()),
    ];
    let differ = facts.into_iter().filter_map(|(what, mut texts)| {
        texts.retain(|text| !text.is_empty());
        texts.sort_unstable();
        texts.dedup();
        (texts.len() > 1).then(|| format!("the runs have different {what}: {}", texts.join(", ")))
    });
    differ.collect()
}
