//! The order of the runs, and the schedule of the interim analyses.
//!
//! A round is A B B A, so that a steady drift during it, such as of the machine's temperature, affects both variants alike.
//! Repeated analyses raise the false-positive rate (a group-sequential design), so there are few, and the rate is split across them
//! ([`hotpath_analysis::compare::Policy::at_interim`]).

use hotpath_analysis::median;

/// One of the two variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variant {
    Base,
    Head,
}

/// One round.
pub(super) const ROUND: [Variant; 4] = [Variant::Base, Variant::Head, Variant::Head, Variant::Base];

/// Returns the rounds after which the runs are analysed, from `first` to `last`, each about 1.4 times the one before.
pub(super) fn interim_analyses(first: usize, last: usize) -> Vec<usize> {
    let mut analyses = vec![first.min(last)];
    while let Some(&rounds) = analyses.last()
        && rounds < last
    {
        analyses.push((rounds * 7).div_ceil(5).min(last));
    }
    analyses
}

/// Returns the noise of runs of the same variant, relative to their median: 1.4826 times the median absolute deviation, which
/// estimates the standard deviation of a normal distribution.
pub(super) fn noise(durations: &[u64]) -> Option<f64> {
    let center = median(durations.iter().map(|&nanos| nanos as f64))?;
    let deviations = durations.iter().map(|&nanos| (nanos as f64 - center).abs());
    (center > 0.0).then_some(1.4826 * median(deviations)? / center)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interim_analyses_start_and_end_at_the_limits() {
        assert_eq!(interim_analyses(5, 20), [5, 7, 10, 14, 20]);
        assert_eq!(interim_analyses(5, 5), [5]);
        assert_eq!(interim_analyses(5, 3), [3]);
        assert_eq!(interim_analyses(1, 4), [1, 2, 3, 4]);
    }

    #[test]
    fn a_round_gives_each_variant_the_same_mean_time() {
        let mean = |variant| {
            ROUND.iter().enumerate().filter(|(_, v)| **v == variant).map(|(at, _)| at).sum::<usize>()
        };
        assert_eq!(mean(Variant::Base), mean(Variant::Head));
    }

    #[test]
    fn noise_ignores_a_single_outlier() {
        assert_eq!(noise(&[100, 100, 100, 900]), Some(0.0));
        let noise = noise(&[98, 99, 101, 102]).unwrap_or_default();
        assert!((noise - 1.4826 * 1.5 / 100.0).abs() < 1e-9, "{noise}");
        assert_eq!(super::noise(&[]), None);
    }
}
