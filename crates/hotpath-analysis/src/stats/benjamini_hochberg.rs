//! Benjamini–Hochberg: p-values adjusted for the false discovery rate.
//!
//! Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate: a practical and powerful approach to multiple testing",
//! Journal of the Royal Statistical Society B 57 (1995) 289–300.

/// Adjusts p-values: among the tests at or below a limit, the expected share of false ones is at most that limit.
pub(crate) fn adjusted(p: &[f64]) -> Vec<f64> {
    let count = p.len() as f64;
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[b].total_cmp(&p[a]));
    let mut result = vec![1.0; p.len()];
    let mut smallest = 1.0f64;
    for (rank, &i) in order.iter().enumerate() {
        smallest = smallest.min(p[i] * count / (count - rank as f64));
        result[i] = smallest;
    }
    result
}
