//! The program of `hotpath demo`: a shop that prices orders, with one of everything that can be instrumented.
//!
//! Customers order in waves; a few workers price the orders and write them into one book behind a lock; a clerk changes prices
//! now and then, and an audit locks the book for too long. It runs until it is ended. Everything follows
//! from counters and a small generator, so each run is alike.

use std::{
    collections::HashMap,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use hotpath::HotpathGuardBuilder;
use hotpath::wrap::tokio::sync::{Mutex, RwLock, mpsc, oneshot};
use tokio::time::sleep;

/// Orders that may wait for a worker.
const QUEUE: usize = 64;
const WORKERS: usize = 3;
const PRODUCTS: u64 = 200;

/// The most entries of the book: the oldest make room.
const PAGES: usize = 10_000;

struct Order {
    number: u64,
    text: String,
    priced: oneshot::Sender<u64>,
}

struct Shop {
    prices: RwLock<HashMap<u64, u64>>,
    book: Mutex<std::collections::VecDeque<(u64, u64)>>,
}

/// Runs until the process is ended.
pub(crate) fn run() {
    let _guard = HotpathGuardBuilder::new("demo").format(hotpath::Format::None).build();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => return eprintln!("hotpath demo: {error}"),
    };
    runtime.block_on(open());
}

async fn open() {
    hotpath::tokio_runtime!();
    let (orders, queue) = hotpath::channel!(mpsc::channel::<Order>(QUEUE), label = "orders", log = false);
    let shop = Arc::new(Shop {
        prices: hotpath::rw_lock!(
            RwLock::new((0..PRODUCTS).map(|id| (id, 100 + id)).collect()),
            label = "prices"
        ),
        book: hotpath::mutex!(Mutex::new(std::collections::VecDeque::new()), label = "book"),
    });
    let queue = Arc::new(tokio::sync::Mutex::new(queue));
    for _ in 0..WORKERS {
        tokio::spawn(work(Arc::clone(&queue), Arc::clone(&shop)));
    }
    tokio::spawn(reprice(Arc::clone(&shop)));
    tokio::spawn(audit(shop));
    let _thread = std::thread::Builder::new().name("thumbnails".into()).spawn(thumbnails);
    customers(orders).await;
}

/// Waves of customers: a few at a time, then many at once.
async fn customers(orders: mpsc::Sender<Order>) {
    let open = hotpath::gauge!("open orders");
    for number in 0.. {
        let wave = if number % 400 < 300 { 4 } else { 40 };
        let orders = orders.clone();
        tokio::spawn(hotpath::future!(order(orders, number), label = "customer"));
        open.set(wave as f64);
        sleep(Duration::from_millis(200 / wave)).await;
    }
}

#[hotpath::measure(log = true)]
async fn order(orders: mpsc::Sender<Order>, number: u64) -> Option<u64> {
    let (priced, price) = hotpath::channel!(oneshot::channel::<u64>(), label = "answer");
    let text = write_order(number);
    orders.send(Order { number, text, priced }).await.ok()?;
    let price = price.await.ok()?;
    hotpath::val!("last price").set(&price);
    Some(price)
}

#[hotpath::measure]
fn write_order(number: u64) -> String {
    let lines = (0..4 + number % 8)
        .map(|line| format!("product={} pieces={}\n", (number * 7 + line) % PRODUCTS, line + 1));
    lines.collect()
}

async fn work(queue: Arc<tokio::sync::Mutex<mpsc::Receiver<Order>>>, shop: Arc<Shop>) {
    loop {
        let next = queue.lock().await.recv().await;
        let Some(order) = next else { return };
        let price = price(&order, &shop).await;
        let _customer_left = order.priced.send(price);
    }
}

#[hotpath::measure]
async fn price(order: &Order, shop: &Shop) -> u64 {
    let lines = parse(&order.text);
    let sum = {
        let prices = shop.prices.read().await;
        lines.iter().map(|(product, pieces)| prices.get(product).copied().unwrap_or(0) * pieces).sum()
    };
    discount(order.number);
    write_down(order.number, sum, shop).await;
    sum
}

#[hotpath::measure]
fn parse(text: &str) -> Vec<(u64, u64)> {
    text.lines().filter_map(parse_line).collect()
}

#[hotpath::measure]
fn parse_line(line: &str) -> Option<(u64, u64)> {
    let (product, pieces) = line.split_once(' ')?;
    let number = |field: &str| field.split_once('=')?.1.parse().ok();
    Some((number(product)?, number(pieces)?))
}

/// The slow one: every customer's whole history is searched.
#[hotpath::measure]
fn discount(number: u64) {
    busy(Duration::from_micros(1_500 + number % 1_000));
}

#[hotpath::measure]
async fn write_down(number: u64, sum: u64, shop: &Shop) {
    let mut book = shop.book.lock().await;
    if book.len() == PAGES {
        book.pop_front();
    }
    book.push_back((number, sum));
}

/// Changes all prices every now and then.
async fn reprice(shop: Arc<Shop>) {
    for round in 0_u64.. {
        sleep(Duration::from_millis(250)).await;
        let mut prices = shop.prices.write().await;
        hotpath::measure_block!(
            "reprice",
            prices.values_mut().for_each(|price| *price = 100 + (*price + round) % 300)
        );
    }
}

/// Reads the whole book under its lock: writers wait for it.
async fn audit(shop: Arc<Shop>) {
    loop {
        sleep(Duration::from_millis(700)).await;
        let book = shop.book.lock().await;
        let sum: u64 = add_up(&book);
        sleep(Duration::from_millis(40)).await;
        let _shown = hotpath::dbg!(sum);
    }
}

#[hotpath::measure]
fn add_up(book: &std::collections::VecDeque<(u64, u64)>) -> u64 {
    book.iter().map(|(_, sum)| sum).sum()
}

/// A thread of its own that allocates.
fn thumbnails() {
    for number in 0_usize.. {
        draw(number);
        std::thread::sleep(Duration::from_millis(15));
    }
}

#[hotpath::measure]
fn draw(number: usize) {
    let image: Vec<u8> = (0..(64 << 10)).map(|at| (at * number) as u8).collect();
    black_box(image);
}

fn busy(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        black_box(());
    }
}
