//! Lanes: the memory in which one thread records.

use std::{
    cell::Cell,
    sync::atomic::{AtomicPtr, AtomicUsize, Ordering},
};

use crate::{
    arena::Arena,
    budget::Spending,
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

/// The number of calls that a row remembers, unless [`set_recent`] sets another.
const DEFAULT_RECENT: usize = 50;

static RECENT: AtomicUsize = AtomicUsize::new(DEFAULT_RECENT);

/// Sets the number of calls that each new row remembers (at most 1,022; rounded up).
pub fn set_recent(calls: usize) {
    RECENT.store(calls, Ordering::Relaxed);
}

/// Everything that one thread records. Written by its owner only (see [`crate::pool`]), read by any thread.
///
/// A thread that has given its lane back must not write it. Its last destructors write the shared lane.
#[repr(C, align(128))] // no two threads write to the same cache line
pub(crate) struct Lane {
    /// The current node, published for signal handlers and other threads.
    pub(crate) current: AtomicPtr<Node>,
    /// The epoch of rows and nodes.
    pub(crate) epoch: Epoch,
    /// Nested frames on the stack (see [`crate::frame::Tag`]), or more. Owner only.
    pub(crate) nested: Cell<u32>,
    /// The thread's allocations.
    pub(crate) memory: LaneMemory,
    /// CPU samples of epochs that the lane has not begun, because its thread has not called anything since.
    pub(crate) unattributed: UnattributedSamples,
    /// The shared locks that the thread holds.
    pub(crate) reader_slots: Slots,
    random: Cell<u64>,
    /// The part of the budget that recording has used.
    pub(crate) spending: Spending,
    pub(crate) arena: Arena,
    rows: Rows,
    owners: Owners,
    pub(crate) tree: Tree,
}

// SAFETY: everything that another thread may read is an atomic. The plain cells (`Node::found`, `Node::callee`, the tree's edges and the
// nodes found last, the estimates' strata, the arena, `random`, `nested`, `spending`) are touched by the owner alone, and ownership passes
// through `pool` with Release/Acquire, or through the lock of the shared lane.
unsafe impl Sync for Lane {}
// SAFETY: nothing in a lane is bound to the thread that made it.
unsafe impl Send for Lane {}

impl Lane {
    pub(crate) fn new(number: u64) -> Self {
        Self {
            current: AtomicPtr::new(std::ptr::null_mut()),
            epoch: Epoch::new(),
            nested: Cell::new(0),
            memory: LaneMemory::new(),
            unattributed: UnattributedSamples::new(),
            reader_slots: Slots::new(),
            random: Cell::new(0x9e37_79b9_7f4a_7c15 ^ (number + 1)),
            spending: Spending::new(),
            arena: Arena::new(),
            rows: Rows::new(),
            owners: Owners::new(),
            tree: Tree::new(),
        }
    }

    /// Owner only. The thread named by `token` takes the lane, at the root of the tree.
    pub(crate) fn begin_owner(&self, token: u64) {
        self.tree.begin();
        self.nested.set(0);
        self.set_current(&self.tree.root);
        self.memory.begin_owner(token);
    }

    /// Owner only. The thread is about to record calls. Not part of [`Lane::begin_owner`], because a thread that only allocates may
    /// take its lane before the clock is chosen.
    pub(crate) fn begin_recording(&self, token: u64) {
        self.owners.push(clock::now(), token);
    }

    /// Returns the token of the lane's owner at that moment, if still known.
    pub(crate) fn owner_at(&self, ticks: u64) -> Option<u64> {
        self.owners.at(ticks)
    }

    #[inline(always)]
    pub(crate) fn set_current(&self, node: *const Node) {
        self.current.store(node.cast_mut(), Ordering::Release); // pairs with the Acquire of samplers and readers
    }

    /// Owner only. Begins `epoch`: clears the numbers of an older one.
    #[cold]
    pub(crate) fn turn_to(&self, epoch: u32) {
        if self.epoch.get() == epoch {
            return;
        }
        self.epoch.turn_to(epoch, || {
            self.rows.iter().for_each(|(_, row)| {
                row.clear();
                row.since.set(Row::IDLE);
            });
            self.memory.forget_node();
            self.tree.clear(std::ptr::eq(self.current.load(Ordering::Relaxed), &raw const self.tree.root));
            self.spending.restart();
        });
    }

    /// Owner only. Returns the row of a site, made when first needed; `None` only without memory.
    pub(crate) fn row(&self, state: State) -> Option<&Row> {
        self.rows.get(state.id()).or_else(|| {
            let row = Row::make(RECENT.load(Ordering::Relaxed), &self.arena)?;
            self.rows.put(state.id(), row, &self.arena)
        })
    }

    /// Any thread. Returns the row of a site, if this lane has hit it.
    pub(crate) fn known_row(&self, id: u32) -> Option<&Row> {
        self.rows.get(id)
    }

    /// Any thread. Returns the rows of all sites that this lane has hit, with the sites' ids.
    pub(crate) fn known_rows(&self) -> impl Iterator<Item = (u32, &Row)> {
        self.rows.iter()
    }

    /// Owner only. Returns 32 random bits (xorshift64*).
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

/// The map from site ids to rows.
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

/// The last threads that owned the lane, with the beginning of each. So a recent call needs no word for its thread.
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
