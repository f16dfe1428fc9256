//! Winsorizing: the largest and smallest values are replaced by their neighbours.
//!
//! J. W. Tukey, "The future of data analysis", Annals of Mathematical Statistics 33 (1962) 1–67.

/// Winsorizes the values of two sides together, so that a few wild runs do not drown the others; `smaller` is the number of values of the
/// smaller side. The labels of the values do not matter, so a permutation test stays exact.
///
/// Other programs on the machine make a run longer and never shorter, so more values are replaced at the top: as many as four
/// fifths of the smaller side. Two runs in five may then be disturbed on each side, and the largest remaining value still belongs
/// to the slower side, if the sides differ.
pub(super) fn winsorize(values: &mut [f64], smaller: usize) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at_top = smaller * 4 / 5;
    let at_bottom = values.len().div_ceil(5).min(at_top);
    let limits = (sorted.get(at_bottom), sorted.get(values.len().saturating_sub(at_top + 1)));
    if let (Some(&lower), Some(&upper)) = limits
        && lower < upper
    {
        values.iter_mut().for_each(|value| *value = value.clamp(lower, upper));
    }
}

#[cfg(test)]
mod tests {
    use super::winsorize;

    #[test]
    fn extremes_become_their_neighbours_and_more_of_them_at_the_top() {
        let mut values = [9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0];
        winsorize(&mut values, 5);
        assert_eq!(values, [6.0, 3.0, 3.0, 3.0, 4.0, 5.0, 6.0, 6.0, 6.0, 6.0]);
    }

    #[test]
    fn two_values_are_left_alone() {
        let mut values = [1.0, 2.0];
        winsorize(&mut values, 1);
        assert_eq!(values, [1.0, 2.0]);
    }
}
