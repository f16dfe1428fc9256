//! Two entry functions in one crate, and an allocator that the program declares itself.

#![deny(warnings)]
#![forbid(unsafe_code)]

#[global_allocator]
static ALLOCATOR: hotpath::CountingAllocator<std::alloc::System> =
    hotpath::CountingAllocator::with(std::alloc::System);

#[hotpath::main(allocator = none, format = "none")]
fn one() -> usize {
    vec![1; 3].len()
}

#[hotpath::main(allocator = own, format = "none")]
fn other() -> usize {
    vec![1; 4].len()
}

fn main() {
    assert_eq!(one() + other(), 7);
}
