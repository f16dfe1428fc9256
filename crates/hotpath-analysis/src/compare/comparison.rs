//! The result of a comparison, as a plain value.

use hotpath_report::{MetricFamily, Unit};
use std::cmp::Ordering;

/// What can be said of a change. "Slower" stands for "worse": of memory it means more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The head needs more, by more than the smallest change that counts.
    Regression,
    /// The head needs less, by more than the smallest change that counts.
    Improvement,
    /// The runs do not tell: more of them, or less noise, would.
    Inconclusive,
    /// The head does not need more, or not by as much as counts.
    NoRegression,
}

impl Outcome {
    /// The words for it.
    ///
    /// ```
    /// use hotpath_analysis::compare::Outcome;
    /// use hotpath_report::MetricFamily;
    /// assert_eq!(Outcome::NoRegression.words(MetricFamily::Time), "not slower");
    /// assert_eq!(Outcome::Regression.words(MetricFamily::Alloc), "more");
    /// ```
    pub fn words(self, judge: MetricFamily) -> &'static str {
        match (self, judge) {
            (Self::Inconclusive, _) => "cannot tell",
            (Self::Regression, MetricFamily::Time) => "slower",
            (Self::Improvement, MetricFamily::Time) => "faster",
            (Self::NoRegression, MetricFamily::Time) => "not slower",
            (Self::Regression, _) => "more",
            (Self::Improvement, MetricFamily::Flow) => "fewer",
            (Self::Improvement, _) => "less",
            (Self::NoRegression, MetricFamily::Flow) => "as many",
            (Self::NoRegression, _) => "not more",
        }
    }

    /// The word for it in JSON: `slower`, `faster`, `not_slower`, `cannot_tell`, whatever is compared.
    pub fn key(self) -> &'static str {
        match self {
            Self::Regression => "slower",
            Self::Improvement => "faster",
            Self::Inconclusive => "cannot_tell",
            Self::NoRegression => "not_slower",
        }
    }
}

/// What a verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The value is the same in every run of a side.
    Exact,
    /// Values differ from run to run; statistics over runs.
    Runs,
    /// One run on a side: the single calls of that run, which know nothing of how runs differ.
    OneRun,
}

impl Evidence {
    /// The word for it in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Runs => "runs",
            Self::OneRun => "one_run",
        }
    }
}

/// One number of one row, before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Name of the number: `avg`, `p95`, `total`, `calls`, `wait_avg`.
    pub metric: String,
    /// What the number means.
    pub judge: MetricFamily,
    /// Its unit.
    pub unit: Unit,
    /// Median over the runs of the base; means nothing if none has the number.
    pub base: f64,
    /// Median over the runs of the head.
    pub head: f64,
    /// Runs of each side that have the number.
    pub runs: (usize, usize),
    /// Head by base: 1.1 is 10 % more. `None` if there is no such ratio (something came of nothing). Where only the numbers
    /// without the speed of the machine tell (all rows of a run are off together), ratio, interval and `p` are of those.
    pub ratio: Option<f64>,
    /// Where the ratio lies with [`Policy::confidence`](super::Policy::confidence); an end is `None` where it has no bound.
    pub interval: (Option<f64>, Option<f64>),
    /// How probable such a change is, in this or any other row, if nothing changed by as much as counts; `None` where
    /// nothing is drawn by chance or no runs can tell.
    pub p: Option<f64>,
    /// What the verdict rests on.
    pub evidence: Evidence,
    /// Whether the policy judges it; else it is only told.
    pub judged: bool,
    /// Whether its column is one of those that a policy judges unless it says otherwise.
    pub declared: bool,
    /// What can be said.
    pub verdict: Outcome,
    /// The limit that the head does not keep, if there is one.
    pub over_budget: Option<u64>,
}

impl Change {
    /// How large the change is, whatever the direction: the logarithm of the ratio.
    pub(super) fn size(&self) -> f64 {
        self.ratio.map_or(f64::INFINITY, |ratio| ratio.ln().abs())
    }

    /// What can be said, in words.
    pub fn words(&self) -> String {
        match self.over_budget {
            Some(budget) => format!("over the budget of {}", self.unit.value(budget)),
            None => self.verdict.words(self.judge).to_owned(),
        }
    }
}

/// On which sides a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// On both.
    Both,
    /// On both, under another name in the base.
    Renamed {
        /// The name in the base.
        from: String,
        /// Why it is taken for the same.
        evidence: String,
    },
    /// In the head only.
    Added,
    /// In the base only.
    Removed,
    /// In one only, but the other report is shortened: it may have left the row out.
    Unknown,
}

/// Why a row is not judged.
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
    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::BelowFloor => "below the floor",
            Self::TooFewCalls => "too few calls",
        }
    }
}

/// A row of both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedRow {
    /// Section: `functions_timing`.
    pub section: &'static str,
    /// Resource of the policy: `functions`.
    pub resource: &'static str,
    /// What a row is: `Function`.
    pub title: &'static str,
    /// Its name.
    pub name: String,
    /// On which sides it is.
    pub presence: Presence,
    /// Its largest share of a run on either side, in percent, if it has one.
    pub share: Option<f64>,
    /// Why it is not judged, if it is not.
    pub skipped: Option<Skipped>,
    /// The numbers that both sides have; of a row that only the head has, those with a budget.
    pub changes: Vec<Change>,
}

impl ComparedRow {
    /// The judged numbers.
    pub fn judged(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.judged)
    }

    /// What can be said of the row: the first of slower, faster, cannot tell and not slower that a judged number has.
    /// `None` if nothing is judged. A broken budget makes it slower.
    pub fn verdict(&self) -> Option<Outcome> {
        if self.changes.iter().any(|change| change.over_budget.is_some()) {
            return Some(Outcome::Regression);
        }
        self.judged().map(|change| change.verdict).min()
    }

    /// The change that the verdict is about: the largest of a row that got slower or faster, else the first.
    pub fn main_change(&self) -> Option<&Change> {
        let verdict = self.verdict()?;
        let is_claim = matches!(verdict, Outcome::Regression | Outcome::Improvement);
        let same = self.judged().filter(|change| change.verdict == verdict);
        let by_size =
            |a: &&Change, b: &&Change| if is_claim { b.size().total_cmp(&a.size()) } else { Ordering::Equal };
        let broken = self.changes.iter().find(|change| change.over_budget.is_some());
        broken.or_else(|| same.min_by(by_size))
    }

    /// How much of a run the change is about; rows are sorted by it.
    pub fn importance(&self) -> f64 {
        // A row whose share is not known counts as a hundredth of the run.
        let share = self.share.unwrap_or(1.0);
        let size = self.main_change().map_or(0.0, |change| change.size().min(5.0));
        share * if self.changes.is_empty() { 1.0 } else { size }
    }
}

/// One side of a comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side {
    /// Its reports.
    pub runs: usize,
    /// What the reports call themselves, if they do, and agree.
    pub label: Option<String>,
    /// The commit, if the reports know it and agree.
    pub git_sha: Option<String>,
    /// Whether its numbers are rounded, as in reports of 0.16.1 and 0.30.3.
    pub rounded: bool,
    /// Median length of a run in nanoseconds; 0 if the reports do not say.
    pub duration_ns: u64,
}

/// Two sets of runs, compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// The side that is compared with.
    pub base: Side,
    /// The side that is judged.
    pub head: Side,
    /// How probable a false claim may be; see [`Policy::alpha`](super::Policy::alpha).
    pub alpha: f64,
    /// Of the intervals; see [`Policy::confidence`](super::Policy::confidence).
    pub confidence: f64,
    /// All rows: slower ones first, then faster, added and removed, undecided, unchanged, not judged; the most important first.
    pub rows: Vec<ComparedRow>,
    /// What a reader has to know, one sentence each.
    pub notes: Vec<String>,
}

/// How many rows have which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Slower.
    pub slower: usize,
    /// Faster.
    pub faster: usize,
    /// Not slower.
    pub not_slower: usize,
    /// Undecided.
    pub cannot_tell: usize,
    /// In the head only.
    pub added: usize,
    /// In the base only.
    pub removed: usize,
    /// Not judged.
    pub not_judged: usize,
}

impl Comparison {
    /// The rows that got worse, broken budgets among them.
    pub fn regressions(&self) -> impl Iterator<Item = &ComparedRow> {
        self.with(Outcome::Regression)
    }

    /// The rows that got better.
    pub fn improvements(&self) -> impl Iterator<Item = &ComparedRow> {
        self.with(Outcome::Improvement)
    }

    /// The rows that the runs do not tell about.
    pub fn undecided(&self) -> impl Iterator<Item = &ComparedRow> {
        self.with(Outcome::Inconclusive)
    }

    fn with(&self, verdict: Outcome) -> impl Iterator<Item = &ComparedRow> {
        self.rows.iter().filter(move |row| row.verdict() == Some(verdict))
    }

    /// What can be said of all that is judged: slower if a row is, else undecided if a row is, else faster if a row is, else not
    /// slower. If nothing is judged, nothing can be told.
    pub fn verdict(&self) -> Outcome {
        let has = |verdict| self.rows.iter().any(|row| row.verdict() == Some(verdict));
        let order = [Outcome::Regression, Outcome::Inconclusive, Outcome::Improvement, Outcome::NoRegression];
        order.into_iter().find(|&verdict| has(verdict)).unwrap_or(Outcome::Inconclusive)
    }

    /// How many rows have which verdict.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in &self.rows {
            let count = match (&row.presence, row.verdict()) {
                (_, Some(Outcome::Regression)) => &mut counts.slower,
                (Presence::Added, _) => &mut counts.added,
                (Presence::Removed, _) => &mut counts.removed,
                (_, Some(Outcome::Improvement)) => &mut counts.faster,
                (_, Some(Outcome::NoRegression)) => &mut counts.not_slower,
                (_, Some(Outcome::Inconclusive)) => &mut counts.cannot_tell,
                (_, None) => &mut counts.not_judged,
            };
            *count += 1;
        }
        counts
    }
}
