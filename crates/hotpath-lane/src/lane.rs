//! A thread's own recording place.

use std::{
    cell::Cell,
    sync::atomic::{AtomicPtr, AtomicUsize, Ordering},
};

use crate::{
    arena::Arena,
    clock,
    epoch::Epoch,
    memory::LaneMemory,
    node::{Node, Tree},
    primitive::Cell64,
    reader_slots::Slots,
    row::Row,
    site::State,
    unattributed::UnattributedSamples,
};

/// How many calls a row remembers, unless [`set_recent`] says otherwise.
const DEFAULT_RECENT: usize = 50;

static RECENT: AtomicUsize = AtomicUsize::new(DEFAULT_RECENT);

/// How many calls each row remembers (at most 1,022; rounded up). For rows made from now on.
pub fn set_recent(calls: usize) {
    RECENT.store(calls, Ordering::Relaxed);
}

/// Everything one thread records. Written by its owner only (see [`crate::pool`]), read by anyone.
///
/// A thread that has given its lane back must not write it any more; its last destructors write the shared lane.
#[repr(C, align(128))] // its own cache lines: what a thread writes, no other thread writes
pub(crate) struct Lane {
    /// The node the thread is in: published, so that a signal handler or another thread can look.
    pub(crate) current: AtomicPtr<Node>,
    /// Ticks of measured calls so far: of those at the root, and of the current frame's callees.
    pub(crate) callees: Cell64,
    /// The epoch that rows and nodes count.
    pub(crate) epoch: Epoch,
    /// Nested frames on the stack (see [`crate::frame::Tag`]), perhaps more than there are. The owner's alone.
    pub(crate) nested: Cell<u32>,
    /// What the thread allocates.
    pub(crate) memory: LaneMemory,
    /// CPU samples of epochs that the lane does not count yet, because its thread has called nothing since they began.
    pub(crate) unattributed: UnattributedSamples,
    /// What the thread holds and others may hold as well.
    pub(crate) reader_slots: Slots,
    random: Cell<u64>,
    pub(crate) arena: Arena,
    rows: Rows,
    owners: Owners,
    pub(crate) tree: Tree,
}

// SAFETY: everything that another thread may read is an atomic. The plain cells (`Node::found_as`, `Node::callee`, the
// tree's edges, the arena, `random`, `nested`) are touched by the owner alone, and ownership passes through `pool` with
// Release/Acquire, or through the lock of the shared lane.
unsafe impl Sync for Lane {}
// SAFETY: nothing in a lane is bound to the thread that made it.
unsafe impl Send for Lane {}

impl Lane {
    pub(crate) fn new(number: u64) -> Self {
        Self {
            current: AtomicPtr::new(std::ptr::null_mut()),
            callees: Cell64::new(0),
            epoch: Epoch::new(),
            nested: Cell::new(0),
            memory: LaneMemory::new(),
            unattributed: UnattributedSamples::new(),
            reader_slots: Slots::new(),
            random: Cell::new(0x9e37_79b9_7f4a_7c15 ^ (number + 1)),
            arena: Arena::new(),
            rows: Rows::new(),
            owners: Owners::new(),
            tree: Tree::new(),
        }
    }

    /// Owner only. The thread named by `token` takes the lane; it stands at the root.
    pub(crate) fn begin_owner(&self, token: u64) {
        self.tree.begin();
        self.nested.set(0);
        self.set_current(&self.tree.root);
        self.memory.begin_owner(token);
    }

    /// Owner only. The thread is about to record calls. Later than [`Lane::begin_owner`]: a thread that only allocates may do
    /// so before it is settled which clock there is.
    pub(crate) fn begin_recording(&self, token: u64) {
        self.owners.push(clock::now(), token);
    }

    /// Which thread owned the lane at that moment, if still known.
    pub(crate) fn owner_at(&self, ticks: u64) -> Option<u64> {
        self.owners.at(ticks)
    }

    #[inline(always)]
    pub(crate) fn set_current(&self, node: *const Node) {
        self.current.store(node.cast_mut(), Ordering::Release); // pairs with the Acquire of whoever looks from outside
    }

    /// Owner only. Counts `epoch` from now on; what belongs to an older one is cleared.
    #[cold]
    pub(crate) fn turn_to(&self, epoch: u32) {
        if self.epoch.get() == epoch {
            return;
        }
        self.epoch.turn_to(epoch, || {
            self.rows.iter().for_each(|(_, row)| {
                row.clear();
                row.since.set(0);
            });
            self.tree.clear(std::ptr::eq(self.current.load(Ordering::Relaxed), &raw const self.tree.root));
            self.callees.set(0);
        });
    }

    /// Owner only. The row of a site, made when first needed; `None` only without memory.
    pub(crate) fn row(&self, state: State) -> Option<&Row> {
        self.rows.get(state.id()).or_else(|| {
            let row = Row::new(RECENT.load(Ordering::Relaxed), &self.arena)?;
            self.rows.put(state.id(), self.arena.put(row)?, &self.arena)
        })
    }

    /// Any thread. The row of a site, if this lane has hit it.
    pub(crate) fn known_row(&self, id: u32) -> Option<&Row> {
        self.rows.get(id)
    }

    /// Any thread. The rows of all sites this lane has hit, with the sites' ids.
    pub(crate) fn known_rows(&self) -> impl Iterator<Item = (u32, &Row)> {
        self.rows.iter()
    }

    /// Owner only. 32 random bits (xorshift64*).
    pub(crate) fn draw(&self) -> u32 {
        let mut x = self.random.get();
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.random.set(x);
        (x.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }
}

const ROWS_PER_PAGE: usize = 256;
const PAGES: usize = 256;

type Page = [AtomicPtr<Row>];

/// Site id → row.
struct Rows {
    pages: [AtomicPtr<AtomicPtr<Row>>; PAGES],
}

impl Rows {
    fn new() -> Self {
        Self { pages: std::array::from_fn(|_| AtomicPtr::new(std::ptr::null_mut())) }
    }

    fn page(&self, number: usize) -> Option<&Page> {
        let first = self.pages.get(number)?.load(Ordering::Acquire); // pairs with the Release in `put`
        // SAFETY: null, or the first of ROWS_PER_PAGE pointers that `put` published and nobody frees.
        (!first.is_null()).then(|| unsafe { std::slice::from_raw_parts(first, ROWS_PER_PAGE) })
    }

    fn get(&self, id: u32) -> Option<&Row> {
        let page = self.page(id as usize / ROWS_PER_PAGE)?;
        // SAFETY: null or a published row, never freed; pairs with the Release in `put`.
        unsafe { page[id as usize % ROWS_PER_PAGE].load(Ordering::Acquire).as_ref() }
    }

    /// Owner only.
    fn put(&self, id: u32, row: &'static Row, arena: &Arena) -> Option<&Row> {
        let number = id as usize / ROWS_PER_PAGE;
        if self.page(number).is_none() {
            let fresh = arena.slice(ROWS_PER_PAGE, || AtomicPtr::new(std::ptr::null_mut()))?;
            self.pages.get(number)?.store(fresh.as_ptr().cast_mut(), Ordering::Release); // pairs with `page`
        }
        let slot = &self.page(number)?[id as usize % ROWS_PER_PAGE];
        slot.store(std::ptr::from_ref(row).cast_mut(), Ordering::Release); // pairs with `get`
        Some(row)
    }

    fn iter(&self) -> impl Iterator<Item = (u32, &Row)> {
        let ids = (0..PAGES).filter(|page| self.page(*page).is_some()).flat_map(|page| {
            let first = (page * ROWS_PER_PAGE) as u32;
            first..first + ROWS_PER_PAGE as u32
        });
        ids.filter_map(|id| Some((id, self.get(id)?)))
    }
}

const OWNERS: usize = 16;

/// The last threads that had the lane, and from when. Written when a thread begins, so a call in the recent ring needs
/// no word for its thread.
struct Owners {
    count: Cell64,
    from: [(Cell64, Cell64); OWNERS],
}

impl Owners {
    fn new() -> Self {
        Self { count: Cell64::new(0), from: std::array::from_fn(|_| (Cell64::new(0), Cell64::new(0))) }
    }

    fn push(&self, ticks: u64, token: u64) {
        let (from, who) = &self.from[self.count.get() as usize % OWNERS];
        from.set(ticks);
        who.set(token);
        self.count.add(1);
    }

    fn at(&self, ticks: u64) -> Option<u64> {
        let count = self.count.get() as usize;
        let known = (count.saturating_sub(OWNERS)..count).rev().map(|i| &self.from[i % OWNERS]);
        known.map(|(from, who)| (from.get(), who.get())).find(|(from, _)| *from <= ticks).map(|(_, who)| who)
    }
}
