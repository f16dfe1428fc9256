//! In which order the variants run, and after which rounds the verdict is looked at.
//!
//! A round is A B B A: whatever changes steadily while it lasts, such as the machine's temperature, is then the same for both.
//! Looking several times makes a false alarm likelier, so there are few looks, and each gets a part of what may go wrong in all
//! ([`hotpath_analysis::compare::Policy::at_interim`]).

use hotpath_analysis::median;

/// Which variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Base,
    Head,
}

/// One round.
pub(super) const ROUND: [Which; 4] = [Which::Base, Which::Head, Which::Head, Which::Base];

/// The numbers of rounds after which the verdict is looked at, from `first` to `last`, each about 1.4 times the one before.
pub(super) fn looks(first: usize, last: usize) -> Vec<usize> {
    let mut looks = vec![first.min(last)];
    while let Some(&look) = looks.last()
        && look < last
    {
        looks.push((look * 7).div_ceil(5).min(last));
    }
    looks
}

/// How much runs of the same variant differ, as a part of their median: 1.4826 times the median distance from the median, which
/// for a normal distribution is its standard deviation.
pub(super) fn noise(durations: &[u64]) -> Option<f64> {
    let middle = median(durations.iter().map(|&nanos| nanos as f64))?;
    let distances = durations.iter().map(|&nanos| (nanos as f64 - middle).abs());
    (middle > 0.0).then_some(1.4826 * median(distances)? / middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_begin_and_end_where_they_should() {
        assert_eq!(looks(5, 20), [5, 7, 10, 14, 20]);
        assert_eq!(looks(5, 5), [5]);
        assert_eq!(looks(5, 3), [3]);
        assert_eq!(looks(1, 4), [1, 2, 3, 4]);
    }

    #[test]
    fn a_round_gives_each_variant_the_same_mean_time() {
        let mean =
            |which| ROUND.iter().enumerate().filter(|(_, w)| **w == which).map(|(at, _)| at).sum::<usize>();
        assert_eq!(mean(Which::Base), mean(Which::Head));
    }

    #[test]
    fn noise_ignores_one_run_that_was_disturbed() {
        assert_eq!(noise(&[100, 100, 100, 900]), Some(0.0));
        let noise = noise(&[98, 99, 101, 102]).unwrap_or_default();
        assert!((noise - 1.4826 * 1.5 / 100.0).abs() < 1e-9, "{noise}");
        assert_eq!(super::noise(&[]), None);
    }
}
