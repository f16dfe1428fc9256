//! What a comparison judges, and how sure it has to be.

use hotpath_report::MetricFamily;
use std::collections::BTreeMap;

/// What a comparison judges, and how sure it has to be. The default is meant for a gate: it raises a false alarm in at most one
/// comparison of a hundred, however many rows there are.
///
/// ```
/// use hotpath_analysis::compare::{Policy, Rule};
/// let strict = Policy { time: Rule { min_change: 0.02, ..Policy::default().time }, ..Policy::default() };
/// assert_eq!(strict.rule("functions", hotpath_report::MetricFamily::Time).map(|rule| rule.min_change), Some(0.02));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// How probable it may be that a comparison of a program with itself claims any change at all, of all that is judged together.
    /// Who looks at growing numbers of runs gives each look a part of it: see [`Policy::at_look`].
    pub alpha: f64,
    /// Of an interval, about one row alone. Each of its ends is right more often still: with 0.9, in 95 of 100 cases. Slower is
    /// only what lies above the smallest change that counts with all of its interval, not slower what lies below it so.
    pub confidence: f64,
    /// How times are judged.
    pub time: Rule,
    /// How memory is judged.
    pub alloc: Rule,
    /// How counts of what was done are judged.
    pub flow: Rule,
    /// Rows that have less than this share of the run, in percent, on both sides are not judged.
    pub min_share: f64,
    /// Patterns of names that are not judged; `*` stands for any text.
    pub ignore: Vec<String>,
    /// What differs for one resource, by its stem: `functions`, `channels`, `mutexes`.
    pub resources: BTreeMap<String, Resource>,
}

/// How one kind of numbers is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Whether a change is a regression or an improvement; else it is only told.
    pub judged: bool,
    /// What is judged, by the names in the output (`avg`, `p95`, `total`); `None` is what the columns declare.
    pub metrics: Option<Vec<String>>,
    /// Smallest change that counts, as a share: 0.05 is 5 %.
    pub min_change: f64,
    /// Rows with fewer calls in a run are not judged.
    pub min_calls: u64,
}

/// What differs for one resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// How its times are judged.
    pub time: Option<Rule>,
    /// How its memory is judged.
    pub alloc: Option<Rule>,
    /// How its counts are judged.
    pub flow: Option<Rule>,
    /// In place of [`Policy::min_share`].
    pub min_share: Option<f64>,
    /// Further patterns of names that are not judged.
    pub ignore: Vec<String>,
    /// Limits that the head must keep, whatever the base did.
    pub budgets: Vec<Budget>,
}

/// A limit for one number of some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// Pattern of the rows' names.
    pub rows: String,
    /// Name of the number, as in the output.
    pub metric: String,
    /// The most that its median over the runs may be, in nanoseconds, bytes or as a count.
    pub max: u64,
}

impl Default for Policy {
    fn default() -> Self {
        let rule = Rule { judged: true, metrics: None, min_change: 0.05, min_calls: 1 };
        Self {
            // Just above what five runs per side can reach: 2 of the 252 ways to deal ten runs.
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
    /// The rule for a kind of numbers of a resource; `None` for what is not compared.
    pub fn rule(&self, resource: &str, judge: MetricFamily) -> Option<&Rule> {
        let own = self.resources.get(resource);
        match judge {
            MetricFamily::Skip => None,
            MetricFamily::Time => Some(own.and_then(|own| own.time.as_ref()).unwrap_or(&self.time)),
            MetricFamily::Alloc => Some(own.and_then(|own| own.alloc.as_ref()).unwrap_or(&self.alloc)),
            MetricFamily::Flow => Some(own.and_then(|own| own.flow.as_ref()).unwrap_or(&self.flow)),
        }
    }

    /// The policy for the look number `look` (from 0) of at most `looks` at a growing number of runs. Each has a part of
    /// [`Policy::alpha`], later ones a larger part, since what is hard to see is seen late; all of them together claim a false
    /// change no more often than one comparison with this policy.
    ///
    /// A smaller part asks for more runs: see [`Policy::fewest_runs`] of the result.
    ///
    /// ```
    /// use hotpath_analysis::compare::Policy;
    /// let policy = Policy::default();
    /// let spent: f64 = (0..5).map(|look| policy.at_look(look, 5).alpha).sum();
    /// assert!((spent - policy.alpha).abs() < 1e-12);
    /// assert_eq!(policy.at_look(0, 5).fewest_runs(), 8);
    /// ```
    pub fn at_look(&self, look: usize, looks: usize) -> Policy {
        let parts = looks.max(1) * (looks.max(1) + 1) / 2;
        Policy { alpha: self.alpha * (look + 1) as f64 / parts as f64, ..self.clone() }
    }

    /// Fewest runs per side with which a change of a time can be claimed at all.
    ///
    /// ```
    /// assert_eq!(hotpath_analysis::compare::Policy::default().fewest_runs(), 5);
    /// ```
    pub fn fewest_runs(&self) -> usize {
        let smallest = |n: &usize| 2.0 / super::rank::arrangements(*n, *n) <= self.alpha;
        (2..40).find(smallest).unwrap_or(40)
    }

    pub(super) fn ignores(&self, resource: &str, name: &str) -> bool {
        let own = self.resources.get(resource).map(|own| &own.ignore[..]).unwrap_or_default();
        self.ignore.iter().chain(own).any(|pattern| matches(pattern, name))
    }

    pub(super) fn min_share_of(&self, resource: &str) -> f64 {
        self.resources.get(resource).and_then(|own| own.min_share).unwrap_or(self.min_share)
    }

    /// The limit of a number of a row: the lowest, if several patterns fit.
    pub(super) fn budget(&self, resource: &str, name: &str, metric: &str) -> Option<u64> {
        let budgets = self.resources.get(resource).map(|own| &own.budgets[..]).unwrap_or_default();
        let fits = |budget: &&Budget| budget.metric == metric && budget.fits(name);
        budgets.iter().filter(fits).map(|budget| budget.max).min()
    }
}

impl Budget {
    /// Whether it is for the row of this name.
    pub(super) fn fits(&self, name: &str) -> bool {
        matches(&self.rows, name)
    }
}

impl Rule {
    pub(super) fn judges(&self, metric: &str, declared: bool) -> bool {
        self.judged && self.metrics.as_ref().map_or(declared, |own| own.iter().any(|name| name == metric))
    }
}

/// Whether the whole of `text` fits `pattern`, in which `*` stands for any text.
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
    fn a_star_stands_for_any_text() {
        for pattern in ["app::load", "*", "app::*", "*load", "a*::l*d", "*app::load*", "**load"] {
            assert!(matches(pattern, "app::load"), "{pattern}");
        }
        for pattern in ["", "app", "load", "app::load2", "*app", "load*", "app::load*load", "A*"] {
            assert!(!matches(pattern, "app::load"), "{pattern}");
        }
    }
}
