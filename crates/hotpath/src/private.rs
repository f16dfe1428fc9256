//! What expansions of our macros use. Not for people; may change at any time.

/// The global allocator that `#[hotpath::main]` installs: none, as allocations are not tracked in this build.
#[doc(hidden)]
#[macro_export]
macro_rules! __hotpath_global_allocator {
    ($($allocator:path)?) => {};
}

pub use __hotpath_global_allocator as global_allocator;

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub use crate::imp::hook::*;
