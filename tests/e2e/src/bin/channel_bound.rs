//! A program whose bottleneck is a channel: two threads send `jobs`, and the one that receives them does not keep up.
//! `ready` and a line on standard input: see `bottleneck.rs`.

#[path = "../bottleneck.rs"]
mod bottleneck;

use std::{hint::black_box, sync::mpsc, thread};

const SENDERS: u64 = 2;
const ROOM: usize = 8;

fn main() {
    let _session = hotpath::HotpathGuardBuilder::new("channel_bound::main").build();
    let (jobs, receiver) =
        hotpath::channel!(mpsc::sync_channel::<u64>(ROOM), capacity = ROOM, label = "jobs");
    let senders: Vec<_> = (0..SENDERS)
        .map(|seed| {
            let jobs = jobs.clone();
            thread::spawn(move || {
                bottleneck::rounds(300, |round| {
                    jobs.send(make(seed + round)).expect("somebody receives");
                });
            })
        })
        .collect();
    drop(jobs);
    receiver.iter().for_each(|job| {
        black_box(handle(job));
    });
    senders.into_iter().for_each(|sender| sender.join().expect("it does not panic"));
}

#[hotpath::measure]
fn make(round: u64) -> u64 {
    bottleneck::compute(round, 200)
}

/// One after the other, and far slower than they come.
#[hotpath::measure]
fn handle(job: u64) -> u64 {
    bottleneck::compute(job, 20_000)
}
