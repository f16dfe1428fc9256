//! The call tree of one lane: a node per (parent node, site).
//!
//! Recursion folds: a call of a site that is among the ancestors of the current node counts on that ancestor. A node holds self time
//! only. Its total is the sum over its subtree, made by the reader, so a tree never contradicts itself. There are at most
//! [`MAX_NODES`] nodes; further calls are counted on one additional node per site, shown as `<other>`.

use std::cell::Cell;

use crate::{
    arena::Arena,
    estimates::{Estimates, EstimatesList},
    memory::{Counters, Tracked},
    primitive::{AtomicPtr, AtomicU32, AtomicU64, Cell64, Ordering},
    row::Row,
};

/// Nodes per lane, beside the root.
pub(crate) const MAX_NODES: usize = 4096;
const CHUNK: usize = 32;
const CHUNKS: usize = MAX_NODES / CHUNK;
/// The most (node, site) pairs in a lane's map. Further pairs are searched among the ancestors each time.
const MAX_EDGES: usize = 4 * MAX_NODES;

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

struct Chunk([Node; CHUNK]);

/// The open-addressed map from (node, site) to the callee's node. Owner only.
struct Edges {
    table: Cell<&'static [Edge]>,
    len: Cell<usize>,
}

struct Edge {
    key: Cell<u64>,
    node: Cell<*const Node>,
}

impl Edges {
    const fn new() -> Self {
        Self { table: Cell::new(&[]), len: Cell::new(0) }
    }

    fn key(node: &Node, site: u32) -> u64 {
        (u64::from(node.index) << 32) | u64::from(site)
    }

    /// Returns the edge of `key`, or the free edge where it belongs. The table has at least one free edge.
    fn find(table: &'static [Edge], key: u64) -> &'static Edge {
        let mask = table.len() - 1; // a power of two
        let mut at = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & mask; // Fibonacci hashing
        while !table[at].node.get().is_null() && table[at].key.get() != key {
            at = (at + 1) & mask;
        }
        &table[at]
    }

    fn get(&self, key: u64) -> Option<*const Node> {
        let table = self.table.get();
        if table.is_empty() {
            return None;
        }
        Some(Self::find(table, key).node.get()).filter(|node| !node.is_null())
    }

    fn put(&self, key: u64, node: *const Node, arena: &Arena) {
        if self.len.get() >= MAX_EDGES || self.make_room(arena).is_none() {
            return; // searched among the ancestors each time
        }
        let edge = Self::find(self.table.get(), key);
        edge.key.set(key);
        edge.node.set(node);
        self.len.set(self.len.get() + 1);
    }

    /// Keeps at least half of the table free. Outgrown tables are leaked: together they are smaller than the new one.
    fn make_room(&self, arena: &Arena) -> Option<()> {
        let table = self.table.get();
        if self.len.get() * 2 < table.len() {
            return Some(());
        }
        let empty = || Edge { key: Cell::new(0), node: Cell::new(std::ptr::null()) };
        let larger = arena.slice((table.len() * 2).max(16), empty)?;
        for edge in table.iter().filter(|edge| !edge.node.get().is_null()) {
            let to = Self::find(larger, edge.key.get());
            to.key.set(edge.key.get());
            to.node.set(edge.node.get());
        }
        self.table.set(larger);
        Some(())
    }
}

impl Edges {
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
    chunks: [AtomicPtr<Chunk>; CHUNKS],
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
        let key = Edges::key(parent, site);
        // SAFETY: nodes are never freed, and the map holds nodes of this tree.
        if let Some(node) = self.edges.get(key).and_then(|node| unsafe { node.as_ref() }) {
            return Some(node);
        }
        let node = Self::ancestor(parent, site)
            .or_else(|| self.grow(parent, site, row, arena))
            .or_else(|| self.spill(site, row, arena))?;
        self.edges.put(key, node, arena);
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
        let slot = self.chunks.get(index / CHUNK)?;
        if slot.load(Ordering::Relaxed).is_null() {
            let first = (index - index % CHUNK) as u32;
            let chunk = arena.put(Chunk(std::array::from_fn(|at| Node::new(first + at as u32))))?;
            slot.store(std::ptr::from_ref(chunk).cast_mut(), Ordering::Release); // pairs with the Acquire in `nodes`
        }
        // SAFETY: not null (above), never freed.
        let node = unsafe { &(*slot.load(Ordering::Relaxed)).0[index % CHUNK] };
        node.stand_for(site, parent, row);
        self.len.store(index as u64 + 1, Ordering::Release); // pairs with the Acquire in `nodes`
        Some(node)
    }

    /// Owner only. Returns the node outside the full tree for calls of `site`, made when first needed.
    fn spill(&self, site: u32, row: &Row, arena: &Arena) -> Option<&Node> {
        if let Some(known) = self.spilled().find(|node| node.site() == site) {
            return Some(known);
        }
        let fresh = arena.put(Spill { node: Node::new(OTHER), next: self.spills.load(Ordering::Relaxed) })?;
        fresh.node.stand_for(site, std::ptr::null(), row);
        self.spills.store(std::ptr::from_ref(fresh).cast_mut(), Ordering::Release); // pairs with `spilled`
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
        (0..len).filter_map(|index| {
            // SAFETY: published complete, never freed; pairs with the Release in `grow`.
            Some(&unsafe { self.chunks[index / CHUNK].load(Ordering::Acquire).as_ref() }?.0[index % CHUNK])
        })
    }

    /// Owner only, while no reader trusts this lane. With an empty stack the tree starts over. Otherwise frames point to its nodes, which
    /// stay and count from zero.
    pub(crate) fn clear(&self, is_idle: bool) {
        self.all().chain([&self.root]).for_each(Node::clear);
        self.estimates.clear();
        if is_idle {
            self.len.store(0, Ordering::Release); // pairs with the Acquire in `nodes`
            self.edges.clear();
            self.begin();
        }
    }
}
