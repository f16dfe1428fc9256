//! Forms of older versions, on top of today's.

mod guard_builder;
pub(crate) mod section_guards;

pub use guard_builder::{FunctionsGuard, FunctionsGuardBuilder, GuardBuilder, HotPath, init};
