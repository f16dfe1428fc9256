//! This project's profiler, watching data flow.
#![forbid(unsafe_code)]

include!("../../flow.rs");
include!("../../flow_session.rs");
