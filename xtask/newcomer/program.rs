//! Four threads meet at a barrier three times.

use std::sync::{Arc, Barrier};

#[hotpath::main(format = "json", report = "barriers", barriers_limit = 3)]
fn main() {
    let barrier = Arc::new(hotpath::barrier!(Barrier::new(4), label = "start"));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let barrier = Arc::clone(&barrier);
            std::thread::spawn(move || (0..3).for_each(|_| drop(barrier.wait())))
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().expect("it ends"));
}
