//! Numbers of two sides become a change with a verdict.
//!
//! What is the same in every run is compared exactly. What differs is compared by its logarithms, so that a change is a ratio
//! whatever the size, and a rise by 10 % is as large as the fall that undoes it. What rounding hides
//! widens the interval on the side that speaks against the claim. Times are also looked at without what all rows of a run have in
//! common (`speed.rs`), which can support a claim that the plain numbers leave open.

use super::comparison::{Change, Evidence, Outcome};
use super::family::{Dealt, adjusted, by_deals};
use super::policy::{Policy, Rule};
use super::rank::p_above;
use super::sample::Sample;
use super::shift::{Shift, median, shift};
use super::speed;
use hotpath_report::{Dist, MetricFamily, Unit};
use std::collections::BTreeMap;

/// With one run per side, a claim needs a factor of two: as much as a busy machine alone has been seen to make of a run.
const ONE_RUN_CHANGE: f64 = 1.0;
/// Calls of one run depend on each other; however many there are, they count as no more than so many values.
const ONE_RUN_VALUES: u64 = 30;
/// Differences below one percent are noise, however much alike runs look.
const LEAST_FLOOR: f64 = 0.01;
/// With fewer calls, one run tells nothing.
const ONE_RUN_LEAST: u64 = 20;

/// One number of a row on both sides, not yet judged.
pub(super) struct Question<'a> {
    pub(super) metric: String,
    pub(super) judge: MetricFamily,
    pub(super) unit: Unit,
    pub(super) rule: &'a Rule,
    pub(super) judged: bool,
    pub(super) declared: bool,
    pub(super) budget: Option<u64>,
    /// The number in each run; `None` where the run does not have it.
    pub(super) base: Vec<Option<Sample>>,
    pub(super) head: Vec<Option<Sample>>,
    /// The single calls of all runs of a side, where the number is their mean.
    pub(super) calls: Option<(Dist, Dist)>,
    /// Whether the row did as much on both sides, as far as one run tells.
    pub(super) same_work: bool,
    /// Whether it tells how fast the machine was.
    pub(super) tells_speed: bool,
}

/// Answers all questions of a comparison, in their order. The judged ones are one family: a claim about any of them counts
/// them all. So are the others.
pub(super) fn answer(questions: &[Question<'_>], policy: &Policy) -> Vec<Change> {
    let mut changes: Vec<Change> = questions.iter().map(plain).collect();
    let mut tests: Vec<(usize, Test)> = Vec::new();
    for (i, question) in questions.iter().enumerate() {
        match test(question) {
            Some(test) => tests.push((i, test)),
            None => decide_exactly(&mut changes[i], question),
        }
    }
    for judged in [true, false] {
        let family: Vec<&(usize, Test)> =
            tests.iter().filter(|(i, _)| questions[*i].judged == judged).collect();
        decide_by_chance(&mut changes, &family, judged, policy);
    }
    changes
}

/// The medians, not yet judged.
fn plain(question: &Question<'_>) -> Change {
    let (base, head) = (values(&question.base), values(&question.head));
    let runs = (base.len(), head.len());
    let [base, head] = [base, head].map(|values| median(values).unwrap_or_default());
    let ratio = if base > 0.0 && head > 0.0 { Some(head / base) } else { (base == head).then_some(1.0) };
    Change {
        metric: question.metric.clone(),
        judge: question.judge,
        unit: question.unit,
        base,
        head,
        runs,
        ratio,
        interval: (None, None),
        p: None,
        evidence: if runs.0.min(runs.1) > 1 { Evidence::Runs } else { Evidence::OneRun },
        judged: question.judged,
        declared: question.declared,
        verdict: Outcome::Inconclusive,
        over_budget: question.budget.filter(|&budget| head > budget as f64),
    }
}

fn values(samples: &[Option<Sample>]) -> Vec<f64> {
    samples.iter().flatten().map(|sample| sample.value).collect()
}

/// Whether all runs of each side have one value.
fn is_constant(question: &Question<'_>) -> bool {
    let constant = |samples: &[Option<Sample>]| {
        let mut known = samples.iter().flatten();
        let first = known.next();
        known.all(|sample| Some(sample) == first)
    };
    question.judge != MetricFamily::Time && constant(&question.base) && constant(&question.head)
}

/// A change of what is the same in every run. Of one run per side that is an assumption, made where the row did as much on both.
fn decide_exactly(change: &mut Change, question: &Question<'_>) {
    let several = question.base.len().max(question.head.len()) > 1;
    if !is_constant(question) || !(several || question.same_work) {
        return;
    }
    let (Some(base), Some(head)) =
        (question.base.iter().flatten().next(), question.head.iter().flatten().next())
    else {
        return;
    };
    change.evidence = if several { Evidence::Exact } else { Evidence::OneRun };
    let counts = 1.0 + question.rule.min_change;
    change.verdict = if head.least > base.most * counts {
        Outcome::Regression
    } else if base.least > head.most * counts {
        Outcome::Improvement
    } else {
        Outcome::NoRegression
    };
    if several {
        change.interval = (change.ratio, change.ratio);
    }
}

/// A question about chance: logarithms of what both sides have, bounds of rounding apart.
struct Test {
    base: Side,
    head: Side,
    /// Logarithm of the smallest change that counts.
    least: f64,
    evidence: Evidence,
    /// Which runs have the number: only tests of the same runs can be dealt together.
    runs: Vec<bool>,
    is_time: bool,
    tells_speed: bool,
}

impl Test {
    /// Of all runs, the base's first.
    fn values(&self) -> Vec<f64> {
        [&self.base.value[..], &self.head.value[..]].concat()
    }

    /// The same without the speed of the machine; what rounding leaves open moves along.
    fn without(&self, speed: &[f64]) -> Self {
        let moved = speed::without(speed, &self.values());
        let (base, head) = moved.split_at(self.base.len());
        Self {
            base: self.base.moved_to(base),
            head: self.head.moved_to(head),
            runs: self.runs.clone(),
            ..*self
        }
    }
}

struct Side {
    least: Vec<f64>,
    value: Vec<f64>,
    most: Vec<f64>,
}

impl Side {
    fn of<'a>(samples: impl Iterator<Item = &'a Sample> + Clone) -> Self {
        // Less than one nanosecond or byte is nothing, and nothing has no logarithm.
        let logs = |of: fn(&Sample) -> f64| samples.clone().map(|sample| of(sample).max(1.0).ln()).collect();
        Self { least: logs(|s| s.least), value: logs(|s| s.value), most: logs(|s| s.most) }
    }

    fn len(&self) -> usize {
        self.value.len()
    }

    fn moved_to(&self, values: &[f64]) -> Self {
        let moved = |ends: &[f64]| {
            let with = ends.iter().zip(&self.value).zip(values);
            with.map(|((end, old), new)| end - old + new).collect()
        };
        Self { least: moved(&self.least), value: values.to_vec(), most: moved(&self.most) }
    }
}

fn test(question: &Question<'_>) -> Option<Test> {
    if is_constant(question) {
        return None;
    }
    let (base, head) = (question.base.iter().flatten(), question.head.iter().flatten());
    if base.clone().count().min(head.clone().count()) > 1 {
        return Some(Test {
            base: Side::of(base),
            head: Side::of(head),
            least: question.rule.min_change.ln_1p(),
            evidence: Evidence::Runs,
            runs: question.base.iter().chain(&question.head).map(Option::is_some).collect(),
            is_time: question.judge == MetricFamily::Time,
            tells_speed: question.tells_speed,
        });
    }
    let (base, head) = question.calls.as_ref()?;
    let (base, head) = (quantiles(base)?, quantiles(head)?);
    Some(Test {
        base: Side::of(base.iter()),
        head: Side::of(head.iter()),
        least: question.rule.min_change.max(ONE_RUN_CHANGE).ln_1p(),
        evidence: Evidence::OneRun,
        runs: Vec::new(),
        is_time: true,
        tells_speed: false,
    })
}

/// Values that stand for the calls of a run, evenly over their distribution.
fn quantiles(dist: &Dist) -> Option<Vec<Sample>> {
    if dist.count < ONE_RUN_LEAST {
        return None;
    }
    let count = dist.count.min(ONE_RUN_VALUES);
    let at = |i: u64| dist.percentile((i as f64 + 0.5) / count as f64 * 100.0);
    (0..count).map(|i| at(i).map(|value| Sample::exactly(value as f64))).collect()
}

fn decide_by_chance(changes: &mut [Change], family: &[&(usize, Test)], judged: bool, policy: &Policy) {
    let plain: Vec<&Test> = family.iter().map(|(_, test)| test).collect();
    let freed = if judged { without_speed(&plain) } else { Vec::new() };
    // What the speed of the machine is taken from is further members of the one family.
    let all: Vec<&Test> = plain.iter().copied().chain(freed.iter().map(|(_, test)| test)).collect();
    let p = family_p(&all, judged);
    let mut freed = freed.iter().zip(&p[plain.len()..]).peekable(); // in the order of their places
    for (place, (i, test)) in family.iter().enumerate() {
        let freed = freed.next_if(|((of, _), _)| *of == place);
        let freed = freed.map(|((_, test), &p)| Answer::of(test, p, policy));
        Answer::of(test, p[place], policy).or_freed(freed, test.least).tell(&mut changes[*i]);
    }
}

/// What a test says.
struct Answer {
    p: f64,
    interval: Shift,
    verdict: Outcome,
    evidence: Evidence,
}

impl Answer {
    fn of(test: &Test, (above, below): (f64, f64), policy: &Policy) -> Self {
        let interval = interval(test, policy.confidence);
        let is_claimed = |p: f64| 2.0 * p <= policy.alpha;
        let verdict = if is_claimed(above) && interval.lower > test.least {
            Outcome::Regression
        } else if is_claimed(below) && interval.upper < -test.least {
            Outcome::Improvement
        } else if interval.upper < test.least && test.evidence == Evidence::Runs {
            Outcome::NoRegression
        } else {
            Outcome::Inconclusive
        };
        Self { p: (2.0 * above.min(below)).min(1.0), interval, verdict, evidence: test.evidence }
    }

    /// A claim by what is left without the speed of the machine, where the plain numbers make none. If the whole program changed, a
    /// row that did not would seem to have changed the other way; so the plain numbers must point there too, with all of their
    /// interval, and leave open that it is as much as counts.
    fn or_freed(self, freed: Option<Self>, least: f64) -> Self {
        let points_there = |freed: &Self| match freed.verdict {
            Outcome::Regression => self.interval.lower > 0.0 && self.interval.upper >= least,
            Outcome::Improvement => self.interval.upper < 0.0 && self.interval.lower <= -least,
            Outcome::Inconclusive | Outcome::NoRegression => false,
        };
        let has_claim = matches!(self.verdict, Outcome::Regression | Outcome::Improvement);
        match freed {
            Some(freed) if !has_claim && points_there(&freed) => freed,
            _ => self,
        }
    }

    fn tell(self, change: &mut Change) {
        let end = |x: f64| x.is_finite().then(|| x.exp());
        change.evidence = self.evidence;
        change.p = Some(self.p);
        change.ratio = Some(self.interval.estimate.exp());
        change.interval = (end(self.interval.lower), end(self.interval.upper));
        change.verdict = self.verdict;
    }
}

/// The tests that change if the speed of the machine is taken out, with their places.
fn without_speed(tests: &[&Test]) -> Vec<(usize, Test)> {
    let Some(runs) = tests.iter().find(|test| test.tells_speed).map(|test| &test.runs) else {
        return Vec::new();
    };
    let is_one = |test: &Test| test.evidence == Evidence::Runs && test.is_time && test.runs == *runs;
    let rows = tests.iter().filter(|test| test.tells_speed && is_one(test));
    let Some(speed) = speed::of_runs(&rows.map(|test| test.values()).collect::<Vec<_>>()) else {
        return Vec::new();
    };
    let ones = tests.iter().enumerate().filter(|(_, test)| is_one(test));
    ones.map(|(place, test)| (place, test.without(&speed))).collect()
}

/// The shift with an interval that allows for rounding.
fn interval(test: &Test, confidence: f64) -> Shift {
    let plain = shift(&test.head.value, &test.base.value, confidence);
    let low = shift(&test.head.least, &test.base.most, confidence).lower;
    let high = shift(&test.head.most, &test.base.least, confidence).upper;
    Shift { lower: low, upper: high, ..plain }
}

/// For each test how probable it is, in this family, that the head lies so far above or below the base if nothing changed.
///
/// What is judged must hold for the whole family, and is dealt. What is only told is ranked row by row, and the share of false
/// tales among them is held.
fn family_p(tests: &[&Test], judged: bool) -> Vec<(f64, f64)> {
    if !judged {
        let p = |high: fn(&Test) -> &[f64], low: fn(&Test) -> &[f64]| {
            adjusted(&tests.iter().map(|test| p_above(high(test), low(test))).collect::<Vec<_>>())
        };
        let above = p(|test| &test.head.value, |test| &test.base.value);
        let below = p(|test| &test.base.value, |test| &test.head.value);
        return above.into_iter().zip(below).collect();
    }
    let mut groups: BTreeMap<(&[bool], usize, usize), Vec<usize>> = BTreeMap::new();
    for (i, test) in tests.iter().enumerate() {
        groups.entry((&test.runs, test.base.len(), test.head.len())).or_default().push(i);
    }
    let mut result = vec![(1.0, 1.0); tests.len()];
    for members in groups.values() {
        let group = || members.iter().map(|&i| tests[i]);
        let above: Vec<Dealt> = group().map(|test| dealt(&test.base.value, &test.head.value, test)).collect();
        let below: Vec<Dealt> = group().map(|test| dealt(&test.head.value, &test.base.value, test)).collect();
        let (above, below) = (by_deals(&above), by_deals(&below));
        // Each group has a part of the certainty, by its size.
        let part = members.len() as f64 / tests.len() as f64;
        for ((&i, above), below) in members.iter().zip(above).zip(below) {
            result[i] = ((above / part).min(1.0), (below / part).min(1.0));
        }
    }
    result
}

fn dealt(low: &[f64], high: &[f64], test: &Test) -> Dealt {
    Dealt { low: low.to_vec(), high: high.to_vec(), floor: test.least.max(LEAST_FLOOR) }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Evidence, Outcome, Shift};

    fn answer((lower, upper): (f64, f64), verdict: Outcome) -> Answer {
        let interval = Shift { estimate: f64::midpoint(lower, upper), lower, upper };
        Answer { p: 0.5, interval, verdict, evidence: Evidence::Runs }
    }

    /// If the whole program got slower, what did not seems to have got faster, beside the others.
    #[test]
    fn a_claim_without_the_speed_of_the_machine_needs_the_plain_numbers_to_point_there() {
        use Outcome::{Improvement, Inconclusive, NoRegression, Regression};
        for (plain, verdict, freed, expected) in [
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
            let beside = Some(answer((-1.0, 1.0), freed));
            let told = answer(plain, verdict).or_freed(beside, 0.05).verdict;
            assert_eq!(told, expected, "{plain:?}: {verdict:?}, without the speed {freed:?}");
        }
    }
}
