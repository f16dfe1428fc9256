//! What profiling costs a whole program: a million calls of an empty function, with everything before and after them.
//!
//! ```sh
//! cargo build --example benchmark --features hotpath --release
//! hyperfine --warmup 3 ./target/release/examples/benchmark
//! ```
//!
//! Another number of calls is the first argument. Beside `cargo build --example benchmark --release`, where nothing is measured,
//! it says what they cost. `bench/` has the calls apart from the start of a process, and other profilers next to them.

use std::hint::black_box;

#[hotpath::measure]
fn empty(number: u64) -> u64 {
    black_box(number)
}

#[hotpath::main]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let calls = std::env::args().nth(1).map_or(Ok(1_000_000), |calls| calls.parse())?;
    for number in 0..calls {
        empty(number);
    }
    Ok(())
}
