//! The history of a site: its last calls one by one, with their polls and their progress.
//!
//! A live call holds a [`Slot`] of the lane on which it began, if one is free, and keeps it wherever it is polled. Only the lane's
//! owner gives slots out. Only the holder writes its slot, and gives it back. So there is one writer at any time, and whatever
//! passes a future from one thread to another orders their writes. Calls that ended are in a ring of the lane on which they
//! ended, written by its owner.

use std::cell::Cell;

use crate::{
    arena::Arena,
    cells::Cells,
    primitive::{AtomicU64, Cell64, Ordering, fence},
};

/// Visible live calls per lane and site.
#[cfg(not(loom))]
const SLOTS: usize = 32;
#[cfg(loom)]
const SLOTS: usize = 1;
/// Slots that are tried to find a free one.
const SLOT_TRIES: usize = 4;
/// Call ids that a lane takes from the process at a time.
const BLOCK: u64 = 1024;

#[cfg(not(loom))]
static NEXT_BLOCK: AtomicU64 = AtomicU64::new(0);

/// The progress of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Created, and not polled yet.
    Pending,
    /// Inside a poll.
    Running,
    /// Between two polls.
    Suspended,
    /// Ended with its value.
    Ready,
    /// Dropped before that.
    Cancelled,
}

impl Phase {
    fn of(word: u64) -> Self {
        match word & 0xff {
            0 => Self::Pending,
            1 => Self::Running,
            2 => Self::Suspended,
            3 => Self::Ready,
            _ => Self::Cancelled,
        }
    }

    fn word(self, epoch: u32) -> u64 {
        u64::from(epoch) << 32 | self as u64
    }
}

/// The polls of one call. Times are in ticks, without polls that were not timed (sampling).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Polls that have ended.
    pub polls: u64,
    /// Time inside polls.
    pub busy: u64,
    /// The time of the longest poll.
    pub longest: u64,
    /// The time of the last poll.
    pub last: u64,
    /// Bytes allocated inside polls.
    pub bytes: u64,
    /// Allocations inside polls.
    pub count: u64,
    /// Most bytes allocated in a poll.
    pub most_bytes: u64,
    /// Bytes allocated in the last poll.
    pub last_bytes: u64,
}

const PARTS: usize = 8;

impl Detail {
    pub(crate) const NONE: Self =
        Self { polls: 0, busy: 0, longest: 0, last: 0, bytes: 0, count: 0, most_bytes: 0, last_bytes: 0 };

    /// Adds a poll: its ticks (0 if it was not timed), and its bytes and number of allocations.
    pub(crate) fn add(&mut self, ticks: u64, (bytes, count): (u64, u64)) {
        self.polls += 1;
        self.busy += ticks;
        self.longest = self.longest.max(ticks);
        self.last = ticks;
        self.bytes += bytes;
        self.count += count;
        self.most_bytes = self.most_bytes.max(bytes);
        self.last_bytes = bytes;
    }

    fn words(self) -> [u64; PARTS] {
        let Self { polls, busy, longest, last, bytes, count, most_bytes, last_bytes } = self;
        [polls, busy, longest, last, bytes, count, most_bytes, last_bytes]
    }

    fn of([polls, busy, longest, last, bytes, count, most_bytes, last_bytes]: [u64; PARTS]) -> Self {
        Self { polls, busy, longest, last, bytes, count, most_bytes, last_bytes }
    }
}

/// The holder of a free slot.
const FREE: u64 = 0;

/// The slot of a live call.
#[derive(Debug)]
pub(crate) struct Slot {
    /// The id of the call that holds it, or [`FREE`].
    holder: AtomicU64,
    /// Phase and epoch.
    phase: Cell64,
    detail: Cells<PARTS>,
}

impl Slot {
    pub(crate) fn new() -> Self {
        Self { holder: AtomicU64::new(FREE), phase: Cell64::new(0), detail: Cells::new() }
    }

    /// The lane's owner only. Gives the slot to call `id`. Returns `false` if it is taken.
    pub(crate) fn give(&self, id: u64, epoch: u32) -> bool {
        // Acquire pairs with `release`: all writes of the last holder are over.
        if self.holder.load(Ordering::Acquire) != FREE {
            return false;
        }
        self.put(&Detail::NONE);
        self.enter(epoch, Phase::Pending);
        self.holder.store(id, Ordering::Release); // pairs with the first load in `read`
        true
    }

    /// The holder only.
    #[inline(always)]
    pub(crate) fn enter(&self, epoch: u32, phase: Phase) {
        self.phase.set_last(phase.word(epoch)); // pairs with `get_first` in `read`
    }

    /// The holder only.
    #[inline(always)]
    pub(crate) fn put(&self, detail: &Detail) {
        self.detail.update(|words| *words = detail.words());
    }

    /// The holder only. Gives the slot back.
    pub(crate) fn release(&self) {
        self.holder.store(FREE, Ordering::Release); // pairs with `give`
    }

    /// Any thread. Returns id, epoch, phase and detail of the call that holds it.
    pub(crate) fn read(&self) -> Option<(u64, u32, Phase, Detail)> {
        let id = self.holder.load(Ordering::Acquire); // pairs with the last store in `give`
        let word = self.phase.get_first();
        let (_, words) = self.detail.read();
        fence(Ordering::Acquire);
        // A later call writes only after this one gave the slot back. Both loads above acquire everything before the writes that they
        // saw, so the load below would see another holder.
        let is_same = id != FREE && self.holder.load(Ordering::Relaxed) == id;
        is_same.then(|| (id, (word >> 32) as u32, Phase::of(word), Detail::of(words)))
    }
}

/// A call that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// The number of the call in its row, which finds its text; [`Ended::NEVER_POLLED`] if the row has no such call.
    pub(crate) number: u64,
    pub(crate) id: u64,
    pub(crate) phase: Phase,
    pub(crate) end: u64,
    pub(crate) detail: Detail,
}

impl Ended {
    pub(crate) const NEVER_POLLED: u64 = u64::MAX;
}

const WORDS: usize = 4 + PARTS;

/// The history of one row.
pub(crate) struct CallHistory {
    slots: &'static [Slot],
    ended: &'static [Cells<WORDS>],
    /// The number of calls that ended.
    count: Cell64,
    /// The next slot to try, and the last id. Owner only.
    cursor: Cell<usize>,
    last_id: Cell<u64>,
}

// SAFETY: `cursor` and `last_id` are touched by the lane's owner alone.
unsafe impl Sync for CallHistory {}

impl CallHistory {
    /// A history that remembers the last `ended` calls that ended.
    pub(crate) fn new(ended: u64, arena: &Arena) -> Option<Self> {
        Some(Self {
            slots: arena.slice(SLOTS, Slot::new)?,
            ended: arena.slice(ended.max(1) as usize, Cells::new)?,
            count: Cell64::new(0),
            cursor: Cell::new(0),
            last_id: Cell::new(0),
        })
    }

    /// Owner only. Returns an id for a new call, never 0, and a slot if one is free.
    #[cfg(not(loom))]
    pub(crate) fn begin(&self, epoch: u32) -> (u64, Option<&'static Slot>) {
        if self.last_id.get().is_multiple_of(BLOCK) {
            self.last_id.set(NEXT_BLOCK.fetch_add(BLOCK, Ordering::Relaxed)); // a number that stands alone
        }
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        (id, self.slot(id, epoch))
    }

    pub(crate) fn slot(&self, id: u64, epoch: u32) -> Option<&'static Slot> {
        let slots: &'static [Slot] = self.slots;
        for _ in 0..SLOT_TRIES.min(SLOTS) {
            let at = self.cursor.get();
            self.cursor.set((at + 1) % SLOTS);
            if slots[at].give(id, epoch) {
                return Some(&slots[at]);
            }
        }
        None
    }

    /// Owner only. Records a call that ended on this lane.
    #[inline]
    pub(crate) fn end(&self, ended: &Ended) {
        let count = self.count.own();
        let entry = &self.ended[(count % self.ended.len() as u64) as usize];
        entry.update(|words| {
            words[..4].copy_from_slice(&[ended.number, ended.id, ended.phase as u64, ended.end]);
            words[4..].copy_from_slice(&ended.detail.words());
        });
        self.count.set_last(count + 1); // pairs with `ended`
    }

    /// Any thread. The live calls that began on this lane.
    pub(crate) fn live(&self) -> impl Iterator<Item = (u64, u32, Phase, Detail)> {
        self.slots.iter().filter_map(Slot::read)
    }

    /// Any thread. The last calls that ended on this lane.
    pub(crate) fn ended(&self) -> impl Iterator<Item = Ended> {
        let count = self.count.get_first().min(self.ended.len() as u64) as usize;
        self.ended[..count].iter().map(|entry| {
            let [number, id, phase, end, detail @ ..] = entry.read().1;
            Ended { number, id, phase: Phase::of(phase), end, detail: Detail::of(detail) }
        })
    }

    /// Owner only, while no reader trusts this lane. Slots remain with their holders.
    pub(crate) fn clear(&self) {
        self.ended.iter().for_each(Cells::clear);
        self.count.set_last(0);
    }
}
