//! Load for `shop`: sends requests over a few connections and says what it sent.
//!
//! `load URL [--requests N] [--connections N] [--seconds N]`: of every ten requests seven look at a product, one searches and two
//! order. It prints one line of JSON: what was sent of each, and how many got another answer than 200.
#![forbid(unsafe_code)]

use std::{
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

const USAGE: &str = "usage: load URL [--requests N] [--connections N] [--seconds N]";

struct Options {
    url: String,
    requests: u64,
    connections: u64,
    time: Duration,
}

/// What was sent.
#[derive(Default)]
struct Sent {
    products: AtomicU64,
    searches: AtomicU64,
    orders: AtomicU64,
    failed: AtomicU64,
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let (sent, next) = (Sent::default(), AtomicU64::new(0));
    let deadline = Instant::now() + options.time;
    thread::scope(|scope| {
        for _ in 0..options.connections {
            scope.spawn(|| {
                let agent = ureq::Agent::new_with_defaults();
                loop {
                    let number = next.fetch_add(1, Relaxed); // only the counts matter, no order
                    if number >= options.requests || Instant::now() >= deadline {
                        return;
                    }
                    request(&agent, &options.url, number, &sent);
                }
            });
        }
    });
    let counts =
        [&sent.products, &sent.searches, &sent.orders, &sent.failed].map(|count| count.load(Relaxed));
    let [products, searches, orders, failed] = counts;
    println!(
        "{}",
        serde_json::json!({"products": products, "searches": searches, "orders": orders, "failed": failed})
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn request(agent: &ureq::Agent, url: &str, number: u64, sent: &Sent) {
    let product = number * 37 % 5_000;
    let (count, answer) = match number % 10 {
        0 => (&sent.searches, agent.get(format!("{url}/search?word=green")).call()),
        1 | 2 => (&sent.orders, agent.post(format!("{url}/orders?product={product}&pieces=2")).send_empty()),
        _ => (&sent.products, agent.get(format!("{url}/products/{product}")).call()),
    };
    count.fetch_add(1, Relaxed);
    let is_read = answer.and_then(|mut answer| answer.body_mut().read_to_string()).is_ok();
    sent.failed.fetch_add(u64::from(!is_read), Relaxed);
}

fn options() -> Option<Options> {
    let mut words = std::env::args().skip(1);
    let url = words.next()?.trim_end_matches('/').to_owned();
    let mut options = Options { url, requests: u64::MAX, connections: 4, time: Duration::from_secs(10) };
    while let Some(flag) = words.next() {
        let value = words.next()?.parse().ok()?;
        match flag.as_str() {
            "--requests" => (options.requests, options.time) = (value, Duration::from_secs(3600)),
            "--connections" => options.connections = value,
            "--seconds" => options.time = Duration::from_secs(value),
            _ => return None,
        }
    }
    Some(options)
}
