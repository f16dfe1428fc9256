//! Two sets of runs, compared: what got slower, what did not, and what the runs cannot tell.
//!
//! What must stay true:
//!
//! - A claim is right: a comparison of a program with itself claims a change in at most [`Policy::alpha`] of all cases, whatever
//!   the noise looks like, and however many rows there are. Where the runs do not tell, the verdict says so.
//! - Swapping the sides swaps the verdicts.
//! - Which columns are compared, and what a difference means, stands with the columns ([`hotpath_report::MetricFamily`]); a new section is
//!   compared without a line here.
//!
//! | file | what |
//! |---|---|
//! | `policy.rs` | what is judged, and how sure it has to be |
//! | `metrics.rs` | which numbers a policy can name |
//! | `comparison.rs` | the result, a plain value |
//! | `program.rs` | whether two sets of reports are of one program, of one build of it, and have a row in common |
//! | `pairing.rs` | which row of one side is which of the other; renamed rows |
//! | `sample.rs` | one number of one run, with what rounding leaves open |
//! | `decide.rs` | numbers of two sides become a change with a verdict |
//! | `rank.rs`, `shift.rs`, `family.rs` | the statistics |
//! | `speed.rs` | how fast the machine was in each run, and numbers without it |
//! | `table.rs`, `markdown.rs`, `json.rs` | the renderers |
//! | `text.rs` | the words and numbers that they share |

#[cfg(test)]
mod against_scipy;
mod comparison;
mod decide;
mod family;
mod json;
mod markdown;
mod metrics;
mod pairing;
mod policy;
mod program;
mod rank;
mod sample;
mod shift;
mod speed;
mod table;
mod text;

pub use comparison::{Change, ComparedRow, Comparison, Counts, Evidence, Outcome, Presence, Side, Skipped};
pub use json::json;
pub use markdown::{code, markdown};
pub use metrics::{metric_unit, metrics};
pub use policy::{Budget, Policy, Resource, Rule};
pub use program::{difference_of_programs, nothing_in_common, same_build};
pub use table::table;

use decide::Question;
use hotpath_report::{Dist, Heading, Merge, MetricFamily, Part, Report, Row, SECTIONS, Spec, Table};
use pairing::{Pair, SideRow};
use sample::Sample;

/// Compares two sets of runs of one program: `head` is judged against `base`.
///
/// ```
/// use hotpath_analysis::compare::{Policy, Outcome, compare};
/// use hotpath_report::Report;
/// let comparison = compare(&[Report::default()], &[Report::default()], &Policy::default());
/// assert_eq!(comparison.verdict(), Outcome::Inconclusive);
/// ```
pub fn compare(base: &[Report], head: &[Report], policy: &Policy) -> Comparison {
    let pairs = all_pairs(base, head);
    let mut questions = Vec::new();
    let mut rows: Vec<(ComparedRow, std::ops::Range<usize>)> = Vec::new();
    for (spec, pair) in &pairs {
        let row = row(spec, pair, policy, (base, head));
        let from = questions.len();
        questions.extend(questions_of(&row, spec, pair, policy));
        rows.push((row, from..questions.len()));
    }
    let mut changes: Vec<Option<Change>> = decide::answer(&questions, policy).into_iter().map(Some).collect();
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

/// The rows of all sections that each side has, section by section. What only one side measured is no change.
fn all_pairs<'a>(base: &'a [Report], head: &'a [Report]) -> Vec<(&'static Spec, Pair<'a>)> {
    let mut pairs = Vec::new();
    let is_one_program = difference_of_programs(base, head).is_none();
    for name in section_names() {
        let has = |reports: &'a [Report]| reports.iter().find_map(|report| report.section(name));
        let (Some(_), Some(section)) = (has(base), has(head)) else { continue };
        let found = pairing::pairs(name, base, head, is_one_program).into_iter();
        // Threads come and go without anybody having measured them.
        let is_told = |pair: &Pair<'_>| !section.spec.ambient || (pair.base.is_some() && pair.head.is_some());
        pairs.extend(found.filter(is_told).map(|pair| (section.spec, pair)));
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

/// The largest share of a run that a row has, in the middle of the runs.
fn share_of(row: &SideRow<'_>) -> Option<f64> {
    let shares = row.present().filter_map(|(report, section, row)| sample::share(report, section, row));
    shift::median(shares.collect())
}

/// Every number that both sides have; and of a row that only the head has, those with a budget.
fn questions_of<'p>(
    row: &ComparedRow,
    spec: &Spec,
    pair: &Pair<'_>,
    policy: &'p Policy,
) -> Vec<Question<'p>> {
    let Some(head) = &pair.head else { return Vec::new() };
    let Some(base) = &pair.base else { return limited(row, spec, head, policy) };
    let work = Work { calls: calls(base).min(calls(head)), is_steady: base.is_steady() && head.is_steady() };
    let same_work = calls(base).is_some() && calls(base) == calls(head);
    let headings = head.present().next().map(|(_, section, _)| sample::headings(section)).unwrap_or_default();
    let questions = headings.iter().filter_map(|heading| {
        let (judge, metric) = (heading.column.judge, sample::metric(heading));
        let rule = policy.rule(spec.stem, judge)?;
        let may_be = row.skipped.is_none() && !spec.ambient;
        let single_calls = || Some((dist(base, heading)?, dist(head, heading)?));
        let question = Question {
            judge,
            unit: heading.column.unit,
            judged: may_be && work.is_enough_for(rule) && rule.judges(&metric, work.tells(heading)),
            declared: heading.column.judged,
            rule,
            budget: policy.budget(spec.stem, &row.name, &metric),
            metric,
            base: samples(base, heading),
            head: samples(head, heading),
            calls: if heading.part == Part::Avg { single_calls() } else { None },
            same_work,
            tells_speed: sample::tells_speed(heading),
        };
        let known = |samples: &[Option<Sample>]| samples.iter().any(Option::is_some);
        (known(&question.base) && known(&question.head)).then_some(question)
    });
    questions.collect()
}

/// The numbers of a row of the head that have a limit. There is nothing to compare them with.
fn limited<'p>(row: &ComparedRow, spec: &Spec, head: &SideRow<'_>, policy: &'p Policy) -> Vec<Question<'p>> {
    let headings = head.present().next().map(|(_, section, _)| sample::headings(section)).unwrap_or_default();
    let questions = headings.iter().filter_map(|heading| {
        let (judge, metric) = (heading.column.judge, sample::metric(heading));
        let budget = Some(policy.budget(spec.stem, &row.name, &metric)?);
        let rule = policy.rule(spec.stem, judge)?;
        let (unit, declared) = (heading.column.unit, heading.column.judged);
        let (base, head) = (Vec::new(), samples(head, heading));
        let question = Question {
            metric,
            judge,
            unit,
            rule,
            judged: false,
            declared,
            budget,
            base,
            head,
            calls: None,
            same_work: false,
            tells_speed: false,
        };
        question.head.iter().any(Option::is_some).then_some(question)
    });
    questions.collect()
}

/// How much a row did.
struct Work {
    /// The fewest calls of a run.
    calls: Option<u64>,
    /// Whether all runs of a side did as much.
    is_steady: bool,
}

impl Work {
    fn is_enough_for(&self, rule: &Rule) -> bool {
        self.calls.is_none_or(|calls| calls >= rule.min_calls)
    }

    /// Whether a number is judged unless the policy names others. A program that does as much as it can in its time does more
    /// of it when it gets faster; so where runs differ in what they did, sums say nothing, and memory is judged per call.
    fn tells(&self, heading: &Heading) -> bool {
        let column = heading.column;
        let fits = match (column.judge, column.dist) {
            (MetricFamily::Flow | MetricFamily::Skip, _) => true,
            (MetricFamily::Alloc, Some(_)) => !self.is_steady && heading.part == Part::Avg,
            (MetricFamily::Time, Some(_)) => true,
            (MetricFamily::Time | MetricFamily::Alloc, None) => self.is_steady || column.merge != Merge::Sum,
        };
        column.judged && fits
    }
}

fn samples(row: &SideRow<'_>, heading: &Heading) -> Vec<Option<Sample>> {
    let sample = |run: &Option<(&Report, &Table, &Row)>| {
        run.and_then(|(report, section, row)| sample::sample(report, section, row, heading))
    };
    row.runs.iter().map(sample).collect()
}

/// The single calls of all runs together, if their distribution is known.
fn dist(row: &SideRow<'_>, heading: &Heading) -> Option<Dist> {
    let mut dists = row.present().map(|(_, section, row)| sample::dist(section, row, heading));
    let mut all = dists.next()??.clone();
    for dist in dists {
        all.merge(dist?);
    }
    Some(all)
}

/// The fewest calls of a row in a run, or what else is counted first.
fn calls(row: &SideRow<'_>) -> Option<u64> {
    row.present().filter_map(|(_, section, row)| pairing::first_count(section, row)).min()
}

/// Where a row stands in the output.
fn group(row: &ComparedRow) -> usize {
    match (&row.presence, row.verdict()) {
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

/// What all say, if they say the same.
fn agreed(mut texts: impl Iterator<Item = Option<String>>) -> Option<String> {
    let first = texts.next()??;
    texts.all(|text| text.as_ref() == Some(&first)).then_some(first)
}

/// What a reader has to know to read the verdicts rightly.
fn notes(comparison: &Comparison, base: &[Report], head: &[Report], policy: &Policy) -> Vec<String> {
    let mut notes = Vec::new();
    let fewest = base.len().min(head.len());
    let needed = policy.fewest_runs();
    if fewest == 1 {
        notes.push(format!(
            "one run per side: nothing is known of how runs of this program differ. Times are only called slower or faster from a \
             factor of two on, judged by the single calls; counts and sizes are taken for the same in every run. {needed} runs \
             per side tell more"
        ));
    } else if fewest < needed {
        notes.push(format!(
            "{fewest} runs per side are too few to call any time slower or faster, however large the difference: {needed} are \
             needed"
        ));
    }
    for (name, side) in [("base", &comparison.base), ("head", &comparison.head)] {
        if side.rounded {
            notes.push(format!("numbers of the {name} are rounded, and what rounding hides is no change"));
        }
    }
    if let Some(build) = same_build(base, head) {
        notes.push(format!(
            "both sides ran the same build of the program ({}) with the same arguments: what differs is chance, or what the \
             program found around it",
            build.get(..12).unwrap_or(build)
        ));
    }
    notes.extend(vain_budgets(comparison, policy));
    notes.extend(one_sided("base", base, head).chain(one_sided("head", head, base)));
    notes.extend(machines(base, head));
    if comparison.rows.iter().any(|row| row.presence == Presence::Unknown) {
        notes.push(
            "a report is shortened: rows that only one side has may be missing on the other for that reason"
                .to_owned(),
        );
    }
    notes
}

/// Limits that hold nothing: a name that is wrong, or that nothing has any more.
fn vain_budgets<'a>(comparison: &'a Comparison, policy: &'a Policy) -> impl Iterator<Item = String> + 'a {
    let budgets = policy
        .resources
        .iter()
        .flat_map(|(resource, own)| own.budgets.iter().map(move |budget| (resource, budget)));
    let is_vain = |(resource, budget): &(&String, &Budget)| {
        !comparison.rows.iter().any(|row| {
            row.resource == **resource
                && budget.fits(&row.name)
                && row.changes.iter().any(|change| change.metric == budget.metric)
        })
    };
    budgets.filter(is_vain).map(|(resource, budget)| {
        format!(
            "the budget for {} of {} in {resource} holds nothing: no row of the head has both",
            budget.metric, budget.rows
        )
    })
}

/// Sections that only one side has.
fn one_sided<'a>(
    name: &'a str,
    these: &'a [Report],
    others: &'a [Report],
) -> impl Iterator<Item = String> + 'a {
    let has =
        |reports: &[Report], section: &str| reports.iter().any(|report| report.section(section).is_some());
    let lone =
        section_names().into_iter().filter(move |section| has(these, section) && !has(others, section));
    lone.map(move |section| format!("only the {name} has a section `{section}`; it is not compared"))
}

/// Where the sides ran on different systems or were built by different compilers.
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
        (texts.len() > 1).then(|| format!("the runs are of different {what}: {}", texts.join(", ")))
    });
    differ.collect()
}
