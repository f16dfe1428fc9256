use futures::{stream, StreamExt};

#[hotpath::future_fn(log = true)]
async fn fetch_page(page: u64) -> Vec<u8> {
    tokio::time::sleep(std::time::Duration::from_millis(page % 5)).await;
    vec![page as u8; 16]
}

#[tokio::main]
#[hotpath::main(report = "streams,futures")]
async fn main() {
    let pages = hotpath::stream!(
        stream::iter(1..=100),
        label = "pages",
        log = true
    );

    let total: usize = pages
        .then(|page| hotpath::future!(fetch_page(page), label = "fetch_page"))
        .map(|bytes| bytes.len())
        .sum()
        .await;

    std::hint::black_box(total);
}
