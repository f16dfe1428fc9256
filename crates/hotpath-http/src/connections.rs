//! The connections that are open, at most [`limits::CONNECTIONS`].
//!
//! For one more another has to go: first those that never asked for anything, as half-open and garbage ones do not, then whoever was
//! quiet longest. One that is being answered stays. So a client that keeps asking is not driven out by many that do not.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    time::Instant,
};

use tokio::task::AbortHandle;

use crate::limits;

#[derive(Default)]
pub(crate) struct Connections {
    open: RefCell<BTreeMap<u64, Open>>,
    next: Cell<u64>,
}

struct Open {
    task: AbortHandle,
    life: Rc<Life>,
}

/// What a connection did so far.
pub(crate) struct Life {
    has_asked: Cell<bool>,
    is_answered: Cell<bool>,
    last: Cell<Instant>,
}

impl Life {
    pub(crate) fn new() -> Self {
        Self { has_asked: Cell::new(false), is_answered: Cell::new(false), last: Cell::new(Instant::now()) }
    }

    /// A request came in that may come in.
    pub(crate) fn asks(&self) {
        self.has_asked.set(true);
        self.is_answered.set(true);
        self.last.set(Instant::now());
    }

    /// Its answer is made.
    pub(crate) fn answered(&self) {
        self.is_answered.set(false);
        self.last.set(Instant::now());
    }
}

impl Connections {
    /// Sees to it that there is room for one more. Whether there is.
    pub(crate) fn make_room(&self) -> bool {
        let mut open = self.open.borrow_mut();
        if open.len() < limits::CONNECTIONS {
            return true;
        }
        let idle = open.iter().filter(|(_, open)| !open.life.is_answered.get());
        let first_to_go = idle.min_by_key(|(_, open)| (open.life.has_asked.get(), open.life.last.get()));
        let Some(id) = first_to_go.map(|(id, _)| *id) else { return false };
        let gone = open.remove(&id);
        drop(open); // a task that ends removes itself
        if let Some(gone) = gone {
            gone.task.abort();
        }
        true
    }

    /// A number for a connection.
    pub(crate) fn number(&self) -> u64 {
        self.next.replace(self.next.get() + 1)
    }

    pub(crate) fn add(&self, number: u64, life: Rc<Life>, task: AbortHandle) {
        if !task.is_finished() {
            self.open.borrow_mut().insert(number, Open { task, life });
        }
    }

    pub(crate) fn remove(&self, number: u64) {
        self.open.borrow_mut().remove(&number);
    }
}
