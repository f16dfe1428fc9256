use tokio::{sync::mpsc, time::{sleep, Duration}};

#[hotpath::measure]
async fn handle_job(job: u64) {
    sleep(Duration::from_millis(job % 10)).await;
}

#[tokio::main]
#[hotpath::main(report = "functions-timing,channels,tokio_runtime,threads")]
async fn main() {
    hotpath::tokio_runtime!();

    let (tx, mut rx) = hotpath::channel!(
        mpsc::channel::<u64>(128),
        label = "jobs",
        log = true
    );

    let producer = tokio::spawn(async move {
        for job in 0..1_000 {
            tx.send(job).await.expect("jobs receiver alive");
        }
    });

    let consumer = tokio::spawn(async move {
        while let Some(job) = rx.recv().await {
            hotpath::future!(
                handle_job(job),
                label = "job_future",
                log = true
            )
            .await;
        }
    });

    producer.await.expect("producer task");
    consumer.await.expect("consumer task");
}

