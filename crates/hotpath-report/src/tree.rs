//! The call tree: times by the path of calls.

use crate::sorting::sort_by;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Levels of a call tree that a report writes. Deeper nodes are left out, and the report says how many; their time is
/// part of their ancestors' totals.
pub const MAX_DEPTH: usize = 200;

/// One function, called on one path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeNode {
    /// Path of the function, or the label of the block.
    pub name: String,
    /// Calls on this path.
    pub calls: u64,
    /// Nanoseconds inside, inclusive of callees.
    pub total_ns: u64,
    /// Nanoseconds inside, exclusive of measured callees.
    pub self_ns: u64,
    /// Bytes allocated by the function itself, if tracked.
    pub alloc_bytes: Option<u64>,
    /// Allocations by the function itself, if tracked.
    pub alloc_count: Option<u64>,
    /// CPU samples that hit the function itself, if sampled.
    pub cpu_samples: Option<u64>,
    /// Its callees.
    pub children: Vec<TreeNode>,
}

impl TreeNode {
    /// Nodes of this tree, the root included.
    pub fn size(&self) -> usize {
        1 + size(&self.children)
    }

    fn add(&mut self, other: &TreeNode) {
        self.calls = self.calls.saturating_add(other.calls);
        self.total_ns = self.total_ns.saturating_add(other.total_ns);
        self.self_ns = self.self_ns.saturating_add(other.self_ns);
        self.alloc_bytes = add_known(self.alloc_bytes, other.alloc_bytes);
        self.alloc_count = add_known(self.alloc_count, other.alloc_count);
        self.cpu_samples = add_known(self.cpu_samples, other.cpu_samples);
        self.children.extend(other.children.iter().cloned());
    }
}

/// Nodes of several trees.
pub fn size(nodes: &[TreeNode]) -> usize {
    nodes.iter().map(TreeNode::size).sum()
}

/// Makes nodes of the same name on the same path one, and sorts each level by total time, then name.
pub fn fold(nodes: Vec<TreeNode>) -> Vec<TreeNode> {
    let mut nodes = nodes;
    sort_by(&mut nodes, |a, b| a.name.cmp(&b.name));
    let mut folded: Vec<TreeNode> = Vec::with_capacity(nodes.len());
    for node in nodes {
        match folded.last_mut().filter(|last| last.name == node.name) {
            Some(last) => last.add(&node),
            None => folded.push(node),
        }
    }
    for node in &mut folded {
        node.children = fold(std::mem::take(&mut node.children));
    }
    sort_largest_first(&mut folded);
    folded
}

/// Sorts nodes by total time, the largest first, then by name.
pub fn sort_largest_first(nodes: &mut [TreeNode]) {
    sort_by(nodes, |a, b| b.total_ns.cmp(&a.total_ns).then_with(|| a.name.cmp(&b.name)));
}

/// Nodes below [`MAX_DEPTH`], which a report does not write.
pub(crate) fn nodes_too_deep(nodes: &[TreeNode], depth: usize) -> usize {
    if depth >= MAX_DEPTH {
        size(nodes)
    } else {
        nodes.iter().map(|n| nodes_too_deep(&n.children, depth + 1)).sum()
    }
}

/// An unknown part makes the sum unknown.
fn add_known(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    Some(a?.saturating_add(b?))
}

/// Nodes of one parent, with the number of levels below that may still be written.
pub(crate) struct Siblings<'a> {
    pub(crate) nodes: &'a [TreeNode],
    pub(crate) levels_left: usize,
}

impl Serialize for Siblings<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.nodes.iter().map(|node| Written { node, levels_left: self.levels_left - 1 }))
    }
}

struct Written<'a> {
    node: &'a TreeNode,
    levels_left: usize,
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let node = self.node;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("name", &node.name)?;
        map.serialize_entry("calls", &node.calls)?;
        map.serialize_entry("total_ns", &node.total_ns)?;
        map.serialize_entry("self_ns", &node.self_ns)?;
        let optional = [
            ("alloc_bytes", node.alloc_bytes),
            ("alloc_count", node.alloc_count),
            ("cpu_samples", node.cpu_samples),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                map.serialize_entry(key, &value)?;
            }
        }
        let children: &[TreeNode] = if self.levels_left == 0 { &[] } else { &node.children };
        map.serialize_entry("children", &Siblings { nodes: children, levels_left: self.levels_left })?;
        map.end()
    }
}
