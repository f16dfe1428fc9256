//! All measurements of one program, and the numbers derived from them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    mode::{Mode, PLAIN, TIMED},
    profile::{Function, Profile},
    program::Program,
    run::Run,
};
use crate::spread::Spread;

/// All runs of a program.
pub struct Measured {
    pub program: &'static Program,
    /// The functions that are compared, those that take most of the run first.
    pub functions: Vec<String>,
    /// By function, the runs in which it alone is recorded.
    pub alone: BTreeMap<String, Vec<Run>>,
    /// By mode.
    runs: BTreeMap<&'static str, Vec<Run>>,
    /// Reasons for having no build with the published crate: not every program compiles with it.
    pub notes: Vec<String>,
    /// An error for each run or other build that failed.
    pub failures: Vec<String>,
}

/// A quantity of a function.
pub type Quantity = fn(&Function) -> Option<f64>;

/// The cost of profiling, stated and real, in ns of CPU time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    pub stated: f64,
    /// By medians.
    pub real: f64,
    /// By the shortest runs, which a busy machine disturbs less.
    pub least: f64,
    /// The distance between a median and the shortest run.
    pub noise: f64,
}

impl Measured {
    pub fn new(program: &'static Program) -> Self {
        Self {
            program,
            functions: Vec::new(),
            alone: BTreeMap::new(),
            runs: BTreeMap::new(),
            notes: Vec::new(),
            failures: Vec::new(),
        }
    }

    pub fn add(&mut self, mode: &Mode, run: Run) {
        self.runs.entry(mode.name).or_default().push(run);
    }

    pub fn add_alone(&mut self, function: &str, run: Run) {
        self.alone.entry(function.to_owned()).or_default().push(run);
    }

    pub fn runs(&self, mode: &str) -> &[Run] {
        self.runs.get(mode).map_or(&[], Vec::as_slice)
    }

    /// User and system time of the process, in ns.
    pub fn cpu(&self, mode: &str) -> Option<Spread> {
        Spread::of(self.runs(mode).iter().map(|run| run.cpu_ns))
    }

    /// `None` without a statement, or without the plain program.
    pub fn cost(&self, mode: &str) -> Option<Cost> {
        let stated = profiles(self.runs(mode)).filter_map(|profile| profile.stated_ns);
        let (stated, with, without) = (Spread::of(stated)?.median, self.cpu(mode)?, self.cpu(PLAIN)?);
        Some(Cost {
            stated,
            real: with.median - without.median,
            least: with.min - without.min,
            noise: (with.median - with.min).max(without.median - without.min),
        })
    }

    /// Measured calls of one run.
    pub fn calls(&self, mode: &str) -> Option<u64> {
        profiles(self.runs(mode)).next().map(Profile::calls)
    }

    /// The report of the first run with every call timed.
    pub fn timed(&self) -> Option<&Profile> {
        profiles(self.runs(TIMED)).next()
    }

    /// Median over the runs of a mode; `None` if a run does not know it.
    pub fn quantity(&self, mode: &str, function: &str, quantity: Quantity) -> Option<f64> {
        median(self.runs(mode), function, quantity)
    }

    /// The same, of the function when it alone is recorded.
    pub fn quantity_alone(&self, function: &str, quantity: Quantity) -> Option<f64> {
        median(self.alone.get(function)?, function, quantity)
    }

    /// A line for each function whose calls are not those of the timed run. One whose calls differ between timed runs, too, is not
    /// a matter of the mode.
    pub fn differing_counts(&self, modes: &[&Mode]) -> Vec<String> {
        let Some(expected) = self.timed() else { return Vec::new() };
        let unsteady = self.unsteady();
        let mut lines = Vec::new();
        for mode in modes.iter().filter(|mode| mode.counts) {
            for profile in profiles(self.runs(mode.name)) {
                for (name, wanted, found) in differences(expected, profile) {
                    let line = format!("{}: `{name}`: {found} calls instead of {wanted}", mode.name);
                    if !unsteady.contains(name) && !lines.contains(&line) {
                        lines.push(line);
                    }
                }
            }
        }
        lines
    }

    /// Functions whose calls differ between two runs in which every call is timed.
    pub fn unsteady(&self) -> BTreeSet<&str> {
        let Some(expected) = self.timed() else { return BTreeSet::new() };
        let others = profiles(self.runs(TIMED)).skip(1);
        others.flat_map(|profile| differences(expected, profile)).map(|(name, _, _)| name).collect()
    }

    /// Every run.
    pub fn json(&self) -> Value {
        let runs = |runs: &[Run]| runs.iter().map(Run::json).collect::<Vec<_>>();
        json!({
            "program": self.program.name,
            "modes": self.runs.iter().map(|(mode, all)| (*mode, runs(all))).collect::<BTreeMap<_, _>>(),
            "alone": self.alone.iter().map(|(name, all)| (name, runs(all))).collect::<BTreeMap<_, _>>(),
            "notes": self.notes,
            "failures": self.failures,
        })
    }
}

fn profiles(runs: &[Run]) -> impl Iterator<Item = &Profile> {
    runs.iter().filter_map(|run| run.profile.as_ref())
}

fn median(runs: &[Run], function: &str, quantity: Quantity) -> Option<f64> {
    let values: Option<Vec<f64>> =
        profiles(runs).map(|profile| quantity(profile.functions.get(function)?)).collect();
    Some(Spread::of(values?)?.median)
}

/// The functions whose calls differ, with those of both.
fn differences<'a>(expected: &'a Profile, found: &'a Profile) -> Vec<(&'a str, u64, u64)> {
    let calls =
        |profile: &Profile, name: &str| profile.functions.get(name).map_or(0, |function| function.calls);
    let names: BTreeSet<&String> = expected.functions.keys().chain(found.functions.keys()).collect();
    let both = names.into_iter().map(|name| (name.as_str(), calls(expected, name), calls(found, name)));
    both.filter(|(_, expected, found)| expected != found).collect()
}

impl Cost {
    /// Stated divided by real; `None` where the real one is within the noise.
    pub fn ratio(self) -> Option<f64> {
        (self.real > self.noise).then(|| self.stated / self.real)
    }

    /// The same by the shortest runs.
    pub fn ratio_of_least(self) -> Option<f64> {
        (self.least > 0.0).then(|| self.stated / self.least)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::programs::{
        mode::{MODES, PLAIN},
        program::PROGRAMS,
    };

    /// A report with one function below `main`, of 1,000 ns.
    pub fn profile(calls: u64, total_ns: f64, stated_ns: f64) -> Profile {
        Profile::read(&format!(
            r#"{{"overhead":{{"total_ns":{stated_ns}}},"functions_timing":{{"percent_base":1000,"data":[
                {{"name":"main","calls":1,"total_ns":1000,"self_ns":{0},"kind":"main"}},
                {{"name":"work","calls":{calls},"total_ns":{total_ns},"self_ns":{total_ns}}}]}},
                "call_tree":[{{"name":"main","total_ns":1000,"children":[{{"name":"work","total_ns":{total_ns}}}]}}]}}"#,
            1000.0 - total_ns
        ))
        .expect("a report")
    }

    pub fn mode(name: &str) -> &'static Mode {
        MODES.iter().find(|mode| mode.name == name).expect("a known mode")
    }

    /// Calls, total and stated time of a report.
    type Reported = (u64, f64, f64);

    /// Runs by mode, each with its CPU time and report.
    pub fn measured(runs: &[(&str, f64, Option<Reported>)]) -> Measured {
        let mut measured = Measured { functions: vec!["work".into()], ..Measured::new(&PROGRAMS[0]) };
        for &(name, cpu_ns, report) in runs {
            let profile = report.map(|(calls, total, stated)| profile(calls, total, stated));
            measured.add(mode(name), Run { cpu_ns, profile });
        }
        measured
    }

    #[test]
    fn the_stated_cost_stands_beside_what_was_added() {
        let report = Some((1, 10.0, 90.0));
        let measured = measured(&[
            (PLAIN, 100.0, None),
            (PLAIN, 110.0, None),
            (PLAIN, 104.0, None),
            (TIMED, 224.0, report),
            (TIMED, 204.0, report),
            (TIMED, 199.0, report),
        ]);
        let cost = measured.cost(TIMED).expect("both were measured");
        assert_eq!(cost, Cost { stated: 90.0, real: 100.0, least: 99.0, noise: 5.0 });
        assert_eq!(cost.ratio(), Some(0.9));
        assert_eq!(measured.cost(PLAIN), None);
    }

    #[test]
    fn a_cost_within_the_noise_has_no_ratio() {
        let cost = Cost { stated: 5.0, real: 4.0, least: -1.0, noise: 4.0 };
        assert_eq!((cost.ratio(), cost.ratio_of_least()), (None, None));
    }

    #[test]
    fn counts_of_another_mode_must_be_equal() {
        let modes = [mode(TIMED), mode("rate-0"), mode("hooks")];
        let run = |name, calls| (name, 1.0, Some((calls, 1.0, 1.0)));
        let equal = measured(&[run(TIMED, 7), run("rate-0", 7), run("hooks", 0)]);
        assert!(equal.differing_counts(&modes).is_empty());
        let lost = measured(&[run(TIMED, 7), run("rate-0", 7), run("rate-0", 6)]);
        assert_eq!(lost.differing_counts(&modes), ["rate-0: `work`: 6 calls instead of 7"]);
        // A program that does not do the same twice says nothing about the modes.
        let unsteady = measured(&[run(TIMED, 7), run(TIMED, 8), run("rate-0", 6)]);
        assert!(unsteady.differing_counts(&modes).is_empty());
        assert!(unsteady.unsteady().contains("work"));
    }

    #[test]
    fn a_median_of_what_one_run_does_not_know_is_unknown() {
        let mut measured =
            measured(&[(TIMED, 1.0, Some((7, 30.0, 1.0))), (TIMED, 1.0, Some((7, 50.0, 1.0)))]);
        let total: Quantity = |function| function.total_ns;
        assert_eq!(measured.quantity(TIMED, "work", total), Some(40.0));
        assert_eq!(measured.quantity(TIMED, "other", total), None);
        let mut unknown = profile(7, 30.0, 1.0);
        unknown.functions.get_mut("work").expect("there").total_ns = None;
        measured.add(mode(TIMED), Run { cpu_ns: 1.0, profile: Some(unknown) });
        assert_eq!(measured.quantity(TIMED, "work", total), None);
    }
}
