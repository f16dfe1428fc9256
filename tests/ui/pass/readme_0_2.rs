//! The forms of the 0.2 README.

#![deny(warnings)]
#![forbid(unsafe_code)]

#[cfg_attr(all(), hotpath::measure)]
fn sync_function(n: u64) -> u64 {
    n * 2
}

#[cfg_attr(all(), hotpath::measure)]
async fn async_function(n: u64) {
    std::future::ready(n).await;
}

#[cfg_attr(all(), hotpath::main(percentiles = [50, 75, 90, 95, 99]))]
async fn inner_main() {
    for i in 0..3 {
        sync_function(i);
        async_function(i * 2).await;
        #[cfg(all())]
        hotpath::measure_block!("custom_block", {
            std::hint::black_box(i * 3);
        });
    }
}

fn main() {
    futures::executor::block_on(inner_main());
}
