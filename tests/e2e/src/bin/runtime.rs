//! Watches its runtime until the report has a history, and a channel.

use tokio::sync::mpsc;

#[tokio::main(worker_threads = 2)]
#[hotpath::main(report = "functions-timing,channels,tokio_runtime,threads")]
async fn main() {
    hotpath::tokio_runtime!();
    let (tx, mut rx) = hotpath::channel!(mpsc::channel::<u64>(128), label = "jobs", log = true);
    let producer = tokio::spawn(async move {
        for job in 0..1_000 {
            tx.send(job).await.expect("the consumer is there");
        }
    });
    let consumer = tokio::spawn(async move {
        let mut sum = 0;
        while let Some(job) = rx.recv().await {
            sum += job;
        }
        sum
    });
    producer.await.expect("it ends");
    println!("{}", consumer.await.expect("it ends"));
    while !has_history() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

/// Whether the profiler looked at the runtime by itself.
fn has_history() -> bool {
    hotpath::report_json().is_some_and(|report| report.matches("\"at_ns\"").count() > 2)
}
