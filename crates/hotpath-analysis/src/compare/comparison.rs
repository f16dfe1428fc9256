//! A comparison: the result, as a plain value.

use hotpath_report::{MetricFamily, Unit};
use std::cmp::Ordering;

/// The outcome of a comparison: of one metric, of a row, or of all rows together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The head takes more time, memory or calls, by more than the smallest change that counts.
    Regression,
    /// The head takes less, by more than the smallest change that counts.
    Improvement,
    /// Not enough evidence for any of the others: more runs or less noise would give it.
    Inconclusive,
    /// The head takes no more, or not by as much as counts.
    NoRegression,
}

impl Outcome {
    /// The outcome in words.
    ///
    /// ```
    /// use hotpath_analysis::compare::Outcome;
    /// assert_eq!(Outcome::NoRegression.words(), "no regression");
    /// ```
    pub fn words(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::Improvement => "improvement",
            Self::NoRegression => "no regression",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// The outcome in JSON: `regression`, `improvement`, `no_regression`, `inconclusive`.
    pub fn key(self) -> &'static str {
        match self {
            Self::NoRegression => "no_regression",
            other => other.words(),
        }
    }

    /// Returns true if it claims a change.
    pub fn is_claim(self) -> bool {
        matches!(self, Self::Regression | Self::Improvement)
    }
}

/// The kind of evidence behind an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The value is the same in every run of a side.
    Exact,
    /// The values differ from run to run: statistics over runs.
    Runs,
    /// One run on a side: the single calls of that run, which do not show how runs differ.
    OneRun,
}

impl Evidence {
    /// The evidence in JSON: `exact`, `runs`, `one_run`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Runs => "runs",
            Self::OneRun => "one_run",
        }
    }
}

/// One metric of one row, before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The name of the metric: `avg`, `p95`, `total`, `calls`, `wait_avg`.
    pub metric: String,
    /// The family of the metric.
    pub family: MetricFamily,
    /// Its unit.
    pub unit: Unit,
    /// Median over the runs of the base; 0 if none has the metric.
    pub base: f64,
    /// Median over the runs of the head.
    pub head: f64,
    /// Runs of each side that have the metric.
    pub runs: (usize, usize),
    /// Head divided by base: 1.1 is 10 % more. `None` if the base is zero and the head is not. Where only the values adjusted for
    /// run effects support the claim, ratio, interval and `p` are theirs.
    pub ratio: Option<f64>,
    /// Confidence interval of the ratio, at [`Policy::confidence`](super::Policy::confidence); a limit is `None` where there is none.
    pub interval: (Option<f64>, Option<f64>),
    /// The p-value, adjusted for all rows: the probability of so large a change in any row if nothing changed. `None` for exact
    /// comparisons, and where there are too few runs for a test.
    pub p: Option<f64>,
    /// The evidence behind the outcome.
    pub evidence: Evidence,
    /// True if the policy judges it; otherwise it is only reported.
    pub judged: bool,
    /// True if its column is judged unless the policy names other metrics.
    pub declared: bool,
    /// The outcome.
    pub outcome: Outcome,
    /// The budget that the head exceeds, if it does.
    pub over_budget: Option<u64>,
}

impl Change {
    /// The size of the change, whatever its direction: the logarithm of the ratio.
    pub(super) fn size(&self) -> f64 {
        self.ratio.map_or(f64::INFINITY, |ratio| ratio.ln().abs())
    }

    /// The outcome in words, or the budget that is exceeded.
    pub fn words(&self) -> String {
        match self.over_budget {
            Some(budget) => format!("over the budget of {}", self.unit.value(budget)),
            None => self.outcome.words().to_owned(),
        }
    }
}

/// The sides that have a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Both.
    Both,
    /// Both, under another name in the base.
    Renamed {
        /// The name in the base.
        from: String,
        /// The evidence that it is the same row.
        evidence: String,
    },
    /// The head only.
    Added,
    /// The base only.
    Removed,
    /// One only, but the other report is shortened: it may have left the row out.
    Unknown,
}

/// The reason that a row is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// The policy ignores its name.
    Ignored,
    /// Its share of the run is below the policy's floor on both sides.
    BelowFloor,
    /// It has fewer calls than the policy asks for.
    TooFewCalls,
}

impl Skipped {
    /// The reason in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::BelowFloor => "below the floor",
            Self::TooFewCalls => "too few calls",
        }
    }
}

/// A row of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedRow {
    /// The section: `functions_timing`.
    pub section: &'static str,
    /// The resource in a policy: `functions`.
    pub resource: &'static str,
    /// The kind of row: `Function`.
    pub title: &'static str,
    /// Its name.
    pub name: String,
    /// The sides that have it.
    pub presence: Presence,
    /// Its largest share of a run on either side, in percent, if it has one.
    pub share: Option<f64>,
    /// The reason that it is not judged, if it is not.
    pub skipped: Option<Skipped>,
    /// The metrics that both sides have; of a row that only the head has, those with a budget.
    pub changes: Vec<Change>,
}

impl ComparedRow {
    /// The judged metrics.
    pub fn judged(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.judged)
    }

    /// The outcome of the row: the first of regression, improvement, inconclusive and no regression that a judged metric has.
    /// `None` if nothing is judged. An exceeded budget is a regression.
    pub fn outcome(&self) -> Option<Outcome> {
        if self.changes.iter().any(|change| change.over_budget.is_some()) {
            return Some(Outcome::Regression);
        }
        self.judged().map(|change| change.outcome).min()
    }

    /// The change that the outcome is about: the largest of a regression or improvement, otherwise the first.
    pub fn main_change(&self) -> Option<&Change> {
        let outcome = self.outcome()?;
        let is_claim = outcome.is_claim();
        let same = self.judged().filter(|change| change.outcome == outcome);
        let by_size =
            |a: &&Change, b: &&Change| if is_claim { b.size().total_cmp(&a.size()) } else { Ordering::Equal };
        let broken = self.changes.iter().find(|change| change.over_budget.is_some());
        broken.or_else(|| same.min_by(by_size))
    }

    /// The share of a run that the change is about; rows are sorted by it.
    pub fn importance(&self) -> f64 {
        // A row of unknown share counts as one percent of the run.
        let share = self.share.unwrap_or(1.0);
        let size = self.main_change().map_or(0.0, |change| change.size().min(5.0));
        share * if self.changes.is_empty() { 1.0 } else { size }
    }
}

/// One side of a comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side {
    /// The number of its reports.
    pub runs: usize,
    /// The label of the reports, if they have one, and agree.
    pub label: Option<String>,
    /// The commit, if the reports know it and agree.
    pub git_sha: Option<String>,
    /// True if its numbers are rounded, as in reports of 0.16.1 and 0.30.3.
    pub rounded: bool,
    /// Median length of a run in nanoseconds; 0 if the reports do not say.
    pub duration_ns: u64,
}

/// Two sets of runs, compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// The side that is compared with.
    pub base: Side,
    /// The side that is evaluated.
    pub head: Side,
    /// The probability of any false claim that is accepted; see [`Policy::alpha`](super::Policy::alpha).
    pub alpha: f64,
    /// The confidence of the intervals; see [`Policy::confidence`](super::Policy::confidence).
    pub confidence: f64,
    /// All rows: regressions, improvements, added and removed, inconclusive, no regression, not judged; each the most important
    /// first.
    pub rows: Vec<ComparedRow>,
    /// Notes for the reader, one sentence each.
    pub notes: Vec<String>,
}

/// The number of rows by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Regressions.
    pub regressions: usize,
    /// Improvements.
    pub improvements: usize,
    /// No regression.
    pub no_regression: usize,
    /// Inconclusive.
    pub inconclusive: usize,
    /// Rows of the head only.
    pub added: usize,
    /// Rows of the base only.
    pub removed: usize,
    /// Rows that are not judged.
    pub not_judged: usize,
}

impl Comparison {
    /// The rows with a regression, exceeded budgets among them.
    pub fn regressions(&self) -> impl Iterator<Item = &ComparedRow> {
        self.with(Outcome::Regression)
    }

    /// The rows with an improvement.
    pub fn improvements(&self) -> impl Iterator<Item = &ComparedRow> {
        self.with(Outcome::Improvement)
    }

    /// The rows for which the runs are not enough evidence.
    pub fn inconclusive(&self) -> impl Iterator<Item = &ComparedRow> {
        self.with(Outcome::Inconclusive)
    }

    fn with(&self, outcome: Outcome) -> impl Iterator<Item = &ComparedRow> {
        self.rows.iter().filter(move |row| row.outcome() == Some(outcome))
    }

    /// The outcome of the whole comparison: regression if a row has one, else inconclusive if a row is, else improvement if a row
    /// has one, else no regression. If nothing is judged, it is inconclusive.
    pub fn outcome(&self) -> Outcome {
        let has = |outcome| self.rows.iter().any(|row| row.outcome() == Some(outcome));
        let order = [Outcome::Regression, Outcome::Inconclusive, Outcome::Improvement, Outcome::NoRegression];
        order.into_iter().find(|&outcome| has(outcome)).unwrap_or(Outcome::Inconclusive)
    }

    /// Counts the rows by outcome.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in &self.rows {
            let count = match (&row.presence, row.outcome()) {
                (_, Some(Outcome::Regression)) => &mut counts.regressions,
                (Presence::Added, _) => &mut counts.added,
                (Presence::Removed, _) => &mut counts.removed,
                (_, Some(Outcome::Improvement)) => &mut counts.improvements,
                (_, Some(Outcome::NoRegression)) => &mut counts.no_regression,
                (_, Some(Outcome::Inconclusive)) => &mut counts.inconclusive,
                (_, None) => &mut counts.not_judged,
            };
            *count += 1;
        }
        counts
    }
}
