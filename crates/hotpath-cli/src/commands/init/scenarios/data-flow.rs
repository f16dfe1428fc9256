use std::time::Duration;

use futures::{StreamExt, stream};
use tokio::sync::mpsc;

#[hotpath::future_fn]
async fn resize(picture: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(2)).await;
    picture / 2
}

#[tokio::main]
#[hotpath::main(report = "channels,streams,futures")]
async fn main() {
    let (queue, mut jobs) = hotpath::channel!(mpsc::channel::<u64>(8), label = "pictures");
    let pictures = hotpath::stream!(stream::iter(1..=100_u64), label = "folder");

    let feeder = tokio::spawn(async move {
        let mut pictures = std::pin::pin!(pictures);
        while let Some(picture) = pictures.next().await {
            queue.send(picture).await.expect("the receiver is open");
        }
    });

    let mut bytes = 0;
    while let Some(picture) = jobs.recv().await {
        bytes += hotpath::future!(resize(picture), label = "one picture").await;
    }
    feeder.await.expect("the feeder does not panic");
    println!("{bytes} bytes");
}
