//! Values and labels whose formatting does what it should not: panics, measures, shows itself again. Without profiling nobody
//! would format them, and the program runs to its end.

use std::fmt;

struct Panics;

impl fmt::Debug for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no text");
    }
}

impl fmt::Display for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no label");
    }
}

/// A value whose text needs another one of the same kind.
struct Again;

impl fmt::Debug for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hotpath::val!("again").set(&Self);
        hotpath::gauge!("depth").inc(1);
        let inner = made();
        std::mem::forget(inner);
        f.write_str("again")
    }
}

impl Drop for Again {
    #[hotpath::measure]
    fn drop(&mut self) {
        hotpath::gauge!("drops").inc(1);
    }
}

#[hotpath::measure(log = true)]
fn made() -> Again {
    Again
}

#[hotpath::measure(log = true)]
fn fails() -> Panics {
    Panics
}

#[hotpath::measure(log = true)]
async fn fails_later() -> Panics {
    Panics
}

#[tokio::main(flavor = "current_thread")]
#[hotpath::main]
async fn main() {
    drop(made());
    let _failed = fails();
    let _failed = fails_later().await;
    let _failed = hotpath::future!(async { Panics }, label = Panics, log = true).await;
    hotpath::val!("value").set(&Panics);
    hotpath::val!(Panics).set(&1);
    let _value = hotpath::dbg!(Panics);
    let (tx, rx) = hotpath::channel!(std::sync::mpsc::channel(), label = "panics", log = true);
    tx.send(Panics).expect("it is received");
    drop(rx.recv());
    println!("end");
}
