//! Bodies that give the name of the return type another meaning.

#![deny(warnings)]
#![forbid(unsafe_code)]

use std::future::Future;
use std::pin::Pin;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::BoxFuture;

mod other {
    pub type Result = u8;
}

type Result<T> = std::result::Result<T, String>;

#[hotpath::measure]
fn by_glob(n: u8) -> impl Future<Output = Result<u8>> {
    use other::*;
    let r: Result = n;
    async move { Ok(check(r).map_err(|_| "of another type")?) }
}

#[hotpath::measure(log = true)]
fn by_alias(n: u8) -> Pin<Box<dyn Future<Output = Result<u8>> + Send>> {
    type Result = u8;
    let r: Result = n;
    Box::pin(async move { Ok(r) })
}

#[hotpath::measure]
fn by_enum(n: u8) -> BoxFuture<'static, Result<u8>> {
    #[derive(Clone, Copy)]
    enum Result {
        Of(u8),
    }
    let r = Result::Of(n);
    async move {
        let Result::Of(n) = r;
        Ok(n)
    }
    .boxed()
}

#[hotpath::measure]
fn in_the_block<'a>(n: &'a u8) -> impl Future<Output = Result<&'a u8>> + 'a {
    async move {
        use other::*;
        let _r: Result = *n;
        Ok(n)
    }
}

macro_rules! declares {
    ($name:ident) => {
        use other::$name;
    };
}

#[hotpath::measure]
fn by_macro(n: &u8) -> impl Future<Output = Result<u8>> {
    declares!(Result);
    let r: Result = *n;
    // Not `move`, and nothing of the function is used.
    async { Ok(1) }.map(move |one: std::result::Result<u8, String>| one.map(|one| one + r))
}

#[hotpath::measure]
fn without_move() -> impl Future<Output = Result<u8>> {
    use other::*;
    const R: Result = 7;
    async { Ok(R) }
}

#[hotpath::measure(log = true)]
async fn in_an_async_fn(n: u8) -> Result<u8> {
    use other::*;
    let r: Result = std::future::ready(n).await;
    Ok(r)
}

#[hotpath::measure(log = true)]
fn in_a_logged_fn(n: u8) -> Result<u8> {
    use other::*;
    let r: Result = n;
    Ok(r)
}

struct Service;

#[hotpath::measure_all(log = true, future = true)]
impl Service {
    fn later(&self, n: u8) -> BoxFuture<'_, Result<u8>> {
        use other::*;
        let r: Result = n;
        Box::pin(async move { Ok(r) })
    }
}

fn check(n: u8) -> std::result::Result<u8, ()> {
    Ok(n)
}

fn main() {
    assert_eq!(block_on(by_glob(1)), Ok(1));
    assert_eq!(block_on(by_alias(2)), Ok(2));
    assert_eq!(block_on(by_enum(3)), Ok(3));
    assert_eq!(block_on(in_the_block(&4)), Ok(&4));
    assert_eq!(block_on(by_macro(&4)), Ok(5));
    assert_eq!(block_on(without_move()), Ok(7));
    assert_eq!(block_on(in_an_async_fn(6)), Ok(6));
    assert_eq!(in_a_logged_fn(7), Ok(7));
    assert_eq!(block_on(Service.later(8)), Ok(8));
}
