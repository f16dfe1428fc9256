// Runs until Ctrl-C (or HOTPATH_SHUTDOWN_MS). Meanwhile an agent can query http://localhost:6771/mcp:
//   claude mcp add --transport http hotpath http://localhost:6771/mcp
use std::time::Duration;

use tokio::sync::mpsc;

#[hotpath::measure]
async fn handle(job: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(job % 10)).await;
    checksum(job)
}

#[hotpath::measure]
fn checksum(job: u64) -> u64 {
    (0..20_000).fold(job, |sum, n| sum.rotate_left(5) ^ n)
}

#[tokio::main]
#[hotpath::main]
async fn main() {
    hotpath::tokio_runtime!();

    let (queue, mut jobs) = hotpath::channel!(mpsc::channel::<u64>(64), label = "jobs");
    tokio::spawn(async move {
        let mut job = 0;
        while queue.send(job).await.is_ok() {
            job += 1;
        }
    });

    while let Some(job) = jobs.recv().await {
        std::hint::black_box(handle(job).await);
    }
}
