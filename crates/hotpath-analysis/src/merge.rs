//! Several reports as one.
//!
//! Rows of the same name and place become one: counts and distributions add, percentiles and shares are computed anew.
//! What must stay true: the order of merging does not change the result, and what one side does not know is unknown.

use hotpath_report::{
    Budget, ColumnInfo, Heading, Merge, Meta, Overhead, OverheadPart, Part, ProfilingMode, Report, Row,
    SECTIONS, Table, Value, stacks::CpuStacks, tree,
};
use std::collections::{BTreeMap, BTreeSet};

/// Merges two reports into one, as if both runs had been recorded together.
///
/// Durations add, so that shares stay shares of the time observed. Where two runs say different things of one
/// field (label, command, metadata, sampling rate), both texts stand side by side or the smaller number stays.
/// Findings are those of the whole.
pub fn merge(a: &Report, b: &Report) -> Report {
    let duration_ns = a.duration_ns.saturating_add(b.duration_ns);
    let percentiles = union(&a.percentiles, &b.percentiles);
    let mut merged = Report {
        label: join_optional(&a.label, &b.label),
        duration_ns,
        caller_name: join(&a.caller_name, &b.caller_name),
        meta: merge_meta(&a.meta, &b.meta),
        overhead: merge_overhead(a.overhead.as_ref(), b.overhead.as_ref(), duration_ns),
        budget: None,
        profiling_mode: merge_mode(a.profiling_mode, b.profiling_mode),
        time_sampling: merge_maps(&a.time_sampling, &b.time_sampling, |x, y| x.min(*y)),
        user_metadata: merge_maps(&a.user_metadata, &b.user_metadata, |x, y| join(x, y)),
        sections: merge_sections(a, b),
        call_tree: tree::fold(a.call_tree.iter().chain(&b.call_tree).cloned().collect()),
        cpu_stacks: merge_stacks(&a.cpu_stacks, &b.cpu_stacks),
        notes: a.notes.iter().chain(&b.notes).cloned().collect::<BTreeSet<_>>().into_iter().collect(),
        percentiles,
        findings: Vec::new(),
        rounded: a.rounded || b.rounded,
    };
    merged.budget = merge_budget(a.budget, b.budget, &merged);
    merged.with_findings()
}

fn merge_sections(a: &Report, b: &Report) -> Vec<Table> {
    let mut names: Vec<&str> = SECTIONS.iter().map(|section| section.spec.name).collect();
    names.dedup();
    let merged = names.into_iter().filter_map(|name| match (a.section(name), b.section(name)) {
        (Some(a), Some(b)) => Some(merge_tables(a, b)),
        (one, other) => one.or(other).cloned(),
    });
    merged.collect()
}

/// Both sections as one; they must be of the same name. Of two readings the one declared first stays.
fn merge_tables(one: &Table, other: &Table) -> Table {
    let order = |section: &Table| (reading(section), section.description.clone());
    let (first, second) = if order(one) <= order(other) { (one, other) } else { (other, one) };
    let columns = columns_of(first);
    let percentiles = union(&one.percentiles, &other.percentiles);
    let mut merged = Table::empty(first.spec, &columns, &percentiles);
    merged.description.clone_from(&first.description);
    merged.limit = if one.limit == 0 || other.limit == 0 { 0 } else { one.limit.max(other.limit) };
    let rows = rows_as(first, &merged.headings).chain(rows_as(second, &merged.headings)).collect();
    merged.rows = merge_rows(rows, &merged);
    // Rows that a shortened report left out may be the same on both sides or not: at least the larger number.
    let left_out = hidden(one).max(hidden(other));
    merged.total_count = (merged.rows.len() as u64).saturating_add(left_out);
    merged.fields = merge_fields(first, second);
    merged.lists = merge_lists(&first.lists, &second.lists);
    merged.base = match (first.base, second.base) {
        (Some(a), Some(b)) if first.spec == second.spec => Some(a.saturating_add(b)),
        _ => None,
    };
    merged.derive();
    merged.sort();
    renumber(&mut merged);
    merged
}

/// The rows under other headings; a cell that this section does not have is unknown.
pub(crate) fn rows_as<'a>(section: &'a Table, headings: &'a [Heading]) -> impl Iterator<Item = Row> + 'a {
    let sources: Vec<Option<usize>> =
        headings.iter().map(|heading| section.index(&heading.identity())).collect();
    section.rows.iter().map(move |row| {
        let cells = sources.iter().map(|source| source.map_or(Value::Nothing, |i| row.cells[i].clone()));
        Row { cells: cells.collect() }
    })
}

fn reading(section: &Table) -> Option<usize> {
    SECTIONS.iter().position(|declared| declared.spec == section.spec)
}

fn columns_of(section: &Table) -> Vec<&'static ColumnInfo> {
    let mut columns: Vec<&'static ColumnInfo> =
        section.headings.iter().map(|heading| heading.column).collect();
    columns.dedup();
    columns
}

fn hidden(section: &Table) -> u64 {
    section.total_count.saturating_sub(section.rows.len() as u64)
}

/// Brings rows of the same key together.
fn merge_rows(mut rows: Vec<Row>, section: &Table) -> Vec<Row> {
    let keys = section.key_indices();
    let order = |a: &Row, b: &Row| a.order(b, &keys);
    rows.sort_by(order);
    let mut merged: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        match merged.last_mut().filter(|last| order(last, &row).is_eq()) {
            Some(last) => add_row(last, &row, &section.headings),
            None => merged.push(row),
        }
    }
    for row in &mut merged {
        refill_distributions(row, &section.headings);
    }
    merged
}

fn add_row(row: &mut Row, other: &Row, headings: &[Heading]) {
    for (i, heading) in headings.iter().enumerate() {
        row.cells[i] = match heading.part {
            Part::Whole => merge_cells(heading.column, &row.cells[i], &other.cells[i]),
            Part::Histogram => add_distributions(&row.cells[i], &other.cells[i]),
            // Computed from the histogram cell afterwards.
            _ => Value::Nothing,
        };
    }
}

/// Fills the parts that follow from the distribution, where they are not known already.
pub(crate) fn refill_distributions(row: &mut Row, headings: &[Heading]) {
    for (i, heading) in headings.iter().enumerate() {
        if heading.column.dist.is_none() || heading.part == Part::Histogram || !row.cells[i].is_nothing() {
            continue;
        }
        let histogram = headings.iter().position(|h| h.column == heading.column && h.part == Part::Histogram);
        if let Some(Value::Dist(dist)) = histogram.map(|i| &row.cells[i]) {
            row.cells[i] = heading.of_dist(dist);
        }
    }
}

fn add_distributions(a: &Value, b: &Value) -> Value {
    match (a, b) {
        (Value::Dist(a), Value::Dist(b)) => {
            let mut sum = a.clone();
            sum.merge(b);
            Value::Dist(sum)
        }
        _ => Value::Nothing,
    }
}

fn merge_cells(column: &ColumnInfo, a: &Value, b: &Value) -> Value {
    let numbers = a.number().zip(b.number());
    let number = |n: Option<u64>| n.map_or(Value::Nothing, |n| column.unit.value(n));
    if let (Value::Float(a), Value::Float(b)) = (a, b) {
        return Value::Float(merge_floats(column.merge, *a, *b));
    }
    match column.merge {
        Merge::Sum => match (a, b) {
            (Value::SignedBytes(a), Value::SignedBytes(b)) => Value::SignedBytes(a.saturating_add(*b)),
            _ => number(numbers.map(|(a, b)| a.saturating_add(b))),
        },
        Merge::Max => number(numbers.map(|(a, b)| a.max(b))),
        Merge::Min => number(numbers.map(|(a, b)| a.min(b))),
        Merge::RootSumOfSquares => number(tree::add_errors(a.number(), b.number())),
        Merge::Key | Merge::Pick | Merge::Renumber => pick(a, b),
        Merge::Same => {
            if a == b {
                a.clone()
            } else {
                Value::Nothing
            }
        }
        Merge::Recompute => Value::Nothing,
    }
}

fn merge_floats(rule: Merge, a: f64, b: f64) -> f64 {
    match rule {
        Merge::Sum => a + b,
        Merge::Max => a.max(b),
        _ => a.min(b),
    }
}

/// The known one of two values; of two known ones the one that sorts first.
fn pick(a: &Value, b: &Value) -> Value {
    match (a.is_nothing(), b.is_nothing()) {
        (true, _) => b.clone(),
        (_, true) => a.clone(),
        _ if a.order(b).is_le() => a.clone(),
        _ => b.clone(),
    }
}

fn merge_fields(first: &Table, second: &Table) -> Vec<(&'static ColumnInfo, Value)> {
    let identity = |column| Heading::whole(column).identity();
    let other = |column| second.fields.iter().find(|(field, _)| identity(field) == identity(column));
    let merged = first.fields.iter().map(|(column, value)| {
        let other = other(column).map_or(&Value::Nothing, |(_, value)| value);
        (*column, merge_cells(column, value, other))
    });
    merged.collect()
}

fn merge_lists(first: &[Table], second: &[Table]) -> Vec<Table> {
    let other = |list: &Table| second.iter().find(|other| other.spec == list.spec);
    first
        .iter()
        .map(|list| other(list).map_or_else(|| list.clone(), |other| merge_tables(list, other)))
        .collect()
}

fn renumber(section: &mut Table) {
    let ids = (0..section.headings.len()).filter(|&i| section.headings[i].column.merge == Merge::Renumber);
    for id in ids.collect::<Vec<_>>() {
        for (number, row) in section.rows.iter_mut().enumerate() {
            row.cells[id] = Value::Count(number as u64);
        }
    }
}

/// The order of runs does not matter: equal stacks add, and the rest is sorted.
fn merge_stacks(a: &Option<CpuStacks>, b: &Option<CpuStacks>) -> Option<CpuStacks> {
    match (a, b) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(one.clone()),
        (Some(a), Some(b)) => {
            let mut sum = a.clone();
            sum.add(b);
            Some(sum)
        }
    }
}

fn merge_meta(a: &Meta, b: &Meta) -> Meta {
    Meta {
        version: join(&a.version, &b.version),
        os: join(&a.os, &b.os),
        arch: join(&a.arch, &b.arch),
        rustc: join(&a.rustc, &b.rustc),
        created_at: earliest(&a.created_at, &b.created_at),
        command: join(&a.command, &b.command),
        git_sha: join_optional(&a.git_sha, &b.git_sha),
        build_id: join_optional(&a.build_id, &b.build_id),
        source_root: join_optional(&a.source_root, &b.source_root),
    }
}

/// RFC 3339 in UTC sorts as text; an empty one is unknown.
fn earliest(a: &str, b: &str) -> String {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b.to_owned(),
        (_, true) => a.to_owned(),
        _ => a.min(b).to_owned(),
    }
}

fn merge_overhead(a: Option<&Overhead>, b: Option<&Overhead>, duration_ns: u64) -> Option<Overhead> {
    let (a, b) = (a?, b?);
    let calls = a.calls.saturating_add(b.calls);
    let total_ns = a.total_ns.saturating_add(b.total_ns);
    let per_call_ns =
        if calls == 0 { a.per_call_ns.max(b.per_call_ns) } else { total_ns as f64 / calls as f64 };
    let percent = if duration_ns == 0 { 0.0 } else { total_ns as f64 / duration_ns as f64 * 100.0 };
    Some(Overhead { per_call_ns, calls, total_ns, percent, parts: merge_parts(&a.parts, &b.parts) })
}

/// Parts of the same name add; without those of one side, those of both are unknown.
fn merge_parts(a: &[OverheadPart], b: &[OverheadPart]) -> Vec<OverheadPart> {
    if a.is_empty() || b.is_empty() {
        return Vec::new();
    }
    let mut merged: BTreeMap<&str, OverheadPart> = BTreeMap::new();
    for part in a.iter().chain(b) {
        let Some(sum) = merged.get_mut(&*part.name) else {
            merged.insert(&part.name, part.clone());
            continue;
        };
        sum.count = sum.count.saturating_add(part.count);
        sum.total_ns = sum.total_ns.saturating_add(part.total_ns);
        sum.per_call_ns = match sum.count {
            0 => sum.per_call_ns.max(part.per_call_ns),
            count => sum.total_ns as f64 / count as f64,
        };
    }
    merged.into_values().collect()
}

/// Two runs of one budget have that, with the larger share spent; the functions are those of both.
fn merge_budget(a: Option<Budget>, b: Option<Budget>, merged: &Report) -> Option<Budget> {
    let (a, b) = a.zip(b).filter(|(a, b)| a.percent == b.percent)?;
    let timing = merged.section("functions_timing");
    let functions = timing.map_or(0, |timing| {
        let callers = timing.rows.iter().filter(|row| timing.is_pinned(row)).count() as u64;
        timing.total_count.saturating_sub(callers)
    });
    let estimates = timing.map_or(0, |timing| {
        let is_estimate = |row: &&Row| !timing.cell(row, "total_se_ns").is_nothing();
        timing.rows.iter().filter(is_estimate).count() as u64
    });
    Some(Budget {
        percent: a.percent,
        spent_percent: a.spent_percent.max(b.spent_percent),
        estimates: estimates.max(a.estimates).max(b.estimates),
        functions: functions.max(a.functions).max(b.functions),
    })
}

fn merge_mode(a: ProfilingMode, b: ProfilingMode) -> ProfilingMode {
    let rank = |mode| match mode {
        ProfilingMode::AllocBytes => 0,
        ProfilingMode::AllocCount => 1,
        ProfilingMode::Timing => 2,
    };
    if rank(a) <= rank(b) { a } else { b }
}

fn merge_maps<V: Clone>(
    a: &std::collections::BTreeMap<String, V>,
    b: &std::collections::BTreeMap<String, V>,
    both: impl Fn(&V, &V) -> V,
) -> std::collections::BTreeMap<String, V> {
    let mut merged = a.clone();
    for (key, value) in b {
        let value = a.get(key).map_or_else(|| value.clone(), |own| both(own, value));
        merged.insert(key.clone(), value);
    }
    merged
}

/// The percentiles of both, in ascending order.
fn union(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut all: Vec<f64> = a.iter().chain(b).copied().collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

/// Stands between the texts of two runs.
const BETWEEN: &str = " + ";

/// Every distinct text of both, in one order whatever the order of merging.
fn join(a: &str, b: &str) -> String {
    let parts: BTreeSet<&str> =
        a.split(BETWEEN).chain(b.split(BETWEEN)).filter(|part| !part.is_empty()).collect();
    parts.into_iter().collect::<Vec<_>>().join(BETWEEN)
}

fn join_optional(a: &Option<String>, b: &Option<String>) -> Option<String> {
    match (a, b) {
        (Some(a), Some(b)) => Some(join(a, b)),
        (one, other) => one.clone().or_else(|| other.clone()),
    }
}
