//! The attribute puts the counting allocator around jemalloc, on tokio's threads.

#[tokio::main(worker_threads = 4)]
#[hotpath::main(allocator = tikv_jemallocator::Jemalloc)]
async fn main() {
    memory::work::on_threads();
    memory::work::tasks(200).await;
}
