//! The cost of recording on this machine, in this program: measured once, on a thread of its own.
//!
//! A hook costs time at two places: between its two readings of the clock, where it lengthens the call that is measured, and outside of
//! them, where it lengthens the caller. Both are measured with calls of known shape, as the difference to the same calls without hooks.

use std::{hint::black_box, sync::OnceLock, time::Duration};

use hotpath_lane::{AsyncCall, CallSlot, Site, clock, enter, event, gate, read::recent};

use super::{clock::scale, kind::INTERNAL, os::own_thread};

/// The cost of one hook, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct HookCost {
    /// All in all.
    pub(crate) all: f64,
    /// The part between its two readings of the clock.
    pub(crate) inside: f64,
}

/// The costs of recording, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Costs {
    /// A call where every call is timed.
    pub(crate) timed: HookCost,
    /// A timed call where others are only counted.
    pub(crate) sampled: HookCost,
    /// A call that is only counted.
    pub(crate) counted: f64,
    /// A poll of an async call.
    pub(crate) poll: HookCost,
    /// A timed event: of a channel, a lock, a stream.
    pub(crate) event: f64,
}

/// Returns the costs; `None` if no thread could be started, or if recording is paused and they were not asked for before: a call that is
/// not recorded says nothing about one that is.
pub(crate) fn costs() -> Option<&'static Costs> {
    static COSTS: OnceLock<Option<Costs>> = OnceLock::new();
    if COSTS.get().is_none() && !gate::is_open() {
        return None;
    }
    let costs = COSTS.get_or_init(|| {
        // Its own thread: the caller may be at its end, and its call tree is not ours to write into.
        let probe = own_thread::spawn("hp-cost", measure).ok()?;
        probe.join().ok()
    });
    costs.as_ref()
}

/// Nanoseconds that a timed and a counted call are taken to cost if they cannot be measured.
const TYPICAL_NS: (u64, u64) = (40, 4);

/// Returns the ticks that a timed and a counted call of a sampled function cost. To be measured, they need an open gate.
pub(crate) fn budget_costs() -> (f64, f64) {
    let typical = |nanos| scale().ticks(Duration::from_nanos(nanos)) as f64;
    costs().map_or_else(
        || (typical(TYPICAL_NS.0), typical(TYPICAL_NS.1)),
        |costs| (costs.sampled.all, costs.counted),
    )
}

/// Rounds, of which the median counts: a round may be interrupted.
const ROUNDS: usize = 31;
/// Calls of a caller in a round; each calls two others.
const CALLS: u32 = 64;
/// Hooks in one call of a caller.
const HOOKS: f64 = 3.0;

static CALLER: Site = Site::new("hotpath::cost::caller", file!(), line!(), column!(), INTERNAL);
static LEAVES: [Site; 2] = [
    Site::new("hotpath::cost::leaf", file!(), line!(), column!(), INTERNAL),
    Site::new("hotpath::cost::other_leaf", file!(), line!(), column!(), INTERNAL),
];
static ALL_SAMPLED: [Site; 3] = [
    Site::new("hotpath::cost::sampled_caller", file!(), line!(), column!(), INTERNAL).sampled(ALMOST_ALL),
    Site::new("hotpath::cost::sampled_leaf", file!(), line!(), column!(), INTERNAL).sampled(ALMOST_ALL),
    Site::new("hotpath::cost::other_sampled_leaf", file!(), line!(), column!(), INTERNAL).sampled(ALMOST_ALL),
];
static COUNTED: [Site; 3] = [
    Site::new("hotpath::cost::counted_caller", file!(), line!(), column!(), INTERNAL).sampled(0.0),
    Site::new("hotpath::cost::counted_leaf", file!(), line!(), column!(), INTERNAL).sampled(0.0),
    Site::new("hotpath::cost::other_counted_leaf", file!(), line!(), column!(), INTERNAL).sampled(0.0),
];
static POLLED: Site = Site::new("hotpath::cost::future", file!(), line!(), column!(), INTERNAL);
static EVENT: Site = Site::new("hotpath::cost::event", file!(), line!(), column!(), INTERNAL);

/// A rate at which practically every call is timed, with a weight.
const ALMOST_ALL: f32 = 0.999;

fn measure() -> Costs {
    let plain = || plain_caller(black_box(1));
    let timed = || caller([&CALLER, &LEAVES[0], &LEAVES[1]], black_box(1));
    let sampled = || caller([&ALL_SAMPLED[0], &ALL_SAMPLED[1], &ALL_SAMPLED[2]], black_box(1));
    let counted = || caller([&COUNTED[0], &COUNTED[1], &COUNTED[2]], black_box(1));
    let mut call = AsyncCall::new();
    let mut polled = || {
        let mut poll = call.poll(&POLLED);
        poll.begin();
        black_box(plain_leaf(black_box(1)))
    };
    let leaf = per_round(|| plain_leaf(black_box(1)));
    let without = per_round(plain);
    let over = |with: f64| ((with - without) / HOOKS).max(0.0);
    let all = over(per_round(timed));
    let all_sampled = over(per_round(sampled));
    let poll = (per_round(&mut polled) - leaf).max(0.0);
    call.dropped(&POLLED);
    Costs {
        timed: HookCost { all, inside: inside(&LEAVES[0], leaf, all) },
        sampled: HookCost { all: all_sampled, inside: inside(&ALL_SAMPLED[1], leaf, all_sampled) },
        counted: over(per_round(counted)),
        // A poll reads the clock at the same places as a call.
        poll: HookCost { all: poll, inside: inside(&LEAVES[0], leaf, poll) },
        event: per_round(|| event::record(&EVENT, event::stamp(&EVENT))).max(0.0),
    }
}

/// Ticks of one call, as the median over rounds.
fn per_round<T>(mut call: impl FnMut() -> T) -> f64 {
    black_box(call()); // first touch
    let rounds = (0..ROUNDS).map(|_| {
        let start = clock::now();
        (0..CALLS).for_each(|_| drop(black_box(call())));
        clock::now().saturating_sub(start) as f64 / f64::from(CALLS)
    });
    median(rounds.collect())
}

/// Ticks that the hook of a leaf adds to its own duration, at most `all`.
fn inside(leaf: &Site, without: f64, all: f64) -> f64 {
    let calls = recent(leaf, gate::last(), usize::MAX);
    (median(calls.iter().map(|call| call.ticks as f64).collect()) - without).clamp(0.0, all)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[inline(never)]
fn plain_leaf(x: u32) -> u32 {
    x.wrapping_mul(3)
}

#[inline(never)]
fn plain_caller(x: u32) -> u32 {
    plain_leaf(black_box(x)) ^ plain_leaf(black_box(x))
}

#[inline(never)]
fn leaf(site: &'static Site, x: u32) -> u32 {
    let mut slot = CallSlot::new();
    let _call = enter(site, &mut slot);
    x.wrapping_mul(3)
}

#[inline(never)]
fn caller(sites: [&'static Site; 3], x: u32) -> u32 {
    let mut slot = CallSlot::new();
    let _call = enter(sites[0], &mut slot);
    leaf(sites[1], black_box(x)) ^ leaf(sites[2], black_box(x))
}
