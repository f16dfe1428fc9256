//! A list behind a lock under which nothing is allocated or freed, and none of the program's code runs.
//!
//! The program's allocator may be measured, and may have locks of its own: a thread that held ours while it allocates could
//! come back here, or wait for another thread that waits for it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hotpath_lane::inside;

pub(crate) struct SharedList<T>(Mutex<Vec<T>>);

/// The capacity that a list starts with.
const FIRST: usize = 8;

impl<T> SharedList<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Calls `change` with the list, which has room for one entry more; what it takes out is for the caller to drop. `None` if the thread is inside already (see
    /// [`hotpath_lane::inside`]): it may be that it holds this very lock.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut Vec<T>) -> R) -> Option<R> {
        let mut spare = Vec::new();
        let _inside = inside::enter()?;
        loop {
            let mut list = self.lock();
            if list.len() < list.capacity() {
                return Some(change(&mut list));
            }
            let wanted = (list.len() * 2).max(FIRST);
            if spare.capacity() < wanted {
                drop(list);
                spare = Vec::with_capacity(wanted);
                continue;
            }
            spare.append(&mut list);
            std::mem::swap(&mut *list, &mut spare); // what is outgrown is freed after the lock
            let result = change(&mut list);
            drop(list);
            return Some(result);
        }
    }

    /// Calls `read` with the list. `None` as for [`SharedList::change`].
    pub(crate) fn read<R>(&self, read: impl FnOnce(&[T]) -> R) -> Option<R> {
        let _inside = inside::enter()?;
        Some(read(&self.lock()))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Copy> SharedList<T> {
    /// Returns a copy of the list; empty as for [`SharedList::change`].
    pub(crate) fn copied(&self) -> Vec<T> {
        let Some(_inside) = inside::enter() else { return Vec::new() };
        let mut copy = Vec::new();
        loop {
            let list = self.lock();
            if list.len() <= copy.capacity() {
                copy.extend_from_slice(&list);
                return copy;
            }
            let wanted = list.len();
            drop(list);
            copy.reserve(wanted);
        }
    }
}

impl<T> std::fmt::Debug for SharedList<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedList")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stay_in_order_while_the_list_grows() {
        static LIST: SharedList<usize> = SharedList::new();
        for n in 0..1000 {
            assert_eq!(LIST.change(|list| list.push(n)), Some(()));
        }
        assert_eq!(LIST.copied(), (0..1000).collect::<Vec<_>>());
        assert_eq!(LIST.read(<[usize]>::len), Some(1000));
    }

    #[test]
    fn a_thread_that_is_inside_gets_nothing_instead_of_waiting_for_itself() {
        static LIST: SharedList<u8> = SharedList::new();
        let nested = LIST.change(|_| (LIST.change(|list| list.push(1)), LIST.copied()));
        assert_eq!(nested, Some((None, Vec::new())));
    }
}
