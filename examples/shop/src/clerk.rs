//! Who takes orders: one task that writes the ledger, and a queue in front of it.

use std::{sync::Arc, time::Duration};

use hotpath::wrap::tokio::sync::{Mutex, mpsc, oneshot};
use serde::Deserialize;

/// Orders that may wait for the clerk.
const QUEUE: usize = 32;
/// What an order takes to be written, on a slow disk.
const WRITING: Duration = Duration::from_millis(1);

#[derive(Debug, Deserialize)]
pub struct Order {
    pub product: u64,
    #[serde(default = "one")]
    pub pieces: u64,
}

fn one() -> u64 {
    1
}

struct Request {
    worth: u64,
    confirm: oneshot::Sender<u64>,
}

#[derive(Default)]
struct Ledger {
    orders: u64,
    worth: u64,
}

#[derive(Clone)]
pub struct Clerk {
    queue: mpsc::Sender<Request>,
    ledger: Arc<Mutex<Ledger>>,
}

impl Clerk {
    /// Starts the task.
    pub fn hire() -> Self {
        let (queue, requests) = hotpath::channel!(mpsc::channel(QUEUE), label = "orders");
        let ledger = Arc::new(hotpath::mutex!(Mutex::new(Ledger::default()), label = "ledger"));
        tokio::spawn(work(requests, Arc::clone(&ledger)));
        Self { queue, ledger }
    }

    /// The number of the order, once it stands in the ledger; `None` when the shop is closing.
    pub async fn order(&self, order: Order, price: u64) -> Option<u64> {
        let (confirm, confirmed) = hotpath::channel!(oneshot::channel(), label = "confirmation");
        self.queue.send(Request { worth: price * order.pieces, confirm }).await.ok()?;
        confirmed.await.ok()
    }

    /// Orders so far, and what they are worth.
    pub async fn ledger(&self) -> (u64, u64) {
        let ledger = self.ledger.lock().await;
        (ledger.orders, ledger.worth)
    }
}

async fn work(mut requests: mpsc::Receiver<Request>, ledger: Arc<Mutex<Ledger>>) {
    while let Some(Request { worth, confirm }) = requests.recv().await {
        let number = write(&ledger, worth).await;
        hotpath::gauge!("orders").set(number as f64);
        let _customer_left = confirm.send(number);
    }
}

#[hotpath::measure]
async fn write(ledger: &Mutex<Ledger>, worth: u64) -> u64 {
    let mut ledger = ledger.lock().await;
    tokio::time::sleep(WRITING).await;
    ledger.orders += 1;
    ledger.worth += worth;
    ledger.orders
}
