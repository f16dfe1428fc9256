//! The call tree of one lane: a node per (parent node, site).
//!
//! Recursion folds: a call of a site that is among the ancestors of the current node counts on that ancestor. A node holds self time
//! only. Its total is the sum over its subtree, made by the reader, so a tree never contradicts itself. When the memory limit is
//! reached (see [`crate::set_memory_limit`]), each site still gets its first node, and calls from further places are counted on one
//! additional node per site, shown as `<other>`.

use std::{alloc::Layout, cell::Cell};

use crate::{
    arena::{Arena, Room},
    estimates::{Estimates, EstimatesList},
    memory::{Counters, Tracked},
    primitive::{AtomicPtr, AtomicU32, AtomicU64, Cell64, Ordering},
    row::Row,
};

/// Index of the root, and the parent index of the nodes below it.
pub(crate) const ROOT: u32 = u32::MAX;
/// Index of the nodes outside the full tree.
pub(crate) const OTHER: u32 = u32::MAX - 1;

/// A site's state in the lower half of a word, and the calls until one is timed in the upper half.
///
/// If every call is timed, the upper half is 0 and the word equals the state: one comparison finds the node. In the node of a sampled
/// site, 1 stands for a call that is timed, and larger numbers for calls that are only counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found(u64);

impl Found {
    /// A state that no site has.
    const NOTHING: Self = Self(u32::MAX as u64);
    const ONE: u64 = 1 << u32::BITS;

    /// The node of a site in this state, whose every call is timed.
    #[inline(always)]
    pub(crate) fn timed(state: u32) -> Self {
        Self(u64::from(state))
    }

    /// The node of a site in this state, of whose calls the `left`-th from now is timed.
    pub(crate) fn sampled(state: u32, left: u32) -> Self {
        Self(u64::from(left) << u32::BITS | u64::from(state))
    }

    /// Returns `true` if it is a node of a site in this state.
    #[inline(always)]
    pub(crate) fn is_of(self, state: u32) -> bool {
        self.0 as u32 == state
    }

    /// One call later, if the present one is only counted.
    #[inline(always)]
    pub(crate) fn count(self) -> Option<Self> {
        (self.0 >= 2 * Self::ONE).then(|| Self(self.0 - Self::ONE))
    }
}

/// Slots of [`Tree::recent`]: a power of two.
const RECENT: usize = 256;
/// Levels above the caller at which a recursive call is looked for without a search.
const NEAR: usize = 3;

/// A node of the call tree: one cache line, and a second one for its allocations.
#[repr(C, align(64))]
pub(crate) struct Node {
    /// The calls left until one is timed, and the [`crate::site::Site`] state by which the fast path finds the node (see [`Found`]).
    /// Kept in the node itself, because a signal handler may change the caller's `callee` at any moment.
    pub(crate) found: Cell<Found>,
    /// The node of the last call from here, for the fast path. Never null: at first the node itself, which is right for a recursive call,
    /// and is never found for the root.
    pub(crate) callee: Cell<*const Node>,
    /// Null for the root.
    row: AtomicPtr<Row>,
    /// Calls: timed ones that ended, and counted ones that began.
    pub(crate) calls: Cell64,
    /// Time of the calls here less that of the calls made from here: self time, signed. While a call is running, that of its callees is
    /// already subtracted. A timed call of a sampled site counts as often as its weight says.
    pub(crate) own: Cell64,
    parent: AtomicPtr<Node>,
    /// A node is reused when its lane begins a new epoch with an empty stack. Hence the atomics: a reader of the old epoch may be reading
    /// it, and discards the result.
    site: AtomicU32,
    /// CPU samples of the thread here. Increased by the sampler (see [`crate::cpu`]), set to 0 by the owner.
    samples: AtomicU32,
    /// The number of the node's [`Estimates`], from 1; 0 without.
    estimates: AtomicU32,
    index: u32,
    /// Allocations and frees here, without measured callees. At the root: outside of measured code.
    memory: Tracked<Counters>,
}

impl Node {
    fn new(index: u32) -> Self {
        Self {
            found: Cell::new(Found::NOTHING),
            callee: Cell::new(std::ptr::null()),
            row: AtomicPtr::new(std::ptr::null_mut()),
            calls: Cell64::new(0),
            own: Cell64::new(0),
            parent: AtomicPtr::new(std::ptr::null_mut()),
            site: AtomicU32::new(0),
            samples: AtomicU32::new(0),
            estimates: AtomicU32::new(0),
            index,
            memory: Tracked::new(Counters::new()),
        }
    }

    /// Owner only, once the node is at its final address, while no reader sees it or trusts the lane.
    fn stand_for(&self, site: u32, parent: *const Node, row: &Row) {
        self.found.set(Found::NOTHING);
        self.callee.set(self);
        self.site.store(site, Ordering::Relaxed);
        self.row.store(std::ptr::from_ref(row).cast_mut(), Ordering::Relaxed);
        self.parent.store(parent.cast_mut(), Ordering::Relaxed);
    }

    /// Owner only. Subtracts the time of a call that was made from here and has this weight.
    #[inline(always)]
    pub(crate) fn charge(&self, ticks: u64, weight: Option<u32>) {
        let ticks = weight.map_or(ticks, |weight| ticks.wrapping_mul(u64::from(weight)));
        self.own.set(self.own.own().wrapping_sub(ticks));
    }

    pub(crate) fn site(&self) -> u32 {
        self.site.load(Ordering::Relaxed)
    }

    pub(crate) fn index(&self) -> u32 {
        self.index
    }

    /// Returns the row of the node's site.
    ///
    /// # Safety
    ///
    /// Not for the root, which has none.
    #[inline(always)]
    pub(crate) unsafe fn row(&self) -> &Row {
        // SAFETY: every other node has one (the caller's promise), and rows are never freed.
        unsafe { &*self.row.load(Ordering::Relaxed) }
    }

    pub(crate) fn parent(&self) -> Option<&Node> {
        // SAFETY: null or a node of the same lane, never freed.
        unsafe { self.parent.load(Ordering::Relaxed).as_ref() }
    }

    /// Index of the parent; [`ROOT`] for a node at the top.
    pub(crate) fn parent_index(&self) -> u32 {
        self.parent().map_or(ROOT, |parent| parent.index)
    }

    /// Adds CPU samples. Async-signal-safe in the middle of anything the owner does: one instruction, which nothing depends on.
    pub(crate) fn hit(&self, weight: u64) {
        self.samples.fetch_add(weight as u32, Ordering::Relaxed); // stands alone
    }

    /// Any thread.
    pub(crate) fn samples(&self) -> u64 {
        self.samples.load(Ordering::Relaxed).into()
    }

    /// Allocations and frees while the thread was here and not in measured callees, if they are tracked. Without those of the node that
    /// the thread counts for now: see [`crate::memory`].
    pub(crate) fn memory(&self) -> Option<&Counters> {
        self.memory.get()
    }

    fn clear(&self) {
        self.found.set(Found::NOTHING);
        self.estimates.store(0, Ordering::Relaxed); // no reader trusts the lane
        self.calls.set(0);
        self.own.set(0);
        self.samples.store(0, Ordering::Relaxed);
        if let Some(memory) = self.memory.get() {
            memory.clear();
        }
    }
}

/// Nodes of the smallest chunks.
const CHUNK: usize = 32;
/// Chunks of equal size, as a power of two. Each further such group has chunks twice as large, so a list of them is short, and little
/// of the last one is unused.
const GROUP_BITS: u32 = 2;
/// Bits of an index in a slot of [`Edges`].
const INDEX_BITS: u32 = 21;
/// The most nodes of a lane.
const MAX_NODES: usize = (1 << INDEX_BITS) - 1;
const CHUNKS: usize = Place::of(MAX_NODES - 1).chunk + 1;

/// The place of a node in its chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    chunk: usize,
    at: usize,
    /// The size of the chunk.
    len: usize,
}

impl Place {
    const fn of(index: usize) -> Self {
        let number = index / CHUNK; // in chunks of the smallest size
        let bits = usize::BITS - (number | 1 << GROUP_BITS).leading_zeros();
        let larger = bits - 1 - GROUP_BITS;
        let chunk = ((larger as usize) << GROUP_BITS) + (number >> larger);
        Self { chunk, at: index & ((CHUNK << larger) - 1), len: CHUNK << larger }
    }
}

/// Maps from (node, site) to the callee's node. Owner only.
struct Edges {
    /// Children by the hash of parent and site: the upper part of the hash, and the child's index plus one; 0 in a free slot.
    children: Cell<&'static [Cell<u32>]>,
    len: Cell<usize>,
    /// The nodes of recursive calls, and those outside the full tree.
    others: Others,
}

const INDEX: u32 = (1 << INDEX_BITS) - 1;

fn key(node: u32, site: u32) -> u64 {
    (u64::from(node) << 32) | u64::from(site)
}

fn hash(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15) // Fibonacci hashing: the upper bits are good
}

/// The slots of a table in the order in which they are tried for a hash.
fn slots<T>(table: &[T], hash: u64) -> impl Iterator<Item = &T> {
    let (from, mask) = ((hash >> 32) as usize, table.len().wrapping_sub(1)); // the length is 0 or a power of two
    (from..from + table.len()).map(move |at| &table[at & mask])
}

/// Returns a table of twice the size, if this one is too full for another entry.
fn larger<T>(table: &[T], len: usize, arena: &Arena, empty: impl Fn() -> T) -> Option<&'static [T]> {
    let is_needed = len * 4 >= table.len() * 3;
    is_needed.then(|| arena.slice((table.len() * 2).max(16), empty)).flatten()
}

impl Edges {
    const fn new() -> Self {
        Self { children: Cell::new(&[]), len: Cell::new(0), others: Others::new() }
    }

    fn tag(hash: u64) -> u32 {
        (hash >> 32) as u32 & !INDEX
    }

    /// Returns the child with this parent and site.
    fn get<'a>(
        &self,
        parent: &Node,
        site: u32,
        node: impl Fn(usize) -> Option<&'a Node>,
    ) -> Option<&'a Node> {
        let hash = hash(key(parent.index, site));
        let used = slots(self.children.get(), hash).map(Cell::get).take_while(|slot| *slot != 0);
        let near = used.filter(|slot| slot & !INDEX == Self::tag(hash));
        let mut nodes = near.filter_map(|slot| node((slot & INDEX) as usize - 1));
        nodes.find(|node| node.site() == site && node.parent_index() == parent.index)
    }

    /// Adds a new child. Returns `None` without memory, with nothing done.
    fn put<'a>(&self, child: &Node, arena: &Arena, node: impl Fn(usize) -> Option<&'a Node>) -> Option<()> {
        let table = self.children.get();
        if let Some(larger) = larger(table, self.len.get(), arena, || Cell::new(0)) {
            for slot in table.iter().map(Cell::get).filter(|slot| *slot != 0) {
                Self::fill(larger, node((slot & INDEX) as usize - 1)?);
            }
            self.children.set(larger);
            // SAFETY: only the owner uses the table, which has just forgotten it.
            #[cfg(not(loom))]
            unsafe {
                arena.give_back(table);
            }
        }
        if self.len.get() + 1 >= self.children.get().len() {
            return None; // there was no memory: one slot must stay free
        }
        self.len.set(self.len.get() + 1);
        Self::fill(self.children.get(), child);
        Some(())
    }

    fn fill(table: &[Cell<u32>], child: &Node) {
        let hash = hash(key(child.parent_index(), child.site()));
        if let Some(slot) = slots(table, hash).find(|slot| slot.get() == 0) {
            slot.set(Self::tag(hash) | (child.index + 1));
        }
    }

    fn clear(&self) {
        self.children.get().iter().for_each(|slot| slot.set(0));
        self.len.set(0);
        self.others.clear();
    }
}

/// The map from (node, site) to nodes that are no children. Owner only. What does not fit is searched each time.
struct Others {
    table: Cell<&'static [Edge]>,
    len: Cell<usize>,
}

struct Edge {
    key: Cell<u64>,
    node: Cell<*const Node>,
}

impl Others {
    const fn new() -> Self {
        Self { table: Cell::new(&[]), len: Cell::new(0) }
    }

    fn get(&self, key: u64) -> Option<*const Node> {
        let mut used = slots(self.table.get(), hash(key)).take_while(|edge| !edge.node.get().is_null());
        used.find(|edge| edge.key.get() == key).map(|edge| edge.node.get())
    }

    fn put(&self, key: u64, node: *const Node, arena: &Arena) {
        let table = self.table.get();
        let empty = || Edge { key: Cell::new(0), node: Cell::new(std::ptr::null()) };
        if let Some(larger) = larger(table, self.len.get(), arena, empty) {
            for edge in table.iter().filter(|edge| !edge.node.get().is_null()) {
                Self::fill(larger, edge.key.get(), edge.node.get());
            }
            self.table.set(larger);
            // SAFETY: only the owner uses the table, which has just forgotten it.
            #[cfg(not(loom))]
            unsafe {
                arena.give_back(table);
            }
        }
        self.restore(key, node);
    }

    /// Puts back what was there before [`Edges::clear`].
    fn restore(&self, key: u64, node: *const Node) {
        if self.len.get() + 1 < self.table.get().len() {
            self.len.set(self.len.get() + 1);
            Self::fill(self.table.get(), key, node);
        }
    }

    fn fill(table: &[Edge], key: u64, node: *const Node) {
        if let Some(edge) = slots(table, hash(key)).find(|edge| edge.node.get().is_null()) {
            edge.key.set(key);
            edge.node.set(node);
        }
    }

    fn clear(&self) {
        self.table.get().iter().for_each(|edge| edge.node.set(std::ptr::null()));
        self.len.set(0);
    }
}

/// A node outside the full tree: one per site that has calls there.
struct Spill {
    node: Node,
    next: *const Spill,
}

/// All nodes of a lane.
pub(crate) struct Tree {
    pub(crate) root: Node,
    /// The first node of each chunk; nodes from `len` on are uninitialised.
    chunks: [AtomicPtr<Node>; CHUNKS],
    /// The nodes found last, by the hash of caller and site. Each slot is one word, so a signal handler may change it at any moment: what is
    /// found there is checked.
    recent: Cell<&'static [Cell<*const Node>]>,
    /// Nodes that were written: those of an earlier epoch are used again.
    written: Cell<usize>,
    /// The number of nodes. A parent's index is smaller than those of its children.
    len: AtomicU64,
    spills: AtomicPtr<Spill>,
    edges: Edges,
    estimates: EstimatesList,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self {
            root: Node::new(ROOT),
            chunks: std::array::from_fn(|_| AtomicPtr::new(std::ptr::null_mut())),
            recent: Cell::new(&[]),
            written: Cell::new(0),
            len: AtomicU64::new(0),
            spills: AtomicPtr::new(std::ptr::null_mut()),
            edges: Edges::new(),
            estimates: EstimatesList::new(),
        }
    }

    /// Owner only. Returns the estimates of a node, made when first needed; `None` only without memory.
    pub(crate) fn estimates(&self, node: &Node, arena: &Arena) -> Option<&Estimates> {
        self.known_estimates(node).or_else(|| {
            let (number, fresh) = self.estimates.push(node.calls.own(), arena)?;
            node.estimates.store(number, Ordering::Release); // pairs with `known_estimates`
            Some(fresh)
        })
    }

    /// Owner only. Returns `true` if there is a node of which not every call is timed.
    pub(crate) fn has_estimates(&self) -> bool {
        !self.estimates.is_empty()
    }

    /// Any thread. Returns the estimates of a node, if it has some.
    pub(crate) fn known_estimates(&self, node: &Node) -> Option<&Estimates> {
        // Pairs with the Release in `estimates`: whoever sees the number sees the estimates.
        self.estimates.get(node.estimates.load(Ordering::Acquire))
    }

    /// Owner only, once the tree is at its final address. Nothing has been called from the root.
    pub(crate) fn begin(&self) {
        self.root.callee.set(&raw const self.root);
    }

    /// Owner only. Returns the node for a call of `site` from `parent`: a known one, an ancestor (recursion), a new one, or the site's node
    /// outside the full tree. `None` only without memory.
    pub(crate) fn child<'a>(
        &'a self,
        parent: &'a Node,
        site: u32,
        row: &'a Row,
        arena: &Arena,
    ) -> Option<&'a Node> {
        let node = self.search(parent, site, row, arena)?;
        self.remember(parent, site, node, arena);
        Some(node)
    }

    fn search<'a>(&'a self, parent: &'a Node, site: u32, row: &'a Row, arena: &Arena) -> Option<&'a Node> {
        if let Some(child) = self.edges.get(parent, site, |index| self.node(index)) {
            return Some(child);
        }
        let key = key(parent.index, site);
        // SAFETY: nodes are never freed, and the map holds nodes of this tree.
        if let Some(known) = self.edges.others.get(key).and_then(|node| unsafe { node.as_ref() }) {
            return Some(known);
        }
        let ancestor = Self::ancestor(parent, site);
        if ancestor.is_none()
            && parent.index != OTHER // whose index says nothing
            && let Some(child) = self.grow(parent, site, row, arena)
        {
            return Some(child);
        }
        let node = ancestor.or_else(|| self.spill(site, row, arena))?;
        // Outside the full tree it would take as much memory as a node.
        if ancestor.is_some() && arena.room() != Room::Nothing {
            self.edges.others.put(key, node, arena);
        }
        Some(node)
    }

    /// Owner only. Returns `true` if a call of `site` from `parent` is inside another one. Also `true` below nodes outside the full tree, whose
    /// callers are not known.
    pub(crate) fn is_inside(parent: &Node, site: u32) -> bool {
        let mut node = Some(parent);
        while let Some(at) = node {
            if at.site() == site || at.index == OTHER {
                return true;
            }
            node = at.parent();
        }
        false
    }

    fn ancestor(from: &Node, site: u32) -> Option<&Node> {
        let mut node = Some(from);
        while let Some(at) = node {
            if at.site() == site {
                return Some(at);
            }
            node = at.parent();
        }
        None
    }

    fn grow(&self, parent: &Node, site: u32, row: &Row, arena: &Arena) -> Option<&Node> {
        let index = self.len.load(Ordering::Relaxed) as usize; // owner's own store
        let place = Place::of(index);
        let slot = self.chunks.get(place.chunk).filter(|_| index < MAX_NODES)?;
        let is_written = index < self.written.get();
        let is_first = row.takes_first_node();
        if !is_written && !is_first && arena.room() == Room::Nothing {
            return None;
        }
        if slot.load(Ordering::Relaxed).is_null() {
            let chunk = arena.take(Layout::array::<Node>(place.len).ok()?)?.cast::<Node>();
            slot.store(chunk.as_ptr(), Ordering::Release); // pairs with the Acquire in `node`
        }
        // SAFETY: in the chunk, which is as long as the place says.
        let node = unsafe { slot.load(Ordering::Relaxed).add(place.at) };
        if !is_written {
            // SAFETY: in the chunk; nobody reads a node that was never written.
            unsafe { node.write(Node::new(index as u32)) };
            self.written.set(index + 1);
        }
        // SAFETY: written, never freed.
        let node = unsafe { &*node };
        node.stand_for(site, parent, row);
        self.edges.put(node, arena, |index| self.node(index))?;
        self.len.store(index as u64 + 1, Ordering::Release); // pairs with the Acquire in `nodes`
        Some(node)
    }

    fn slot(&self, parent: &Node, site: u32) -> Option<&Cell<*const Node>> {
        self.recent.get().get((hash(key(parent.index, site)) >> (u64::BITS - RECENT.ilog2())) as usize)
    }

    /// Owner only. Remembers the node for a call of `site` from `parent`.
    fn remember(&self, parent: &Node, site: u32, node: &Node, arena: &Arena) {
        if self.recent.get().is_empty()
            && let Some(recent) = arena.slice(RECENT, || Cell::new(std::ptr::null()))
        {
            self.recent.set(recent);
        }
        if let Some(slot) = self.slot(parent, site) {
            slot.set(node);
        }
    }

    /// Owner only. Returns the node for a call of `site`, which is in this state, from `parent`, if it was found before and not forgotten.
    #[inline(always)]
    pub(crate) fn recall(&self, parent: &Node, site: u32, state: u32) -> Option<&Node> {
        // SAFETY: null, or a node of this tree, never freed.
        let node = unsafe { self.slot(parent, site)?.get().as_ref() }?;
        if !node.found.get().is_of(state) {
            return None;
        }
        let is_child = node.parent_index() == parent.index;
        (is_child || Self::is_near(node, parent)).then_some(node)
    }

    /// Returns `true` if `node` is `from` or one of its nearest ancestors: then a call of its site is recursive.
    fn is_near(node: &Node, from: &Node) -> bool {
        let mut at = Some(from);
        for _ in 0..NEAR {
            match at {
                Some(ancestor) if std::ptr::eq(ancestor, node) => return true,
                Some(ancestor) => at = ancestor.parent(),
                None => return false,
            }
        }
        false
    }

    /// Any thread. Returns a node that was written.
    fn node(&self, index: usize) -> Option<&Node> {
        let place = Place::of(index);
        let chunk = self.chunks[place.chunk].load(Ordering::Acquire); // pairs with the Release in `grow`
        // SAFETY: null, or the first node of the chunk; the node was written (the caller's promise), and is never freed.
        (!chunk.is_null()).then(|| unsafe { &*chunk.add(place.at) })
    }

    /// Owner only. Returns the node outside the full tree for calls of `site`, made when first needed.
    fn spill(&self, site: u32, row: &Row, arena: &Arena) -> Option<&Node> {
        let key = key(OTHER, site);
        // SAFETY: nodes are never freed, and the map holds nodes of this tree.
        if let Some(known) = self.edges.others.get(key).and_then(|node| unsafe { node.as_ref() }) {
            return Some(known);
        }
        let fresh = arena.put(Spill { node: Node::new(OTHER), next: self.spills.load(Ordering::Relaxed) })?;
        fresh.node.stand_for(site, std::ptr::null(), row);
        self.spills.store(std::ptr::from_ref(fresh).cast_mut(), Ordering::Release); // pairs with `spilled`
        self.edges.others.put(key, &raw const fresh.node, arena);
        Some(&fresh.node)
    }

    /// Any thread. The nodes outside the full tree.
    fn spilled(&self) -> impl Iterator<Item = &Node> {
        let mut at: *const Spill = self.spills.load(Ordering::Acquire); // pairs with the Release in `spill`
        std::iter::from_fn(move || {
            // SAFETY: null or published complete, never freed, and `next` never changes.
            let spill = unsafe { at.as_ref() }?;
            at = spill.next;
            Some(&spill.node)
        })
    }

    /// Any thread. All nodes; those outside the full tree last.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Node> {
        self.nodes().chain(self.spilled())
    }

    /// Any thread. The nodes in order of their indices.
    fn nodes(&self) -> impl Iterator<Item = &Node> {
        let len = self.len.load(Ordering::Acquire) as usize; // pairs with the Release in `grow`
        (0..len).filter_map(|index| self.node(index))
    }

    /// Owner only, while no reader trusts this lane. With an empty stack the tree starts over. Otherwise frames point to its nodes, which
    /// stay and count from zero.
    pub(crate) fn clear(&self, is_idle: bool) {
        self.all().chain([&self.root]).for_each(Node::clear);
        self.estimates.clear();
        if is_idle {
            self.len.store(0, Ordering::Release); // pairs with the Acquire in `nodes`
            self.edges.clear();
            self.recent.get().iter().for_each(|slot| slot.set(std::ptr::null()));
            self.spilled().for_each(|node| self.edges.others.restore(key(OTHER, node.site()), node));
            self.begin();
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn chunks_hold_all_nodes_in_order() {
        let mut expected = Place { chunk: 0, at: 0, len: CHUNK };
        for index in 0..MAX_NODES {
            let place = Place::of(index);
            assert_eq!(place, Place { len: place.len, ..expected }, "{index}");
            assert!(place.at < place.len && place.len <= CHUNK.max(index / 4));
            expected.at += 1;
            if expected.at == place.len {
                (expected.chunk, expected.at) = (expected.chunk + 1, 0);
            }
        }
        assert_eq!(Place::of(MAX_NODES - 1).chunk, CHUNKS - 1);
    }

    /// A tree as a plain map, beside the real one.
    #[test]
    fn every_place_has_a_node_of_its_own() {
        let (tree, arena) = (Box::leak(Box::new(Tree::new())), Arena::new());
        let row = Row::make(4, &arena).expect("memory");
        for _epoch in 0..2 {
            tree.begin();
            let mut known = std::collections::HashMap::new();
            let mut random = 1_u64;
            for _ in 0..20_000 {
                let mut at: &Node = &tree.root;
                let mut path = Vec::new();
                for _ in 0..4 {
                    random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                    let site = (random >> 33) as u32 % 9 + 1;
                    let node = tree.child(at, site, row, &arena).expect("memory");
                    // Recursion folds.
                    match path.iter().position(|other| *other == site) {
                        Some(ancestor) => path.truncate(ancestor + 1),
                        None => path.push(site),
                    }
                    let first = *known.entry(path.clone()).or_insert(std::ptr::from_ref(node));
                    assert!(std::ptr::eq(first, node), "{path:?}");
                    assert_eq!(node.site(), site);
                    at = node;
                }
            }
            assert_eq!(tree.all().count(), known.len());
            assert!(known.len() > 3000, "{}", known.len());
            tree.clear(true);
        }
    }
}
