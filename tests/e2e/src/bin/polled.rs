//! Streams and futures, and the guards of 0.7 and 0.9 that tell of them.

use futures::{StreamExt, executor::block_on, stream};
use hotpath::{Format, FuturesGuard, FuturesGuardBuilder, StreamsGuard};

async fn double(n: u32) -> u32 {
    n * 2
}

fn work() {
    let numbers = hotpath::stream!(stream::iter(1..=10), label = "numbers");
    let doubled = numbers.then(|n| hotpath::future!(double(n), label = "double"));
    let sum = block_on(doubled.fold(0, |sum, n| async move { sum + n }));
    assert_eq!(sum, 110);
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("streams") => {
            let _guard = StreamsGuard::new();
            work();
        }
        Some("futures") => {
            let _guard = FuturesGuard::new();
            work();
        }
        Some("both") => {
            let _futures = FuturesGuardBuilder::new().format(Format::Json).build();
            let _streams = StreamsGuard::new();
            work();
        }
        _ => work(),
    }
}
