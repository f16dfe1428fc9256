//! Runs measured functions of every shape: their values are those of plain ones.

#![deny(warnings)]
#![forbid(unsafe_code)]

use std::fmt::{Debug, Display};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::BoxFuture;

#[hotpath::measure]
fn early(n: u32) -> u32 {
    if n > 3 {
        return 3;
    }
    n
}

#[hotpath::measure]
fn question(text: &str) -> Result<u32, std::num::ParseIntError> {
    let n: u32 = text.parse()?;
    Ok(n + 1)
}

#[hotpath::measure(log = true)]
fn question_logged(text: &str) -> Result<u32, std::num::ParseIntError> {
    let n: u32 = text.parse()?;
    if n == 9 {
        return Ok(0);
    }
    Ok(n + 1)
}

#[rustfmt::skip]
#[hotpath::measure]
fn one_line(n: u64) -> u64 { n }

#[rustfmt::skip]
#[hotpath::measure(log = true)]
fn one_line_logged(n: u64) -> u64 { n }

#[rustfmt::skip]
#[hotpath::measure]
async fn one_line_async(n: u64) -> u64 { n }

#[hotpath::measure]
fn recursive(n: u64) -> u64 {
    if n == 0 { 0 } else { n + recursive(n - 1) }
}

#[hotpath::measure]
fn diverging() -> ! {
    panic!("as asked")
}

#[hotpath::measure(log = true)]
fn diverging_logged() -> ! {
    panic!("as asked")
}

#[hotpath::measure]
#[expect(clippy::needless_lifetimes, reason = "named on purpose")]
fn generic<'a, T, const N: usize>(items: &'a [T; N], pick: impl Fn(usize) -> usize) -> Option<&'a T>
where
    T: Debug,
{
    items.get(pick(N))
}

#[hotpath::measure(log = true)]
fn borrows_mutably(items: &mut Vec<u32>) -> &mut u32 {
    items.push(7);
    let last = items.len() - 1;
    &mut items[last]
}

#[hotpath::measure(log = true)]
fn hides_its_type(n: u32) -> impl Display + Debug {
    if n == 0 {
        return "none".to_owned();
    }
    n.to_string()
}

#[hotpath::measure]
extern "C" fn foreign(n: i32) -> i32 {
    n * 2
}

/// A documented function.
#[inline]
#[must_use]
#[hotpath::measure(label = "documented")]
fn attributed(n: u8) -> u8 {
    n
}

#[hotpath::measure]
#[track_caller]
fn caller_line() -> u32 {
    std::panic::Location::caller().line()
}

#[hotpath::measure]
fn r#type() -> &'static str {
    "raw"
}

#[hotpath::measure]
fn with_inner_attribute() -> u32 {
    #![allow(unused_variables)]
    let unused = 1;
    2
}

#[hotpath::measure]
fn patterns((a, b): (u32, u32), _: u32, [c, ..]: [u32; 2], mut d: u32) -> u32 {
    d += 1;
    a + b + c + d
}

#[hotpath::measure(log = true)]
fn patterns_logged((a, b): (u32, u32), _: u32, [c, ..]: [u32; 2], mut d: u32) -> u32 {
    d += 1;
    a + b + c + d
}

#[hotpath::measure]
async fn patterns_async((a, b): (u32, u32), _: u32, [c, ..]: [u32; 2], mut d: u32, r#type: u32) -> u32 {
    d += 1;
    a + b + c + d + r#type
}

#[test]
fn sync_shapes_give_their_values() {
    assert_eq!((early(2), early(9)), (2, 3));
    assert_eq!(question("4"), Ok(5));
    assert!(question("x").is_err());
    assert_eq!((question_logged("4"), question_logged("9")), (Ok(5), Ok(0)));
    assert!(question_logged("x").is_err());
    assert_eq!((one_line(1), one_line_logged(2), block_on(one_line_async(3))), (1, 2, 3));
    assert_eq!(recursive(10), 55);
    assert!(std::panic::catch_unwind(|| diverging()).is_err());
    assert!(std::panic::catch_unwind(|| diverging_logged()).is_err());
    assert_eq!(generic(&[1, 2, 3], |n| n - 1), Some(&3));
    let mut items = vec![1];
    *borrows_mutably(&mut items) += 1;
    assert_eq!(items, [1, 8]);
    assert_eq!((hides_its_type(0).to_string(), hides_its_type(4).to_string()), ("none".into(), "4".into()));
    assert_eq!(foreign(4), 8);
    assert_eq!(attributed(1), 1);
    assert_eq!(caller_line(), line!());
    assert_eq!(r#type(), "raw");
    assert_eq!(with_inner_attribute(), 2);
    assert_eq!(patterns((1, 2), 0, [3, 0], 4), 11);
    assert_eq!(patterns_logged((1, 2), 0, [3, 0], 4), 11);
    assert_eq!(block_on(patterns_async((1, 2), 0, [3, 0], 4, 5)), 16);
}

#[hotpath::measure]
async fn async_question(text: &str) -> Result<u32, Box<dyn std::error::Error>> {
    let n: u32 = std::future::ready(text).await.parse()?;
    if n > 3 {
        return Err("too large".into());
    }
    Ok(n)
}

#[hotpath::measure(log = true, label = "logged", future = true)]
async fn async_logged(n: u32) -> Vec<u32> {
    vec![n]
}

#[hotpath::measure]
async fn async_generic<T, const N: usize>(item: &T, extra: impl Into<Option<T>>) -> Vec<T>
where
    T: Clone + Debug,
{
    let mut items = vec![item.clone(); N];
    items.extend(extra.into());
    items
}

#[hotpath::measure]
async fn async_hides_its_type(text: &str) -> impl Iterator<Item = char> {
    text.chars().rev()
}

#[hotpath::measure]
async fn async_unsized(boxed: bool) -> Box<dyn Display> {
    if boxed {
        return Box::new("early");
    }
    Box::new(1)
}

#[hotpath::measure]
async fn async_recursive(n: u32) -> u32 {
    if n == 0 { 0 } else { n + Box::pin(async_recursive(n - 1)).await }
}

#[hotpath::measure]
async fn async_diverging(n: u32) -> ! {
    let _n = std::future::ready(n).await;
    panic!("as asked")
}

#[hotpath::measure(log = true)]
async fn async_diverging_logged() -> ! {
    panic!("as asked")
}

#[hotpath::measure]
async fn async_infallible(fail: bool) -> Result<u32, std::convert::Infallible> {
    assert!(!fail);
    Ok(1)
}

#[hotpath::measure]
async fn async_uninhabited() -> std::convert::Infallible {
    panic!("as asked")
}

#[hotpath::measure]
#[must_use]
async fn async_must_use() -> u32 {
    1
}

#[hotpath::future_fn(log = true)]
async fn tracked(n: u32) -> u32 {
    n
}

#[hotpath::measure]
#[hotpath::future_fn]
async fn measured_and_tracked(n: u32) -> u32 {
    n
}

#[test]
fn async_shapes_give_their_values() {
    assert_eq!(block_on(async_question("2")).unwrap(), 2);
    assert!(block_on(async_question("8")).is_err());
    assert!(block_on(async_question("x")).is_err());
    assert_eq!(block_on(async_logged(1)), [1]);
    assert_eq!(block_on(async_generic::<_, 2>(&'a', 'b')), ['a', 'a', 'b']);
    assert_eq!(block_on(async_hides_its_type("abc")).collect::<String>(), "cba");
    assert_eq!(block_on(async_unsized(false)).to_string(), "1");
    assert_eq!(block_on(async_unsized(true)).to_string(), "early");
    assert_eq!(block_on(async_recursive(4)), 10);
    assert!(std::panic::catch_unwind(|| block_on(async_diverging(1))).is_err());
    assert!(std::panic::catch_unwind(|| block_on(async_diverging_logged())).is_err());
    assert_eq!(block_on(async_infallible(false)), Ok(1));
    assert!(std::panic::catch_unwind(|| block_on(async_uninhabited())).is_err());
    assert_eq!(block_on(async_must_use()), 1);
    assert_eq!(block_on(tracked(1)), 1);
    assert_eq!(block_on(measured_and_tracked(1)), 1);
}

struct Account {
    balance: u32,
}

impl Account {
    #[hotpath::measure(impl_type = "Account")]
    async fn deposit(&mut self, amount: u32) -> &mut u32 {
        self.balance += std::future::ready(amount).await;
        &mut self.balance
    }

    #[hotpath::measure]
    async fn close(mut self) -> u32 {
        self.balance += 1;
        self.balance
    }

    #[hotpath::measure]
    async fn shared(self: Arc<Self>, _unused: u8) -> u32 {
        self.balance
    }

    #[hotpath::measure(log = true)]
    fn balance_mut(&mut self) -> &mut u32 {
        &mut self.balance
    }

    #[hotpath::measure(log = true)]
    fn into_balance(self) -> u32 {
        self.balance
    }

    #[hotpath::measure]
    fn boxed<'a>(
        &'a self,
        extra: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<u32, std::num::ParseIntError>> + Send + 'a>> {
        Box::pin(async move {
            let extra: u32 = extra.parse()?;
            Ok(self.balance + extra)
        })
    }

    #[hotpath::measure(log = true, future = true)]
    fn boxed_by_method(&self) -> BoxFuture<'_, u32> {
        let doubled = self.balance * 2;
        async move { doubled }.boxed()
    }

    #[hotpath::measure]
    fn bare(&self) -> impl Future<Output = Option<u32>> {
        let balance = self.balance;
        async move { Some(balance) }
    }
}

trait Shape {
    async fn area(&self) -> f64;

    #[hotpath::measure]
    async fn doubled(&self) -> f64 {
        self.area().await * 2.0
    }

    #[hotpath::measure]
    fn name(&self) -> String {
        "shape".to_owned()
    }
}

struct Square(f64);

impl Shape for Square {
    #[hotpath::measure]
    async fn area(&self) -> f64 {
        self.0 * self.0
    }
}

struct Circle;

#[hotpath::measure_all]
impl Shape for &'_ Circle {
    async fn area(&self) -> f64 {
        3.0
    }

    async fn doubled(&self) -> f64 {
        7.0
    }
}

#[async_trait::async_trait]
trait Store {
    async fn load(&self, key: &str) -> Option<String>;
}

#[hotpath::measure_all]
#[async_trait::async_trait]
impl Store for Square {
    async fn load(&self, key: &str) -> Option<String> {
        (self.0 > 0.0).then(|| key.to_owned())
    }
}

#[async_trait::async_trait]
impl Store for Circle {
    #[hotpath::measure(log = true, future = true)]
    async fn load(&self, key: &str) -> Option<String> {
        let key = std::future::ready(key).await;
        Some(key.to_uppercase())
    }
}

#[test]
fn methods_give_their_values() {
    let mut account = Account { balance: 1 };
    *block_on(account.deposit(2)) += 1;
    *account.balance_mut() += 1;
    assert_eq!(block_on(account.boxed("5")).unwrap(), 10);
    assert!(block_on(account.boxed("x")).is_err());
    assert_eq!(block_on(account.boxed_by_method()), 10);
    assert_eq!(block_on(account.bare()), Some(5));
    assert_eq!(block_on(account.close()), 6);
    assert_eq!(Account { balance: 3 }.into_balance(), 3);
    assert_eq!(block_on(Arc::new(Account { balance: 3 }).shared(0)), 3);
    assert_eq!((block_on(Square(2.0).doubled()), Square(2.0).name()), (8.0, "shape".to_owned()));
    assert_eq!((block_on((&Circle).area()), block_on((&Circle).doubled())), (3.0, 7.0));
    assert_eq!(block_on(Square(1.0).load("k")), Some("k".to_owned()));
    assert_eq!(block_on(Circle.load("k")), Some("K".to_owned()));
}

#[hotpath::measure_all]
mod module {
    #![allow(dead_code)]

    use std::fmt::Debug;

    pub const LIMIT: u32 = {
        let n = 1;
        n + 2
    };

    pub const fn constant() -> u32 {
        LIMIT
    }

    pub(crate) fn plain(value: impl Debug) -> String {
        format!("{value:?}")
    }

    #[hotpath::measure(label = "own")]
    pub async fn own() -> u32 {
        1
    }

    #[cfg_attr(all(), hotpath::skip)]
    pub fn skipped() -> u32 {
        2
    }

    pub mod nested {
        pub fn inner() -> u32 {
            3
        }
    }

    macro_rules! made {
        ($($name:ident)*) => { $(pub fn $name() -> &'static str { stringify!($name) })* };
    }

    made! { one two }
}

#[test]
fn a_measured_module_gives_its_values() {
    assert_eq!((module::constant(), module::plain(1)), (3, "1".to_owned()));
    assert_eq!((block_on(module::own()), module::skipped(), module::nested::inner()), (1, 2, 3));
    assert_eq!((module::one(), module::two()), ("one", "two"));
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn measured_futures_are_send() {
    assert_eq!(block_on(is_send(async_logged(1))), [1]);
    assert_eq!(block_on(is_send(async_generic::<_, 1>(&1, None))), [1]);
    let mut account = Account { balance: 0 };
    assert_eq!(block_on(is_send(account.deposit(1))), &1);
    assert_eq!(block_on(is_send(blocks(1))), Ok(4));
}

async fn blocks(n: u32) -> Result<u32, std::fmt::Error> {
    let sum = hotpath::measure_block!("sum", n + 1);
    let awaited = hotpath::measure_block!("awaited", {
        let inner = std::future::ready(sum).await;
        std::future::ready(inner).await + 1
    });
    let question =
        hotpath::measure_block!("question", std::future::ready(Ok::<_, std::fmt::Error>(awaited)).await?,);
    let in_macro = hotpath::measure_block!("in macro", {
        let (a, b) = futures::join!(std::future::ready(question), std::future::ready(1));
        a + b
    });
    for at in 0..3 {
        hotpath::measure_block!("control", {
            if std::future::ready(at).await == 1 {
                continue;
            }
            if at == 2 {
                return Ok(in_macro);
            }
        });
    }
    Err(std::fmt::Error)
}

#[test]
fn blocks_give_their_values() {
    assert_eq!(block_on(blocks(1)), Ok(4));
    let label = if early(1) == 1 { "one" } else { "other" };
    assert_eq!(hotpath::measure_block!(label, { 1 } + 1), 2);
    assert_eq!(
        hotpath::measure_block!(
            concat!("a", "b"),
            match 1 {
                1 => 1,
                _ => 0,
            } + 1
        ),
        2
    );
    assert_eq!(hotpath::measure_block!("one line", { label }), "one");
    let nested = hotpath::measure_block!("outer", hotpath::measure_block!("inner", 3));
    assert_eq!(nested, 3);
}

struct Later(u32);

impl IntoFuture for Later {
    type Output = Self;
    type IntoFuture = std::future::Ready<Self>;

    fn into_future(self) -> Self::IntoFuture {
        std::future::ready(self)
    }
}

impl Later {
    async fn add(self, n: u32) -> u32 {
        self.0 + n
    }
}

async fn awaits_in_every_place(text: &str) -> Result<u32, std::num::ParseIntError> {
    hotpath::measure_block!("every place", {
        let chained = Later(1).await.add(Later(2).await.0).await;
        let nested = async { Later(3).await.0 };
        let closure = || async { Later(4).await.0 };
        let mut sum = match std::future::ready(chained).await {
            3 => nested.await + closure().await,
            _ => 0,
        };
        while Later(sum).await.0 < 10 {
            sum += Later(1).await.0;
        }
        let parsed: u32 = std::future::ready(text).await.parse()?;
        let label = "inner";
        assert_eq!(label.len(), 5);
        Ok(hotpath::measure_block!(label, sum + parsed))
    })
}

#[test]
fn awaits_of_a_block_are_found_in_every_place() {
    assert_eq!(block_on(is_send(awaits_in_every_place("5"))), Ok(15));
    assert!(block_on(awaits_in_every_place("x")).is_err());
}

#[hotpath::main(percentiles = [0, 50, 99.9, 100], format = "none", limit = 3, output_path = "unused", report = "all")]
fn entry(n: u32) -> Result<u32, std::num::ParseIntError> {
    let m: u32 = "1".parse()?;
    Ok(n + m)
}

#[hotpath::main(format = "none")]
#[inline(never)]
async fn async_entry<T>(value: T) -> T {
    std::future::ready(value).await
}

#[test]
fn a_profiled_function_gives_its_value() {
    assert_eq!(entry(1), Ok(2));
    assert_eq!(block_on(async_entry(3)), 3);
}
