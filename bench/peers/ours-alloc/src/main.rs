//! This project's profiler with allocation tracking, which counts in the allocator installed here.
#![forbid(unsafe_code)]

#[global_allocator]
static ALLOCATOR: hotpath::CountingAllocator = hotpath::CountingAllocator::new();

include!("../../instrumented.rs");
