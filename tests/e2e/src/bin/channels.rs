//! Channels, and the guards that may be there to tell of them.

use std::sync::mpsc;

use hotpath::{ChannelsGuard, ChannelsGuardBuilder, Format, HotpathGuardBuilder};

fn work(messages: u32) {
    let (tx, rx) = hotpath::channel!(mpsc::channel::<u32>(), label = "task-queue", log = true);
    let (_closed, end) = hotpath::channel!(mpsc::sync_channel::<()>(3), capacity = 3);
    drop(end);
    for n in 0..messages {
        tx.send(n).expect("there is a receiver");
    }
    rx.try_iter().take(2).for_each(drop);
}

fn main() {
    let way = std::env::args().nth(1).unwrap_or_default();
    match way.as_str() {
        "alone" => {
            let _guard = ChannelsGuard::new();
            work(5);
        }
        "json" => {
            let _guard = ChannelsGuardBuilder::new().format(Format::Json).build();
            work(5);
        }
        "exit" => {
            let _guard = ChannelsGuard::new();
            work(5);
            std::process::exit(3);
        }
        "inside" => {
            let _session = HotpathGuardBuilder::new("main").build();
            let _guard = ChannelsGuard::new();
            work(5);
        }
        "around" => {
            let _guard = ChannelsGuard::new();
            work(4);
            let session = HotpathGuardBuilder::new("main").build();
            work(5);
            drop(session);
        }
        "twice" => {
            for _ in 0..2 {
                let _guard = ChannelsGuard::new();
                work(5);
            }
        }
        _ => {
            let _session = HotpathGuardBuilder::new("main").build();
            work(5);
        }
    }
}
