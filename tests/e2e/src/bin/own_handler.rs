//! Has a Ctrl-C handler of its own, installed after the session began, and goes on for a while after the signal.

#[hotpath::measure]
async fn work() {
    tokio::task::yield_now().await;
}

#[tokio::main]
#[hotpath::main]
async fn main() {
    work().await;
    let interrupt = tokio::signal::ctrl_c();
    tokio::pin!(interrupt);
    // Polled once, so that the handler is there before anyone is told.
    tokio::select! {
        biased;
        _ = &mut interrupt => {}
        () = std::future::ready(()) => {}
    }
    println!("ready");
    interrupt.await.expect("the handler is installed");
    work().await;
    work().await;
    println!("cleaned up");
}
