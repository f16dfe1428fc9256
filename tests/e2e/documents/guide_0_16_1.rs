use std::time::Duration;

#[hotpath::measure]
fn parse_batch(items: &[String]) -> usize {
    std::thread::sleep(Duration::from_millis(2));
    items.iter().map(String::len).sum()
}

#[hotpath::measure(log = true, label = "load_user")]
async fn load_user(id: u64) -> String {
    tokio::time::sleep(Duration::from_millis(5)).await;
    format!("user-{id}")
}

#[tokio::main]
#[hotpath::main(percentiles = [50, 95, 99], report = "functions-timing,functions-alloc,threads")]
async fn main() {
    let items = vec!["alpha".to_owned(), "beta".to_owned()];

    for id in 0..100 {
        let _bytes = parse_batch(&items);
        let _user = load_user(id).await;

        hotpath::measure_block!("serialize_response", {
            std::hint::black_box(format!("response-{id}"));
        });
    }
}
