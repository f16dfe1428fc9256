//! The call tree of one lane: a node per (parent node, site).
//!
//! Recursion folds: a site that is already among the ancestors of the current node is that ancestor again. A node holds
//! own time only; its total is the sum over its subtree, made by the reader, so a tree never contradicts itself.
//! At most [`MAX_NODES`] nodes; what would need more is counted on one further node per site, shown as `<other>`.

use std::cell::{Cell, UnsafeCell};

use crate::{
    arena::Arena,
    primitive::{AtomicPtr, AtomicU64, Cell64, Ordering},
    row::Row,
};

/// Nodes per lane, beside the root.
pub(crate) const MAX_NODES: usize = 4096;
const CHUNK: usize = 32;
const CHUNKS: usize = MAX_NODES / CHUNK;
/// Remembered (node, site) pairs per lane. Past it a pair is looked up along the ancestors each time.
const MAX_EDGES: usize = 4 * MAX_NODES;

/// Index of the root, and the parent index of the nodes below it.
pub(crate) const ROOT: u32 = u32::MAX;
/// Index of the nodes that stand outside the full tree.
pub(crate) const OTHER: u32 = u32::MAX - 1;

/// The state of no site, registered or not.
const NO_STATE: u32 = u32::MAX;

/// One place in the call tree.
pub(crate) struct Node {
    /// The site (as [`crate::site::Site`] state) that was last called from here, and its node: what a hit needs.
    pub(crate) called: Cell<u32>,
    pub(crate) site: u32,
    pub(crate) callee: Cell<*const Node>,
    /// Null for the root.
    pub(crate) row: *const Row,
    pub(crate) calls: Cell64,
    pub(crate) own: Cell64,
    parent: *const Node,
    pub(crate) index: u32,
}

impl Node {
    fn new(index: u32, site: u32, parent: *const Node, row: *const Row) -> Self {
        Self {
            called: Cell::new(NO_STATE),
            site,
            callee: Cell::new(std::ptr::null()),
            row,
            calls: Cell64::new(0),
            own: Cell64::new(0),
            parent,
            index,
        }
    }

    /// The node of a site's calls that found the tree full.
    pub(crate) fn spill(site: u32, row: &Row) -> Self {
        Self::new(OTHER, site, std::ptr::null(), row)
    }

    /// Index of the parent; [`ROOT`] for a node at the top.
    pub(crate) fn parent_index(&self) -> u32 {
        // SAFETY: a parent is a node of the same tree, or null for the root; nodes are never freed.
        unsafe { self.parent.as_ref() }.map_or(ROOT, |parent| parent.index)
    }

    pub(crate) fn clear(&self) {
        self.calls.set(0);
        self.own.set(0);
    }
}

struct Chunk([UnsafeCell<Node>; CHUNK]);

/// Open-addressed map (node, site) → node. Owner only.
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

    /// Where the key stands, or the free place where it belongs. The table has at least one free place.
    fn place(table: &'static [Edge], key: u64) -> &'static Edge {
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
        Some(Self::place(table, key).node.get()).filter(|node| !node.is_null())
    }

    fn put(&self, key: u64, node: *const Node, arena: &Arena) {
        if self.len.get() >= MAX_EDGES || self.make_room(arena).is_none() {
            return; // looked up along the ancestors each time
        }
        let edge = Self::place(self.table.get(), key);
        edge.key.set(key);
        edge.node.set(node);
        self.len.set(self.len.get() + 1);
    }

    /// At most half of the table is used. What is outgrown is left behind: all of it together is smaller than the new one.
    fn make_room(&self, arena: &Arena) -> Option<()> {
        let table = self.table.get();
        if self.len.get() * 2 < table.len() {
            return Some(());
        }
        let empty = || Edge { key: Cell::new(0), node: Cell::new(std::ptr::null()) };
        let larger = arena.slice((table.len() * 2).max(16), empty)?;
        for edge in table.iter().filter(|edge| !edge.node.get().is_null()) {
            let to = Self::place(larger, edge.key.get());
            to.key.set(edge.key.get());
            to.node.set(edge.node.get());
        }
        self.table.set(larger);
        Some(())
    }
}

/// All nodes of a lane.
pub(crate) struct Tree {
    pub(crate) root: Node,
    chunks: [AtomicPtr<Chunk>; CHUNKS],
    /// Nodes in use, in order of making: a parent stands before its children.
    len: AtomicU64,
    edges: Edges,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self {
            root: Node::new(ROOT, 0, std::ptr::null(), std::ptr::null()),
            chunks: std::array::from_fn(|_| AtomicPtr::new(std::ptr::null_mut())),
            len: AtomicU64::new(0),
            edges: Edges::new(),
        }
    }

    /// Owner only. The node for a call of `site` from `parent`: known, folded into an ancestor, new, or the row's
    /// own when the tree is full. `None` only without memory.
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
            .or_else(|| row.spill(site, arena))?;
        self.edges.put(key, node, arena);
        Some(node)
    }

    fn ancestor(from: &Node, site: u32) -> Option<&Node> {
        let mut node = Some(from);
        while let Some(at) = node {
            if at.site == site {
                return Some(at);
            }
            // SAFETY: null or a node of this tree, never freed.
            node = unsafe { at.parent.as_ref() };
        }
        None
    }

    fn grow(&self, parent: &Node, site: u32, row: &Row, arena: &Arena) -> Option<&Node> {
        let index = self.len.load(Ordering::Relaxed) as usize; // owner's own store
        let slot = self.chunks.get(index / CHUNK)?;
        if slot.load(Ordering::Relaxed).is_null() {
            let empty = || Node::new(0, 0, std::ptr::null(), std::ptr::null());
            let chunk = arena.put(Chunk(std::array::from_fn(|_| UnsafeCell::new(empty()))))?;
            slot.store(std::ptr::from_ref(chunk).cast_mut(), Ordering::Release); // pairs with the Acquire in `nodes`
        }
        // SAFETY: not null (above), never freed.
        let place = unsafe { &(*slot.load(Ordering::Relaxed)).0[index % CHUNK] };
        // SAFETY: places from `len` on are seen by nobody but the owner, which is here.
        unsafe { place.get().write(Node::new(index as u32, site, parent, row)) };
        self.len.store(index as u64 + 1, Ordering::Release); // pairs with the Acquire in `nodes`
        // SAFETY: written just now; from here on only shared.
        Some(unsafe { &*place.get() })
    }

    /// Any thread. The nodes in order of making.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        let len = self.len.load(Ordering::Acquire) as usize; // pairs with the Release in `grow`
        (0..len).filter_map(|index| {
            // SAFETY: published complete, never freed; pairs with the Release in `grow`.
            let chunk = unsafe { self.chunks[index / CHUNK].load(Ordering::Acquire).as_ref() }?;
            // SAFETY: places below `len` are written and from then on only shared.
            Some(unsafe { &*chunk.0[index % CHUNK].get() })
        })
    }

    /// Owner only, while no reader trusts this lane. Nodes stay where they are: frames on the stack may point to them.
    pub(crate) fn clear(&self) {
        self.nodes().chain([&self.root]).for_each(Node::clear);
    }
}
