//! Allocates known amounts in two functions.
#[hotpath::measure]
fn outer() {
    let _own = std::hint::black_box(Vec::<u8>::with_capacity(100));
    inner();
    inner();
}
#[hotpath::measure]
fn inner() {
    let _own = std::hint::black_box(Vec::<u8>::with_capacity(3000));
}
#[hotpath::main]
fn main() {
    outer();
}
