//! `call_tree`: time or memory by call path; the heaviest nodes that fit.

use crate::call::Call;
use crate::page::{cut_texts, size};
use crate::parameter::{Kind, Parameter};
use crate::problem::{Problem, shortened};
use crate::sources::Sources;
use crate::tool::{self, Effect, Tool};
use hotpath_report::TreeNode;
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, BinaryHeap};

use super::section::{UNITS, text, whole};

/// The default limit of nodes.
const NODES: u64 = 60;
/// The levels of an answer at most.
const MAX_DEPTH: u64 = 100;
/// The bytes of a node without its name at most.
const NODE_BYTES: usize = 230;

/// An inclusive weight of nodes.
struct Weight {
    word: &'static str,
    of: fn(&TreeNode) -> Option<u64>,
}

const WEIGHTS: &[Weight] = &[
    Weight { word: "time", of: |node| Some(node.total_ns) },
    Weight { word: "bytes", of: |node| with_callees(node, |node| node.alloc_bytes) },
    Weight { word: "allocations", of: |node| with_callees(node, |node| node.alloc_count) },
    Weight { word: "samples", of: |node| with_callees(node, |node| node.cpu_samples) },
];

pub(super) fn tool(sources: &Sources) -> Tool {
    let words = WEIGHTS.iter().map(|weight| weight.word.to_owned()).collect();
    let percent = Kind::Number { min: 0.0, max: 100.0, default: 0.5 };
    let depth = Kind::Whole { min: 1, max: MAX_DEPTH, default: 20 };
    let mut parameters = vec![
        Parameter::new(
            "by",
            Kind::Choice(words),
            "Weight of a node, inclusive: time, allocated bytes, allocations or CPU samples.",
        ),
        Parameter::new(
            "root",
            Kind::Text,
            "Only the subtrees of this function (full name, or its last segments).",
        ),
        Parameter::new("depth", depth, "Maximum depth."),
        Parameter::new("min_percent", percent, "Omits nodes with a smaller share of the total."),
        tool::limit(NODES, "nodes"),
        tool::max_bytes(),
    ];
    parameters.extend(tool::since(sources));
    parameters.extend(tool::source(sources));
    Tool {
        name: "call_tree".to_owned(),
        title: "Call tree".to_owned(),
        about: format!(
            "Time or memory by call path: the heaviest nodes that fit, nested. `omitted_children` and `omitted_weight` count what \
             was omitted below a node. {UNITS}"
        ),
        parameters,
        output: output(),
        effect: Effect::Nothing,
        only_live: false,
        run: Box::new(answer),
    }
}

fn answer(call: &Call<'_>) -> Result<Json, Problem> {
    let report = call.report()?;
    let word = call.arguments.text("by").unwrap_or("time");
    let weight = WEIGHTS.iter().find(|weight| weight.word == word).unwrap_or(&WEIGHTS[0]);
    let roots = match call.arguments.text("root") {
        Some(name) => below(&report.call_tree, name)?,
        None => report.call_tree.iter().collect(),
    };
    let known: Option<Vec<u64>> = roots.iter().map(|root| (weight.of)(root)).collect();
    let Some(weights) = known.filter(|weights| !weights.is_empty() || weight.word == "time") else {
        return Err(Problem::new(format!(
            "This report has no {word} in its call tree. Allocations require the feature `hotpath-alloc`, samples \
             `hotpath-cpu`. `by: \"time\"` is always available."
        )));
    };
    let total: u64 = weights.iter().fold(0, |sum, weight| sum.saturating_add(*weight));
    let bounds = Bounds {
        weight: weight.of,
        total,
        least: call.arguments.number("min_percent") / 100.0 * total as f64,
        depth: usize::try_from(call.arguments.whole("depth")).unwrap_or(usize::MAX),
    };
    let chosen = bounds.choose(&roots, call.limit(), call.room().saturating_sub(600));
    let nodes: usize = roots.iter().map(|root| root.size()).sum();
    let tree = roots.iter().enumerate().filter(|(i, _)| chosen.contains(&vec![*i]));
    let mut tree: Json = tree.map(|(i, root)| bounds.node(root, &mut vec![i], &chosen)).collect();
    cut_texts(&mut tree, 500);
    Ok(json!({
        "by": word,
        "total_weight": total,
        "duration_ns": report.duration_ns,
        "included_nodes": chosen.len(),
        "omitted_nodes": nodes - chosen.len(),
        "call_tree": tree,
    }))
}

/// The indexes that lead to a node: root, child, and so on.
type Path = Vec<usize>;

struct Bounds {
    weight: fn(&TreeNode) -> Option<u64>,
    total: u64,
    least: f64,
    depth: usize,
}

impl Bounds {
    /// Chooses the heaviest nodes, parents before children: no node is heavier than its caller.
    fn choose(&self, roots: &[&TreeNode], limit: usize, mut room: usize) -> BTreeSet<Path> {
        let mut candidates: BinaryHeap<(u64, std::cmp::Reverse<Path>)> = BinaryHeap::new();
        let mut chosen = BTreeSet::new();
        let weigh = |node: &TreeNode| (self.weight)(node).filter(|&weight| weight as f64 >= self.least);
        for (i, root) in roots.iter().enumerate() {
            candidates.extend(weigh(root).map(|weight| (weight, std::cmp::Reverse(vec![i]))));
        }
        while let Some((_, std::cmp::Reverse(path))) = candidates.pop() {
            let Some(node) = at(roots, &path) else { continue };
            let bytes = NODE_BYTES + size(&json!(node.name)).min(520);
            if chosen.len() >= limit || bytes > room {
                break;
            }
            room -= bytes;
            if path.len() < self.depth {
                for (i, child) in node.children.iter().enumerate() {
                    let mut path = path.clone();
                    path.push(i);
                    candidates.extend(weigh(child).map(|weight| (weight, std::cmp::Reverse(path))));
                }
            }
            chosen.insert(path);
        }
        chosen
    }

    fn node(&self, node: &TreeNode, path: &mut Path, chosen: &BTreeSet<Path>) -> Json {
        let mut children = Vec::new();
        let (mut omitted, mut omitted_weight) = (0usize, 0u64);
        for (i, child) in node.children.iter().enumerate() {
            path.push(i);
            if chosen.contains(path) {
                children.push(self.node(child, path, chosen));
            } else {
                omitted += 1;
                omitted_weight = omitted_weight.saturating_add((self.weight)(child).unwrap_or_default());
            }
            path.pop();
        }
        let percent = (self.weight)(node)
            .filter(|_| self.total > 0)
            .map(|weight| weight as f64 / self.total as f64 * 100.0);
        let mut object = json!({
            "name": node.name,
            "calls": node.calls,
            "total_ns": node.total_ns,
            "self_ns": node.self_ns,
            "percent": percent.map(|percent| (percent * 100.0).round() / 100.0),
        });
        for (key, value) in [
            ("total_se_ns", node.total_se_ns),
            ("self_se_ns", node.self_se_ns),
            ("alloc_bytes", node.alloc_bytes),
            ("alloc_count", node.alloc_count),
            ("cpu_samples", node.cpu_samples),
        ] {
            if let Some(value) = value {
                object[key] = json!(value);
            }
        }
        if omitted > 0 {
            object["omitted_children"] = json!(omitted);
            object["omitted_weight"] = json!(omitted_weight);
        }
        if !children.is_empty() {
            object["children"] = json!(children);
        }
        object
    }
}

fn at<'a>(roots: &[&'a TreeNode], path: &[usize]) -> Option<&'a TreeNode> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(*roots.get(*first)?, |node, &i| node.children.get(i))
}

/// Returns the topmost nodes of this name.
fn below<'a>(tree: &'a [TreeNode], name: &str) -> Result<Vec<&'a TreeNode>, Problem> {
    let mut names = BTreeSet::new();
    all_names(tree, &mut names);
    let ends = |other: &&str| other.strip_suffix(name).is_some_and(|rest| rest.ends_with("::"));
    let wanted = match names.get(name) {
        Some(name) => *name,
        None => match names.iter().copied().filter(ends).collect::<Vec<_>>()[..] {
            [only] => only,
            [] => return Err(Problem::unknown("function", name, names)),
            ref several => {
                let several =
                    several.iter().take(10).map(|name| shortened(name)).collect::<Vec<_>>().join("`, `");
                return Err(Problem::new(format!(
                    "`{name}` is ambiguous. Give the full name of one: `{several}`."
                )));
            }
        },
    };
    let mut found = Vec::new();
    collect(tree, wanted, &mut found);
    Ok(found)
}

fn all_names<'a>(nodes: &'a [TreeNode], names: &mut BTreeSet<&'a str>) {
    for node in nodes {
        names.insert(&node.name);
        all_names(&node.children, names);
    }
}

fn collect<'a>(nodes: &'a [TreeNode], name: &str, found: &mut Vec<&'a TreeNode>) {
    for node in nodes {
        if node.name == name { found.push(node) } else { collect(&node.children, name, found) }
    }
}

fn with_callees(node: &TreeNode, own: fn(&TreeNode) -> Option<u64>) -> Option<u64> {
    node.children
        .iter()
        .try_fold(own(node)?, |sum, child| Some(sum.saturating_add(with_callees(child, own)?)))
}

fn output() -> Json {
    json!({
        "type": "object",
        "properties": {
            "by": text("The weight."),
            "total_weight": whole("Weight of all roots: nanoseconds, bytes, allocations or samples."),
            "duration_ns": whole("Duration of the report or period, in nanoseconds."),
            "included_nodes": whole("Number of nodes in this answer."),
            "omitted_nodes": whole("Number of nodes not in this answer: raise `limit` or `max_bytes`, lower `min_percent`, or set `root`."),
            "call_tree": { "type": "array", "items": { "$ref": "#/$defs/node" } },
        },
        "required": ["by", "total_weight", "duration_ns", "included_nodes", "omitted_nodes", "call_tree"],
        "$defs": { "node": {
            "type": "object",
            "properties": {
                "name": text("Path of the function, or the label of the block."),
                "calls": whole("Calls on this path."),
                "total_ns": whole("Inclusive time in nanoseconds."),
                "self_ns": whole("Self time in nanoseconds."),
                "total_se_ns": whole("Standard error of `total_ns`; there if that is an estimate."),
                "self_se_ns": whole("Standard error of `self_ns`; there if that is an estimate."),
                "percent": { "type": ["number", "null"], "description": "Share of the weight of all roots, 0-100." },
                "alloc_bytes": whole("Bytes allocated by the function itself."),
                "alloc_count": whole("Allocations by the function itself."),
                "cpu_samples": whole("CPU samples in the function itself."),
                "omitted_children": whole("Number of callees not in this answer."),
                "omitted_weight": whole("Their weight."),
                "children": { "type": "array", "items": { "$ref": "#/$defs/node" } },
            },
            "required": ["name", "calls", "total_ns", "self_ns"],
        } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, total_ns: u64, children: Vec<TreeNode>) -> TreeNode {
        TreeNode { name: name.into(), calls: 1, total_ns, self_ns: 1, children, ..TreeNode::default() }
    }

    fn bounds(least: f64, depth: usize) -> Bounds {
        Bounds { weight: |node| Some(node.total_ns), total: 100, least, depth }
    }

    #[test]
    fn the_heaviest_nodes_are_chosen_and_the_rest_is_counted() {
        let tree = node(
            "main",
            100,
            vec![node("a", 60, vec![node("deep", 50, vec![])]), node("b", 30, vec![]), node("c", 9, vec![])],
        );
        let chosen = bounds(0.0, 9).choose(&[&tree], 3, 10_000);
        let shown = bounds(0.0, 9).node(&tree, &mut vec![0], &chosen);
        assert_eq!(shown["children"][0]["children"][0]["name"], "deep");
        assert_eq!(shown["children"][1], Json::Null, "main, a and deep are the heaviest three");
        assert_eq!(
            (shown["omitted_children"].as_u64(), shown["omitted_weight"].as_u64()),
            (Some(2), Some(39))
        );
        let light = bounds(10.0, 9).choose(&[&tree], 99, 10_000);
        assert_eq!(light.len(), 4, "c weighs less than 10");
        assert_eq!(bounds(0.0, 2).choose(&[&tree], 99, 10_000).len(), 4, "two levels");
        assert_eq!(bounds(0.0, 9).choose(&[&tree], 99, 500).len(), 2, "room for two");
    }

    #[test]
    fn a_root_is_found_on_every_path_by_its_last_segment() {
        let leaf = || node("app::load", 5, vec![node("app::load", 2, vec![])]);
        let tree = [node("main", 100, vec![leaf(), node("a", 60, vec![leaf()])])];
        assert_eq!(below(&tree, "load").unwrap().len(), 2, "recursion is one");
        let problem = below(&tree, "app::lod").unwrap_err().to_string();
        assert!(problem.contains("Did you mean `app::load`?"), "{problem}");
    }
}
