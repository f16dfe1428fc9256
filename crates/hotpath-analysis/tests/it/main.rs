//! Reading, merging and comparing, on reports built by hand.

#[path = "../../../hotpath-report/tests/fixtures/mod.rs"]
mod fixtures;

mod compare;
mod compare_truth;
mod merge;
mod since;
