//! Which threads are ours: by number and start, not by name, so that the program's own `hp-…` is not taken for one.
//!
//! A thread that has ended stays known, since a poll may ask about it later. At most 64 of those
//! are kept, the latest.

use super::super::threads::{Key, me};
use crate::imp::shared_list::SharedList;

/// The thread is known as ours, and as ended when this goes.
pub(super) struct Ours(Option<Key>);

/// Registers the calling thread.
pub(super) fn enter() -> Ours {
    let key = me().map(|seen| seen.key);
    if let Some(key) = key {
        ENTRIES.change(|entries| entries.push(Entry { key, has_ended: false }));
    }
    Ours(key)
}

/// Returns true if the thread is ours.
#[cfg(feature = "threads")]
pub(crate) fn is_own(key: Key) -> bool {
    ENTRIES.read(|entries| entries.iter().any(|entry| entry.key == key)).unwrap_or(false)
}

/// Returns true if a living thread of this number is ours.
#[cfg(feature = "hotpath-cpu")]
pub(crate) fn is_own_number(tid: u64) -> bool {
    let is_it = |entry: &Entry| entry.key.tid == tid && !entry.has_ended;
    ENTRIES.read(|entries| entries.iter().any(is_it)).unwrap_or(false)
}

const ENDED_KEPT: usize = 64;

struct Entry {
    key: Key,
    has_ended: bool,
}

static ENTRIES: SharedList<Entry> = SharedList::new();

impl Drop for Ours {
    fn drop(&mut self) {
        ENTRIES.change(|entries| {
            let ours = entries.iter_mut().filter(|entry| Some(entry.key) == self.0);
            ours.for_each(|entry| entry.has_ended = true);
            let ended = entries.iter().filter(|entry| entry.has_ended).count();
            if ended > ENDED_KEPT
                && let Some(oldest) = entries.iter().position(|entry| entry.has_ended)
            {
                entries.remove(oldest);
            }
        });
    }
}
