//! The hooks for a thread's start, end and next hit. One test, because the hooks are global to the process.
#![cfg(not(loom))]

use std::{
    cell::Cell,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

use hotpath_lane::{CallSlot, Site, enter, gate, thread as lanes};

static SITE: Site = Site::new("site", file!(), line!(), column!(), 0);
static SEEN: Mutex<Vec<Event>> = Mutex::new(Vec::new());

thread_local! {
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    Start(u64),
    NextHit(u64),
    Exit { token: u64, number: u64, lanes: usize },
}

fn seen() -> MutexGuard<'static, Vec<Event>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn measured() {
    let mut slot = CallSlot::new();
    let _call = enter(&SITE, &mut slot);
}

#[test]
fn hooks_run_once_at_the_first_hit_and_once_before_the_lane_is_given_back() {
    lanes::set_token(|| NUMBER.get());
    lanes::set_on_thread_start(|| {
        measured(); // the lane is there already
        seen().push(Event::Start(NUMBER.get()));
    });
    lanes::set_on_thread_exit(|token| {
        measured();
        let lanes = lanes::lanes_in_use();
        seen().push(Event::Exit { token, number: NUMBER.get(), lanes });
    });
    lanes::set_next_hit(|| {
        measured(); // no longer awaited
        seen().push(Event::NextHit(NUMBER.get()));
    });
    gate::open();
    for number in [1, 2] {
        let work = move || {
            NUMBER.set(number);
            (0..3).for_each(|_| measured());
            NUMBER.set(100 + number);
        };
        thread::spawn(work).join().expect("no panic");
        let lanes = lanes::lanes_in_use();
        let exit = Event::Exit { token: number, number: 100 + number, lanes: lanes + 1 };
        assert_eq!(seen().split_off(0), [Event::Start(number), exit]);
    }
    let awaits = || {
        NUMBER.set(2);
        let mut slot = CallSlot::new();
        let call = enter(&SITE, &mut slot);
        lanes::await_next_hit();
        assert_eq!(seen().len(), 1, "only the start hook");
        (0..3).for_each(|_| measured());
        drop(call);
        (0..3).for_each(|_| measured());
        assert_eq!(seen().split_off(0), [Event::Start(2), Event::NextHit(2)]);
    };
    thread::spawn(awaits).join().expect("no panic");
    assert_eq!(seen().split_off(0).len(), 1, "only the exit hook");
    thread::spawn(|| NUMBER.set(3)).join().expect("no panic");
    assert_eq!(seen().split_off(0), [], "a thread that measures nothing has no lane");
}
