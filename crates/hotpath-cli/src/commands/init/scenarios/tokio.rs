use std::time::Duration;

#[hotpath::measure]
async fn fetch(page: u64) -> String {
    tokio::time::sleep(Duration::from_millis(1 + page % 3)).await;
    "line\n".repeat(100)
}

#[hotpath::measure]
fn count_lines(text: &str) -> usize {
    text.lines().count()
}

#[tokio::main]
#[hotpath::main(report = "functions-timing,tokio_runtime,threads")]
async fn main() {
    hotpath::tokio_runtime!();

    let readers: Vec<_> = (0..4)
        .map(|reader| {
            tokio::spawn(async move {
                let mut lines = 0;
                for page in 0..25 {
                    lines += count_lines(&fetch(reader + page).await);
                }
                lines
            })
        })
        .collect();

    let mut lines = 0;
    for reader in readers {
        lines += reader.await.expect("the reader does not panic");
    }
    println!("{lines} lines");
}
