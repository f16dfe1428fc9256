//! The published crate of the same interface.
#![forbid(unsafe_code)]

include!("../../instrumented.rs");
