//! From the readings of lanes to a report: ticks become nanoseconds, sites become rows, the caller gets its row.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use hotpath_lane::{
    OTHER_NAME,
    clock::Scale,
    read::{NodeReading, Reading, RowReading},
};
use hotpath_report::{
    ALLOC_BUILD_DESCRIPTION, AllocBytes, AllocMetric, AsyncStats, Bucket, Budget, Dist, FunctionKind,
    FunctionStats, Meta, Overhead, OverheadPart, ProfilingMode, Report, SECTIONS, SectionSchema, Source,
    Table, ThreadTotals, Timing, TreeNode, functions_alloc, sort_by, tree::sort_largest_first,
    units::format_bytes,
};

use super::{
    clock::{rfc3339, scale},
    cost::Costs,
    cpu,
    cpu_rows::Sampled,
    instruments::{
        self,
        view::{View, source},
    },
    kind, memory,
    net::{Hooks, RowHooks},
    os::{own_thread, process_cpu_ns},
    running::{ReportedTotals, Running},
    select::Selection,
    settings::NAMED,
    site_names::Names,
    threads::{self, Sampling, Threads},
    unrecorded,
};
use crate::{Section, options::CallerLocation};

/// A reading of the lanes, with the scale of its ticks.
pub(crate) struct Snapshot {
    pub(crate) reading: Reading,
    scale: Scale,
    pub(crate) memory: memory::AllocSnapshot,
    pub(crate) duration_ns: u64,
    /// Nanoseconds of CPU time in this session: of our own threads, and of the whole process.
    own_cpu_ns: Option<u64>,
    process_cpu_ns: Option<u64>,
    threads: Option<Threads>,
    cpu: Option<Sampled>,
}

/// The duration from which on a running call counts with its time.
const LONG: Duration = Duration::from_millis(100);

impl Snapshot {
    /// Returns `true` if there are functions of which not every call is timed.
    pub(crate) fn has_sampled_calls(&self) -> bool {
        let mut rows = self.reading.rows.iter();
        rows.any(|row| row.is_sampled && row.site.kind() != kind::INTERNAL)
    }

    /// Raises totals to those reported before, and remembers them.
    pub(crate) fn not_less_than(mut self, reported: &Mutex<ReportedTotals>) -> Self {
        let mut reported = reported.lock().unwrap_or_else(PoisonError::into_inner);
        for row in &mut self.reading.rows {
            let floor = reported.entry(row.site.id()).or_default();
            if row.total_error.is_none() {
                row.total = row.total.max(*floor);
                *floor = row.total;
            }
        }
        self
    }
}

/// Reads the lanes.
pub(crate) fn read(running: &Running) -> Snapshot {
    let end = hotpath_lane::clock::now(); // before the scale, which takes its time in a very short session
    let scale = scale();
    let reading = hotpath_lane::read(running.epoch, running.caller_lane(), scale.ticks(LONG));
    let cpu = running
        .cpu
        .as_ref()
        .map(|cpu| Sampled::new(&reading, cpu.read(running.epoch, || Names::of(&reading)), running));
    let duration_ns = scale.nanos(end.saturating_sub(running.start));
    let threads = running.threads.as_ref().map(Sampling::now);
    let memory = running.memory.read(&reading);
    let own_cpu_ns =
        own_thread::cpu_ns().zip(running.own_cpu_ns).map(|(now, before)| now.saturating_sub(before));
    let process_cpu_ns =
        process_cpu_ns().zip(running.process_cpu_ns).map(|(now, before)| now.saturating_sub(before));
    Snapshot { reading, scale, memory, duration_ns, own_cpu_ns, process_cpu_ns, threads, cpu }
}

/// Makes a report with every section that has data, whatever the settings select; those without rows too.
pub(crate) fn complete_report(snapshot: &Snapshot, running: &Running, costs: Option<&Costs>) -> Report {
    let everything = Selection::everything();
    make(snapshot, running, &everything, costs)
}

/// Makes the report.
pub(crate) fn report(snapshot: &Snapshot, running: &Running, costs: Option<&Costs>) -> Report {
    make(snapshot, running, &running.settings.selection, costs)
}

fn make(snapshot: &Snapshot, running: &Running, selection: &Selection, costs: Option<&Costs>) -> Report {
    let settings = &running.settings;
    let names = Names::of(&snapshot.reading);
    let hooks = hooks(snapshot, running, costs);
    let functions = functions(snapshot, running, &names, &hooks);
    let sections = sections(snapshot, running, selection, &functions, &names);
    let shows_alloc = sections.iter().any(|section| section.spec.name == AllocBytes::SPEC.name);
    let overhead = costs.map(|costs| overhead(snapshot, &hooks, costs));
    let report = Report {
        label: settings.label.clone(),
        duration_ns: snapshot.duration_ns,
        caller_name: running.caller_name.to_owned(),
        meta: meta(running),
        budget: settings
            .budget
            .zip(overhead.as_ref())
            .map(|(percent, overhead)| budget(percent, &functions, overhead, snapshot)),
        overhead,
        percentiles: settings.percentiles.clone(),
        profiling_mode: match settings.alloc_metric {
            _ if !shows_alloc => ProfilingMode::Timing,
            AllocMetric::Bytes => ProfilingMode::AllocBytes,
            AllocMetric::Count => ProfilingMode::AllocCount,
        },
        time_sampling: settings.rates().map(|(resource, rate)| (resource.to_owned(), rate)).collect(),
        user_metadata: settings.user_metadata.clone(),
        sections,
        call_tree: tree(snapshot, running, &names, &hooks),
        cpu_stacks: snapshot.cpu.as_ref().and_then(Sampled::stacks),
        notes: notes(snapshot, running),
        findings: Vec::new(),
        rounded: false,
    };
    report.with_findings()
}

/// Returns the time that hooks took in a snapshot; nothing if their costs are not known.
pub(crate) fn hooks(snapshot: &Snapshot, running: &Running, costs: Option<&Costs>) -> Hooks {
    let compensates = running.settings.compensate;
    costs.map(|costs| Hooks::of(&snapshot.reading, costs, compensates)).unwrap_or_default()
}

fn sections(
    snapshot: &Snapshot,
    running: &Running,
    selection: &Selection,
    functions: &[FunctionStats],
    names: &Names,
) -> Vec<Table> {
    let settings = &running.settings;
    let percentiles = &settings.percentiles;
    let functions_limit = settings.limit(Timing::SPEC);
    let mut sections = Vec::new();
    if selection.wants(Section::FunctionsTiming, true) {
        let timing = Table::of::<Timing>(functions, &(), percentiles).limited(functions_limit);
        let is_alloc_build = snapshot.memory.is_known();
        sections.push(if is_alloc_build { timing.described(ALLOC_BUILD_DESCRIPTION) } else { timing });
    }
    if snapshot.memory.is_known() && selection.wants(Section::FunctionsAlloc, true) {
        let has_caller = !settings.exclude_wrapper;
        let rows: Vec<FunctionStats> =
            functions.iter().cloned().chain(snapshot.memory.outside(has_caller)).collect();
        let (metric, scope) = (settings.alloc_metric, settings.alloc_scope);
        let totals = snapshot.memory.totals(has_caller);
        let alloc = functions_alloc(&rows, &totals, metric, scope, percentiles);
        sections.push(alloc.limited(functions_limit));
    }
    if let Some(cpu) = snapshot.cpu.as_ref().filter(|_| selection.wants(Section::FunctionsCpu, true)) {
        sections.push(cpu.section(functions, running).limited(functions_limit));
    }
    let view = view(snapshot, running, names);
    for instrument in instruments::ALL {
        let table = (instrument.table)(&view);
        if selection.wants(instrument.section, !table.rows.is_empty()) {
            let limit = settings.limit(table.spec);
            sections.push(table.limited(limit));
        }
    }
    if let Some(threads) = &snapshot.threads {
        let totals =
            ThreadTotals { alloc: snapshot.memory.of_threads().or(threads.totals.alloc), ..threads.totals };
        let table = Table::of::<hotpath_report::Threads>(&threads.rows, &totals, percentiles);
        let limit = settings.limit(table.spec);
        sections.push(table.limited(limit));
    }
    let place =
        |section: &Table| SECTIONS.iter().position(|declared| declared.spec.name == section.spec.name);
    sort_by(&mut sections, |a, b| place(a).cmp(&place(b)));
    sections
}

fn view<'a>(snapshot: &'a Snapshot, running: &'a Running, names: &'a Names) -> View<'a> {
    let Snapshot { reading, scale, memory, duration_ns, .. } = snapshot;
    View::new(reading, *scale, memory, names, running, *duration_ns)
}

/// Calls `f` with the view of a snapshot.
pub(crate) fn with_view<T>(snapshot: &Snapshot, running: &Running, f: impl FnOnce(&View<'_>) -> T) -> T {
    f(&view(snapshot, running, &Names::of(&snapshot.reading)))
}

/// Makes a report of some sections, whatever the settings select, and nothing else.
pub(crate) fn report_of(snapshot: &Snapshot, running: &Running, sections: &[Section]) -> Report {
    let (names, settings) = (Names::of(&snapshot.reading), &running.settings);
    let view = view(snapshot, running, &names);
    let wanted = instruments::ALL.iter().filter(|instrument| sections.contains(&instrument.section));
    let tables = wanted.map(|instrument| {
        let table = (instrument.table)(&view);
        let limit = settings.limit(table.spec);
        table.limited(limit)
    });
    Report {
        duration_ns: snapshot.duration_ns,
        caller_name: running.caller_name.to_owned(),
        meta: meta(running),
        percentiles: settings.percentiles.clone(),
        sections: tables.collect(),
        ..Report::default()
    }
}

/// Returns the functions, the caller's own row first.
pub(crate) fn functions(
    snapshot: &Snapshot,
    running: &Running,
    names: &Names,
    hooks: &Hooks,
) -> Vec<FunctionStats> {
    let rows = snapshot.reading.rows.iter().filter(|row| kind::is_function(row.site.kind()));
    let rows = rows.map(|row| function(snapshot, row, names, hooks.of_site(row.site)));
    let caller = (!running.settings.exclude_wrapper).then(|| caller(snapshot, running, hooks));
    caller.into_iter().chain(rows).collect()
}

/// Returns the row of the function that holds the guard: one call, from the start of the session to now.
fn caller(snapshot: &Snapshot, running: &Running, hooks: &Hooks) -> FunctionStats {
    let lane = snapshot.reading.lanes.iter().find(|lane| Some(lane.lane) == running.caller_lane());
    let measured = lane.map_or(Some(0), |lane| lane.measured).map(|ticks| snapshot.scale.nanos(ticks));
    let raw = snapshot.duration_ns;
    let is_net = hooks.are_subtracted();
    let own_raw = measured.map(|measured| raw.saturating_sub(measured));
    let (own, total) = hooks.of_caller(&snapshot.scale, own_raw, raw);
    let cpu = snapshot.cpu.as_ref().map(Sampled::of_caller);
    FunctionStats {
        id: 0,
        name: running.caller_name.to_owned(),
        kind: FunctionKind::Main,
        source: running.caller_location.map(location),
        calls: 1,
        total_ns: Some(total),
        self_ns: own,
        total_raw_ns: is_net.then_some(raw),
        self_raw_ns: own_raw.filter(|_| is_net),
        avg_raw_ns: is_net.then_some(raw),
        durations: Dist::from_buckets(1, total, Some(total), Some(total), [Bucket::around(total, total, 1)]),
        alloc: snapshot.memory.of_caller(),
        cpu,
        off_cpu_ns: cpu.and_then(|cpu| snapshot.cpu.as_ref()?.off_cpu_ns(total, cpu)),
        ..FunctionStats::default()
    }
}

fn location(at: CallerLocation) -> Source {
    Source { file: at.file.into(), line: at.line, column: at.column }
}

fn function(snapshot: &Snapshot, row: &RowReading, names: &Names, hooks: RowHooks) -> FunctionStats {
    let scale = &snapshot.scale;
    let is_net = hooks.are_subtracted();
    let asynchronous = row.async_stats.map(|part| AsyncStats {
        busy_ns: scale.nanos(hooks.total(part.busy as i64)),
        polls: part.polls,
        completed: part.completed,
        cancelled: part.cancelled,
    });
    let total_ns = row.is_total_known.then(|| scale.nanos(hooks.total(row.total)));
    let cpu = snapshot.cpu.as_ref().map(|cpu| cpu.of_row(row));
    let busy_ns = asynchronous.map_or(total_ns, |part| Some(part.busy_ns));
    FunctionStats {
        id: row.site.id(),
        name: names.of_site(row.site),
        kind: match row.site.kind() {
            kind::ASYNC_FN => FunctionKind::AsyncFn,
            kind::BLOCK => FunctionKind::Block,
            _ => FunctionKind::Fn,
        },
        source: source(row.site),
        calls: row.calls,
        running: row.running,
        total_ns,
        self_ns: row.own.map(|own| scale.nanos(hooks.own(own))),
        total_se_ns: row.total_error.map(|error| scale.nanos(error as u64)),
        self_se_ns: row.own.and(row.own_error).map(|error| scale.nanos(error as u64)),
        total_raw_ns: is_net.then(|| scale.nanos(row.total.max(0) as u64)),
        self_raw_ns: row.own.filter(|_| is_net).map(|own| scale.nanos(own.max(0) as u64)),
        avg_raw_ns: match row.total_error {
            None => row.sum.checked_div(row.timed),
            Some(_) => (row.total.max(0) as u64).checked_div(row.calls),
        }
        .filter(|_| is_net)
        .map(|mean| scale.nanos(mean)),
        durations: hooks.durations(scale, row),
        asynchronous,
        alloc: snapshot.memory.of_row(row),
        cpu,
        off_cpu_ns: cpu.zip(busy_ns).and_then(|(cpu, busy)| snapshot.cpu.as_ref()?.off_cpu_ns(busy, cpu)),
        sampled_calls: (row.untimed > 0).then_some(row.timed),
        overhead_ns: (hooks.cost > 0.0).then(|| scale.nanos(hooks.cost as u64)),
    }
}

/// Returns the number of hooks of a row: one per call, or one per poll.
fn frames(row: &RowReading) -> u64 {
    row.async_stats.map_or(row.timed + row.untimed, |part| part.polls)
}

fn overhead(snapshot: &Snapshot, hooks: &Hooks, costs: &Costs) -> Overhead {
    let rows = snapshot.reading.rows.iter().filter(|row| row.site.kind() != kind::INTERNAL);
    let calls: u64 = rows.map(frames).sum();
    let nanos = |ticks: f64| snapshot.scale.nanos((ticks * 1e3) as u64) as f64 / 1e3;
    let parts = hooks.parts.iter().filter(|part| part.count > 0).map(|part| OverheadPart {
        name: part.name.into(),
        count: part.count,
        per_call_ns: nanos(part.ticks) / part.count as f64,
        total_ns: nanos(part.ticks) as u64,
    });
    let own_threads = snapshot.own_cpu_ns.map(|total_ns| OverheadPart {
        name: "servers and pollers".into(),
        count: 1,
        per_call_ns: total_ns as f64,
        total_ns,
    });
    let parts: Vec<OverheadPart> = parts.chain(own_threads).collect();
    let of_calls: u64 = hooks.parts.iter().map(|part| nanos(part.ticks) as u64).sum();
    let total_ns: u64 = parts.iter().map(|part| part.total_ns).sum();
    let percent =
        if snapshot.duration_ns == 0 { 0.0 } else { total_ns as f64 / snapshot.duration_ns as f64 * 100.0 };
    // Without a call yet, what a timed one would cost.
    let per_call_ns = if calls == 0 { nanos(costs.timed.all) } else { of_calls as f64 / calls as f64 };
    Overhead { per_call_ns, calls, total_ns, percent, parts }
}

fn budget(percent: f64, functions: &[FunctionStats], overhead: &Overhead, snapshot: &Snapshot) -> Budget {
    let measured = || functions.iter().filter(|function| function.kind != FunctionKind::Main);
    let spent = overhead.total_ns as f64;
    let cpu = snapshot.process_cpu_ns.unwrap_or(snapshot.duration_ns).max(1) as f64;
    Budget {
        percent,
        spent_percent: (spent / cpu * 100.0).min(100.0),
        estimates: measured().filter(|function| function.total_se_ns.is_some()).count() as u64,
        functions: measured().count() as u64,
    }
}

/// Makes the call tree: the caller with the calls of its thread, then those of other threads.
fn tree(snapshot: &Snapshot, running: &Running, names: &Names, hooks: &Hooks) -> Vec<TreeNode> {
    let nodes = &snapshot.reading.tree;
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut roots = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        match node.parent {
            Some(parent) => children[parent].push(at),
            None => roots.push(at),
        }
    }
    // Children stand behind their parents, so from the back every subtree is complete when its parent needs it.
    let mut made: Vec<Option<TreeNode>> = (0..nodes.len()).map(|_| None).collect();
    for at in (0..nodes.len()).rev() {
        let below = children[at].iter().filter_map(|child| made[*child].take()).collect();
        let own = hooks.own_of_node(at, nodes[at].own);
        made[at] = tree_node(snapshot, &nodes[at], own, largest_first(below), names);
    }
    let mut take = |of_caller: bool| -> Vec<TreeNode> {
        let roots = roots.iter().filter(|at| nodes[**at].of_caller == of_caller);
        largest_first(roots.filter_map(|at| made[*at].take()).collect())
    };
    let (mut mine, others) = (take(true), take(false));
    if !running.settings.exclude_wrapper {
        let caller = caller(snapshot, running, hooks);
        let total = caller.total_ns.unwrap_or_default();
        let own = caller
            .self_ns
            .unwrap_or_else(|| total.saturating_sub(mine.iter().map(|node| node.total_ns).sum()));
        let mut node = TreeNode {
            name: caller.name,
            calls: 1,
            total_ns: total,
            self_ns: own,
            children: mine,
            ..TreeNode::default()
        };
        snapshot.memory.at_caller(&mut node);
        snapshot.cpu.iter().for_each(|cpu| cpu.at_caller(&mut node));
        mine = vec![node];
    }
    mine.into_iter().chain(others).collect()
}

fn largest_first(mut nodes: Vec<TreeNode>) -> Vec<TreeNode> {
    sort_largest_first(&mut nodes);
    nodes
}

fn tree_node(
    snapshot: &Snapshot,
    node: &NodeReading,
    own: u64,
    children: Vec<TreeNode>,
    names: &Names,
) -> Option<TreeNode> {
    if node.site.is_some_and(|site| site.kind() == kind::INTERNAL) {
        return None;
    }
    // Rounded once, from the leaves up, so that the sums hold to the nanosecond.
    let self_ns = snapshot.scale.nanos(own);
    let error =
        |is_estimate: bool, variance: f64| is_estimate.then(|| snapshot.scale.nanos(variance.sqrt() as u64));
    let total_ns = self_ns + children.iter().map(|child| child.total_ns).sum::<u64>();
    let name = node.site.map_or_else(|| OTHER_NAME.to_owned(), |site| names.of_site(site));
    let mut made = TreeNode {
        name,
        calls: node.calls,
        total_ns,
        self_ns,
        total_se_ns: error(node.counted > 0, node.total_variance),
        self_se_ns: error(node.counted + node.callee_counted > 0, node.own_variance),
        children,
        ..TreeNode::default()
    };
    snapshot.memory.at_node(node.memory, &mut made);
    snapshot.cpu.iter().for_each(|cpu| cpu.at_node(node.samples, &mut made));
    Some(made)
}

fn notes(snapshot: &Snapshot, running: &Running) -> Vec<String> {
    let mut notes = Vec::new();
    if cfg!(feature = "hotpath-alloc") && !snapshot.memory.is_known() {
        notes.push(
            "allocations were not counted: no hotpath::CountingAllocator is the global allocator. #[hotpath::main] installs one; \
             without it, write two lines of your own: `#[global_allocator]` and \
             `static ALLOCATOR: hotpath::CountingAllocator = hotpath::CountingAllocator::new();`"
                .to_owned(),
        );
    }
    notes.extend(unrecorded::note());
    let spilled: u64 =
        snapshot.reading.tree.iter().filter(|node| node.site.is_none()).map(|node| node.calls).sum();
    if hotpath_lane::is_memory_limit_reached() {
        notes.push(format!(
            "the memory limit ({}) was reached: {spilled} calls are counted under {OTHER_NAME} in the call tree, and some percentiles \
             and recent calls are those of earlier calls; raise {}",
            format_bytes(running.settings.memory_limit as u64),
            NAMED.memory_limit.name
        ));
    } else if spilled > 0 {
        notes.push(format!(
            "{spilled} calls found the call tree full and are counted under {OTHER_NAME} there"
        ));
    }
    notes.extend(snapshot.threads.iter().flat_map(|threads| threads.notes.clone()));
    notes.extend(snapshot.cpu.iter().flat_map(|cpu| cpu.notes().to_vec()));
    for section in running.settings.selection.named() {
        let is_built = match section {
            Section::FunctionsTiming | Section::CallTree => true,
            Section::FunctionsAlloc => snapshot.memory.is_known(),
            Section::FunctionsCpu => cpu::IS_BUILT,
            Section::Threads => threads::IS_BUILT,
            _ => instruments::ALL.iter().any(|instrument| instrument.section == *section),
        };
        if !is_built {
            notes.push(format!("section {section}: nothing of the kind is recorded in this build"));
        }
    }
    notes
}

fn meta(running: &Running) -> Meta {
    Meta {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        os: std::env::consts::OS.to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        rustc: hotpath_report::RUSTC.to_owned(),
        created_at: rfc3339(SystemTime::now()),
        command: std::env::args_os()
            .map(|word| word.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
            .join(" "),
        git_sha: super::git::head(),
        build_id: super::build_id::build_id(),
        source_root: running.settings.source_root.clone(),
    }
}
