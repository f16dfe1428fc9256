//! What expansions of our macros use. Not for people; may change at any time.

/// The global allocator that `#[hotpath::main]` installs: one that counts, around the system's or the one that was named.
#[cfg(all(feature = "hotpath-alloc", not(feature = "hotpath-off")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotpath_global_allocator {
    () => {
        #[global_allocator]
        static __HOTPATH_ALLOCATOR: $crate::CountingAllocator = $crate::CountingAllocator::new();
    };
    ($allocator:path) => {
        #[global_allocator]
        static __HOTPATH_ALLOCATOR: $crate::CountingAllocator<$allocator> =
            $crate::CountingAllocator::with($allocator);
    };
}

/// The global allocator that `#[hotpath::main]` installs: none, as allocations are not tracked in this build.
#[cfg(not(all(feature = "hotpath-alloc", not(feature = "hotpath-off"))))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotpath_global_allocator {
    ($($allocator:path)?) => {};
}

pub use __hotpath_global_allocator as global_allocator;

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub use crate::imp::hook::*;

/// Handles with nothing behind them.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
pub mod values {
    use crate::{
        imp::values::{Gauge, Val},
        values::{GaugeHandle, ValHandle},
    };

    #[must_use]
    pub fn val() -> ValHandle {
        ValHandle::of(Val)
    }

    #[must_use]
    pub fn gauge() -> GaugeHandle {
        GaugeHandle::of(Gauge)
    }
}
