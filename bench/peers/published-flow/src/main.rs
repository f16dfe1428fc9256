//! The published crate of the same interface, watching data flow.
#![forbid(unsafe_code)]

include!("../../flow.rs");
include!("../../flow_session.rs");
