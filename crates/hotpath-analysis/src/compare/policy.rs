//! Policies: what a comparison judges, and how much evidence a claim needs.

use hotpath_report::MetricFamily;
use std::collections::BTreeMap;

/// A policy: what a comparison judges, and how much evidence a claim needs. The default is meant for a gate: at most one comparison in a
/// hundred raises a false alarm, however many rows there are.
///
/// ```
/// use hotpath_analysis::compare::{Policy, Rule};
/// let strict = Policy { time: Rule { min_change: 0.02, ..Policy::default().time }, ..Policy::default() };
/// assert_eq!(strict.rule("functions", hotpath_report::MetricFamily::Time).map(|rule| rule.min_change), Some(0.02));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The family-wise error rate: the probability that a comparison of a program with itself claims any change at all, in all rows
    /// that are judged. Interim analyses of a growing number of runs each spend a part of it: see [`Policy::at_interim`].
    pub alpha: f64,
    /// The confidence of the interval of one row; each of its limits alone holds more often: at 0.9, in 95 of 100 cases. A regression
    /// has its whole interval above the smallest change that counts, and no regression its whole interval below.
    pub confidence: f64,
    /// The rule for times.
    pub time: Rule,
    /// The rule for memory.
    pub alloc: Rule,
    /// The rule for counts of what was done.
    pub flow: Rule,
    /// The smallest share of the run, in percent, that a row must have on a side to be judged.
    pub min_share: f64,
    /// Patterns of names that are not judged; `*` matches any text.
    pub ignore: Vec<String>,
    /// Exceptions for one resource, by its stem: `functions`, `channels`, `mutexes`.
    pub resources: BTreeMap<String, Resource>,
}

/// The rule for one family of metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// True if a change is a regression or an improvement; otherwise it is only reported.
    pub judged: bool,
    /// The metrics that are judged, by their names in the output (`avg`, `p95`, `total`); `None` for those that the columns declare.
    pub metrics: Option<Vec<String>>,
    /// Smallest change that counts, as a share: 0.05 is 5 %.
    pub min_change: f64,
    /// The fewest calls in a run that a row must have to be judged.
    pub min_calls: u64,
}

/// Exceptions for one resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// The rule for its times.
    pub time: Option<Rule>,
    /// The rule for its memory.
    pub alloc: Option<Rule>,
    /// The rule for its counts.
    pub flow: Option<Rule>,
    /// Replaces [`Policy::min_share`].
    pub min_share: Option<f64>,
    /// Further patterns of names that are not judged.
    pub ignore: Vec<String>,
    /// Limits for the head, whatever the base did.
    pub budgets: Vec<Budget>,
}

/// A limit for one metric of some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// The pattern of the rows' names.
    pub rows: String,
    /// The name of the metric, as in the output.
    pub metric: String,
    /// The largest permitted median over the runs, in nanoseconds, bytes or as a count.
    pub max: u64,
}

impl Default for Policy {
    fn default() -> Self {
        let rule = Rule { judged: true, metrics: None, min_change: 0.05, min_calls: 1 };
        Self {
            // Just above the smallest p-value of five runs per side: 2 of the 252 ways to label ten runs.
            alpha: 0.008,
            confidence: 0.9,
            time: rule.clone(),
            alloc: Rule { min_change: 0.01, ..rule.clone() },
            flow: Rule { judged: false, min_change: 0.0, ..rule },
            min_share: 0.5,
            ignore: Vec::new(),
            resources: BTreeMap::new(),
        }
    }
}

impl Policy {
    /// Returns the rule for a family of metrics of a resource; `None` for what is not compared.
    pub fn rule(&self, resource: &str, family: MetricFamily) -> Option<&Rule> {
        let own = self.resources.get(resource);
        match family {
            MetricFamily::Skip => None,
            MetricFamily::Time => Some(own.and_then(|own| own.time.as_ref()).unwrap_or(&self.time)),
            MetricFamily::Alloc => Some(own.and_then(|own| own.alloc.as_ref()).unwrap_or(&self.alloc)),
            MetricFamily::Flow => Some(own.and_then(|own| own.flow.as_ref()).unwrap_or(&self.flow)),
        }
    }

    /// Returns the policy for interim analysis number `analysis` (from 0) of at most `analyses`, at a growing number of runs. Each spends
    /// a part of [`Policy::alpha`], later ones a larger part, since small changes need many runs; by the Bonferroni inequality all
    /// of them together make a false claim no more often than one comparison with this policy.
    ///
    /// A smaller part needs more runs: see [`Policy::fewest_runs`] of the result. On spending alpha: K. K. G. Lan, D. L. DeMets,
    /// "Discrete sequential boundaries for clinical trials", Biometrika 70 (1983) 659–663.
    ///
    /// ```
    /// use hotpath_analysis::compare::Policy;
    /// let policy = Policy::default();
    /// let spent: f64 = (0..5).map(|analysis| policy.at_interim(analysis, 5).alpha).sum();
    /// assert!((spent - policy.alpha).abs() < 1e-12);
    /// assert_eq!(policy.at_interim(0, 5).fewest_runs(), 8);
    /// ```
    pub fn at_interim(&self, analysis: usize, analyses: usize) -> Policy {
        let parts = analyses.max(1) * (analyses.max(1) + 1) / 2;
        Policy { alpha: self.alpha * (analysis + 1) as f64 / parts as f64, ..self.clone() }
    }

    /// Returns the fewest runs per side with which a change of a time can be claimed at all.
    ///
    /// ```
    /// assert_eq!(hotpath_analysis::compare::Policy::default().fewest_runs(), 5);
    /// ```
    pub fn fewest_runs(&self) -> usize {
        let smallest = |n: &usize| 2.0 / crate::stats::mann_whitney::arrangements(*n, *n) <= self.alpha;
        (2..40).find(smallest).unwrap_or(40)
    }

    pub(super) fn ignores(&self, resource: &str, name: &str) -> bool {
        let own = self.resources.get(resource).map(|own| &own.ignore[..]).unwrap_or_default();
        self.ignore.iter().chain(own).any(|pattern| matches(pattern, name))
    }

    pub(super) fn min_share_of(&self, resource: &str) -> f64 {
        self.resources.get(resource).and_then(|own| own.min_share).unwrap_or(self.min_share)
    }

    /// The limit of a metric of a row: the lowest, if several patterns fit.
    pub(super) fn budget(&self, resource: &str, name: &str, metric: &str) -> Option<u64> {
        let budgets = self.resources.get(resource).map(|own| &own.budgets[..]).unwrap_or_default();
        let fits = |budget: &&Budget| budget.metric == metric && budget.fits(name);
        budgets.iter().filter(fits).map(|budget| budget.max).min()
    }
}

impl Budget {
    /// Returns true if it applies to the row of this name.
    pub(super) fn fits(&self, name: &str) -> bool {
        matches(&self.rows, name)
    }
}

impl Rule {
    pub(super) fn judges(&self, metric: &str, declared: bool) -> bool {
        self.judged && self.metrics.as_ref().map_or(declared, |own| own.iter().any(|name| name == metric))
    }
}

/// Returns true if the whole of `text` matches `pattern`, in which `*` matches any text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_matches_any_text() {
        for pattern in ["app::load", "*", "app::*", "*load", "a*::l*d", "*app::load*", "**load"] {
            assert!(matches(pattern, "app::load"), "{pattern}");
        }
        for pattern in ["", "app", "load", "app::load2", "*app", "load*", "app::load*load", "A*"] {
            assert!(!matches(pattern, "app::load"), "{pattern}");
        }
    }
}
