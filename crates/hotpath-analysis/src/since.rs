//! Windows: the report of the time between two reports of one run.
//!
//! Counters and histograms subtract, so a window of time is looked at without touching what the program records. What must stay
//! true: a number that cannot be had by subtraction (an extreme, a rate) is unknown, and never the number of the whole run.

use crate::merge::{refill_distributions, rows_as};
use hotpath_report::{
    Bucket, Budget, ColumnInfo, Dist, Heading, Merge, Overhead, OverheadPart, Part, Report, Row, Since,
    Table, Unit, Value, tree::TreeNode, units::format_duration,
};

/// Returns the report of the time between `earlier` and `report`, two reports of one run.
///
/// `None` if `report` does not continue the earlier one: the counts began anew meanwhile, or it is another program.
/// Rows in which nothing happened are left out; findings are those of the window.
///
/// ```
/// use hotpath_analysis::since;
/// use hotpath_report::{FunctionStats, Report, Table, Timing};
/// let at = |duration_ns, calls| {
///     let load = FunctionStats { name: "app::load".into(), calls, ..FunctionStats::default() };
///     let sections = vec![Table::of::<Timing>(&[load], &(), &[])];
///     Report { duration_ns, sections, ..Report::default() }
/// };
/// let window = since(&at(30, 9), &at(10, 4)).expect("one run");
/// assert_eq!(window.duration_ns, 20);
/// let timing = window.section("functions_timing").expect("it is there");
/// assert_eq!(timing.cell(&timing.rows[0], "calls").number(), Some(5));
/// assert!(since(&at(30, 2), &at(10, 4)).is_none());
/// ```
pub fn since(report: &Report, earlier: &Report) -> Option<Report> {
    let duration_ns = report.duration_ns.checked_sub(earlier.duration_ns)?;
    if report.caller_name != earlier.caller_name {
        return None;
    }
    let of = |section: &Table| match earlier.section(section.spec.name) {
        Some(before) if before.spec == section.spec => section_since(section, before),
        _ => Some(section.clone()),
    };
    let sections = report.sections.iter().map(of).collect::<Option<_>>()?;
    let mut notes = report.notes.clone();
    notes.push(format!(
        "this covers the last {} of {}; the smallest and largest values of a window are unknown",
        format_duration(duration_ns),
        format_duration(report.duration_ns),
    ));
    let window = Report {
        duration_ns,
        overhead: overhead_since(report.overhead.as_ref(), earlier.overhead.as_ref(), duration_ns),
        budget: budget_since(report, earlier),
        sections,
        call_tree: tree_since(&report.call_tree, &earlier.call_tree)?,
        // A bounded sample of the whole run, which cannot be told apart by time.
        cpu_stacks: None,
        notes,
        ..report.clone()
    };
    Some(window.with_findings())
}

fn section_since(section: &Table, earlier: &Table) -> Option<Table> {
    let mut window = Table { rows: Vec::new(), ..section.clone() };
    let keys = section.key_indices();
    let mut before: Vec<Row> = rows_as(earlier, &section.headings).collect();
    before.sort_by(|a, b| a.order(b, &keys));
    for row in &section.rows {
        window.rows.push(match before.binary_search_by(|other| other.order(row, &keys)) {
            Ok(at) => row_since(row, &before[at], &section.headings)?,
            Err(_) => row.clone(),
        });
    }
    window.rows.retain(|row| section.is_pinned(row) || something_happened(row, &section.headings));
    for row in &mut window.rows {
        refill_distributions(row, &section.headings);
    }
    window.fields =
        section.fields.iter().map(|(field, value)| (*field, field_since(field, value, earlier))).collect();
    window.lists = lists_since(&section.lists, &earlier.lists)?;
    window.total_count = window.rows.len() as u64;
    window.base = section.base.zip(earlier.base).and_then(|(now, before)| now.checked_sub(before));
    window.derive();
    window.sort();
    Some(window)
}

fn lists_since(now: &[Table], earlier: &[Table]) -> Option<Vec<Table>> {
    let before = |list: &Table| earlier.iter().find(|before| before.spec == list.spec);
    now.iter()
        .map(|list| before(list).map_or_else(|| Some(list.clone()), |before| section_since(list, before)))
        .collect()
}

fn field_since(field: &'static ColumnInfo, value: &Value, earlier: &Table) -> Value {
    let identity = Heading::whole_identity(field);
    let before = earlier.fields.iter().find(|(other, _)| Heading::whole_identity(other) == identity);
    before.map_or_else(|| value.clone(), |(_, before)| cell_since(field, value, before))
}

/// `None` if something was counted less often than before: then this is no later report of the same run.
fn row_since(row: &Row, before: &Row, headings: &[Heading]) -> Option<Row> {
    let cells = headings.iter().zip(&row.cells).zip(&before.cells).map(|((heading, now), before)| {
        if is_counter(heading) && now.number().zip(before.number()).is_some_and(|(now, before)| now < before)
        {
            return None;
        }
        Some(match heading.part {
            Part::Whole => cell_since(heading.column, now, before),
            Part::Histogram => dist_cell_since(now, before),
            // Made from the histogram afterwards, as far as it tells them.
            _ => Value::Nothing,
        })
    });
    Some(Row { cells: cells.collect::<Option<_>>()? })
}

/// Returns true if the number only ever grows while a program runs.
fn is_counter(heading: &Heading) -> bool {
    let column = heading.column;
    heading.part == Part::Whole
        && column.unit == Unit::Count
        && column.merge == Merge::Sum
        && column.since == Since::AsMerged
}

fn cell_since(column: &ColumnInfo, now: &Value, before: &Value) -> Value {
    match (column.since, column.merge) {
        (Since::Unknown, _) => Value::Nothing,
        (Since::Latest, _) | (_, Merge::Key | Merge::Pick | Merge::Same | Merge::Renumber) => now.clone(),
        (Since::AsMerged, Merge::Sum) => difference(column.unit, now, before),
        (Since::AsMerged, Merge::RootSumOfSquares) => {
            let error = error_since(now.number(), before.number());
            error.map_or(Value::Nothing, |error| column.unit.value(error))
        }
        // A new extreme was reached in the window; an old one says nothing about it.
        (Since::AsMerged, Merge::Max) if now.number() > before.number() && !before.is_nothing() => {
            now.clone()
        }
        (Since::AsMerged, Merge::Min) if now.number() < before.number() && !now.is_nothing() => now.clone(),
        (Since::AsMerged, Merge::Max | Merge::Min | Merge::Recompute) => Value::Nothing,
    }
}

/// Times and sizes are sums over threads that are read one after the other, so a later sum may be smaller by a hair: that is
/// nothing, and no surprise.
fn difference(unit: Unit, now: &Value, before: &Value) -> Value {
    match (now, before) {
        (Value::SignedBytes(now), Value::SignedBytes(before)) => {
            Value::SignedBytes(now.saturating_sub(*before))
        }
        (Value::Float(now), Value::Float(before)) => Value::Float(now - before),
        _ => match now.number().zip(before.number()) {
            Some((now, before)) => unit.value(now.saturating_sub(before)),
            None => Value::Nothing,
        },
    }
}

/// The standard error of what was added: the variances of two parts of a run add.
fn error_since(now: Option<u64>, before: Option<u64>) -> Option<u64> {
    let square = |error: u64| error as f64 * error as f64;
    let variance = square(now?) - before.map_or(0.0, square);
    Some(variance.max(0.0).sqrt().round() as u64)
}

fn dist_cell_since(now: &Value, before: &Value) -> Value {
    match (now, before) {
        (Value::Dist(now), Value::Dist(before)) => Value::Dist(dist_since(now, before)),
        _ => Value::Nothing,
    }
}

/// Returns true if something was counted in the window, or is there at its end.
fn something_happened(row: &Row, headings: &[Heading]) -> bool {
    headings.iter().zip(&row.cells).any(|(heading, value)| match (heading.part, value) {
        (Part::Histogram, Value::Dist(dist)) => dist.count > 0,
        (Part::Whole, value) => is_evidence(heading.column) && value.number().is_some_and(|n| n > 0),
        _ => false,
    })
}

fn is_evidence(column: &ColumnInfo) -> bool {
    column.merge == Merge::Sum && column.since != Since::Unknown
}

/// The values that were added after `earlier`. Smallest and largest of them are not known; neither is their shape, if the
/// buckets of the two do not fit together.
pub fn dist_since(now: &Dist, earlier: &Dist) -> Dist {
    if earlier.count == 0 {
        return now.clone();
    }
    let count = now.count.saturating_sub(earlier.count);
    let sum = now.sum.saturating_sub(earlier.sum);
    let shaped = now.is_shaped() && earlier.is_shaped() && count > 0;
    let buckets = if shaped { buckets_since(&now.buckets, &earlier.buckets) } else { None };
    Dist { count, sum, min: None, max: None, buckets: buckets.unwrap_or_default() }
}

/// `None` if something is in the earlier buckets that is not in the later ones.
///
/// The duration of a tick is known more precisely as a run goes on, so a bucket may have moved to the next one meanwhile.
fn buckets_since(now: &[Bucket], earlier: &[Bucket]) -> Option<Vec<Bucket>> {
    let mut left = now.to_vec();
    for bucket in earlier {
        let exact = left.binary_search_by_key(&bucket.lower, |b| b.lower).unwrap_or_else(|next| next);
        let nearest = [Some(exact), exact.checked_sub(1), exact.checked_add(1)];
        let mut missing = bucket.count;
        for at in nearest.into_iter().flatten() {
            let Some(there) = left.get_mut(at).filter(|there| are_neighbours(there, bucket)) else {
                continue;
            };
            let taken = missing.min(there.count);
            there.count -= taken;
            missing -= taken;
        }
        if missing > 0 {
            return None;
        }
    }
    left.retain(|bucket| bucket.count > 0);
    Some(left)
}

fn are_neighbours(a: &Bucket, b: &Bucket) -> bool {
    a.lower <= b.upper && b.lower <= a.upper
}

fn tree_since(now: &[TreeNode], earlier: &[TreeNode]) -> Option<Vec<TreeNode>> {
    let of = |node: &TreeNode| match earlier.iter().find(|before| before.name == node.name) {
        None => Some(node.clone()),
        Some(before) => node_since(node, before),
    };
    let mut nodes: Vec<TreeNode> = now.iter().map(of).collect::<Option<_>>()?;
    nodes.retain(|node| node.calls > 0 || node.total_ns > 0 || !node.children.is_empty());
    nodes.sort_by(|a, b| b.total_ns.cmp(&a.total_ns).then_with(|| a.name.cmp(&b.name)));
    Some(nodes)
}

fn node_since(node: &TreeNode, before: &TreeNode) -> Option<TreeNode> {
    let known = |now: Option<u64>, before: Option<u64>| Some(now?.saturating_sub(before?));
    Some(TreeNode {
        name: node.name.clone(),
        calls: node.calls.checked_sub(before.calls)?,
        total_ns: node.total_ns.saturating_sub(before.total_ns),
        self_ns: node.self_ns.saturating_sub(before.self_ns),
        total_se_ns: error_since(node.total_se_ns, before.total_se_ns),
        self_se_ns: error_since(node.self_se_ns, before.self_se_ns),
        alloc_bytes: known(node.alloc_bytes, before.alloc_bytes),
        alloc_count: known(node.alloc_count, before.alloc_count),
        cpu_samples: known(node.cpu_samples, before.cpu_samples),
        children: tree_since(&node.children, &before.children)?,
    })
}

/// The budget of the later report; what was spent of it in the window follows from the two shares.
fn budget_since(report: &Report, earlier: &Report) -> Option<Budget> {
    let (now, before) = (report.budget?, earlier.budget.unwrap_or_default());
    let window = report.duration_ns.saturating_sub(earlier.duration_ns);
    let spent = |budget: Budget, over: u64| budget.spent_percent * over as f64;
    let spent = (spent(now, report.duration_ns) - spent(before, earlier.duration_ns)).max(0.0);
    let spent_percent = if window == 0 { 0.0 } else { spent / window as f64 };
    Some(Budget { spent_percent, ..now })
}

fn parts_since(now: &[OverheadPart], before: &[OverheadPart]) -> Vec<OverheadPart> {
    let since = |part: &OverheadPart| {
        let before = before.iter().find(|before| before.name == part.name);
        let (count, total) = before.map_or((0, 0), |before| (before.count, before.total_ns));
        let (count, total_ns) = (part.count.saturating_sub(count), part.total_ns.saturating_sub(total));
        OverheadPart { count, total_ns, ..part.clone() }
    };
    now.iter().map(since).collect()
}

fn overhead_since(now: Option<&Overhead>, before: Option<&Overhead>, duration_ns: u64) -> Option<Overhead> {
    let (now, before) = (now?, before?);
    let total_ns = now.total_ns.saturating_sub(before.total_ns);
    let percent = if duration_ns == 0 { 0.0 } else { total_ns as f64 / duration_ns as f64 * 100.0 };
    Some(Overhead {
        per_call_ns: now.per_call_ns,
        calls: now.calls.saturating_sub(before.calls),
        total_ns,
        percent,
        parts: parts_since(&now.parts, &before.parts),
    })
}
