//! Claims of comparisons of simulated runs, whose truth is known.

use hotpath_analysis::compare::{Comparison, Outcome, Policy, compare};
use hotpath_report::{Bucket, Dist, FunctionKind, FunctionStats, Report, Table, Timing};

const FUNCTIONS: usize = 20;

/// Runs of a program on a machine with neighbours: all functions of a run are slowed together, each varies on its own, and now
/// and then a run or a function is far off.
struct Machine {
    state: u64,
    /// Whether every other run, at random, takes a third longer as a whole.
    has_two_speeds: bool,
}

impl Machine {
    fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678, has_two_speeds: false }
    }

    fn with_two_speeds(seed: u64) -> Self {
        Self { has_two_speeds: true, ..Self::new(seed) }
    }

    /// A number in 0..1.
    fn uniform(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let (a, b) = (self.uniform().max(1e-300), self.uniform());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }

    /// A factor around 1 that is now and then much larger.
    fn noise(&mut self, spread: f64, wild: f64) -> f64 {
        let far = if self.uniform() < wild { 1.0 - 0.3 * self.uniform().max(1e-12).ln() } else { 1.0 };
        far * (spread * self.normal()).exp()
    }

    /// One run, in which the first function takes `factor` times as long as it did.
    fn run(&mut self, factor: f64, spread: f64, wild: f64) -> Report {
        let mut all = self.noise(spread, wild);
        if self.has_two_speeds && self.uniform() < 0.5 {
            all *= 1.35;
        }
        let rows: Vec<FunctionStats> = (0..FUNCTIONS)
            .map(|i| {
                let slowed = if i == 0 { factor } else { 1.0 };
                let mean = (10_000.0 * (i + 1) as f64 * slowed * all * self.noise(spread, wild)) as u64;
                let tail = (mean as f64 * 3.0 * self.noise(spread, wild)) as u64;
                function(i, mean, tail)
            })
            .collect();
        Report {
            duration_ns: rows.iter().filter_map(|row| row.total_ns).sum(),
            caller_name: "app::main".into(),
            sections: vec![Table::of::<Timing>(&rows, &(), &[95.0])],
            ..Report::default()
        }
    }

    fn runs(&mut self, count: usize, factor: f64, spread: f64, wild: f64) -> Vec<Report> {
        (0..count).map(|_| self.run(factor, spread, wild)).collect()
    }
}

/// A function with 90 calls of about the mean and 10 in its tail.
fn function(number: usize, mean: u64, tail: u64) -> FunctionStats {
    let bucket = |value: u64, count| Bucket { lower: value, upper: value + 1, count };
    let sum = 90 * mean + 10 * tail;
    let (min, max) = (Some(mean.min(tail)), Some(mean.max(tail)));
    FunctionStats {
        name: format!("app::f{number}"),
        kind: FunctionKind::Fn,
        calls: 100,
        total_ns: Some(sum),
        self_ns: Some(sum),
        durations: Dist::from_buckets(100, sum, min, max, [bucket(mean, 90), bucket(tail, 10)]),
        ..FunctionStats::default()
    }
}

fn claims_a_change(comparison: &Comparison) -> bool {
    comparison.regressions().chain(comparison.improvements()).next().is_some()
}

/// The number of comparisons that claim a change, though nothing changed.
fn alarms(seeds: std::ops::Range<u64>, runs: usize, spread: f64, wild: f64) -> usize {
    let alarm = |seed: &u64| {
        let mut machine = Machine::new(*seed);
        let (base, head) = (machine.runs(runs, 1.0, spread, wild), machine.runs(runs, 1.0, spread, wild));
        claims_a_change(&compare(&base, &head, &Policy::default()))
    };
    seeds.filter(alarm).count()
}

/// The numbers of comparisons that find the function that takes `factor` times as long, and that claim something else.
fn found(comparisons: u64, runs: usize, factor: f64, spread: f64, wild: f64) -> (usize, usize) {
    let (mut found, mut false_claims) = (0, 0);
    for seed in 0..comparisons {
        let mut machine = Machine::new(seed);
        let (base, head) = (machine.runs(runs, 1.0, spread, wild), machine.runs(runs, factor, spread, wild));
        let comparison = compare(&base, &head, &Policy::default());
        found += usize::from(comparison.regressions().any(|row| row.name == "app::f0"));
        let other = |row: &&hotpath_analysis::compare::ComparedRow| row.name != "app::f0";
        false_claims += usize::from(
            comparison
                .rows
                .iter()
                .filter(other)
                .any(|row| matches!(row.outcome(), Some(Outcome::Regression | Outcome::Improvement))),
        );
    }
    (found, false_claims)
}

/// 200 comparisons of a program with itself, on machines from quiet to hardly usable.
#[test]
fn a_program_compared_with_itself_hardly_ever_alarms() {
    let quiet = alarms(0..90, 5, 0.02, 0.05);
    let busy = alarms(100..150, 6, 0.05, 0.1) + alarms(200..220, 10, 0.05, 0.1);
    let unusable = alarms(300..340, 5, 0.2, 0.1);
    let alarms = quiet + busy + unusable;
    assert!(alarms <= 2, "{alarms} false alarms of 200");
}

/// Spread of a run and of each function 1.5 %, every tenth of them far off.
#[test]
fn thirty_percent_are_found_with_five_runs_and_ten_with_twenty() {
    let (large, beside) = found(20, 5, 1.3, 0.015, 0.05);
    assert!(large >= 16 && beside <= 1, "{large} of 20 found, {beside} false");
    let (small, beside) = found(6, 20, 1.1, 0.015, 0.05);
    assert!(small >= 5 && beside <= 1, "{small} of 6 found, {beside} false");
}

/// Three numbers of ten are off by 30 % on average, and none of them the other way: what a busy neighbour does.
#[test]
fn a_disturbed_function_is_found_by_the_runs_that_were_not() {
    let (found, beside) = found(12, 20, 1.1, 0.015, 0.16);
    assert!(found >= 6 && beside == 0, "{found} of 12 found, {beside} false");
}

/// A run that takes a third longer as a whole says nothing of one function, and hides little of it.
#[test]
fn a_machine_of_two_speeds_hides_little_and_invents_nothing() {
    let (mut found, mut beside) = (0, 0);
    for seed in 0..12 {
        let mut machine = Machine::with_two_speeds(seed);
        let (base, head) = (machine.runs(20, 1.0, 0.015, 0.02), machine.runs(20, 1.15, 0.015, 0.02));
        let comparison = compare(&base, &head, &Policy::default());
        found += usize::from(comparison.regressions().any(|row| row.name == "app::f0"));
        let claims = comparison.regressions().chain(comparison.improvements());
        beside += claims.filter(|row| row.name != "app::f0").count();
    }
    assert!(found >= 8 && beside == 0, "{found} of 12 found, {beside} false");
}

/// However large the difference of three runs per side, it is not significant.
#[test]
fn three_runs_per_side_are_inconclusive() {
    let mut machine = Machine::new(1);
    let (base, head) = (machine.runs(3, 1.0, 0.01, 0.0), machine.runs(3, 3.0, 0.01, 0.0));
    let comparison = compare(&base, &head, &Policy::default());
    let row = comparison.rows.iter().find(|row| row.name == "app::f0").expect("it is on both sides");
    assert_eq!(row.outcome(), Some(Outcome::Inconclusive));
    assert!(comparison.notes.iter().any(|note| note.contains("5 are needed")), "{:?}", comparison.notes);
}

/// A regression one way is an improvement of the same size the other way.
#[test]
fn swapping_the_sides_swaps_the_outcomes() {
    for seed in 0..12 {
        let mut machine = Machine::new(seed);
        let runs = 5 + seed as usize % 5;
        let (base, head) = (machine.runs(runs, 1.0, 0.02, 0.05), machine.runs(6, 1.25, 0.02, 0.05));
        let there = compare(&base, &head, &Policy::default());
        let back = compare(&head, &base, &Policy::default());
        for row in &there.rows {
            let other = back.rows.iter().find(|other| other.name == row.name).expect("the same rows");
            for (change, mirrored) in row.changes.iter().zip(&other.changes) {
                let swapped = match mirrored.outcome {
                    Outcome::Regression => Outcome::Improvement,
                    Outcome::Improvement => Outcome::Regression,
                    same => same,
                };
                let claims = [Outcome::Regression, Outcome::Improvement];
                assert_eq!(
                    claims.contains(&change.outcome),
                    claims.contains(&swapped),
                    "{change:?} {mirrored:?}"
                );
                assert!(!claims.contains(&change.outcome) || change.outcome == swapped);
                assert_eq!(change.p, mirrored.p);
                let product = change.ratio.unwrap_or(1.0) * mirrored.ratio.unwrap_or(1.0);
                assert!((product - 1.0).abs() < 1e-9, "{change:?} {mirrored:?}");
            }
        }
    }
}
