//! Measuring changes nothing that the program sees, not even with `log = true`.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use std::{
    fmt,
    sync::atomic::{AtomicU32, Ordering},
};

use common::{Yields, session};

/// Counts its drops and its looks.
struct Precious(u32);

static DROPS: AtomicU32 = AtomicU32::new(0);
static LOOKS: AtomicU32 = AtomicU32::new(0);

impl Drop for Precious {
    fn drop(&mut self) {
        DROPS.fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Precious {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        LOOKS.fetch_add(1, Ordering::Relaxed);
        write!(f, "Precious({})", self.0)
    }
}

#[hotpath::measure(log = true)]
fn logged(n: u32) -> Precious {
    Precious(n)
}

#[hotpath::measure(log = true)]
async fn logged_later(n: u32) -> Precious {
    Yields(1).await;
    Precious(n)
}

#[hotpath::measure]
fn unlogged(n: u32) -> Precious {
    Precious(n)
}

#[test]
fn a_logged_value_is_returned_unchanged() {
    let session = session();
    let values = [logged(1), smol::block_on(logged_later(2)), unlogged(3)];
    assert_eq!(values.each_ref().map(|value| value.0), [1, 2, 3]);
    assert_eq!((DROPS.load(Ordering::Relaxed), LOOKS.load(Ordering::Relaxed)), (0, 2));
    drop(values);
    assert_eq!(DROPS.load(Ordering::Relaxed), 3);
    let report = session.report();
    for name in ["logged", "logged_later", "unlogged"] {
        assert_eq!(report.row(name).calls(), 1);
    }
}

#[hotpath::measure(log = true)]
fn first<'a>(words: &'a [&'a str]) -> Option<&'a &'a str> {
    words.first()
}

#[hotpath::measure(log = true)]
fn parsed(text: &str) -> Result<u32, std::num::ParseIntError> {
    let number: u32 = text.parse()?;
    if number > 99 {
        return Ok(99);
    }
    Ok(number)
}

#[hotpath::measure(log = true)]
fn changed(list: &mut Vec<u32>) -> &mut u32 {
    list.push(1);
    &mut list[0]
}

#[test]
fn references_errors_and_early_returns() {
    let session = session();
    assert_eq!(first(&["a", "b"]), Some(&"a"));
    assert_eq!([parsed("5"), parsed("500")], [Ok(5), Ok(99)]);
    assert!(parsed("x").is_err());
    let mut list = vec![7];
    *changed(&mut list) += 1;
    assert_eq!(list, [8, 1]);
    let report = session.report();
    assert_eq!(
        (report.row("first").calls(), report.row("parsed").calls(), report.row("changed").calls()),
        (1, 3, 1)
    );
}

#[test]
fn the_debug_of_a_logged_value_may_be_measured() {
    struct Odd;
    impl fmt::Debug for Odd {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            used_by_debug();
            f.write_str("Odd")
        }
    }
    #[hotpath::measure]
    fn used_by_debug() {}
    #[hotpath::measure(log = true)]
    fn odd() -> Odd {
        Odd
    }
    let session = session();
    odd();
    let report = session.report();
    assert_eq!((report.row("odd").calls(), report.row("used_by_debug").calls()), (1, 1));
}

#[test]
fn a_value_whose_debug_panics_is_returned() {
    struct Failing;
    impl fmt::Debug for Failing {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    #[hotpath::measure(log = true)]
    fn failing() -> Failing {
        Failing
    }
    let session = session();
    let _value = failing();
    assert_eq!(session.report().row("failing").calls(), 1);
}
