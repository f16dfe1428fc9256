//! Installs a Ctrl-C handler that insists on being the first, as the argument says: at once, or after what was measured.

use std::sync::mpsc;

#[hotpath::measure]
fn work() {}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("late") => late(),
        _ => at_once(),
    }
}

#[hotpath::main]
fn at_once() {
    insist();
}

#[hotpath::main(signals = false)]
fn late() {
    work();
    insist();
}

fn insist() {
    let (tell, told) = mpsc::channel();
    ctrlc::try_set_handler(move || tell.send(()).expect("it is waited for")).expect("it is the first");
    work();
    println!("ready");
    told.recv().expect("it comes");
    work();
    println!("cleaned up");
}
