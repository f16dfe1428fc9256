//! The statistics of a comparison, each in the file of its name, with a reference to the literature.
//!
//! | file | method |
//! |---|---|
//! | `median.rs` | median |
//! | `mann_whitney.rs` | Mann–Whitney U test, exact also with ties |
//! | `hodges_lehmann.rs` | Hodges–Lehmann estimate of a shift, with its confidence interval |
//! | `permutation.rs` | Westfall–Young step-down max-T permutation test: controls the family-wise error rate |
//! | `winsorize.rs` | winsorizing |
//! | `benjamini_hochberg.rs` | p-values that control the false discovery rate |
//! | `run_effect.rs` | common-mode drift of runs: median polish and Theil–Sen slopes |
//!
//! All of them are checked against SciPy (`against_scipy.rs`), and on simulated runs (`tests/it/compare_truth.rs`).

#[cfg(test)]
mod against_scipy;
pub(crate) mod benjamini_hochberg;
pub(crate) mod hodges_lehmann;
pub(crate) mod mann_whitney;
mod median;
pub(crate) mod permutation;
pub(crate) mod run_effect;
mod winsorize;

pub use median::median;
