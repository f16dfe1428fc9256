//! Lifetimes without a name, and temporaries of a body's last expression, under the rules of 2021.

#![deny(warnings)]
#![forbid(unsafe_code)]

use std::cell::{Cell, Ref, RefCell};
use std::fmt::Display;
use std::sync::Mutex;

use futures::executor::block_on;

struct View<'a>(&'a str);

#[hotpath::measure]
async fn one_lifetime(view: View<'_>, other: &str) -> usize {
    view.0.len() + other.len()
}

#[hotpath::measure]
async fn two_lifetimes(cell: Ref<'_, String>, view: &View<'_>) -> usize {
    view.0.len() + cell.len()
}

#[hotpath::measure]
async fn borrows(view: &View<'_>, extra: &u32) -> impl Display {
    format_args!("{extra}").to_string() + view.0
}

#[hotpath::measure]
async fn returns_a_borrow<'a>(view: &'a View<'_>) -> &'a str {
    view.0
}

#[hotpath::measure]
async fn argument_locked_at_the_end(counter: Mutex<Vec<u8>>) -> usize {
    counter.lock().unwrap().len()
}

#[hotpath::measure(log = true)]
fn argument_locked_at_the_end_sync(counter: Mutex<Vec<u8>>) -> usize {
    let _local = 1;
    counter.lock().unwrap().len()
}

struct Service {
    state: RefCell<String>,
}

impl Service {
    #[hotpath::measure]
    async fn state(&self, view: View<'_>) -> usize {
        self.state.borrow().len() + view.0.len()
    }

    #[hotpath::measure]
    async fn named(&self, name: &str) -> String {
        let state = self.state.borrow();
        format!("{state}{name}")
    }
}

#[test]
fn lifetimes_without_a_name_are_captured() {
    let text = "abc".to_owned();
    let cell = RefCell::new("de".to_owned());
    assert_eq!(block_on(one_lifetime(View(&text), "x")), 4);
    assert_eq!(block_on(two_lifetimes(cell.borrow(), &View(&text))), 5);
    assert_eq!(block_on(borrows(&View(&text), &1)).to_string(), "1abc");
    assert_eq!(block_on(returns_a_borrow(&View(&text))), "abc");
    let service = Service { state: cell };
    assert_eq!(block_on(service.state(View(&text))), 5);
    assert_eq!(block_on(service.named("f")), "def");
}

#[test]
fn temporaries_end_before_arguments() {
    assert_eq!(block_on(argument_locked_at_the_end(Mutex::new(vec![1]))), 1);
    assert_eq!(argument_locked_at_the_end_sync(Mutex::new(vec![1])), 1);
}

struct Loud<'a>(&'a Cell<u32>, u32);

impl Loud<'_> {
    fn number(&self) -> u32 {
        self.1
    }
}

impl Drop for Loud<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() * 10 + self.1);
    }
}

fn plain(order: &Cell<u32>, _argument: Loud<'_>) -> u32 {
    let _local = Loud(order, 1);
    Loud(order, 2).number()
}

#[hotpath::measure]
fn measured(order: &Cell<u32>, _argument: Loud<'_>) -> u32 {
    let _local = Loud(order, 1);
    Loud(order, 2).number()
}

#[hotpath::measure(log = true)]
fn logged(order: &Cell<u32>, _argument: Loud<'_>) -> u32 {
    let _local = Loud(order, 1);
    Loud(order, 2).number()
}

#[hotpath::measure]
async fn asynchronous(order: &Cell<u32>, _argument: Loud<'_>) -> u32 {
    let _local = Loud(order, 1);
    Loud(order, 2).number()
}

#[hotpath::main(format = "none")]
fn profiled(order: &Cell<u32>, _argument: Loud<'_>) -> u32 {
    let _local = Loud(order, 1);
    Loud(order, 2).number()
}

#[test]
fn temporaries_of_the_last_expression_outlive_locals() {
    fn order(run: impl FnOnce(&Cell<u32>, Loud<'_>) -> u32) -> u32 {
        let order = Cell::new(0);
        assert_eq!(run(&order, Loud(&order, 3)), 2);
        order.get()
    }
    assert_eq!(order(plain), 123);
    assert_eq!(order(measured), 123);
    assert_eq!(order(logged), 123);
    assert_eq!(order(|cell, argument| block_on(asynchronous(cell, argument))), 123);
    assert_eq!(order(profiled), 123);
}
