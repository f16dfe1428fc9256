//! The call tree as a sheet, with expanded nodes and shares by time or by bytes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use hotpath_report::{Report, TreeNode, Unit, Value};

use super::sheet::{Column, Line, Order, Sheet, compare};

/// Nodes with a smaller share are collapsed by default, in percent.
const SMALL: f64 = 1.0;

/// The weight of the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Measure {
    #[default]
    Time,
    Bytes,
}

/// The view of the tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct TreeView {
    pub(crate) measure: Measure,
    /// The nodes that the user expanded or collapsed, by key.
    folds: HashMap<u64, bool>,
}

impl TreeView {
    /// Expands or collapses a node.
    pub(crate) fn fold(&mut self, key: u64, is_open: bool) {
        self.folds.insert(key, is_open);
    }

    /// Returns the visible lines; with a filter, all matching nodes and their callers.
    pub(crate) fn sheet(&self, report: &Report, filter: &str, order: Option<&Order>) -> Sheet<'static> {
        let measure = self.measure;
        let roots: Vec<Node<'_>> = report.call_tree.iter().map(|node| Node::of(node, measure)).collect();
        let caller = roots.iter().find(|root| root.node.name == report.caller_name);
        let all = || roots.iter().try_fold(0u64, |sum, root| Some(sum.saturating_add(root.total?)));
        let whole = caller.map_or_else(all, |caller| caller.total);
        let columns = columns(measure);
        let column = order.and_then(|order| columns.iter().find(|column| column.id == order.column));
        let mut walk = Walk {
            view: self,
            whole,
            filter: filter.to_lowercase(),
            order: column.map(|column| (column.cell, order.is_some_and(|order| order.descending))),
            lines: Vec::new(),
        };
        walk.level(roots, 0, 0);
        let lines = walk.lines;
        Sheet { columns, lines, total: hotpath_report::tree::size(&report.call_tree) }
    }
}

/// A node with its inclusive and exclusive weight.
struct Node<'a> {
    node: &'a TreeNode,
    total: Option<u64>,
    self_weight: Option<u64>,
}

impl<'a> Node<'a> {
    fn of(node: &'a TreeNode, measure: Measure) -> Self {
        match measure {
            Measure::Time => Self { node, total: Some(node.total_ns), self_weight: Some(node.self_ns) },
            Measure::Bytes => Self { node, total: bytes(node), self_weight: node.alloc_bytes },
        }
    }
}

/// Returns the bytes of a node and its callees; unknown if any of them is.
fn bytes(node: &TreeNode) -> Option<u64> {
    node.children.iter().try_fold(node.alloc_bytes?, |sum, child| Some(sum.saturating_add(bytes(child)?)))
}

struct Walk<'a> {
    view: &'a TreeView,
    whole: Option<u64>,
    filter: String,
    order: Option<(usize, bool)>,
    lines: Vec<Line<'static>>,
}

impl Walk<'_> {
    fn level(&mut self, nodes: Vec<Node<'_>>, depth: usize, path: u64) {
        let mut nodes: Vec<_> = nodes
            .into_iter()
            .filter(|node| is_match(node.node, &self.filter))
            .map(|node| (self.cells(&node), node))
            .collect();
        let (cell, descending) = self.order.unwrap_or((TOTAL, true));
        nodes.sort_by(|a, b| compare(&a.0[cell], &b.0[cell], descending));
        for (cells, node) in nodes {
            let key = key(path, &node.node.name);
            let is_leaf = node.node.children.is_empty();
            let is_open = !self.filter.is_empty() || self.is_open(key, &node);
            self.lines.push(Line {
                depth,
                is_open: (!is_leaf).then_some(is_open),
                ..Line::new(key, Cow::Owned(cells))
            });
            // A report has a bounded depth.
            if is_open && !is_leaf {
                let below = node.node.children.iter().map(|child| Node::of(child, self.view.measure));
                self.level(below.collect(), depth + 1, key);
            }
        }
    }

    fn is_open(&self, key: u64, node: &Node<'_>) -> bool {
        let is_large = share(node.total, self.whole).is_none_or(|percent| percent >= SMALL);
        self.view.folds.get(&key).copied().unwrap_or(is_large)
    }

    fn cells(&self, node: &Node<'_>) -> Vec<Value> {
        let unit = unit(self.view.measure);
        let amount = |value: Option<u64>| value.map_or(Value::Nothing, |value| unit.value(value));
        let percent = |part| share(part, self.whole).map_or(Value::Nothing, Value::Percent);
        let error = |error: Option<u64>| match self.view.measure {
            Measure::Time => amount(error),
            Measure::Bytes => Value::Nothing,
        };
        vec![
            Value::Text(node.node.name.clone()),
            percent(node.total),
            amount(node.total),
            percent(node.self_weight),
            amount(node.self_weight),
            Value::Count(node.node.calls),
            error(node.node.total_se_ns),
            error(node.node.self_se_ns),
        ]
    }
}

const TOTAL: usize = 2;
/// The cells of standard errors, which no column shows.
const TOTAL_ERROR: usize = 6;
const SELF_ERROR: usize = 7;

fn columns(measure: Measure) -> Vec<Column> {
    let unit = unit(measure);
    let (total, self_weight) = match measure {
        Measure::Time => ("Time on this path, inclusive.", "Time on this path, exclusive."),
        Measure::Bytes => {
            ("Bytes allocated on this path, inclusive.", "Bytes allocated on this path, exclusive.")
        }
    };
    vec![
        Column::of(
            Unit::Name,
            "name",
            "Function",
            "Function; its caller is the line above with less indentation.",
            0,
        ),
        Column::of(Unit::Percent, "percent_total", "% Total", "Inclusive share of the total.", 1)
            .estimated_by(TOTAL_ERROR),
        Column::of(unit, "total", "Total", total, TOTAL).estimated_by(TOTAL_ERROR),
        Column::of(Unit::Percent, "percent_self", "% Self", "Exclusive share of the total.", 3)
            .estimated_by(SELF_ERROR),
        Column::of(unit, "self", "Self", self_weight, 4).estimated_by(SELF_ERROR),
        Column::of(Unit::Count, "calls", "Calls", "Calls on this path.", 5),
    ]
}

fn unit(measure: Measure) -> Unit {
    match measure {
        Measure::Time => Unit::Nanos,
        Measure::Bytes => Unit::Bytes,
    }
}

fn share(part: Option<u64>, whole: Option<u64>) -> Option<f64> {
    let whole = whole.filter(|&whole| whole > 0)?;
    Some(part? as f64 / whole as f64 * 100.0)
}

fn is_match(node: &TreeNode, filter: &str) -> bool {
    filter.is_empty()
        || node.name.to_lowercase().contains(filter)
        || node.children.iter().any(|child| is_match(child, filter))
}

fn key(path: u64, name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (path, name).hash(&mut hasher);
    hasher.finish()
}
