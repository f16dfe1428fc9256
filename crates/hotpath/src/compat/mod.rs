//! Forms of older versions, on top of today's.

#[cfg(all(feature = "serve", feature = "hotpath", not(feature = "hotpath-off")))]
pub(crate) mod base64;
mod guard_builder;
pub(crate) mod section_guards;

pub use guard_builder::{FunctionsGuard, FunctionsGuardBuilder, GuardBuilder, HotPath, init};
