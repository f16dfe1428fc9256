//! Metrics of both sides become changes, each with an outcome.
//!
//! Values that are the same in every run are compared exactly. Others are compared by their logarithms, so that a change is a
//! ratio whatever the size, and a rise by 10 % is as large as the fall that undoes it. Rounding widens the confidence interval
//! on the side that speaks against the claim. Times are also tested adjusted for the run effects (`stats/run_effect.rs`), which can
//! support a claim that the plain values leave open.

use super::comparison::{Change, Evidence, Outcome};
use super::observation::Observation;
use super::policy::{Policy, Rule};
use crate::stats::benjamini_hochberg;
use crate::stats::hodges_lehmann::{Shift, shift};
use crate::stats::mann_whitney::p_greater;
use crate::stats::median;
use crate::stats::permutation::{TwoSamples, max_t_permutation};
use crate::stats::run_effect::{self, run_effects};
use hotpath_report::{Dist, MetricFamily, Unit};
use std::collections::BTreeMap;

/// The smallest change that one run per side can show, as a share: a busy machine alone has been seen to double a run.
const ONE_RUN_MIN_CHANGE: f64 = 1.0;
/// The most values that the calls of one run count as: they depend on each other.
const ONE_RUN_MAX_VALUES: u64 = 30;
/// The fewest calls by which one run can be tested.
const ONE_RUN_MIN_CALLS: u64 = 20;
/// The smallest constant in the denominator of the statistic: differences below one percent are noise, however alike runs look.
const MIN_FLOOR: f64 = 0.01;

/// One metric of a row in the runs of both sides, not yet evaluated.
pub(super) struct Metric<'a> {
    pub(super) name: String,
    pub(super) family: MetricFamily,
    pub(super) unit: Unit,
    pub(super) rule: &'a Rule,
    pub(super) judged: bool,
    pub(super) declared: bool,
    pub(super) budget: Option<u64>,
    /// The value in each run; `None` in a run without one.
    pub(super) base: Vec<Option<Observation>>,
    pub(super) head: Vec<Option<Observation>>,
    /// The distributions of the single calls in all runs of each side, if the metric is their mean.
    pub(super) calls: Option<(Dist, Dist)>,
    /// True if the row did the same amount of work on both sides, as far as one run shows.
    pub(super) same_work: bool,
    /// True if run effects are estimated from it.
    pub(super) shows_run_effect: bool,
}

/// Evaluates all metrics of a comparison, in their order. The judged ones are one family of tests, and the others are another.
pub(super) fn evaluate(metrics: &[Metric<'_>], policy: &Policy) -> Vec<Change> {
    let mut changes: Vec<Change> = metrics.iter().map(unevaluated).collect();
    let mut tests: Vec<(usize, Test)> = Vec::new();
    for (i, metric) in metrics.iter().enumerate() {
        match Test::of(metric) {
            Some(test) => tests.push((i, test)),
            None => compare_exactly(&mut changes[i], metric),
        }
    }
    for judged in [true, false] {
        let family: Vec<&(usize, Test)> =
            tests.iter().filter(|(i, _)| metrics[*i].judged == judged).collect();
        evaluate_family(&mut changes, &family, judged, policy);
    }
    changes
}

/// The medians, without an outcome yet.
fn unevaluated(metric: &Metric<'_>) -> Change {
    let (base, head) = (values(&metric.base), values(&metric.head));
    let runs = (base.len(), head.len());
    let [base, head] = [base, head].map(|values| median(values).unwrap_or_default());
    let ratio = if base > 0.0 && head > 0.0 { Some(head / base) } else { (base == head).then_some(1.0) };
    Change {
        metric: metric.name.clone(),
        family: metric.family,
        unit: metric.unit,
        base,
        head,
        runs,
        ratio,
        interval: (None, None),
        p: None,
        evidence: if runs.0.min(runs.1) > 1 { Evidence::Runs } else { Evidence::OneRun },
        judged: metric.judged,
        declared: metric.declared,
        outcome: Outcome::Inconclusive,
        over_budget: metric.budget.filter(|&budget| head > budget as f64),
    }
}

fn values(observations: &[Option<Observation>]) -> Vec<f64> {
    observations.iter().flatten().map(|observation| observation.value).collect()
}

/// Returns true if all runs of each side have one value.
fn is_constant(metric: &Metric<'_>) -> bool {
    let constant = |observations: &[Option<Observation>]| {
        let mut known = observations.iter().flatten();
        let first = known.next();
        known.all(|observation| Some(observation) == first)
    };
    metric.family != MetricFamily::Time && constant(&metric.base) && constant(&metric.head)
}

/// Compares values that are the same in every run. With one run per side that is an assumption, made where the row did the same
/// amount of work on both.
fn compare_exactly(change: &mut Change, metric: &Metric<'_>) {
    let several = metric.base.len().max(metric.head.len()) > 1;
    if !is_constant(metric) || !(several || metric.same_work) {
        return;
    }
    let (Some(base), Some(head)) = (metric.base.iter().flatten().next(), metric.head.iter().flatten().next())
    else {
        return;
    };
    change.evidence = if several { Evidence::Exact } else { Evidence::OneRun };
    let factor = 1.0 + metric.rule.min_change;
    change.outcome = if head.lower > base.upper * factor {
        Outcome::Regression
    } else if base.lower > head.upper * factor {
        Outcome::Improvement
    } else {
        Outcome::NoRegression
    };
    if several {
        change.interval = (change.ratio, change.ratio);
    }
}

/// A significance test of one metric: the logarithms of the values, with those of their bounds.
struct Test {
    base: Side,
    head: Side,
    /// Logarithm of the smallest change that counts.
    min_change: f64,
    evidence: Evidence,
    /// The runs that have the metric: only tests of the same runs can be permuted together.
    runs: Vec<bool>,
    is_time: bool,
    shows_run_effect: bool,
}

impl Test {
    /// `None` for what is constant, and for one run per side without calls to test.
    fn of(metric: &Metric<'_>) -> Option<Self> {
        if is_constant(metric) {
            return None;
        }
        let (base, head) = (metric.base.iter().flatten(), metric.head.iter().flatten());
        if base.clone().count().min(head.clone().count()) > 1 {
            return Some(Self {
                base: Side::of(base),
                head: Side::of(head),
                min_change: metric.rule.min_change.ln_1p(),
                evidence: Evidence::Runs,
                runs: metric.base.iter().chain(&metric.head).map(Option::is_some).collect(),
                is_time: metric.family == MetricFamily::Time,
                shows_run_effect: metric.shows_run_effect,
            });
        }
        let (base, head) = metric.calls.as_ref()?;
        let (base, head) = (quantiles(base)?, quantiles(head)?);
        Some(Self {
            base: Side::of(base.iter()),
            head: Side::of(head.iter()),
            min_change: metric.rule.min_change.max(ONE_RUN_MIN_CHANGE).ln_1p(),
            evidence: Evidence::OneRun,
            runs: Vec::new(),
            is_time: true,
            shows_run_effect: false,
        })
    }

    /// The values of all runs, the base's first.
    fn values(&self) -> Vec<f64> {
        [&self.base.value[..], &self.head.value[..]].concat()
    }

    /// The test of the values adjusted for the run effects; their bounds move along.
    fn adjusted(&self, effects: &[f64]) -> Self {
        let adjusted = run_effect::adjusted(effects, &self.values());
        let (base, head) = adjusted.split_at(self.base.len());
        Self {
            base: self.base.moved_to(base),
            head: self.head.moved_to(head),
            runs: self.runs.clone(),
            ..*self
        }
    }

    /// The shift with a confidence interval that allows for rounding.
    fn interval(&self, confidence: f64) -> Shift {
        let lower = shift(&self.head.lower, &self.base.upper, confidence).lower;
        let upper = shift(&self.head.upper, &self.base.lower, confidence).upper;
        Shift { lower, upper, ..shift(&self.head.value, &self.base.value, confidence) }
    }
}

/// The observations of one side, as logarithms.
struct Side {
    lower: Vec<f64>,
    value: Vec<f64>,
    upper: Vec<f64>,
}

impl Side {
    fn of<'a>(observations: impl Iterator<Item = &'a Observation> + Clone) -> Self {
        // Less than one nanosecond or byte is zero, which has no logarithm.
        let logs =
            |of: fn(&Observation) -> f64| observations.clone().map(|seen| of(seen).max(1.0).ln()).collect();
        Self {
            lower: logs(|seen| seen.lower),
            value: logs(|seen| seen.value),
            upper: logs(|seen| seen.upper),
        }
    }

    fn len(&self) -> usize {
        self.value.len()
    }

    fn moved_to(&self, values: &[f64]) -> Self {
        let moved = |bounds: &[f64]| {
            let with = bounds.iter().zip(&self.value).zip(values);
            with.map(|((bound, old), new)| bound - old + new).collect()
        };
        Self { lower: moved(&self.lower), value: values.to_vec(), upper: moved(&self.upper) }
    }
}

/// Values that stand for the calls of a run, evenly over their distribution.
fn quantiles(dist: &Dist) -> Option<Vec<Observation>> {
    if dist.count < ONE_RUN_MIN_CALLS {
        return None;
    }
    let count = dist.count.min(ONE_RUN_MAX_VALUES);
    let at = |i: u64| dist.percentile((i as f64 + 0.5) / count as f64 * 100.0);
    (0..count).map(|i| at(i).map(|value| Observation::exact(value as f64))).collect()
}

fn evaluate_family(changes: &mut [Change], family: &[&(usize, Test)], judged: bool, policy: &Policy) {
    let plain: Vec<&Test> = family.iter().map(|(_, test)| test).collect();
    let adjusted = if judged { adjusted_tests(&plain) } else { Vec::new() };
    // The adjusted tests are further members of the family.
    let all: Vec<&Test> = plain.iter().copied().chain(adjusted.iter().map(|(_, test)| test)).collect();
    let p = if judged { family_wise_p(&all) } else { false_discovery_p(&all) };
    let mut adjusted = adjusted.iter().zip(&p[plain.len()..]).peekable(); // in the order of the plain ones
    for (position, (i, test)) in family.iter().enumerate() {
        let adjusted = adjusted.next_if(|((of, _), _)| *of == position);
        let adjusted = adjusted.map(|((_, test), &p)| TestResult::of(test, p, policy));
        let result = TestResult::of(test, p[position], policy).or_adjusted(adjusted, test.min_change);
        result.write_to(&mut changes[*i]);
    }
}

/// The result of a test.
struct TestResult {
    p: f64,
    interval: Shift,
    outcome: Outcome,
    evidence: Evidence,
}

impl TestResult {
    fn of(test: &Test, (greater, less): (f64, f64), policy: &Policy) -> Self {
        let interval = test.interval(policy.confidence);
        let is_significant = |p: f64| 2.0 * p <= policy.alpha;
        let outcome = if is_significant(greater) && interval.lower > test.min_change {
            Outcome::Regression
        } else if is_significant(less) && interval.upper < -test.min_change {
            Outcome::Improvement
        } else if interval.upper < test.min_change && test.evidence == Evidence::Runs {
            Outcome::NoRegression
        } else {
            Outcome::Inconclusive
        };
        Self { p: (2.0 * greater.min(less)).min(1.0), interval, outcome, evidence: test.evidence }
    }

    /// The claim of the adjusted values, where the plain values make none. If the whole program changed, an adjusted row that did
    /// not would seem to have changed the other way. So the whole plain interval must point the same way, and must leave open
    /// that the change is as large as counts.
    fn or_adjusted(self, adjusted: Option<Self>, min_change: f64) -> Self {
        let agrees = |adjusted: &Self| match adjusted.outcome {
            Outcome::Regression => self.interval.lower > 0.0 && self.interval.upper >= min_change,
            Outcome::Improvement => self.interval.upper < 0.0 && self.interval.lower <= -min_change,
            Outcome::Inconclusive | Outcome::NoRegression => false,
        };
        match adjusted {
            Some(adjusted) if !self.outcome.is_claim() && agrees(&adjusted) => adjusted,
            _ => self,
        }
    }

    fn write_to(self, change: &mut Change) {
        let limit = |x: f64| x.is_finite().then(|| x.exp());
        change.evidence = self.evidence;
        change.p = Some(self.p);
        change.ratio = Some(self.interval.estimate.exp());
        change.interval = (limit(self.interval.lower), limit(self.interval.upper));
        change.outcome = self.outcome;
    }
}

/// The tests that can be adjusted for run effects, adjusted, with the positions of the plain ones.
fn adjusted_tests(tests: &[&Test]) -> Vec<(usize, Test)> {
    let Some(runs) = tests.iter().find(|test| test.shows_run_effect).map(|test| &test.runs) else {
        return Vec::new();
    };
    let is_one = |test: &Test| test.evidence == Evidence::Runs && test.is_time && test.runs == *runs;
    let rows = tests.iter().filter(|test| test.shows_run_effect && is_one(test));
    let Some(effects) = run_effects(&rows.map(|test| test.values()).collect::<Vec<_>>()) else {
        return Vec::new();
    };
    let ones = tests.iter().enumerate().filter(|(_, test)| is_one(test));
    ones.map(|(position, test)| (position, test.adjusted(&effects))).collect()
}

/// Returns for each test the p-values of a rise and of a fall, adjusted for the family-wise error rate.
fn family_wise_p(tests: &[&Test]) -> Vec<(f64, f64)> {
    let mut groups: BTreeMap<(&[bool], usize, usize), Vec<usize>> = BTreeMap::new();
    for (i, test) in tests.iter().enumerate() {
        groups.entry((&test.runs, test.base.len(), test.head.len())).or_default().push(i);
    }
    let mut result = vec![(1.0, 1.0); tests.len()];
    for members in groups.values() {
        let group = || members.iter().map(|&i| tests[i]);
        let greater: Vec<TwoSamples> = group().map(|test| samples(&test.base, &test.head, test)).collect();
        let less: Vec<TwoSamples> = group().map(|test| samples(&test.head, &test.base, test)).collect();
        let (greater, less) = (max_t_permutation(&greater), max_t_permutation(&less));
        // Each group has a part of alpha, by its size (Bonferroni).
        let part = members.len() as f64 / tests.len() as f64;
        for ((&i, greater), less) in members.iter().zip(greater).zip(less) {
            result[i] = ((greater / part).min(1.0), (less / part).min(1.0));
        }
    }
    result
}

fn samples(low: &Side, high: &Side, test: &Test) -> TwoSamples {
    let (low, high) = (low.value.clone(), high.value.clone());
    TwoSamples { low, high, floor: test.min_change.max(MIN_FLOOR) }
}

/// Returns for each test the p-values of a rise and of a fall, adjusted for the false discovery rate: enough for what is reported
/// and not judged.
fn false_discovery_p(tests: &[&Test]) -> Vec<(f64, f64)> {
    let p = |high: fn(&Test) -> &[f64], low: fn(&Test) -> &[f64]| {
        let p: Vec<f64> = tests.iter().map(|test| p_greater(high(test), low(test))).collect();
        benjamini_hochberg::adjusted(&p)
    };
    let greater = p(|test| &test.head.value, |test| &test.base.value);
    let less = p(|test| &test.base.value, |test| &test.head.value);
    greater.into_iter().zip(less).collect()
}

#[cfg(test)]
mod tests {
    use super::{Evidence, Outcome, Shift, TestResult};

    fn result((lower, upper): (f64, f64), outcome: Outcome) -> TestResult {
        let interval = Shift { estimate: f64::midpoint(lower, upper), lower, upper };
        TestResult { p: 0.5, interval, outcome, evidence: Evidence::Runs }
    }

    /// If the whole program got slower, what did not seems to have got faster, beside the others.
    #[test]
    fn a_claim_of_adjusted_values_needs_plain_values_that_point_the_same_way() {
        use Outcome::{Improvement, Inconclusive, NoRegression, Regression};
        for (plain, outcome, adjusted, expected) in [
            ((0.01, 0.3), Inconclusive, Regression, Regression),
            ((-0.01, 0.3), Inconclusive, Regression, Inconclusive),
            ((-0.3, -0.01), NoRegression, Regression, NoRegression),
            ((0.01, 0.04), NoRegression, Regression, NoRegression),
            ((-0.3, -0.01), NoRegression, Improvement, Improvement),
            ((-0.3, 0.01), NoRegression, Improvement, NoRegression),
            ((-0.04, -0.01), NoRegression, Improvement, NoRegression),
            ((0.1, 0.3), Regression, Improvement, Regression),
            ((0.01, 0.3), Inconclusive, NoRegression, Inconclusive),
        ] {
            let beside = Some(result((-1.0, 1.0), adjusted));
            let reported = result(plain, outcome).or_adjusted(beside, 0.05).outcome;
            assert_eq!(reported, expected, "{plain:?}: {outcome:?}, adjusted {adjusted:?}");
        }
    }
}
