//! Every kind of row, and its own output.

mod outer {
    pub mod inner {
        #[hotpath::measure]
        pub fn deep() -> u32 {
            1
        }
    }
}

#[hotpath::measure]
fn load(n: u32) -> u32 {
    outer::inner::deep() + n
}

#[hotpath::measure]
async fn later() {
    tokio::task::yield_now().await;
}

#[hotpath::future_fn]
async fn only_a_future() {}

#[tokio::main(flavor = "current_thread")]
#[hotpath::main]
async fn main() {
    let sum: u32 = (0..3).map(load).sum();
    later().await;
    only_a_future().await;
    hotpath::measure_block!("print", println!("sum {sum}"));
}
