//! The forms of the 0.16.1 guide, and every parameter of `main`.

#![deny(warnings)]
#![forbid(unsafe_code)]

#[hotpath::measure]
fn parse_batch(items: &[String]) -> usize {
    items.iter().map(String::len).sum()
}

#[hotpath::measure(log = true, label = "load_user")]
async fn load_user(id: u64) -> String {
    format!("user-{id}")
}

#[hotpath::future_fn(log = true)]
async fn fetch_page(page: u32) -> Vec<u32> {
    vec![page]
}

#[hotpath::main(percentiles = [50, 95, 99], report = "functions-timing,functions-alloc,threads")]
async fn work() {
    let items = vec!["alpha".to_owned(), "beta".to_owned()];
    for id in 0..3 {
        let _bytes = parse_batch(&items);
        let _user = load_user(id).await;
        hotpath::measure_block!("serialize_response", {
            std::hint::black_box(format!("response-{id}"));
        });
    }
    assert_eq!(fetch_page(1).await, [1]);
}

#[hotpath::main(
    percentiles = [0, 12.5, 1e2],
    format = "none",
    limit = 1,
    functions_limit = 2,
    channels_limit = 3,
    streams_limit = 4,
    futures_limit = 5,
    threads_limit = 6,
    rw_locks_limit = 7,
    mutexes_limit = 8,
    sql_limit = 9,
    http_limit = 10,
    server_limit = 11,
    io_limit = 0,
    output_path = "report.json",
    report = "auto,-threads,tokio_runtime",
)]
fn all_parameters() {}

fn main() {
    futures::executor::block_on(work());
    all_parameters();
}
