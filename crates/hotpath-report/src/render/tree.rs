//! The call tree as an indented table. 100 % is the caller's time; without the caller, that of all roots together.
//! Allocated bytes have a column when a shown node knows its own.

use super::grid::write_grid;
use super::text::name_cell;
use super::{Options, TreeLimits};
use crate::report::Report;
use crate::section::estimate_text;
use crate::tree::{TreeNode, size};
use crate::units::{format_bytes, format_count, shorten_function_name};
use crate::value::Value;
use std::fmt::{self, Write};

/// Writes the call tree within `limits`, and says how many nodes are left out.
pub(super) fn write(
    report: &Report,
    limits: TreeLimits,
    options: &Options,
    out: &mut dyn Write,
) -> fmt::Result {
    if report.call_tree.is_empty() {
        return Ok(());
    }
    let mut shown = Vec::new();
    collect(&report.call_tree, 0, limits, &mut shown);
    writeln!(out, "call_tree - Time by the path on which a function was called.")?;
    let has_alloc = shown.iter().any(|(_, node)| node.alloc_bytes.is_some());
    let header = ["Function", "Calls", "Total", "% Total", "Self"].into_iter();
    let header = header.chain(has_alloc.then_some("Self Alloc")).map(str::to_owned).collect();
    let caller = report.call_tree.iter().find(|root| root.name == report.caller_name);
    let all = || report.call_tree.iter().fold(0u64, |sum, root| sum.saturating_add(root.total_ns));
    let base = caller.map_or_else(all, |caller| caller.total_ns);
    let row = |&(depth, node): &(usize, &TreeNode)| {
        let mut cells = cells(depth, node, base, options);
        cells.extend(has_alloc.then(|| node.alloc_bytes.map_or_else(|| "-".to_owned(), format_bytes)));
        cells
    };
    let rows = shown.iter().map(row).collect();
    let left_out = size(&report.call_tree) - shown.len();
    if left_out > 0 {
        writeln!(out, "{} more nodes are not shown.", format_count(left_out as u64))?;
    }
    write_grid(header, rows, options, out)
}

/// The nodes to show, parents before children; a limit of 0 is none.
fn collect<'a>(
    nodes: &'a [TreeNode],
    depth: usize,
    limits: TreeLimits,
    shown: &mut Vec<(usize, &'a TreeNode)>,
) {
    if limits.depth != 0 && depth >= limits.depth {
        return;
    }
    for node in nodes {
        if limits.rows != 0 && shown.len() >= limits.rows {
            return;
        }
        shown.push((depth, node));
        collect(&node.children, depth + 1, limits, shown);
    }
}

fn cells(depth: usize, node: &TreeNode, base: u64, options: &Options) -> Vec<String> {
    let name = shorten_function_name(&node.name, options.name_depth);
    let share = match base {
        0 => Value::Nothing,
        base => Value::Percent(node.total_ns as f64 / base as f64 * 100.0),
    };
    let (is_total_estimated, is_self_estimated) = (node.total_se_ns.is_some(), node.self_se_ns.is_some());
    vec![
        format!("{}{}", "  ".repeat(depth), name_cell(&name)),
        format_count(node.calls),
        estimate_text(is_total_estimated, &Value::Nanos(node.total_ns)),
        estimate_text(is_total_estimated, &share),
        estimate_text(is_self_estimated, &Value::Nanos(node.self_ns)),
    ]
}
