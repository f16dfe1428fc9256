//! Functions of every shape, to be compiled with and without hotpath. Each measured block stands on one line.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

#[no_mangle]
#[hotpath::measure]
pub fn sums(list: &[u64]) -> u64 {
    let sum = hotpath::measure_block!("sum", list.iter().sum::<u64>());
    sum + hotpath::measure_block!("length", list.len() as u64)
}

#[no_mangle]
#[hotpath::measure(log = true)]
pub fn parses(text: &str) -> Result<u32, std::num::ParseIntError> {
    let number: u32 = text.parse()?;
    if number > 99 {
        return Ok(99);
    }
    Ok(number)
}

#[hotpath::measure(label = "generic")]
fn largest<T: PartialOrd + Copy>(list: &[T]) -> Option<T> {
    list.iter().copied().reduce(|a, b| if a > b { a } else { b })
}

struct Shape(u64);

#[hotpath::measure_all]
impl Shape {
    fn area(&self) -> u64 {
        self.0 * self.0
    }

    #[hotpath::skip]
    fn side(&self) -> u64 {
        self.0
    }
}

#[no_mangle]
pub fn methods(side: u64) -> u64 {
    let shape = Shape(side);
    shape.area() + shape.side() + largest(&[side, 3, 4]).unwrap_or(0)
}

#[no_mangle]
#[hotpath::measure]
pub fn recursive(n: u64) -> u64 {
    if n < 2 { n } else { recursive(n - 1).wrapping_mul(3) + recursive(n - 2) }
}

#[hotpath::measure(future = true)]
async fn later(n: u64) -> u64 {
    std::future::ready(n).await + helper(n).await
}

#[hotpath::future_fn]
async fn helper(n: u64) -> u64 {
    Once(false).await;
    n / 2
}

struct Once(bool);

impl Future for Once {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

#[no_mangle]
pub fn polls(n: u64) -> u64 {
    let mut future = Box::pin(later(n));
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

#[no_mangle]
#[hotpath::main(percentiles = [95], format = "none")]
pub fn entry() -> u64 {
    sums(&[1, 2, 3]) + polls(4)
}
