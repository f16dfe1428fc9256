//! Ends without a return from `main`, on tokio's threads: `ends exit`, `ends panic`.

#[hotpath::measure]
async fn ends(how: &str) {
    let _own = memory::bytes(4321);
    memory::Yields(3).await;
    match how {
        "exit" => std::process::exit(7),
        _ => panic!("on purpose"),
    }
}

#[tokio::main(worker_threads = 2)]
#[hotpath::main]
async fn main() {
    memory::work::tasks(50).await;
    let how = std::env::args().nth(1).unwrap_or_default();
    ends(&how).await;
}
