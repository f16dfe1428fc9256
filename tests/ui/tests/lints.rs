//! No lint fires on what the macros write, not even the pedantic ones. Run clippy over this file to see it.

#![deny(
    warnings,
    future_incompatible,
    let_underscore,
    nonstandard_style,
    rust_2018_idioms,
    rust_2024_compatibility,
    unused,
    keyword_idents,
    missing_debug_implementations,
    missing_docs,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]
#![forbid(unsafe_code)]

use std::fmt::{Debug, Display};
use std::sync::Mutex;

use futures::executor::block_on;

#[hotpath::measure]
fn items_first(n: u32) -> u32 {
    const STEP: u32 = 2;
    use std::cmp::max;
    max(n, STEP)
}

#[hotpath::measure(log = true)]
fn items_first_logged(n: u32) -> u32 {
    const STEP: u32 = 2;
    n + STEP
}

#[hotpath::measure]
async fn items_first_async(n: u32) -> u32 {
    const STEP: u32 = 2;
    std::future::ready(n + STEP).await
}

#[hotpath::measure]
async fn no_value(text: String) {
    std::future::ready(()).await;
    drop(text);
}

#[hotpath::measure]
fn nothing() {}

#[hotpath::measure(log = true)]
fn nothing_logged() {}

#[rustfmt::skip]
#[hotpath::measure]
fn one_line(n: u32) -> u32 { n }

#[rustfmt::skip]
#[hotpath::measure]
async fn one_line_async(n: u32) -> u32 { std::future::ready(n).await }

#[hotpath::measure(log = true)]
fn constant() -> u32 {
    5
}

#[hotpath::measure(log = true)]
fn optional(n: u32) -> Option<u32> {
    let n = n.checked_sub(1)?;
    Some(n)
}

#[hotpath::measure]
async fn underscored(_unused: u32, mut changed: u32, (a, _b): (u32, u32), _: Vec<u8>) -> u32 {
    changed += std::future::ready(a).await;
    changed
}

#[hotpath::measure(log = true)]
fn underscored_logged(_unused: u32, mut changed: u32, (a, _b): (u32, u32), _: &[u8]) -> u32 {
    changed += a;
    changed
}

#[hotpath::measure]
async fn generic<T: Debug + Clone + Sync + Send, const N: usize>(
    item: &T,
    more: impl Display + Send,
) -> Vec<String> {
    let mut items = vec![format!("{item:?}"); N];
    items.push(std::future::ready(more.to_string()).await);
    items
}

#[hotpath::measure]
#[must_use]
async fn must_use(n: u32) -> u32 {
    std::future::ready(n).await
}

#[hotpath::measure]
async fn result(n: u32) -> Result<u32, String> {
    std::future::ready(n.checked_add(1)).await.ok_or_else(|| "overflow".to_owned())
}

#[hotpath::measure]
async fn never(n: u32) -> ! {
    let n = std::future::ready(n).await;
    panic!("{n}")
}

#[hotpath::measure]
async fn uninhabited(n: u32) -> std::convert::Infallible {
    let n = std::future::ready(n).await;
    panic!("{n}")
}

#[hotpath::future_fn(log = true)]
async fn tracked(n: u32) -> u32 {
    std::future::ready(n).await
}

#[hotpath::measure]
#[hotpath::future_fn]
async fn kept_async(n: u32) -> u32 {
    std::future::ready(n).await
}

#[derive(Debug)]
struct Counter {
    count: Mutex<u32>,
}

#[hotpath::measure_all]
impl Counter {
    const fn new() -> Self {
        Self { count: Mutex::new(0) }
    }

    fn add(&self, n: u32) -> u32 {
        let mut count = self.count.lock().unwrap();
        *count += n;
        *count
    }

    async fn add_async(&mut self, n: u32) -> u32 {
        self.add(std::future::ready(n).await)
    }

    async fn into_count(self) -> u32 {
        std::future::ready(()).await;
        self.count.into_inner().unwrap()
    }

    fn boxed(&self) -> std::pin::Pin<Box<dyn Future<Output = u32> + Send + '_>> {
        Box::pin(async { self.add(std::future::ready(0).await) })
    }

    #[hotpath::measure(log = true)]
    fn get(&self) -> u32 {
        *self.count.lock().unwrap()
    }
}

trait Named {
    async fn name(&self) -> String;

    #[hotpath::measure]
    async fn twice(&self) -> String {
        self.name().await.repeat(2)
    }
}

impl Named for Counter {
    #[hotpath::measure]
    async fn name(&self) -> String {
        let count = self.get();
        std::future::ready(count.to_string()).await
    }
}

#[hotpath::main(percentiles = [50, 99.9], format = "none", limit = 1000, timeout = 100_000)]
fn profiled(n: u32) -> u32 {
    const STEP: u32 = 2;
    n + STEP
}

#[hotpath::main(format = "none")]
async fn profiled_async(n: u32) -> u32 {
    std::future::ready(n).await
}

async fn blocks(n: u32, label: &'static str) -> Result<u32, String> {
    let sum = hotpath::measure_block!("sum", n + 1);
    let product = hotpath::measure_block!("product", { sum * 2 });
    let compared = hotpath::measure_block!("compared", (product + 1) * 2 > sum && sum > 0);
    let labelled = hotpath::measure_block!(label, if compared { product } else { sum });
    assert!(!label.is_empty());
    hotpath::measure_block!("nothing", {});
    hotpath::measure_block!("statement", {
        const STEP: u32 = 2;
        let _ = std::future::ready(STEP).await;
    });
    let awaited = hotpath::measure_block!("awaited", std::future::ready(labelled).await);
    let question = hotpath::measure_block!("question", { result(awaited).await? });
    Ok(hotpath::measure_block!("macro", {
        let (a, b) = futures::join!(result(question), result(1));
        a? + b?
    }))
}

#[test]
fn everything_still_runs() {
    assert_eq!((items_first(1), items_first_logged(1), block_on(items_first_async(1))), (2, 3, 3));
    block_on(no_value(String::new()));
    nothing();
    nothing_logged();
    assert_eq!((one_line(1), block_on(one_line_async(1)), constant(), optional(0)), (1, 1, 5, None));
    assert_eq!(block_on(underscored(1, 2, (3, 4), Vec::new())), 5);
    assert_eq!(underscored_logged(1, 2, (3, 4), &[]), 5);
    assert_eq!(block_on(generic::<_, 1>(&1, 2)), ["1", "2"]);
    assert_eq!((block_on(must_use(1)), block_on(result(1)), block_on(tracked(1))), (1, Ok(2), 1));
    assert!(std::panic::catch_unwind(|| block_on(never(1))).is_err());
    assert!(std::panic::catch_unwind(|| block_on(uninhabited(1))).is_err());
    assert_eq!(block_on(kept_async(1)), 1);
    let mut counter = Counter::new();
    assert_eq!((counter.add(1), block_on(counter.add_async(1)), block_on(counter.boxed())), (1, 2, 2));
    assert_eq!(block_on(counter.twice()), "22");
    assert_eq!(block_on(counter.into_count()), 2);
    assert_eq!((profiled(1), block_on(profiled_async(1))), (3, 1));
    assert_eq!(block_on(blocks(1, "label")), Ok(8));
}
