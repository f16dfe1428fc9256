//! What a piece of code allocates: budgets for tests.

use crate::imp::memory;

/// What [`measure`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measured<T> {
    /// What the closure returned.
    pub value: T,
    /// Bytes allocated. A `realloc` counts as an allocation of the new size.
    pub bytes: u64,
    /// Number of allocations.
    pub count: u64,
    /// Bytes freed.
    pub freed: u64,
    /// The most bytes alive at once, beyond what was alive at the beginning.
    pub peak: u64,
    /// The most allocations alive at once, beyond those alive at the beginning.
    pub peak_count: u64,
}

impl<T> Measured<T> {
    /// What all numbers are when allocations are not counted: so large that a budget fails instead of passing unchecked.
    pub const UNKNOWN: u64 = u64::MAX;

    pub(crate) fn unknown(value: T) -> Self {
        let unknown = Self::UNKNOWN;
        Self { value, bytes: unknown, count: unknown, freed: unknown, peak: unknown, peak_count: unknown }
    }

    /// Whether allocations were counted. If not, all numbers are [`Measured::UNKNOWN`].
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.bytes != Self::UNKNOWN
    }
}

/// Runs `f` and tells what the current thread allocated meanwhile. What other threads allocate is not in it, so tests that run in
/// parallel do not disturb each other. No session is needed; inside one, the closure's allocations belong to the function
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
