//! This project's profiler, switched on.
#![forbid(unsafe_code)]

include!("../../instrumented.rs");
