//! Every form of `channel!`, in a crate without unsafe code.
#![forbid(unsafe_code)]
#![deny(warnings)]

use std::sync::mpsc;

use hotpath::wrap::std::sync::mpsc::{Receiver, Sender, SyncSender};

struct Ends {
    tx: Sender<String>,
    bounded: SyncSender<u8>,
    rx: Receiver<String>,
}

fn generic<T: Send + 'static>(value: T) -> T {
    let (tx, rx) = hotpath::channel!(mpsc::channel());
    tx.send(value).ok();
    rx.into_iter().next().expect("it was sent")
}

fn main() {
    let name = String::from("made");
    let (tx, rx) = hotpath::channel!(mpsc::channel::<String>(), log = true, label = format!("{name} up"), iter = true,);
    let capacity = 1 + 1;
    let (bounded, _numbers) = hotpath::channel!(mpsc::sync_channel(capacity), label = name, capacity = capacity);
    let ends = Ends { tx, bounded, rx };
    ends.tx.send("text".to_owned()).unwrap();
    ends.bounded.try_send(1).unwrap();
    assert_eq!((&ends.rx).into_iter().next().as_deref(), Some("text"));
    let (tx, rx): (mpsc::Sender<u8>, mpsc::Receiver<u8>) = hotpath::channel!(mpsc::channel(), proxy = true);
    tx.send(1).unwrap();
    assert_eq!(rx.recv(), Ok(1));
    let pair = mpsc::channel::<std::rc::Rc<u8>>();
    let (tx, rx) = hotpath::channel!(pair, wrap = true);
    tx.send(std::rc::Rc::new(generic(3))).unwrap();
    assert_eq!(rx.try_iter().map(|n| *n).collect::<Vec<_>>(), [3]);
}
