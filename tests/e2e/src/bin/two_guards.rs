//! Begins a second session while the first runs.

#[hotpath::measure]
fn work() {}

#[hotpath::main]
fn main() {
    work();
    let _second = hotpath::HotpathGuardBuilder::new("second").build();
}
