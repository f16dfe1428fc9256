//! A median with the lowest and highest value beside it.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub min: f64,
    pub max: f64,
}

impl Spread {
    /// `None` for no values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (&min, &max) = (values.first()?, values.last()?);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            (values[middle - 1] + values[middle]) / 2.0
        } else {
            values[middle]
        };
        Some(Self { median, min, max })
    }

    /// The same spread, `by` lower.
    pub fn less(self, by: f64) -> Self {
        Self { median: self.median - by, min: self.min - by, max: self.max - by }
    }

    /// The same spread in units of `unit`.
    pub fn over(self, unit: f64) -> Self {
        Self { median: self.median / unit, min: self.min / unit, max: self.max / unit }
    }

    /// `1.05 (1.04–1.07)`
    pub fn hundredths(self) -> String {
        format!("{:.2} ({:.2}–{:.2})", self.median, self.min, self.max)
    }
}

/// `20.5 (20.1–21.0)`: tenths below 100, whole numbers above.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = usize::from(self.median.abs() < 99.95);
        // Adding zero turns a rounded -0.0 into 0.0.
        let round =
            |value: f64| (value * 10f64.powi(digits as i32)).round() / 10f64.powi(digits as i32) + 0.0;
        let [median, min, max] = [self.median, self.min, self.max].map(round);
        write!(f, "{median:.digits$} ({min:.digits$}–{max:.digits$})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], expected: &str) {
        assert_eq!(
            Spread::of(values.iter().copied()).map(|spread| spread.to_string()).as_deref(),
            Some(expected)
        );
    }

    #[test]
    fn the_median_is_the_middle_value_or_between_two() {
        check(&[3.0, 1.0, 2.0], "2.0 (1.0–3.0)");
        check(&[4.0, 1.0, 3.0, 2.0], "2.5 (1.0–4.0)");
        check(&[7.25], "7.3 (7.3–7.3)");
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn tenths_below_a_hundred_only() {
        check(&[99.94], "99.9 (99.9–99.9)");
        check(&[99.96, 1.4, 200.6], "100 (1–201)");
    }

    #[test]
    fn a_multiple_has_hundredths() {
        let spread = Spread::of([190.0, 210.0, 250.0]).map(|spread| spread.over(200.0).hundredths());
        assert_eq!(spread.as_deref(), Some("1.05 (0.95–1.25)"));
    }

    #[test]
    fn less_may_go_below_zero_but_not_to_minus_zero() {
        let spread = Spread::of([1.0, 1.5, 2.0]).map(|spread| spread.less(1.51).to_string());
        assert_eq!(spread.as_deref(), Some("0.0 (-0.5–0.5)"));
    }
}
