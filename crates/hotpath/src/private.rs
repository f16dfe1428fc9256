//! Items that the expansions of our macros use. No public interface: it may change at any time.

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub use crate::{Format, HotpathGuardBuilder};
/// Is in no scope under `#![no_implicit_prelude]`. The name is all that a compiler's message about two allocators shows of us.
#[cfg(all(feature = "hotpath-alloc", not(feature = "hotpath-off")))]
pub use ::core::prelude::v1::global_allocator as global_allocator_unless_allocator_is_none;
/// Expansions name no other crate, since `core` and `std` may be other crates where they land.
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub use ::core::{
    column, compile_error, concat, file, future::Future, line, module_path, option::Option, stringify,
    time::Duration,
};

/// The global allocator that `#[hotpath::main]` installs: one that counts, around the system's or the one that was named.
#[cfg(all(feature = "hotpath-alloc", not(feature = "hotpath-off")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotpath_global_allocator {
    () => {
        #[$crate::private::global_allocator_unless_allocator_is_none]
        static __HOTPATH_ALLOCATOR: $crate::CountingAllocator = $crate::CountingAllocator::new();
    };
    ($allocator:path) => {
        #[$crate::private::global_allocator_unless_allocator_is_none]
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

#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
pub use ::core::compile_error;

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub use on::*;

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
mod on {
    pub use hotpath_macros::{instrument, measure_block};

    pub use crate::imp::{
        hook::*,
        instruments::hooks::*,
        kind::{ASYNC_FN, BLOCK, FN, FUTURE},
        settings::{SETTINGS, Setting},
        unrecorded,
    };
    #[cfg(feature = "crossbeam")]
    pub use crossbeam_channel;
}

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
