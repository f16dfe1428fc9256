//! A measured `async fn` is one type layer: long chains compile, and its future grows by a constant.

#![deny(warnings)]
#![forbid(unsafe_code)]

use futures::executor::block_on;

macro_rules! chain {
    ($first:ident) => {
        #[hotpath::measure]
        async fn $first(n: u32) -> u32 {
            n
        }
    };
    ($first:ident $next:ident $($rest:ident)*) => {
        #[hotpath::measure]
        async fn $first(n: u32) -> u32 {
            $next(n + 1).await
        }
        chain! { $next $($rest)* }
    };
}

chain! { f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19 f20 f21 f22 f23 f24 f25 }

fn spawn<F>(future: F) -> F::Output
where
    F: Future + Send + 'static,
{
    block_on(future)
}

#[test]
fn a_chain_of_25_measured_functions_is_send() {
    assert_eq!(spawn(f1(0)), 24);
}

async fn plain<const N: usize>(bytes: [u8; N]) -> u8 {
    std::future::ready(()).await;
    bytes[N - 1]
}

#[hotpath::measure]
async fn measured<const N: usize>(bytes: [u8; N]) -> u8 {
    std::future::ready(()).await;
    bytes[N - 1]
}

fn growth<const N: usize>() -> usize {
    let (plain, measured) = (plain([1; N]), measured([1; N]));
    let growth = size_of_val(&measured) - size_of_val(&plain);
    assert_eq!(block_on(measured), block_on(plain));
    growth
}

#[test]
fn a_future_grows_by_the_same_whatever_its_arguments() {
    let small = growth::<8>();
    assert_eq!([growth::<64>(), growth::<1024>(), growth::<8192>()], [small; 3]);
}
