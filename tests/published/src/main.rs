//! A program that has rows in every section. It says `ready`, and ends when its standard input does.

use std::{
    hint::black_box,
    io::stdin,
    sync::{Mutex, RwLock, mpsc},
    time::{Duration, Instant},
};

use futures::StreamExt;

#[hotpath::measure(log = true)]
fn parse(n: u64) -> u64 {
    inner(n) * 2
}

#[hotpath::measure]
fn inner(n: u64) -> u64 {
    vec![n; 100].iter().sum()
}

/// Long enough for some samples of the processor.
#[hotpath::measure]
fn hash() {
    let begin = Instant::now();
    let mut value = 1u64;
    while begin.elapsed() < Duration::from_millis(100) {
        value = black_box(value.wrapping_mul(6_364_136_223_846_793_005).rotate_left(7));
    }
}

#[hotpath::measure]
async fn fetch() {
    tokio::task::yield_now().await;
}

async fn work(round: u64) {
    let sum: u64 = (0..10).map(parse).sum();
    fetch().await;
    let (tx, rx) = hotpath::channel!(mpsc::channel::<u64>(), label = "jobs", log = true);
    (0..3).for_each(|job| tx.send(job).expect("there is a receiver"));
    rx.try_iter().take(2).for_each(drop);
    let (tx, rx) = hotpath::channel!(mpsc::channel::<u64>());
    tx.send(sum).expect("there is a receiver");
    rx.recv().expect("there is a message");
    let mut items = hotpath::stream!(futures::stream::iter(["a", "b"]), label = "items", log = true);
    while items.next().await.is_some() {}
    hotpath::future!(async { 42 }, label = "answer", log = true).await;
    *hotpath::mutex!(Mutex::new(0), label = "state").lock().expect("no poison") += 1;
    drop(hotpath::rw_lock!(RwLock::new(0), label = "table").read());
    hotpath::dbg!(round + 1);
    hotpath::val!("user").set(&"ann");
    hotpath::gauge!("level").set(2.5).inc(1);
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
#[hotpath::main(percentiles = [50, 99.9])]
async fn main() {
    hotpath::tokio_runtime!();
    for round in 0..3 {
        work(round).await;
    }
    hotpath::measure_block!("all", hash());
    println!("ready");
    let mut line = String::new();
    stdin().read_line(&mut line).expect("it is text");
}
