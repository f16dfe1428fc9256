//! The attribute puts the counting allocator around mimalloc.

#[hotpath::main(allocator = mimalloc::MiMalloc)]
fn main() {
    memory::work::on_threads();
}
