use futures::stream::{self, StreamExt};

#[tokio::main]
#[cfg_attr(feature = "hotpath", hotpath::main)]
async fn main() {
    // Create a stream
    let s = stream::iter(1..=100);

    // Instrument it when profiling is enabled
    #[cfg(feature = "hotpath")]
    let s = hotpath::stream!(s);

    // Use it normally
    let items: Vec<_> = s.collect().await;
}
