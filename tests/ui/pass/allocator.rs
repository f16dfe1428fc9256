//! The program's own allocator under the profiler's.

#![deny(warnings)]
#![forbid(unsafe_code)]

#[hotpath::main(allocator = std::alloc::System, format = "none")]
fn main() {
    assert_eq!(vec![1; 3].len(), 3);
}
