//! The counting allocator installed by hand, around mimalloc.

use hotpath::{CountingAllocator, HotpathGuardBuilder};
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: CountingAllocator<MiMalloc> = CountingAllocator::with(MiMalloc);

fn main() {
    let _guard = HotpathGuardBuilder::new("by hand").build();
    memory::work::on_threads();
}
