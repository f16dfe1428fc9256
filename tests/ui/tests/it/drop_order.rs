//! A measured function drops its arguments and locals when, and in the order, the plain one does.

#![deny(warnings)]
#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

thread_local! {
    static DROPPED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

#[derive(Debug)]
struct Loud(&'static str);

impl Loud {
    fn name(&self) -> &'static str {
        self.0
    }
}

impl Drop for Loud {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push(self.0));
    }
}

fn dropped_by(run: impl FnOnce()) -> Vec<&'static str> {
    DROPPED.take();
    run();
    DROPPED.take()
}

/// Pending once, so that a future can be dropped in the middle.
async fn pause() {
    let mut paused = false;
    std::future::poll_fn(
        |_| if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending },
    )
    .await;
}

/// How far a future is driven before it is dropped.
fn drive(future: impl Future, polls: usize) {
    let mut future = pin!(future);
    for _ in 0..polls {
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            break;
        }
    }
    DROPPED.with_borrow_mut(|dropped| dropped.push("end of polls"));
}

/// The same functions, plain and measured.
macro_rules! functions {
    ($name:ident $(, #[$attribute:meta])?) => {
        mod $name {
            use super::*;

            $(#[$attribute])?
            pub fn sync(a: Loud, _: Loud, (b, _): (Loud, Loud), mut _unused: Loud, c: Loud, d: &Loud) -> &'static str {
                let _local = Loud("local");
                drop(a);
                if d.name() == "early" {
                    return "early";
                }
                let moved = c;
                Loud("temporary").name().max(moved.name()).max(b.name())
            }

            $(#[$attribute])?
            pub async fn asynchronous(a: Loud, _: Loud, (b, _): (Loud, Loud), mut _unused: Loud, c: Loud, d: &Loud) -> &'static str {
                let _local = Loud("local");
                drop(a);
                pause().await;
                if d.name() == "early" {
                    return "early";
                }
                let moved = c;
                Loud("temporary").name().max(moved.name()).max(b.name())
            }

            pub struct Owner(pub Loud, #[expect(dead_code)] pub Loud);

            impl Owner {
                $(#[$attribute])?
                pub fn sync(self, a: Loud, _b: Loud) -> usize {
                    let _local = Loud("local");
                    let first = self.0;
                    first.name().len() + a.name().len()
                }

                $(#[$attribute])?
                pub async fn asynchronous(self, a: Loud, _b: Loud) -> usize {
                    let _local = Loud("local");
                    pause().await;
                    self.0.name().len() + a.name().len()
                }
            }
        }
    };
}

functions!(plain);
functions!(measured, #[hotpath::measure]);
functions!(logged, #[hotpath::measure(log = true)]);

macro_rules! call {
    ($function:path, $d:expr) => {
        $function(Loud("a"), Loud("_"), (Loud("b"), Loud("b.1")), Loud("unused"), Loud("c"), $d)
    };
}

#[test]
fn sync_functions_drop_in_order() {
    for d in ["d", "early"] {
        let d = &Loud(d);
        let expected = dropped_by(|| drop(call!(plain::sync, d).to_owned()));
        assert_eq!(dropped_by(|| drop(call!(measured::sync, d).to_owned())), expected);
        assert_eq!(dropped_by(|| drop(call!(logged::sync, d).to_owned())), expected);
        assert_eq!(expected.len(), if d.name() == "early" { 7 } else { 8 });
    }
}

#[test]
fn async_functions_drop_in_order_wherever_they_are_dropped() {
    for d in ["d", "early"] {
        let d = &Loud(d);
        for polls in 0..3 {
            let expected = dropped_by(|| drive(call!(plain::asynchronous, d), polls));
            assert_eq!(
                dropped_by(|| drive(call!(measured::asynchronous, d), polls)),
                expected,
                "{polls} polls"
            );
            assert_eq!(
                dropped_by(|| drive(call!(logged::asynchronous, d), polls)),
                expected,
                "{polls} polls"
            );
        }
    }
}

macro_rules! owner {
    ($form:ident) => {
        $form::Owner(Loud("self.0"), Loud("self.1"))
    };
}

#[test]
fn methods_that_own_self_drop_in_order() {
    let (a, b) = (|| Loud("a"), || Loud("b"));
    let expected = dropped_by(|| assert_eq!(owner!(plain).sync(a(), b()), 7));
    assert_eq!(dropped_by(|| assert_eq!(owner!(measured).sync(a(), b()), 7)), expected);
    assert_eq!(dropped_by(|| assert_eq!(owner!(logged).sync(a(), b()), 7)), expected);

    for polls in 0..3 {
        let expected = dropped_by(|| drive(owner!(plain).asynchronous(a(), b()), polls));
        let measured = dropped_by(|| drive(owner!(measured).asynchronous(a(), b()), polls));
        let logged = dropped_by(|| drive(owner!(logged).asynchronous(a(), b()), polls));
        assert_eq!((&measured, &logged), (&expected, &expected), "{polls} polls");
    }
}
