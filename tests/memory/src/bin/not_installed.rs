//! The feature is on, but nobody installed the counting allocator: everything is unknown, and the report says why.

use hotpath::{HotpathGuardBuilder, alloc::measure};

fn main() {
    let measured = measure(|| memory::bytes(10).capacity());
    assert_eq!(measured.value, 10);
    assert!(!measured.is_known());
    let unknown = hotpath::alloc::Measured::<usize>::UNKNOWN;
    assert_eq!(
        [measured.bytes, measured.count, measured.freed, measured.peak, measured.peak_count],
        [unknown; 5]
    );
    assert!(measured.bytes > 1 << 40, "a budget fails");
    let _guard = HotpathGuardBuilder::new("not installed").build();
    memory::work::on_threads();
}
