//! The connections that are open, at most [`limits::CONNECTIONS`].
//!
//! For one more another is closed: first those that never sent a valid request, as half-open ones, then the one that was idle
//! longest. One that is being answered stays. So a client that keeps sending requests is not driven out by many that do not.

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
    activity: Rc<Activity>,
}

/// The activity of a connection.
pub(crate) struct Activity {
    has_requested: Cell<bool>,
    is_answered: Cell<bool>,
    last: Cell<Instant>,
}

impl Activity {
    pub(crate) fn new() -> Self {
        Self {
            has_requested: Cell::new(false),
            is_answered: Cell::new(false),
            last: Cell::new(Instant::now()),
        }
    }

    /// Records the start of an authorized request.
    pub(crate) fn request_started(&self) {
        self.has_requested.set(true);
        self.is_answered.set(true);
        self.last.set(Instant::now());
    }

    /// Records that the answer is made.
    pub(crate) fn request_ended(&self) {
        self.is_answered.set(false);
        self.last.set(Instant::now());
    }
}

impl Connections {
    /// Closes an idle connection if the limit is reached. Returns true if there is room for one more.
    pub(crate) fn make_room(&self) -> bool {
        let mut open = self.open.borrow_mut();
        if open.len() < limits::CONNECTIONS {
            return true;
        }
        let idle = open.iter().filter(|(_, open)| !open.activity.is_answered.get());
        let first_to_go =
            idle.min_by_key(|(_, open)| (open.activity.has_requested.get(), open.activity.last.get()));
        let Some(id) = first_to_go.map(|(id, _)| *id) else { return false };
        let gone = open.remove(&id);
        drop(open); // a task that ends removes itself
        if let Some(gone) = gone {
            gone.task.abort();
        }
        true
    }

    /// Returns a number for a connection.
    pub(crate) fn number(&self) -> u64 {
        self.next.replace(self.next.get() + 1)
    }

    pub(crate) fn add(&self, number: u64, activity: Rc<Activity>, task: AbortHandle) {
        if !task.is_finished() {
            self.open.borrow_mut().insert(number, Open { task, activity });
        }
    }

    pub(crate) fn remove(&self, number: u64) {
        self.open.borrow_mut().remove(&number);
    }
}
