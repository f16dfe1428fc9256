//! Times without the profiler: what hooks took is subtracted from what was measured.
//!
//! Everything recorded stays as it was measured; this is arithmetic when a report is made. A call is longer by the part of its own hook
//! between the two readings of the clock, and by the whole hooks of all calls below it. So the call tree says how much to subtract.

use std::collections::{HashMap, HashSet};

use hotpath_lane::{
    Site,
    clock::Scale,
    read::{NodeReading, Reading, RowReading},
};
use hotpath_report::{Bucket, Dist};

use super::{
    cost::{Costs, HookCost},
    kind,
};

/// The time that hooks took, in ticks.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    rows: HashMap<u32, RowHooks>,
    /// Per node of the call tree: in its self time.
    own: Vec<f64>,
    /// In the time of the calls that the caller's thread made, and in that of the caller itself.
    called: f64,
    of_caller: f64,
    /// The cost of everything, by kind.
    pub(crate) parts: [Part; 4],
}

/// The cost of one kind of work, in ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) count: u64,
    pub(crate) ticks: f64,
}

const TIMED: usize = 0;
const COUNTED: usize = 1;
const POLLS: usize = 2;
const EVENTS: usize = 3;
const PARTS: [&str; 4] = ["timed calls", "counted calls", "polls", "events"];

/// The time that hooks took of one site's calls, in ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RowHooks {
    /// In their self time.
    own: f64,
    /// In their time with callees.
    total: f64,
    /// Between the readings of the clock of each call.
    inside: f64,
    are_subtracted: bool,
    /// The hooks of the site's own calls, wherever they took the time.
    pub(crate) cost: f64,
}

impl Hooks {
    /// Computes what hooks took. With `compensates` false it is known and not subtracted.
    pub(crate) fn of(reading: &Reading, costs: &Costs, compensates: bool) -> Self {
        let mut hooks = Self::at_nodes(reading, costs);
        let share = hooks.possible_share(reading);
        let costs = &costs.times(share);
        if share < 1.0 {
            hooks = Self::at_nodes(reading, costs);
        }
        let mut below = hooks.own.clone();
        for (at, node) in reading.tree.iter().enumerate().rev() {
            match node.parent {
                Some(parent) => below[parent] += below[at],
                None if node.of_caller => hooks.called += below[at],
                None => {}
            }
            if let Some(site) = node.site {
                let row = hooks.rows.entry(site.id()).or_default();
                row.own += hooks.own[at];
                row.total += below[at];
            }
        }
        hooks.parts = PARTS.map(|name| Part { name, ..Part::default() });
        for row in &reading.rows {
            let parts = of_row(row, costs);
            let of_row = hooks.rows.entry(row.site.id()).or_default();
            of_row.cost = parts.iter().map(|(_, ticks)| ticks).sum();
            of_row.are_subtracted = true;
            of_row.inside = match row.async_stats {
                Some(part) => costs.poll.inside * part.polls as f64 / row.calls.max(1) as f64,
                None => hook_of(row, costs).inside,
            };
            if row.site.kind() != kind::INTERNAL {
                for (part, (count, ticks)) in hooks.parts.iter_mut().zip(parts) {
                    part.count += count;
                    part.ticks += ticks;
                }
            }
        }
        if !compensates {
            hooks.own.fill(0.0);
            (hooks.called, hooks.of_caller) = (0.0, 0.0);
            hooks.rows.values_mut().for_each(|row| *row = RowHooks { cost: row.cost, ..RowHooks::default() });
        }
        hooks
    }

    /// Returns the part of hooks in the self time of each node, and of the caller's.
    fn at_nodes(reading: &Reading, costs: &Costs) -> Self {
        let rows: HashMap<u32, &RowReading> = reading.rows.iter().map(|row| (row.site.id(), row)).collect();
        let row_of = |site: Option<&'static Site>| site.and_then(|site| rows.get(&site.id())).copied();
        let mut hooks = Self { own: vec![0.0; reading.tree.len()], ..Self::default() };
        for (at, node) in reading.tree.iter().enumerate() {
            let Some(row) = row_of(node.site) else { continue };
            let (all, inside) = of_node(node, row, costs);
            hooks.own[at] += inside;
            // The calls of a recursive function that are inside another one are made from the node itself.
            let nested = (all - inside) * nested_share(row);
            hooks.own[at] += nested;
            let outside = all - inside - nested;
            match node.parent {
                Some(parent) => hooks.own[parent] += outside,
                None if node.of_caller => hooks.of_caller += outside,
                None => {}
            }
        }
        hooks
    }

    /// The share of these costs that is possible: hooks cannot have taken more of a node's self time than there is. What they cost depends
    /// on the code around them, and a node whose own work is next to nothing shows it better than any measurement elsewhere.
    fn possible_share(&self, reading: &Reading) -> f64 {
        let recursive: HashSet<u32> =
            reading.rows.iter().filter(|row| row.nested > 0).map(|row| row.site.id()).collect();
        let is_recursive = |node: &NodeReading| node.site.is_some_and(|site| recursive.contains(&site.id()));
        // The hooks of recursive calls are not known node by node, and those of estimates only on average.
        let mut is_typical: Vec<bool> = reading.tree.iter().map(|node| !is_recursive(node)).collect();
        for (at, node) in reading.tree.iter().enumerate() {
            let is_function = node.site.is_some_and(|site| kind::is_function(site.kind()));
            is_typical[at] &= is_function && node.counted + node.callee_counted == 0;
            if let Some(parent) = node.parent {
                is_typical[parent] &= !is_recursive(node);
            }
        }
        let all: f64 = self.own.iter().sum();
        let nodes = reading.tree.iter().zip(&self.own).zip(is_typical);
        let typical = nodes.filter(|((_, hooks), is_typical)| *is_typical && **hooks >= all * TYPICAL);
        typical.map(|((node, hooks), _)| node.own as f64 / hooks.max(1.0)).fold(1.0, f64::min).max(LEAST)
    }

    /// Returns `true` if times are shown without what hooks took.
    pub(crate) fn are_subtracted(&self) -> bool {
        self.rows.values().next().is_some_and(|row| row.are_subtracted)
    }

    pub(crate) fn of_site(&self, site: &Site) -> RowHooks {
        self.rows.get(&site.id()).copied().unwrap_or_default()
    }

    /// Ticks of self time of a node of the call tree.
    pub(crate) fn own_of_node(&self, at: usize, raw: i64) -> u64 {
        without(raw, self.own.get(at).copied().unwrap_or(0.0))
    }

    /// Nanoseconds of the caller's self time and total.
    pub(crate) fn of_caller(&self, scale: &Scale, own: Option<u64>, total: u64) -> (Option<u64>, u64) {
        let nanos = |ticks: f64| scale.nanos(ticks as u64) as f64;
        let (of_caller, called) = (nanos(self.of_caller), nanos(self.called));
        (own.map(|own| without(own as i64, of_caller)), without(total as i64, of_caller + called))
    }
}

impl RowHooks {
    /// Ticks of self time.
    pub(crate) fn own(self, raw: i64) -> u64 {
        without(raw, self.own)
    }

    /// Ticks with callees.
    pub(crate) fn total(self, raw: i64) -> u64 {
        without(raw, self.total)
    }

    /// Returns `true` if times are shown without what hooks took.
    pub(crate) fn are_subtracted(self) -> bool {
        self.are_subtracted
    }

    /// The durations of timed calls in nanoseconds. What hooks of callees took of a single call is not known: it counts as the same share
    /// of each.
    pub(crate) fn durations(self, scale: &Scale, row: &RowReading) -> Dist {
        let outer_calls = row.calls as f64 * (1.0 - nested_share(row));
        let raw = row.total as f64 - self.inside * outer_calls;
        let left = row.total as f64 - self.total;
        let share = if raw > 0.0 { (left / raw).clamp(0.0, 1.0) } else { 1.0 };
        let net = |ticks: u64| ((ticks as f64 - self.inside).max(0.0) * share) as u64;
        let bucket =
            |(lower, upper, count)| Bucket::around(scale.nanos(net(lower)), scale.nanos(net(upper)), count);
        let sum = ((row.sum as f64 - self.inside * row.timed as f64).max(0.0) * share) as u64;
        Dist::from_buckets(
            row.timed,
            scale.nanos(sum),
            row.min.map(|min| scale.nanos(net(min))),
            row.max.map(|max| scale.nanos(net(max))),
            row.buckets.iter().map(bucket).collect::<Vec<_>>(),
        )
    }
}

/// The part of all hooks that a node must have, so that their cost there says something about the others.
const TYPICAL: f64 = 0.05;
/// The least that hooks are taken to cost, of what was measured.
const LEAST: f64 = 0.5;

/// An estimate may be negative before hooks are subtracted: the hook of a timed callee took longer than those that were only counted.
fn without(raw: i64, hooks: f64) -> u64 {
    (raw as f64 - hooks).max(0.0) as u64
}

/// The hooks of a node's calls: all in all, and what they add to the (estimated) time of those calls.
fn of_node(node: &NodeReading, row: &RowReading, costs: &Costs) -> (f64, f64) {
    let timed = node.calls.saturating_sub(node.counted) as f64;
    let hook = hook_of(row, costs);
    match row.async_stats {
        Some(part) => {
            let polls = part.polls as f64 * node.calls as f64 / row.calls.max(1) as f64;
            (polls * hook.all, polls * hook.inside)
        }
        // An untimed call is estimated from timed ones, so its estimate contains the same part of a hook.
        None => (timed * hook.all + node.counted as f64 * costs.counted, node.calls as f64 * hook.inside),
    }
}

/// The hooks of a row's calls or events, by kind: their number, and what they cost.
fn of_row(row: &RowReading, costs: &Costs) -> [(u64, f64); 4] {
    let mut parts = [(0, 0.0); 4];
    let mut add = |part: usize, count: u64, each: f64| parts[part] = (count, count as f64 * each);
    match row.async_stats {
        Some(part) => add(POLLS, part.polls, costs.poll.all),
        None if kind::is_function(row.site.kind()) || row.site.kind() == kind::INTERNAL => {
            add(TIMED, row.timed, hook_of(row, costs).all);
            add(COUNTED, row.untimed, costs.counted);
        }
        None => add(EVENTS, row.timed + row.untimed, costs.event),
    }
    parts
}

fn hook_of(row: &RowReading, costs: &Costs) -> HookCost {
    match row.async_stats {
        Some(_) => costs.poll,
        None if row.is_sampled => costs.sampled,
        None => costs.timed,
    }
}

/// The share of a site's calls that are inside another one.
fn nested_share(row: &RowReading) -> f64 {
    row.nested as f64 / row.timed.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use hotpath_lane::{Buckets, read::AsyncReading};

    static CALLER: Site = Site::new("caller", "n.rs", 1, 1, kind::FN);
    static CALLEE: Site = Site::new("callee", "n.rs", 2, 1, kind::FN);

    fn costs() -> Costs {
        let hook = |all, inside| HookCost { all, inside };
        Costs {
            timed: hook(100.0, 40.0),
            sampled: hook(300.0, 80.0),
            counted: 10.0,
            poll: hook(200.0, 50.0),
            event: 70.0,
        }
    }

    fn row(site: &'static Site, calls: u64, total: i64) -> RowReading {
        RowReading {
            site,
            calls,
            running: 0,
            timed: calls,
            untimed: 0,
            nested: 0,
            is_sampled: false,
            sum: total as u64,
            total,
            total_error: None,
            is_total_known: true,
            own: Some(total),
            own_error: None,
            min: Some(1),
            max: Some(total as u64),
            buckets: Buckets::default(),
            async_stats: None,
            memory: None,
            own_samples: 0,
            total_samples: 0,
        }
    }

    fn node(site: &'static Site, parent: Option<usize>, calls: u64) -> NodeReading {
        NodeReading {
            parent,
            site: Some(site),
            calls,
            counted: 0,
            callee_calls: 0,
            callee_counted: 0,
            own: 1_000_000,
            total: 0,
            own_variance: 0.0,
            total_variance: 0.0,
            of_caller: true,
            memory: Default::default(),
            samples: 0,
        }
    }

    /// Ids are given at the first hit: without one, both sites would have the same.
    fn registered() {
        [&CALLER, &CALLEE].into_iter().for_each(|site| hotpath_lane::event::gauge_add(site, 0));
        assert_ne!(CALLER.id(), CALLEE.id());
    }

    #[test]
    fn a_hook_lengthens_its_call_inside_and_its_caller_outside() {
        registered();
        let rows = vec![row(&CALLER, 1, 9000), row(&CALLEE, 10, 5000)];
        let reading = Reading {
            rows,
            tree: vec![node(&CALLER, None, 1), node(&CALLEE, Some(0), 10)],
            ..Reading::default()
        };
        let hooks = Hooks::of(&reading, &costs(), true);
        assert_eq!(hooks.own, [40.0 + 10.0 * 60.0, 10.0 * 40.0]);
        assert_eq!((hooks.of_caller, hooks.called), (60.0, 1040.0));
        assert_eq!(hooks.of_site(&CALLER).total(9000), 9000 - 1040);
        assert_eq!(hooks.of_site(&CALLEE).own(5000), 5000 - 400);
        assert_eq!(hooks.of_site(&CALLEE).own(300), 0); // never below
        assert_eq!((hooks.parts[TIMED].count, hooks.parts[TIMED].ticks), (11, 1100.0));
        let raw = Hooks::of(&reading, &costs(), false);
        assert_eq!((raw.of_site(&CALLER).total(9000), raw.parts[TIMED].ticks), (9000, 1100.0));
    }

    #[test]
    fn recursion_is_charged_to_itself_and_polls_one_by_one() {
        registered();
        let recursive = RowReading { nested: 9, ..row(&CALLER, 10, 9000) };
        let stats = AsyncReading { polls: 6, ..AsyncReading::default() };
        let polled = RowReading { async_stats: Some(stats), ..row(&CALLEE, 2, 5000) };
        let tree = vec![node(&CALLER, None, 10), node(&CALLEE, Some(0), 2)];
        let reading = Reading { rows: vec![recursive, polled], tree, ..Reading::default() };
        let hooks = Hooks::of(&reading, &costs(), true);
        assert_eq!(hooks.own, [10.0 * 40.0 + 9.0 * 60.0 + 6.0 * 150.0, 6.0 * 50.0]);
        assert_eq!((hooks.parts[POLLS].count, hooks.parts[POLLS].ticks), (6, 1200.0));
    }

    #[test]
    fn counted_callees_lengthen_their_caller_less_than_their_estimate() {
        registered();
        let sampled = RowReading { timed: 10, untimed: 90, is_sampled: true, ..row(&CALLEE, 100, 5000) };
        let callee = NodeReading { counted: 90, ..node(&CALLEE, Some(0), 100) };
        let caller = NodeReading { callee_calls: 100, callee_counted: 90, ..node(&CALLER, None, 1) };
        let reading = Reading {
            rows: vec![row(&CALLER, 1, 9000), sampled],
            tree: vec![caller, callee],
            ..Reading::default()
        };
        let hooks = Hooks::of(&reading, &costs(), true);
        let all = 10.0 * 300.0 + 90.0 * 10.0;
        assert_eq!(hooks.own, [40.0 + all - 100.0 * 80.0, 100.0 * 80.0]);
        assert_eq!(hooks.of_site(&CALLER).total(9000), 9000 - 40 - all as u64);
        assert_eq!((hooks.parts[TIMED].count, hooks.parts[COUNTED].count), (11, 90));
    }

    #[test]
    fn hooks_take_no_more_than_the_self_time_that_there_is() {
        registered();
        let rows = vec![row(&CALLER, 1, 9000), row(&CALLEE, 1000, 5000)];
        let caller = NodeReading { own: 45_030, ..node(&CALLER, None, 1) }; // hooks of 100 and 40 ticks would take 60,040
        let reading =
            Reading { rows, tree: vec![caller, node(&CALLEE, Some(0), 1000)], ..Reading::default() };
        let hooks = Hooks::of(&reading, &costs(), true);
        assert_eq!(hooks.own_of_node(0, 45_030), 0);
        assert!(
            (hooks.own[0] - 45_030.0).abs() < 1e-6 && (hooks.own[1] - 30_000.0).abs() < 1e-6,
            "{hooks:?}"
        );
    }
}
