//! Reading all lanes: a plain value made on demand, without a writer noticing.
//!
//! A row is read as it stood at one moment; so is every group of counters that must agree. Different rows are read one after
//! the other: calls that end meanwhile may be in one and not yet in another. When nothing is being recorded everything
//! agrees exactly.

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
    lane::Lane,
    ledger::Recent,
    memory::{MemoryReading, Sums},
    node::{OTHER, ROOT},
    pool::Entry,
    row::{RecentParts, Row, Totals},
    site::{self, Site},
    thread::LANES,
};

/// What all lanes held. Times are in ticks (see [`clock::Scale`]).
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// When the reading began.
    pub at: u64,
    /// A row per site that was hit, in order of site ids.
    pub rows: Vec<RowReading>,
    /// The call trees of all lanes as one; parents stand before their children.
    pub tree: Vec<NodeReading>,
    /// One per lane that recorded something in this epoch.
    pub lanes: Vec<LaneReading>,
    /// CPU samples that met threads with a lane outside of everything measured: lane, samples.
    pub outside_samples: Vec<(usize, u64)>,
    /// CPU samples that met threads in calls which are not recorded, because they began before this epoch.
    pub unrecorded_samples: u64,
}

/// One site over all lanes.
#[derive(Clone, Debug)]
pub struct RowReading {
    /// The place.
    pub site: &'static Site,
    /// All calls: ended, and still running.
    pub calls: u64,
    /// Those still running.
    pub running: u64,
    /// Calls that ended and were timed: those in [`RowReading::buckets`].
    pub timed: u64,
    /// Calls whose time was not taken (sampling).
    pub untimed: u64,
    /// Sum of the durations of the timed calls.
    pub sum: u64,
    /// Time inside the site, recursion counted once, long-running calls up to now included.
    pub total: u64,
    /// Part of `total` outside measured callees; `None` when it was not measured for every call.
    pub own: Option<u64>,
    /// Shortest timed call.
    pub min: Option<u64>,
    /// Longest timed call.
    pub max: Option<u64>,
    /// Durations of the timed calls.
    pub buckets: Buckets,
    /// For futures, and blocks that contain an await.
    pub async_stats: Option<AsyncReading>,
    /// What its calls allocated; `None` when that is not known for every call.
    pub memory: Option<MemoryReading>,
    /// CPU samples that met a thread in it, and not in measured callees.
    pub own_samples: u64,
    /// The same with measured callees; recursion counted once.
    pub total_samples: u64,
}

/// What is known only of calls that are polled.
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

/// One place in the call tree.
#[derive(Clone, Debug)]
pub struct NodeReading {
    /// Index of the parent in [`Reading::tree`]; `None` at the top.
    pub parent: Option<usize>,
    /// The site; `None` for calls that found the tree full.
    pub site: Option<&'static Site>,
    /// Calls from this place (polled ones: begun at this place).
    pub calls: u64,
    /// Time here and not in measured callees.
    pub own: u64,
    /// `own` of this node and all below it.
    pub total: u64,
    /// Whether it is of the caller's lane; the other lanes are one tree.
    pub of_caller: bool,
    /// What was allocated and freed here and not in measured callees.
    pub memory: Sums,
    /// CPU samples here and not in measured callees.
    pub samples: u64,
}

/// One lane.
#[derive(Clone, Copy, Debug)]
pub struct LaneReading {
    /// As [`crate::thread::Pinned::lane`] gives it.
    pub lane: usize,
    /// Time inside measured places on this lane; `None` while one is running.
    pub measured: Option<u64>,
}

/// One finished call.
#[derive(Clone, Debug)]
pub struct RecentCall {
    /// Which call of its site on its lane.
    pub number: u64,
    /// When it ended.
    pub end: u64,
    /// How long it took.
    pub ticks: u64,
    /// The thread's token, if still known.
    pub thread: Option<u64>,
    /// Bytes allocated and number of allocations, measured callees included: 0 also where that is not tracked, which
    /// [`RowReading::memory`] tells.
    pub allocated: (u64, u64),
    /// The value, for sites measured with `log = true`.
    pub text: Option<Box<str>>,
}

/// What was recorded in `epoch` so far, by all threads, those that ended included.
///
/// The call tree of the lane `caller` (see [`crate::thread::Pinned::lane`]) is kept apart from those of the others. The time of a call
/// that is still running is told once it is at least `long` ticks: a thread that was interrupted between taking the end of a
/// call and recording it looks like one still inside, and the time it seems to take would have to be taken back.
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
        sites = site::sites(); // after the lane: it knows no site that is not among these
        sums.resize_with(sites.len(), || None);
        for (id, sum) in &part.sums {
            sums[*id as usize - 1].get_or_insert_default().merge(sum);
        }
        let (memory_below, samples_below) = (part.below(|node| node.memory), part.below(|node| node.samples));
        for ((node, below), samples_below) in part.nodes.iter().zip(memory_below).zip(samples_below) {
            let sum = sums[node.site as usize - 1].get_or_insert_default();
            sum.own += node.own;
            sum.own_samples += node.samples;
            sum.total_samples += samples_below;
            sum.totals.memory.add_place(node.memory, below);
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

/// Texts are taken out of their slots to be copied: one reader at a time.
static READER: Mutex<()> = Mutex::new(());

/// The last calls of a site over all lanes, oldest first, at most `limit`.
#[must_use]
pub fn recent(site: &Site, epoch: u32, limit: usize) -> Vec<RecentCall> {
    recent_of(site, epoch, limit).1
}

/// The same, and how many timed calls had ended in all: the last of them has that number, the one before it one less.
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

/// One call of a watched future.
#[derive(Clone, Debug)]
pub struct CallReading {
    /// Unlike that of any other call in the process; later calls of a thread have higher ones.
    pub id: u64,
    /// How far it has come.
    pub phase: Phase,
    /// What it did so far.
    pub detail: Detail,
    /// When it ended.
    pub end: Option<u64>,
    /// The thread it ended on, if still known.
    pub thread: Option<u64>,
    /// The value, for sites measured with `log = true`.
    pub text: Option<Box<str>>,
}

/// The last calls of a watched site: at most `limit` on their way, then at most `limit` that ended, each oldest first.
///
/// Of calls on their way a thread shows 32; the others are seen when they end.
#[must_use]
pub fn call_history(site: &Site, epoch: u32, limit: usize) -> Vec<CallReading> {
    let lanes = || LANES.iter().map(|entry: &Entry<Lane>| &entry.value);
    let rows = || lanes().filter_map(|lane| Some((lane, lane.known_row(site.id())?)));
    // Those on their way first: what ends meanwhile is then seen twice, not never.
    let mut calls: Vec<CallReading> = Vec::new();
    for (_, row) in rows() {
        let slots = row.published_history().into_iter().flat_map(CallHistory::on_their_way);
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
    own: u64,
    memory: Sums,
    samples: u64,
}

impl LanePart {
    fn read(lane: &Lane, long: u64) -> Self {
        let nodes = lane.tree.all().map(|node| LaneNode {
            index: node.index(),
            parent: node.parent_index(),
            site: node.site(),
            calls: node.calls.get(),
            own: node.own.get(),
            memory: node.memory(),
            samples: node.samples(),
        });
        Self {
            nodes: nodes.collect(),
            sums: lane.known_rows().map(|(id, row)| (id, Sum::read(row, long))).collect(),
            measured: Self::measured(lane),
            root_samples: lane.tree.root.samples(),
        }
    }

    /// What `of` says of each node and of all below it.
    fn below<T: Copy + AddAssign>(&self, of: impl Fn(&LaneNode) -> T) -> Vec<T> {
        let mut below: Vec<T> = self.nodes.iter().map(of).collect();
        for at in (0..below.len()).rev() {
            let (sums, parent) = (below[at], self.nodes[at].parent);
            // Parents stand before their children, at their index; those outside the full tree have none.
            if let Some(parent) = below.get_mut(..at).and_then(|before| before.get_mut(parent as usize)) {
                *parent += sums;
            }
        }
        below
    }

    /// Known only while the thread is in no measured place: otherwise the sum stands in a frame on its stack.
    fn measured(lane: &Lane) -> Option<u64> {
        let is_idle = || std::ptr::eq(lane.current.load(Ordering::Acquire), &raw const lane.tree.root);
        let before = is_idle();
        let measured = lane.callees.get();
        (before && is_idle() && lane.callees.get() == measured).then_some(measured)
    }
}

/// How often a reader looks again for a call on its way.
const TRIES: usize = 100;

/// One site, summed over lanes.
#[derive(Default)]
struct Sum {
    totals: Totals,
    async_stats: Option<AsyncTotals>,
    /// Time outside measured callees, from the call tree.
    own: u64,
    /// CPU samples, from the call tree: its own, and those of measured callees too.
    own_samples: u64,
    total_samples: u64,
    /// Activations on their way, and how long they have been.
    active: u64,
    active_ticks: u64,
}

impl Sum {
    fn read(row: &Row, long: u64) -> Self {
        for _ in 0..TRIES {
            let since = row.since.get_first();
            let (mut sum, last) = Self::read_ended(row);
            fence(Ordering::Acquire);
            // The same start before and after: that call ran all the time; unless it is among the ended ones already, and its
            // thread did not come to say so yet.
            if row.since.get() == since {
                if since != 0 && last != Some(since) {
                    sum.active = 1;
                    let ticks = clock::now().saturating_sub(since);
                    sum.active_ticks = if ticks >= long { ticks } else { 0 };
                }
                return sum;
            }
            std::hint::spin_loop();
        }
        // Calls of the site end faster than it can be read: none of them is worth mentioning as running.
        Self::read_ended(row).0
    }

    /// What has ended, and when the last of it began: the last poll of sites that are polled.
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

    fn finish(self, site: &'static Site, epoch: u32, now: u64) -> RowReading {
        let (own, own_samples, total_samples) = (self.own, self.own_samples, self.total_samples);
        let Totals { calls: timed, sum, nested, min, max, counters, buckets, memory } = self.totals;
        let RowTotals { untimed, detached, interrupting } = counters;
        let ended = sum.saturating_sub(nested);
        let mut row = RowReading {
            site,
            calls: timed + untimed + interrupting + site.laneless_calls(epoch) + self.active,
            running: self.active,
            timed,
            untimed,
            sum,
            total: ended + self.active_ticks,
            own: None,
            min: (timed > 0).then_some(min),
            max: (timed > 0).then_some(max),
            buckets,
            async_stats: None,
            // A block whose awaits cannot be seen does not know what was allocated on its behalf.
            memory: (detached == 0).then(|| memory.finish(timed + untimed)).flatten(),
            own_samples,
            total_samples,
        };
        if let Some(totals) = self.async_stats {
            // `active` is a running poll here, not a call.
            row.calls = totals.started().max(timed);
            row.running = row.calls.saturating_sub(totals.completed + totals.cancelled);
            row.total = totals.total(now).max(ended);
            row.async_stats = Some(AsyncReading {
                completed: totals.completed,
                cancelled: totals.cancelled,
                busy: (totals.busy + self.active_ticks).min(row.total),
                polls: totals.polls + totals.counters.untimed,
                timed_polls: totals.polls,
                longest_poll: totals.counters.longest_poll,
                blocking: totals.counters.blocking,
            });
        }
        // A call being recorded right now may stand in the tree and not yet in the row.
        row.own = (detached == 0 && untimed == 0).then_some(own.min(row.total));
        row
    }
}

/// The trees of all lanes, merged by path.
#[derive(Default)]
struct Tree {
    nodes: Vec<NodeReading>,
    /// (parent, whether of the caller's lane, site id) → node.
    known: HashMap<(Option<usize>, bool, u32), usize>,
}

impl Tree {
    fn merge(&mut self, lane: &[LaneNode], of_caller: bool, sites: &[&'static Site]) {
        let mut merged: HashMap<u32, usize> = HashMap::new();
        for node in lane {
            let parent = merged.get(&node.parent).copied();
            if node.parent != ROOT && parent.is_none() {
                continue; // cannot be: parents stand before their children
            }
            let is_other = node.index == OTHER;
            let site = if is_other { None } else { sites.get(node.site as usize - 1).copied() };
            let key = (parent, of_caller, if is_other { 0 } else { node.site });
            let at = *self.known.entry(key).or_insert_with(|| {
                self.nodes.push(NodeReading {
                    parent,
                    site,
                    calls: 0,
                    own: 0,
                    total: 0,
                    of_caller,
                    memory: Sums::default(),
                    samples: 0,
                });
                self.nodes.len() - 1
            });
            self.nodes[at].calls += node.calls;
            self.nodes[at].own += node.own;
            self.nodes[at].memory += node.memory;
            self.nodes[at].samples += node.samples;
            merged.insert(node.index, at);
        }
    }

    /// Totals from the leaves up; places of earlier sessions, where nothing happened in this one, fall away.
    fn finish(mut self) -> Vec<NodeReading> {
        let mut is_used = vec![false; self.nodes.len()];
        for at in (0..self.nodes.len()).rev() {
            self.nodes[at].total += self.nodes[at].own;
            let node = &self.nodes[at];
            is_used[at] |=
                node.calls > 0 || node.own > 0 || node.memory != Sums::default() || node.samples > 0;
            if let Some(parent) = self.nodes[at].parent {
                let total = self.nodes[at].total;
                self.nodes[parent].total += total;
                is_used[parent] |= is_used[at];
            }
        }
        let mut place = vec![None; self.nodes.len()];
        let mut kept = Vec::new();
        for (at, mut node) in self.nodes.into_iter().enumerate() {
            if is_used[at] {
                node.parent = node.parent.and_then(|parent: usize| place[parent]);
                place[at] = Some(kept.len());
                kept.push(node);
            }
        }
        kept
    }
}
