use tokio::sync::mpsc;

#[tokio::main]
async fn main() {
    // Create guard at the start (prints stats when dropped)
    #[cfg(feature = "hotpath")]
    let _guard = hotpath::ChannelsGuard::new();

    // Your code with instrumented channels...
    let (tx, rx) = mpsc::channel::<i32>(10);
    #[cfg(feature = "hotpath")]
    let (tx, rx) = hotpath::channel!((tx, rx), label = "task-queue");

    // ... use your channels ...
    let mut rx = rx;
    for n in 0..7 {
        tx.send(n).await.unwrap();
        assert_eq!(rx.recv().await, Some(n));
    }

    // Statistics will be printed when _guard is dropped (at program end)
}
