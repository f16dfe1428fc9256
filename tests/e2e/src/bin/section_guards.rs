//! Guards of several sections at once.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use hotpath::{ChannelsGuard, Format, FuturesGuard, StreamsGuard, StreamsGuardBuilder};

/// Counts down to its end.
struct Items(u32);

impl Stream for Items {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        let left = self.0.checked_sub(1);
        self.0 = left.unwrap_or(0);
        Poll::Ready(left)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let _futures = FuturesGuard::new();
    let _streams = match std::env::args().nth(1) {
        None => StreamsGuard::new(),
        // A path is meant from where the program is when the guard is made.
        Some(elsewhere) => {
            let guard = StreamsGuardBuilder::new().output_path("out/streams.json").build();
            std::env::set_current_dir(elsewhere).expect("the folder is there");
            guard.format(Format::JsonPretty)
        }
    };
    let _channels = ChannelsGuard::new();
    let mut items = hotpath::stream!(Items(3), label = "items");
    while poll_fn(|context| Pin::new(&mut items).poll_next(context)).await.is_some() {}
    hotpath::future!(tokio::task::yield_now(), label = "once").await;
}
