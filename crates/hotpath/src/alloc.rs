//! The allocations of a piece of code, for budgets in tests.

use crate::imp::memory;

pub use crate::data::Measured;

/// Calls `f` and returns the allocations of the current thread meanwhile. Those of other threads are not included, so tests that
/// run in parallel do not disturb each other. No session is needed; inside one, the closure's allocations belong to the function
/// that calls this, as they would without it.
///
/// Counted only with the feature `hotpath-alloc` and a [`CountingAllocator`](crate::CountingAllocator) as the global allocator;
/// otherwise every number is [`Measured::UNKNOWN`].
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: hotpath::CountingAllocator = hotpath::CountingAllocator::new();
///
/// // in a #[test]:
/// let text = hotpath::alloc::measure(|| "a".repeat(100));
/// if text.is_known() {
///     assert_eq!((text.count, text.bytes, text.peak), (1, 100, 100));
/// }
/// assert_eq!(text.value.len(), 100);
/// ```
pub fn measure<T>(f: impl FnOnce() -> T) -> Measured<T> {
    memory::measure(f)
}
