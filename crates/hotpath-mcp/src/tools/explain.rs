//! `explain_function`: the details of one function.

use crate::arguments::Id;
use crate::call::{Call, section as section_of};
use crate::find;
use crate::page::{cut_texts, page, size};
use crate::parameter::{Kind, Parameter};
use crate::problem::Problem;
use crate::source::Source;
use crate::sources::Sources;
use crate::tool::{self, Effect, Tool};
use hotpath_report::{Report, SECTIONS, Table, TreeNode, findings, render};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

use super::overview::location;
use super::section::{UNITS, item, text, whole};

/// The default limit of callers, callees, paths and recent calls.
const LISTED: u64 = 10;
/// The sections whose rows are functions.
const FUNCTIONS: &[&str] = &["functions_timing", "functions_alloc", "functions_cpu"];

pub(super) fn tool(sources: &Sources) -> Tool {
    let mut parameters = vec![
        Parameter::new(
            "function",
            Kind::IdOrName,
            "Full name, its last segments (`parse::line`), or the id of its row in `functions_timing`.",
        )
        .required(),
        tool::limit(LISTED, "callers, callees, paths and recent calls, each"),
        tool::max_bytes(),
    ];
    parameters.extend(tool::since(sources));
    parameters.extend(tool::source(sources));
    Tool {
        name: "explain_function".to_owned(),
        title: "Explain a function".to_owned(),
        about: format!(
            "Details of one function: self and total time with percentiles, for async functions busy and waiting time, memory, CPU, \
             callers and callees, locks that others wait for while it holds them, findings, recent calls (running program only), and \
             its source location. {UNITS}"
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
    let Some(id) = call.arguments.id("function") else {
        return Err(Problem::new("`explain_function` requires `function`."));
    };
    let named = call.named()?;
    let live = named.source.is_live().then_some(&*named.source);
    explained(&report, id, live, call.limit(), call.room())
}

/// Returns the details of one function, within `room` bytes.
pub(crate) fn explained(
    report: &Report,
    id: &Id,
    live: Option<&dyn Source>,
    limit: usize,
    room: usize,
) -> Result<Json, Problem> {
    let timing = section_of(report, FUNCTIONS[0])?;
    let row = find::row(timing, id, |_| true)?;
    let name = find::name(timing, row);
    let mut whole = json!({ "name": name, "duration_ns": report.duration_ns, "source": location(timing.cell(row, "source")) });
    for (key, part) in of_sections(report, name) {
        whole[key] = part;
    }
    let found = findings(report);
    let own = found.iter().filter(|finding| finding.subject == name).map(render::finding_value);
    whole["findings"] = own.collect();
    whole["locks_held"] = locks(report, name);
    cut_texts(&mut whole, 2_000);
    let mut neighbours = Neighbours::default();
    neighbours.walk(&report.call_tree, name, &mut Vec::new());
    let recent = live.and_then(|source| recent(source, timing.cell(row, "id").number()?));
    // Each list gets its share of the remaining room, so that none displaces another.
    let mut lists: Vec<(&str, Vec<Json>)> = vec![
        ("callers", Neighbours::heaviest(&neighbours.callers)),
        ("callees", Neighbours::heaviest(&neighbours.callees)),
        ("paths", neighbours.paths()),
    ];
    lists.extend(recent.map(|recent| ("recent_calls", recent)));
    let parts = lists.len();
    for (i, (key, list)) in lists.into_iter().enumerate() {
        let left = room.saturating_sub(size(&whole) + 100 * (parts - i));
        let page = page(list, 0, limit, left / (parts - i));
        whole[key] = json!(page.items);
        whole[format!("omitted_{key}")] = json!(page.omitted);
    }
    Ok(whole)
}

/// Returns the rows of the function, by the name of the section without `functions_`.
fn of_sections(report: &Report, name: &str) -> Vec<(String, Json)> {
    let sections = FUNCTIONS.iter().filter_map(|section| report.section(section));
    let of = |section: &Table| {
        let row = section.rows.iter().find(|row| find::name(section, row) == name)?;
        Some((
            section.spec.name.trim_start_matches("functions_").to_owned(),
            item(report, section, row, None),
        ))
    };
    sections.filter_map(of).collect()
}

/// Returns the locks that others waited for while the function held them.
fn locks(report: &Report, name: &str) -> Json {
    let mut held = Vec::new();
    for section in &report.sections {
        for row in &section.rows {
            for prefix in ["", "read_", "write_"] {
                let is_holder = section.cell(row, &format!("{prefix}blocked_by")).as_text() == Some(name);
                if is_holder {
                    let waited = section.cell(row, &format!("{prefix}blocked_by_ns"));
                    held.push(json!({
                        "section": section.spec.name,
                        "lock": find::name(section, row),
                        "others_waited_ns": waited.number(),
                        "others_waited": waited.to_string(),
                    }));
                }
            }
        }
    }
    json!(held)
}

/// Returns the recent calls of a running program.
fn recent(source: &dyn Source, id: u64) -> Option<Vec<Json>> {
    let declared = SECTIONS.iter().find(|declared| declared.spec.name == FUNCTIONS[0])?;
    let log = declared.logs.first()?;
    let mut answer = source.log(declared.spec, log, id).ok()?;
    answer.get_mut(log.list.spec.envelope.rows_key())?.as_array_mut().map(std::mem::take)
}

/// The neighbours of a function in the call tree.
#[derive(Default)]
struct Neighbours<'a> {
    callers: BTreeMap<&'a str, Edge>,
    callees: BTreeMap<&'a str, Edge>,
    paths: Vec<(u64, Json)>,
}

#[derive(Default)]
struct Edge {
    calls: u64,
    total_ns: u64,
}

impl<'a> Neighbours<'a> {
    fn walk(&mut self, nodes: &'a [TreeNode], name: &str, path: &mut Vec<&'a str>) {
        for node in nodes {
            if node.name == name {
                self.enter(node, path);
            }
            path.push(&node.name);
            self.walk(&node.children, name, path);
            path.pop();
        }
    }

    fn enter(&mut self, node: &'a TreeNode, path: &[&'a str]) {
        let edge = self
            .callers
            .entry(path.last().copied().unwrap_or("(not called by a measured function)"))
            .or_default();
        edge.add(node);
        for child in &node.children {
            self.callees.entry(&child.name).or_default().add(child);
        }
        let path =
            json!({ "path": path, "calls": node.calls, "total_ns": node.total_ns, "self_ns": node.self_ns });
        self.paths.push((node.total_ns, path));
    }

    fn heaviest(edges: &BTreeMap<&str, Edge>) -> Vec<Json> {
        let mut edges: Vec<(&&str, &Edge)> = edges.iter().collect();
        edges.sort_by_key(|(_, edge)| std::cmp::Reverse(edge.total_ns));
        let written = |(name, edge): (&&str, &Edge)| json!({ "name": name, "calls": edge.calls, "total_ns": edge.total_ns });
        edges.into_iter().map(written).collect()
    }

    fn paths(mut self) -> Vec<Json> {
        self.paths.sort_by_key(|(total, _)| std::cmp::Reverse(*total));
        self.paths.into_iter().map(|(_, path)| path).collect()
    }
}

impl Edge {
    fn add(&mut self, node: &TreeNode) {
        self.calls = self.calls.saturating_add(node.calls);
        self.total_ns = self.total_ns.saturating_add(node.total_ns);
    }
}

fn output() -> Json {
    let list = |about: &str| json!({ "type": "array", "items": { "type": "object" }, "description": about });
    let row = |about: &str| json!({ "type": "object", "description": about });
    json!({
        "type": "object",
        "properties": {
            "name": text("Full name."),
            "duration_ns": whole("Duration of the report or period, in nanoseconds."),
            "source": { "type": ["string", "null"], "description": "File and line." },
            "timing": row("Its row of `functions_timing`; for an async function, `busy_ns` is the time inside polls, `wait_ns` between them."),
            "alloc": row("Its row of `functions_alloc`, if allocations are tracked."),
            "cpu": row("Its row of `functions_cpu`, if CPU time is sampled."),
            "findings": list("Findings about it."),
            "locks_held": list("Locks that others waited for while it held them."),
            "callers": list("Calls and inclusive time in nanoseconds, by caller."),
            "callees": list("Measured functions that it calls."),
            "paths": list("The heaviest paths to it, outermost function first."),
            "recent_calls": list("Recent calls of a running program, newest first."),
            "omitted_callers": whole("Number of callers not in this answer."),
            "omitted_callees": whole("Number of callees not in this answer."),
            "omitted_paths": whole("Number of paths not in this answer."),
            "omitted_recent_calls": whole("Number of recent calls not in this answer."),
        },
        "required": ["name", "duration_ns", "source", "findings", "callers", "callees"],
    })
}
