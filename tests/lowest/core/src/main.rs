//! A measured program, built with the oldest dependencies.

#[hotpath::measure]
fn double(n: u64) -> u64 {
    n * 2
}

#[hotpath::measure]
async fn later(n: u64) -> u64 {
    double(n)
}

#[hotpath::main]
fn main() {
    let sum: u64 = (0..10).map(double).sum();
    assert_eq!(sum, 90);
    drop(later(1));
}
