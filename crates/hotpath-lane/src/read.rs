//! Readings: the numbers of all lanes as a plain value, made on demand and without disturbing the writers.
//!
//! Each row, and each group of counters that must agree, is read as of one moment. Different rows are read one after the other: calls
//! that end meanwhile may be in one and not in another. While nothing is recorded, everything agrees exactly.

use std::{
    collections::HashMap,
    ops::AddAssign,
    sync::{
        Mutex, PoisonError,
        atomic::{Ordering, fence},
    },
};

use crate::{
    async_stats::AsyncTotals,
    call_history::{CallHistory, Detail, Phase},
    clock,
    counters::RowTotals,
    dist::Buckets,
    estimates::Estimates,
    lane::Lane,
    ledger::Recent,
    memory::{MemoryReading, Sums},
    node::{Node, OTHER, ROOT},
    pool::Entry,
    row::{RecentParts, Row, Totals},
    site::{self, Site},
    thread::LANES,
};

/// The numbers of all lanes. Times are in ticks (see [`clock::Scale`]).
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The moment at which the reading began.
    pub at: u64,
    /// A row per site that was hit, in order of site ids.
    pub rows: Vec<RowReading>,
    /// The call trees of all lanes as one; parents come before their children.
    pub tree: Vec<NodeReading>,
    /// One per lane that recorded something in this epoch.
    pub lanes: Vec<LaneReading>,
    /// CPU samples of threads with a lane, outside of measured code: lane, samples.
    pub outside_samples: Vec<(usize, u64)>,
    /// CPU samples in calls that are not recorded, because they began before this epoch.
    pub unrecorded_samples: u64,
}

/// The numbers of one site, over all lanes.
#[derive(Clone, Debug)]
pub struct RowReading {
    /// The site.
    pub site: &'static Site,
    /// All calls, ended and running.
    pub calls: u64,
    /// Running calls.
    pub running: u64,
    /// Timed calls that ended: those in [`RowReading::buckets`].
    pub timed: u64,
    /// Calls that were counted and not timed (sampling).
    pub untimed: u64,
    /// Timed calls that were inside another call of the site on the same thread: recursion.
    pub nested: u64,
    /// `true` if timed calls may stand for others ([`crate::Interest`]).
    pub is_sampled: bool,
    /// Sum of the durations of the timed calls.
    pub sum: u64,
    /// Time inside the site, recursion counted once, including long-running calls up to now. As `own` it may be negative if it is an
    /// estimate: the hooks of timed callees take longer than those of callees that are only counted.
    pub total: i64,
    /// The standard error of `total`, if it is an estimate because not every call was timed.
    pub total_error: Option<f64>,
    /// `false` if calls were counted and none was timed: then `total` is only what is known.
    pub is_total_known: bool,
    /// Self time: the part of `total` outside measured callees. `None` if it is not known for every call.
    pub own: Option<i64>,
    /// The standard error of `own`, if it is an estimate because not every call or callee was timed.
    pub own_error: Option<f64>,
    /// Shortest timed call.
    pub min: Option<u64>,
    /// Longest timed call.
    pub max: Option<u64>,
    /// Durations of the timed calls.
    pub buckets: Buckets,
    /// The async part, for futures and blocks that contain an await.
    pub async_stats: Option<AsyncReading>,
    /// Allocations of its calls; `None` if they are not known for every call.
    pub memory: Option<MemoryReading>,
    /// CPU samples in the site, without measured callees.
    pub own_samples: u64,
    /// CPU samples in the site and its measured callees, recursion counted once.
    pub total_samples: u64,
}

/// The numbers of async calls only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AsyncReading {
    /// Calls that ended with a value.
    pub completed: u64,
    /// Calls dropped before that.
    pub cancelled: u64,
    /// Time inside polls that were timed.
    pub busy: u64,
    /// Number of polls.
    pub polls: u64,
    /// Those that were timed.
    pub timed_polls: u64,
    /// The longest poll.
    pub longest_poll: u64,
    /// Polls that took at least the time of [`crate::set_blocking`].
    pub blocking: u64,
}

/// A node of the call tree.
#[derive(Clone, Debug)]
pub struct NodeReading {
    /// Index of the parent in [`Reading::tree`]; `None` at the top.
    pub parent: Option<usize>,
    /// The site; `None` for calls that found the tree full.
    pub site: Option<&'static Site>,
    /// Calls at this node; async calls count where they begin.
    pub calls: u64,
    /// Calls that were not timed.
    pub counted: u64,
    /// Calls of other nodes from here.
    pub callee_calls: u64,
    /// Those of them that were not timed.
    pub callee_counted: u64,
    /// Self time: time here, without measured callees. An estimate, which may be negative, if calls or callees were not timed.
    pub own: i64,
    /// `own` of this node and all below it.
    pub total: i64,
    /// The variances of `own` and of the time of all calls, in ticks²; 0 if they are exact.
    pub own_variance: f64,
    /// See `own_variance`.
    pub total_variance: f64,
    /// `true` for the lane of the `caller` of [`read()`]. The other lanes form one tree.
    pub of_caller: bool,
    /// Allocations and frees here, without measured callees.
    pub memory: Sums,
    /// CPU samples here, without measured callees.
    pub samples: u64,
}

/// The numbers of one lane.
#[derive(Clone, Copy, Debug)]
pub struct LaneReading {
    /// The name of the lane, as in [`crate::thread::Pinned::lane`].
    pub lane: usize,
    /// Time inside measured calls on this lane; `None` while one is running.
    pub measured: Option<u64>,
}

/// One finished call.
#[derive(Clone, Debug)]
pub struct RecentCall {
    /// The number of the call, counted from 0 per site and lane.
    pub number: u64,
    /// The end of the call.
    pub end: u64,
    /// Its duration.
    pub ticks: u64,
    /// The thread's token, if still known.
    pub thread: Option<u64>,
    /// Bytes and number of allocations, including measured callees. Also 0 if allocations are not tracked, in which case
    /// [`RowReading::memory`] is `None`.
    pub allocated: (u64, u64),
    /// The value, for sites measured with `log = true`.
    pub text: Option<Box<str>>,
}

/// Reads everything that was recorded in `epoch` so far, by all threads, including those that ended.
///
/// The call tree of the lane `caller` (see [`crate::thread::Pinned::lane`]) stays separate from those of the other lanes. A running
/// call contributes its time only if that is at least `long` ticks: a thread that is stopped between the end of a call and its
/// recording looks as if the call were still running, and a later reading would have to report less time.
#[must_use]
pub fn read(epoch: u32, caller: Option<usize>, long: u64) -> Reading {
    let mut reading = Reading { at: clock::now(), ..Reading::default() };
    let mut sites = Vec::new();
    let mut sums: Vec<Option<Sum>> = Vec::new();
    let mut tree = Tree::default();
    for lane in LANES.iter().map(|entry: &Entry<Lane>| &entry.value) {
        let number = std::ptr::from_ref(lane).addr();
        let part = lane.epoch.read(epoch, || LanePart::read(lane, long));
        let outside = lane.unattributed.read(epoch) + part.as_ref().map_or(0, |part| part.root_samples);
        if outside > 0 {
            reading.outside_samples.push((number, outside));
        }
        let Some(part) = part else { continue };
        sites = site::sites(); // after the lane: these include all of its sites
        sums.resize_with(sites.len(), || None);
        for (id, sum) in &part.sums {
            sums[*id as usize - 1].get_or_insert_default().merge(sum);
        }
        let (memory_below, samples_below) = (part.below(|node| node.memory), part.below(|node| node.samples));
        let ticks_below = part.below(|node| node.own);
        for (at, node) in part.nodes.iter().enumerate() {
            let sum = sums[node.site as usize - 1].get_or_insert_default();
            sum.add_node(node, ticks_below[at]);
            sum.own_samples += node.samples;
            sum.total_samples += samples_below[at];
            sum.totals.memory.add_node(node.memory, memory_below[at]);
        }
        tree.merge(&part.nodes, caller == Some(number), &sites);
        reading.lanes.push(LaneReading { lane: number, measured: part.measured });
    }
    let rows = sites.iter().zip(sums).filter_map(|(site, sum)| Some(sum?.finish(site, epoch, reading.at)));
    let (recorded, others): (Vec<RowReading>, Vec<RowReading>) = rows.partition(|row| row.calls > 0);
    reading.rows = recorded;
    reading.unrecorded_samples = others.iter().map(|row| row.own_samples).sum();
    reading.tree = tree.finish();
    reading
}

/// One reader at a time: texts are taken out of their slots to be copied.
static READER: Mutex<()> = Mutex::new(());

/// Returns the last calls of a site over all lanes, oldest first, at most `limit`.
#[must_use]
pub fn recent(site: &Site, epoch: u32, limit: usize) -> Vec<RecentCall> {
    recent_of(site, epoch, limit).1
}

/// Returns the number of timed calls that ended, and the last of them as [`recent`] does. The last one has that number, the one before
/// it one less.
#[must_use]
pub fn recent_of(site: &Site, epoch: u32, limit: usize) -> (u64, Vec<RecentCall>) {
    let _one_at_a_time = READER.lock().unwrap_or_else(PoisonError::into_inner);
    let mut ended = 0;
    let mut calls: Vec<RecentCall> = Vec::new();
    for lane in LANES.iter().map(|entry| &entry.value) {
        let part = lane.epoch.read(epoch, || lane.known_row(site.id()).map_or_else(Vec::new, Row::recent));
        // Calls are numbered from 0 on each lane.
        ended += part.iter().flatten().map(|parts| parts.call.number + 1).max().unwrap_or(0);
        calls.extend(part.unwrap_or_default().into_iter().map(|RecentParts { call, allocated, text }| {
            let Recent { number, end, ticks } = call;
            RecentCall { number, end, ticks, thread: lane.owner_at(end), allocated, text }
        }));
    }
    calls.sort_by_key(|call| call.end);
    calls.drain(..calls.len().saturating_sub(limit));
    (ended, calls)
}

/// One call in the history of a site.
#[derive(Clone, Debug)]
pub struct CallReading {
    /// The id of the call, unique in the process. Later calls of a thread have higher ids.
    pub id: u64,
    /// Its progress.
    pub phase: Phase,
    /// Its polls so far.
    pub detail: Detail,
    /// The end of the call, if it has ended.
    pub end: Option<u64>,
    /// The token of the thread on which it ended, if still known.
    pub thread: Option<u64>,
    /// The value, for sites measured with `log = true`.
    pub text: Option<Box<str>>,
}

/// Returns the last calls in the history of a site: at most `limit` live ones, then at most `limit` that ended, each oldest first.
///
/// At most 32 live calls per thread are visible; the others appear when they end.
#[must_use]
pub fn call_history(site: &Site, epoch: u32, limit: usize) -> Vec<CallReading> {
    let lanes = || LANES.iter().map(|entry: &Entry<Lane>| &entry.value);
    let rows = || lanes().filter_map(|lane| Some((lane, lane.known_row(site.id())?)));
    // Live calls first: a call that ends meanwhile is then found twice, and not missed.
    let mut calls: Vec<CallReading> = Vec::new();
    for (_, row) in rows() {
        let slots = row.published_history().into_iter().flat_map(CallHistory::live);
        calls.extend(slots.filter(|slot| slot.1 == epoch).map(|(id, _, phase, detail)| CallReading {
            id,
            phase,
            detail,
            end: None,
            thread: None,
            text: None,
        }));
    }
    let _one_at_a_time = READER.lock().unwrap_or_else(PoisonError::into_inner);
    let mut ended: Vec<CallReading> = Vec::new();
    for (lane, row) in rows() {
        let part = lane.epoch.read(epoch, || row.ended_calls()).unwrap_or_default();
        ended.extend(part.into_iter().filter(|(ended, _)| ended.id != 0).map(|(ended, text)| CallReading {
            id: ended.id,
            phase: ended.phase,
            detail: ended.detail,
            end: Some(ended.end),
            thread: lane.owner_at(ended.end),
            text,
        }));
    }
    calls.retain(|call| ended.iter().all(|ended| ended.id != call.id));
    calls.sort_by_key(|call| call.id);
    calls.drain(..calls.len().saturating_sub(limit));
    ended.sort_by_key(|call| call.end);
    ended.drain(..ended.len().saturating_sub(limit));
    calls.append(&mut ended);
    calls
}

/// One lane's numbers.
struct LanePart {
    sums: Vec<(u32, Sum)>,
    nodes: Vec<LaneNode>,
    measured: Option<u64>,
    root_samples: u64,
}

struct LaneNode {
    index: u32,
    parent: u32,
    site: u32,
    calls: u64,
    /// Calls that were not timed, and whether any was.
    counted: u64,
    is_timed: bool,
    is_sampled: bool,
    /// As [`NodeReading`] has it.
    callee_calls: u64,
    callee_counted: u64,
    /// Negative by chance, if it is an estimate.
    own: i64,
    /// The variance of the time of its calls, and that of its callees.
    variance: f64,
    callee_variance: f64,
    /// `true` if a callee was counted and never timed.
    has_untimed_callee: bool,
    memory: Sums,
    samples: u64,
}

impl LaneNode {
    fn read(lane: &Lane, node: &Node) -> Self {
        let own = node.own.get() as i64;
        let calls = node.calls.get_first(); // before the timed ones; pairs with the Release in `record_call`
        let estimate = lane.tree.known_estimates(node).map(Estimates::read);
        let timed = estimate.map_or(calls, |estimate| estimate.timed);
        Self {
            index: node.index(),
            parent: node.parent_index(),
            site: node.site(),
            calls,
            counted: calls.saturating_sub(timed),
            is_timed: timed > 0,
            is_sampled: estimate.is_some(),
            callee_calls: 0,
            callee_counted: 0,
            own,
            variance: estimate.map_or(0.0, |estimate| estimate.variance),
            callee_variance: 0.0,
            has_untimed_callee: false,
            memory: node.memory().map_or(Sums::NONE, |counters| lane.memory.sums_of(counters)),
            samples: node.samples(),
        }
    }

    /// Returns `true` if the self time is an estimate.
    fn is_estimate(&self) -> bool {
        self.counted + self.callee_counted > 0
    }
}

impl LanePart {
    fn read(lane: &Lane, long: u64) -> Self {
        let mut nodes: Vec<LaneNode> = lane.tree.all().map(|node| LaneNode::read(lane, node)).collect();
        let sums: Vec<(u32, Sum)> = lane.known_rows().map(|(id, row)| (id, Sum::read(row, long))).collect();
        Self::add_running(lane, &mut nodes, &sums);
        for at in 0..nodes.len() {
            let LaneNode { parent, calls, counted, variance, is_timed, .. } = nodes[at];
            let is_untimed = counted > 0 && !is_timed;
            if let Some(parent) = nodes.get_mut(parent as usize) {
                parent.callee_calls += calls;
                parent.callee_counted += counted;
                parent.callee_variance += variance;
                parent.has_untimed_callee |= is_untimed;
            }
        }
        // The calls of a node that are running have not added their own time, only subtracted that of their callees.
        nodes.iter_mut().filter(|node| !node.is_estimate()).for_each(|node| node.own = node.own.max(0));
        Self { nodes, sums, measured: Self::measured(lane), root_samples: lane.tree.root.samples() }
    }

    /// Adds the time of long running calls to their nodes, and subtracts it from their callers.
    fn add_running(lane: &Lane, nodes: &mut [LaneNode], sums: &[(u32, Sum)]) {
        // SAFETY: null, or a node; nodes are never freed. Acquire pairs with the Release in `set_current`.
        let mut running = unsafe { lane.current.load(Ordering::Acquire).as_ref() };
        while let Some(node) = running {
            running = node.parent();
            let Ok(at) = sums.binary_search_by_key(&node.site(), |(id, _)| *id) else { continue };
            let ticks = sums[at].1.active_ticks as i64;
            if let Some(parent) = nodes.get_mut(node.parent_index() as usize) {
                parent.own -= ticks;
            }
            if let Some(node) = nodes.get_mut(node.index() as usize) {
                node.own += ticks;
            }
        }
    }

    /// Sums `of` over each node and all nodes below it.
    fn below<T: Copy + AddAssign>(&self, of: impl Fn(&LaneNode) -> T) -> Vec<T> {
        let mut below: Vec<T> = self.nodes.iter().map(of).collect();
        for at in (0..below.len()).rev() {
            let (sums, parent) = (below[at], self.nodes[at].parent);
            // Parents come before their children, at their index; nodes outside the full tree have none.
            if let Some(parent) = below.get_mut(..at).and_then(|before| before.get_mut(parent as usize)) {
                *parent += sums;
            }
        }
        below
    }

    /// The time inside measured calls. Known only while none is running: otherwise the sum is in a frame on the stack.
    fn measured(lane: &Lane) -> Option<u64> {
        let is_idle = || std::ptr::eq(lane.current.load(Ordering::Acquire), &raw const lane.tree.root);
        // The calls made from the root are charged to it.
        let measured = || lane.tree.root.own.get().wrapping_neg();
        let (was_idle, before) = (is_idle(), measured());
        (was_idle && is_idle() && measured() == before).then_some(before)
    }
}

/// The most attempts of a reader to see a running call consistently.
const TRIES: usize = 100;

/// The sums of one site over lanes.
#[derive(Default)]
struct Sum {
    totals: Totals,
    async_stats: Option<AsyncTotals>,
    /// Self time, and time including callees, from the call tree.
    own: i64,
    below: i64,
    /// Calls at nodes that were not timed, and those of callees.
    counted: u64,
    callee_counted: u64,
    /// True if a node has estimates.
    is_sampled: bool,
    /// True if there are calls at a node where none was timed, or such a callee.
    has_untimed: bool,
    has_untimed_callee: bool,
    /// The variance of the time of calls, and of callees.
    variance: f64,
    callee_variance: f64,
    /// CPU samples from the call tree, without and with measured callees.
    own_samples: u64,
    total_samples: u64,
    /// Running visits, and their time so far.
    active: u64,
    active_ticks: u64,
}

impl Sum {
    fn read(row: &Row, long: u64) -> Self {
        for _ in 0..TRIES {
            let since = row.since.get_first();
            let (mut sum, last) = Self::read_ended(row);
            fence(Ordering::Acquire);
            // An equal start before and after: that call was running all the time, unless it is among the ended ones already and its
            // thread has not got to clearing the start.
            if row.since.get() == since {
                if since != Row::IDLE && last != Some(since) {
                    sum.active = 1;
                    let ticks = clock::now().saturating_sub(since);
                    sum.active_ticks = if ticks >= long { ticks } else { 0 };
                }
                return sum;
            }
            std::hint::spin_loop();
        }
        // Calls of the site end faster than the row can be read: none of them is long enough to report as running.
        Self::read_ended(row).0
    }

    /// The sums of ended visits, and the start of the last of them: of the last poll, for async calls.
    fn read_ended(row: &Row) -> (Self, Option<u64>) {
        let mut sum = Self::default();
        let last_call = row.read(&mut sum.totals);
        let async_stats = row.read_async();
        sum.async_stats = async_stats.map(|(totals, _)| totals);
        (sum, async_stats.map_or(last_call, |(_, last_poll)| Some(last_poll)))
    }

    fn merge(&mut self, other: &Self) {
        self.totals.merge(&other.totals);
        if let Some(theirs) = &other.async_stats {
            self.async_stats.get_or_insert_default().merge(theirs);
        }
        self.active += other.active;
        self.active_ticks += other.active_ticks;
    }

    fn add_node(&mut self, node: &LaneNode, below: i64) {
        self.own += node.own;
        self.below += below;
        self.counted += node.counted;
        self.callee_counted += node.callee_counted;
        self.is_sampled |= node.is_sampled;
        self.has_untimed |= node.counted > 0 && !node.is_timed;
        self.has_untimed_callee |= node.has_untimed_callee;
        self.variance += node.variance;
        self.callee_variance += node.callee_variance;
    }

    fn finish(self, site: &'static Site, epoch: u32, now: u64) -> RowReading {
        let (own_samples, total_samples) = (self.own_samples, self.total_samples);
        let Totals { calls: timed, sum, nested, min, max, counters, buckets, memory } = self.totals;
        let RowTotals { untimed, nested: nested_calls, detached, interrupting } = counters;
        let ended = sum.saturating_sub(nested);
        let measured = ended + self.active_ticks;
        let untimed_events = untimed;
        let untimed = untimed + self.counted;
        let mut row = RowReading {
            site,
            calls: timed + untimed + interrupting + site.laneless_calls(epoch) + self.active,
            running: self.active,
            timed,
            untimed,
            nested: nested_calls,
            is_sampled: self.is_sampled,
            sum,
            total: if self.counted > 0 { self.below } else { measured as i64 },
            total_error: (self.counted > 0).then(|| self.variance.sqrt()),
            is_total_known: !self.has_untimed,
            own: None,
            own_error: (self.counted + self.callee_counted > 0)
                .then(|| (self.variance + self.callee_variance).sqrt()),
            min: (timed > 0).then_some(min),
            max: (timed > 0).then_some(max),
            buckets,
            async_stats: None,
            // The allocations of a block outside the call tree are not known.
            memory: (detached == 0).then(|| memory.finish(timed + untimed)).flatten(),
            own_samples,
            total_samples,
        };
        if let Some(totals) = self.async_stats {
            // `active` is a running poll here, not a call.
            row.calls = totals.started().max(timed);
            row.running = row.calls.saturating_sub(totals.completed + totals.cancelled);
            let total = totals.total(now).max(ended);
            row.total = total as i64;
            row.async_stats = Some(AsyncReading {
                completed: totals.completed,
                cancelled: totals.cancelled,
                busy: (totals.busy + self.active_ticks).min(total),
                polls: totals.polls + totals.counters.untimed,
                timed_polls: totals.polls,
                longest_poll: totals.counters.longest_poll,
                blocking: totals.counters.blocking,
            });
        }
        let is_own_known = detached + untimed_events == 0 && !self.has_untimed && !self.has_untimed_callee;
        // A call that is running, or being recorded, may be in one and not in the other.
        let own = if row.own_error.is_some() { self.own } else { self.own.clamp(0, row.total.max(0)) };
        row.own = is_own_known.then_some(own);
        row
    }
}

/// The trees of all lanes, merged by path.
#[derive(Default)]
struct Tree {
    nodes: Vec<NodeReading>,
    /// The map from (parent, of the caller's lane, site id) to the node's index.
    known: HashMap<(Option<usize>, bool, u32), usize>,
}

impl Tree {
    fn merge(&mut self, lane: &[LaneNode], of_caller: bool, sites: &[&'static Site]) {
        let mut merged: HashMap<u32, usize> = HashMap::new();
        for node in lane {
            let parent = merged.get(&node.parent).copied();
            if node.parent != ROOT && parent.is_none() {
                continue; // cannot happen: parents come before their children
            }
            let is_other = node.index == OTHER;
            let site = if is_other { None } else { sites.get(node.site as usize - 1).copied() };
            let key = (parent, of_caller, if is_other { 0 } else { node.site });
            let at = *self.known.entry(key).or_insert_with(|| {
                self.nodes.push(NodeReading {
                    parent,
                    site,
                    calls: 0,
                    counted: 0,
                    callee_calls: 0,
                    callee_counted: 0,
                    own: 0,
                    total: 0,
                    own_variance: 0.0,
                    total_variance: 0.0,
                    of_caller,
                    memory: Sums::default(),
                    samples: 0,
                });
                self.nodes.len() - 1
            });
            let merged_node = &mut self.nodes[at];
            merged_node.own += node.own;
            merged_node.calls += node.calls;
            merged_node.counted += node.counted;
            merged_node.callee_calls += node.callee_calls;
            merged_node.callee_counted += node.callee_counted;
            merged_node.own_variance += node.variance + node.callee_variance;
            merged_node.total_variance += node.variance;
            merged_node.memory += node.memory;
            merged_node.samples += node.samples;
            merged.insert(node.index, at);
        }
    }

    /// Adds up totals from the leaves, and removes nodes without a hit: those of earlier sessions.
    fn finish(mut self) -> Vec<NodeReading> {
        let mut is_used = vec![false; self.nodes.len()];
        for at in (0..self.nodes.len()).rev() {
            self.nodes[at].total += self.nodes[at].own;
            let node = &self.nodes[at];
            is_used[at] |=
                node.calls > 0 || node.own != 0 || node.memory != Sums::default() || node.samples > 0;
            if let Some(parent) = self.nodes[at].parent {
                let total = self.nodes[at].total;
                self.nodes[parent].total += total;
                is_used[parent] |= is_used[at];
            }
        }
        let mut new_index = vec![None; self.nodes.len()];
        let mut kept = Vec::new();
        for (at, mut node) in self.nodes.into_iter().enumerate() {
            if is_used[at] {
                node.parent = node.parent.and_then(|parent: usize| new_index[parent]);
                new_index[at] = Some(kept.len());
                kept.push(node);
            }
        }
        kept
    }
}
