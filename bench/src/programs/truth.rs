//! A function in a report, beside the same function measured in another way.

use super::{
    measured::Measured,
    mode::TIMED,
    profile::{Function, Profile},
};

/// From this share of the run a function is compared, in percent.
pub const SHARE: f64 = 2.0;

/// A function with everything instrumented, and measured alone. Shares in percent of the run, ratios 1 if they agree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alone {
    pub total: Pair,
    pub own: Pair,
    /// Total time with everything instrumented, divided by that alone.
    pub total_ratio: Option<f64>,
    /// The same of the self time, if that is not next to nothing.
    pub own_ratio: Option<f64>,
}

/// A share with everything instrumented, and alone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pair {
    pub whole: Option<f64>,
    pub alone: Option<f64>,
}

impl Pair {
    /// Percentage points between the two.
    pub fn points(self) -> Option<f64> {
        Some(self.whole? - self.alone?)
    }
}

/// The functions to be compared, those that take most of the run first; without the one that holds the guard, which is the run.
pub fn significant(profile: &Profile) -> Vec<String> {
    let mut found: Vec<(&String, &Function)> =
        profile.functions.iter().filter(|(_, function)| !function.is_main && function.takes(SHARE)).collect();
    found.sort_by(|(_, a), (_, b)| b.percent_total.unwrap_or(0.0).total_cmp(&a.percent_total.unwrap_or(0.0)));
    found.into_iter().map(|(name, _)| name.clone()).collect()
}

/// The pattern of a focus that matches this name and no longer one.
pub fn pattern(name: &str) -> String {
    let escaped: String = name
        .chars()
        .flat_map(|letter| [(!letter.is_alphanumeric() && letter != '_').then_some('\\'), Some(letter)])
        .flatten()
        .collect();
    format!("/^{escaped}$/")
}

/// Compares a function with itself measured alone.
pub fn alone(measured: &Measured, name: &str) -> Alone {
    let total = Pair {
        whole: measured.quantity(TIMED, name, |function| function.percent_total),
        alone: measured.quantity_alone(name, |function| function.percent_total),
    };
    let own = Pair {
        whole: measured.quantity(TIMED, name, |function| function.percent_self),
        alone: own_alone(measured, name, |function| function.percent_total),
    };
    let ratio = |whole: Option<f64>, alone: Option<f64>| Some(whole? / alone.filter(|&alone| alone > 0.0)?);
    let total_ns = |function: &Function| function.total_ns;
    Alone {
        total,
        own,
        total_ratio: ratio(measured.quantity(TIMED, name, total_ns), measured.quantity_alone(name, total_ns)),
        own_ratio: ratio(
            measured.quantity(TIMED, name, |function| function.self_ns),
            own_alone(measured, name, total_ns),
        )
        .filter(|_| [own.whole, own.alone].into_iter().flatten().any(|share| share >= SHARE)),
    }
}

/// Time of a function by itself: alone, its total includes its callees, so theirs are subtracted, each measured alone too.
/// Of a callee with several callers, each has the part that the call tree says. `None` for recursion, where the parts overlap.
fn own_alone(measured: &Measured, name: &str, total: fn(&Function) -> Option<f64>) -> Option<f64> {
    let profile = measured.timed()?;
    if profile.is_recursive(name) {
        return None;
    }
    let mut own = measured.quantity_alone(name, total)?;
    for (callee, part) in profile.callees(name) {
        // One that is too short to be measured alone hardly matters.
        let time =
            measured.quantity_alone(callee, total).or_else(|| measured.quantity(TIMED, callee, total))?;
        own -= time * part;
    }
    Some(own)
}

/// An estimate of a mode that times some calls, divided by what is known from timing all; total and self time.
pub fn estimate(measured: &Measured, mode: &str, name: &str) -> [Option<f64>; 2] {
    let ratio = |quantity: fn(&Function) -> Option<f64>| {
        let timed = measured.quantity(TIMED, name, quantity).filter(|&timed| timed > 0.0)?;
        Some(measured.quantity(mode, name, quantity)? / timed)
    };
    [ratio(|function| function.total_ns), ratio(|function| function.self_ns)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::{
        measured::tests::{measured, profile},
        run::Run,
    };

    fn with_alone(whole_ns: f64, alone_ns: &[f64]) -> Measured {
        let mut measured = measured(&[(TIMED, 1.0, Some((7, whole_ns, 1.0)))]);
        let runs = alone_ns.iter().map(|&total| Run { cpu_ns: 1.0, profile: Some(profile(7, total, 1.0)) });
        measured.alone.insert("work".into(), runs.collect());
        measured
    }

    #[test]
    fn shares_differ_in_points_and_times_as_a_ratio() {
        let function = alone(&with_alone(500.0, &[400.0, 380.0, 460.0]), "work");
        assert_eq!(function.total.points(), Some(10.0));
        assert_eq!((function.total_ratio, function.own_ratio), (Some(1.25), Some(1.25)));
        assert_eq!(alone(&with_alone(500.0, &[]), "work").total.points(), None);
        assert_eq!(alone(&with_alone(9.0, &[8.0]), "work").own_ratio, None);
    }

    #[test]
    fn self_time_alone_is_less_the_callees() {
        let mut measured = with_alone(500.0, &[400.0]);
        let main = Run { cpu_ns: 1.0, profile: Some(profile(7, 0.0, 1.0)) };
        measured.alone.insert("main".into(), vec![main]);
        // `main` takes all of the run, and `work` 40 % of it when measured alone.
        let function = alone(&measured, "main");
        assert_eq!((function.own.whole, function.own.alone), (Some(50.0), Some(60.0)));
    }

    #[test]
    fn short_functions_and_the_run_itself_are_not_compared() {
        assert_eq!(significant(&profile(7, 20.0, 1.0)), ["work"]);
        assert!(significant(&profile(7, 19.0, 1.0)).is_empty());
    }

    #[test]
    fn an_estimate_is_a_multiple_of_the_timed_one() {
        let measured =
            measured(&[(TIMED, 1.0, Some((7, 500.0, 1.0))), ("rate-0.1", 1.0, Some((7, 450.0, 1.0)))]);
        assert_eq!(estimate(&measured, "rate-0.1", "work"), [Some(0.9); 2]);
        assert_eq!(estimate(&measured, "rate-0", "work"), [None; 2]);
    }

    #[test]
    fn a_pattern_matches_the_name_only() {
        assert_eq!(pattern("a::b_2"), r"/^a\:\:b_2$/");
        assert_eq!(pattern("<T as U>::f"), r"/^\<T\ as\ U\>\:\:f$/");
    }
}
