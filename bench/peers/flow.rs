// The operations that `bare-flow`, `ours-flow` and `published-flow` share. The bare one has macros of its own that give back
// their argument. No type is named, so that each may put its own in place of the library's.

use std::{
    future::poll_fn,
    hint::black_box,
    pin::{Pin, pin},
    process::ExitCode,
    task::{Context, Poll},
};

use futures_core::Stream;
use probe::{Done, OwnCase, block_on, many_threads, timed};

/// Room in each bounded channel. A message is received before the next is sent, so it is never used up.
const ROOM: usize = 64;

const CASES: &[OwnCase] = &[
    ("ch_std", std_channel),
    ("ch_crossbeam", crossbeam),
    ("ch_tokio", tokio_bounded),
    ("ch_tokio_unbounded", tokio_unbounded),
    ("ch_flume", flume),
    ("ch_async", async_channel),
    ("ch_futures", futures_channel),
    ("oneshot_tokio", tokio_oneshot),
    ("mutex_std", std_mutex),
    ("mutex_parking_lot", parking_lot_mutex),
    ("mutex_tokio", tokio_mutex),
    ("rwlock_std_read", std_read),
    ("mutex_std_2", contended),
    ("stream_item", stream_item),
    ("future_poll", future_poll),
    ("keyed", known_key),
];

fn main() -> ExitCode {
    probe::run_cases(CASES, start)
}

fn std_channel(calls: u64) -> Done {
    let (tx, rx) = hotpath::channel!(std::sync::mpsc::channel::<u64>());
    each(calls, |value| {
        tx.send(value).expect("a receiver");
        rx.recv().expect("a message")
    })
}

fn crossbeam(calls: u64) -> Done {
    let (tx, rx) = hotpath::channel!(crossbeam_channel::bounded::<u64>(ROOM));
    each(calls, |value| {
        tx.send(value).expect("a receiver");
        rx.recv().expect("a message")
    })
}

fn tokio_bounded(calls: u64) -> Done {
    let (tx, mut rx) = hotpath::channel!(tokio::sync::mpsc::channel::<u64>(ROOM));
    each(calls, |value| {
        block_on(tx.send(value)).expect("a receiver");
        block_on(rx.recv()).expect("a message")
    })
}

fn tokio_unbounded(calls: u64) -> Done {
    let (tx, mut rx) = hotpath::channel!(tokio::sync::mpsc::unbounded_channel::<u64>());
    each(calls, |value| {
        tx.send(value).expect("a receiver");
        block_on(rx.recv()).expect("a message")
    })
}

fn flume(calls: u64) -> Done {
    let (tx, rx) = hotpath::channel!(flume::bounded::<u64>(ROOM));
    each(calls, |value| {
        tx.send(value).expect("a receiver");
        rx.recv().expect("a message")
    })
}

fn async_channel(calls: u64) -> Done {
    let (tx, rx) = hotpath::channel!(async_channel::bounded::<u64>(ROOM));
    each(calls, |value| {
        block_on(tx.send(value)).expect("a receiver");
        block_on(rx.recv()).expect("a message")
    })
}

fn futures_channel(calls: u64) -> Done {
    let (mut tx, mut rx) = hotpath::channel!(futures_channel::mpsc::channel::<u64>(ROOM), capacity = ROOM);
    each(calls, |value| {
        block_on(poll_fn(|context| tx.poll_ready(context))).expect("room");
        tx.start_send(value).expect("a receiver");
        block_on(poll_fn(|context| Pin::new(&mut rx).poll_next(context))).expect("a message")
    })
}

/// A channel for each message, as it is meant to be used.
fn tokio_oneshot(calls: u64) -> Done {
    each(calls, |value| {
        let (tx, rx) = hotpath::channel!(tokio::sync::oneshot::channel::<u64>());
        tx.send(value).expect("a receiver");
        block_on(rx).expect("a message")
    })
}

fn std_mutex(calls: u64) -> Done {
    let mutex = hotpath::mutex!(std::sync::Mutex::new(0_u64));
    each(calls, |value| *mutex.lock().expect("no poison") += value)
}

fn parking_lot_mutex(calls: u64) -> Done {
    let mutex = hotpath::mutex!(parking_lot::Mutex::new(0_u64));
    each(calls, |value| *mutex.lock() += value)
}

fn tokio_mutex(calls: u64) -> Done {
    let mutex = hotpath::mutex!(tokio::sync::Mutex::new(0_u64));
    each(calls, |value| *block_on(mutex.lock()) += value)
}

fn std_read(calls: u64) -> Done {
    let lock = hotpath::rw_lock!(std::sync::RwLock::new(1_u64));
    each(calls, |value| *lock.read().expect("no poison") + value)
}

/// Two threads that do nothing but take the same lock.
fn contended(calls: u64) -> Done {
    let mutex = hotpath::mutex!(std::sync::Mutex::new(0_u64));
    many_threads(calls, 2, |times| {
        for value in 0..times {
            *mutex.lock().expect("no poison") += black_box(value);
        }
    })
}

fn stream_item(calls: u64) -> Done {
    let mut stream = hotpath::stream!(Numbers(0));
    each(calls, |_| block_on(poll_fn(|context| Pin::new(&mut stream).poll_next(context))))
}

/// One future that is polled for as long as the case takes.
fn future_poll(calls: u64) -> Done {
    timed(calls, 1, |times| {
        black_box(block_on(pin!(hotpath::future!(Countdown(times)))));
    })
}

/// The look-up of `val!` alone: nothing is shown.
fn known_key(calls: u64) -> Done {
    let key: String = "select * from".chars().cycle().take(60).collect();
    each(calls, |_| hotpath::val!(black_box(key.as_str())))
}

/// Does something `calls` times; what comes of it is used.
fn each<R>(calls: u64, mut operation: impl FnMut(u64) -> R) -> Done {
    timed(calls, 1, |times| {
        for value in 0..times {
            black_box(operation(black_box(value)));
        }
    })
}

/// Has the next number whenever it is asked.
struct Numbers(u64);

impl Stream for Numbers {
    type Item = u64;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
        self.0 += 1;
        Poll::Ready(Some(self.0))
    }
}

/// Ready at the poll of that number.
struct Countdown(u64);

impl Future for Countdown {
    type Output = u64;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        // The compiler must not make one step of all polls.
        self.0 = black_box(self.0).saturating_sub(1);
        if self.0 == 0 {
            return Poll::Ready(self.0);
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
