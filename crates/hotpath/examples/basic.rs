//! The first program: two functions, one of them async, and a block.
//!
//! ```sh
//! cargo run --example basic --features hotpath
//! ```

use std::time::Duration;

#[hotpath::measure]
fn sync_function(sleep: u64) {
    std::thread::sleep(Duration::from_nanos(sleep));
}

#[hotpath::measure]
async fn async_function(sleep: u64) {
    tokio::time::sleep(Duration::from_nanos(sleep)).await;
}

#[tokio::main]
#[hotpath::main(percentiles = [99])]
async fn main() {
    for i in 0..100 {
        sync_function(i);
        async_function(i * 2).await;
        hotpath::measure_block!("custom_block", {
            std::thread::sleep(Duration::from_nanos(i * 3));
        });
    }
}
