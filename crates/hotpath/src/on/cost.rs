//! The cost of recording on this machine, in this program: measured once, on a thread of its own.
//!
//! A hook costs time at two places: between its two readings of the clock, where it lengthens the call that is measured, and outside of
//! them, where it lengthens the caller. Both are measured with calls of known shape, as the difference to the same calls without hooks.

use std::{
    hint::black_box,
    sync::{OnceLock, mpsc},
    time::Duration,
};

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

impl HookCost {
    fn times(self, factor: f64) -> Self {
        Self { all: self.all * factor, inside: self.inside * factor }
    }
}

impl Costs {
    /// The costs in a program in which the hooks of calls and polls take `factor` times as long.
    pub(crate) fn times(&self, factor: f64) -> Self {
        let [timed, sampled, poll] = [self.timed, self.sampled, self.poll].map(|hook| hook.times(factor));
        Self { timed, sampled, poll, ..*self }
    }
}

/// Returns the costs, with those of sampled calls if there are any; `None` if no thread could be started, or if recording is paused and
/// they were not asked for before: a call that is not recorded says nothing about one that is.
pub(crate) fn costs(has_sampled_calls: bool) -> Option<Costs> {
    static COSTS: OnceLock<Option<Costs>> = OnceLock::new();
    static OF_SAMPLED: OnceLock<Option<Costs>> = OnceLock::new();
    let costs = measured(&COSTS, measure)?;
    if !has_sampled_calls {
        return Some(costs);
    }
    let of_sampled = measured(&OF_SAMPLED, measure_sampled)?;
    Some(Costs { sampled: of_sampled.sampled, counted: of_sampled.counted, ..costs })
}

/// Returns the result of `measure`, which runs at most once, while calls are recorded.
fn measured(known: &'static OnceLock<Option<Costs>>, measure: fn() -> Costs) -> Option<Costs> {
    if known.get().is_none() && !gate::is_open() {
        return None;
    }
    *known.get_or_init(|| {
        // Its own thread: the caller may be at its end, and its call tree is not ours to write into.
        let (send, costs) = mpsc::channel();
        let probe = move || {
            let _is_awaited = send.send(measure());
        };
        own_thread::spawn("hp-cost", probe).ok()?;
        costs.recv().ok()
    })
}

/// Nanoseconds that a timed and a counted call are taken to cost if they cannot be measured.
const TYPICAL_NS: (u64, u64) = (40, 4);

/// Returns the ticks that a timed and a counted call of a sampled function cost. To be measured, they need an open gate.
pub(crate) fn budget_costs() -> (f64, f64) {
    let typical = |nanos| scale().ticks(Duration::from_nanos(nanos)) as f64;
    costs(true).map_or_else(
        || (typical(TYPICAL_NS.0), typical(TYPICAL_NS.1)),
        |costs| (costs.sampled.all, costs.counted),
    )
}

/// Rounds, of which the median counts: a round may be interrupted.
const ROUNDS: usize = 31;
/// Calls of the caller in a round. Each calls a leaf twice: three hooks.
const CALLS: u32 = 128;
const HOOKS: f64 = 3.0;
/// Calls of a sampled function of which one is timed.
const STRATUM: f64 = 8.0;

/// A function that calls another one twice, with a site each. As in a program, each has its own hook in its code.
macro_rules! caller_and_leaf {
    ($name:ident, $($sampled:tt)*) => {
        mod $name {
            use super::*;

            pub(super) static CALLER: Site =
                Site::new("hotpath::cost::caller", file!(), line!(), column!(), INTERNAL)$($sampled)*;
            pub(super) static LEAF: Site =
                Site::new("hotpath::cost::leaf", file!(), line!(), column!(), INTERNAL)$($sampled)*;

            #[inline(never)]
            pub(super) fn caller(x: u32) -> u32 {
                let mut slot = CallSlot::new();
                let _call = enter(&CALLER, &mut slot);
                leaf(black_box(x)) ^ leaf(black_box(x))
            }

            #[inline(never)]
            fn leaf(x: u32) -> u32 {
                let mut slot = CallSlot::new();
                let _call = enter(&LEAF, &mut slot);
                x.wrapping_mul(3)
            }
        }
    };
}

caller_and_leaf!(timed,);
caller_and_leaf!(sampled, .sampled(1.0 / STRATUM as f32));
caller_and_leaf!(counted, .sampled(0.0));

static POLLED: Site = Site::new("hotpath::cost::future", file!(), line!(), column!(), INTERNAL);
static EVENT: Site = Site::new("hotpath::cost::event", file!(), line!(), column!(), INTERNAL);

fn measure() -> Costs {
    let leaf = per_round(|| plain::leaf(black_box(1)));
    let without = per_round(|| plain::caller(black_box(1)));
    let all = ((per_round(|| timed::caller(black_box(1))) - without) / HOOKS).max(0.0);
    let mut call = AsyncCall::new();
    let poll = per_round(|| {
        let mut poll = call.poll(&POLLED);
        poll.begin();
        plain::leaf(black_box(1))
    });
    call.dropped(&POLLED);
    let poll = (poll - leaf).max(0.0);
    Costs {
        timed: HookCost { all, inside: inside(&timed::LEAF, leaf, all) },
        // A poll reads the clock at the same places as a call.
        poll: HookCost { all: poll, inside: inside(&timed::LEAF, leaf, poll) },
        event: per_round(|| event::record(&EVENT, event::stamp(&EVENT))),
        ..Costs::default()
    }
}

/// The costs of sampled functions. That of a timed call is the small difference of large numbers, so the rounds alternate, which what
/// else goes on at the machine disturbs alike.
fn measure_sampled() -> Costs {
    let leaf = per_round(|| plain::leaf(black_box(1)));
    let rounds = (0..SAMPLED_ROUNDS).map(|_| {
        let without = round(&mut || plain::caller(black_box(1)));
        let counted = round(&mut || counted::caller(black_box(1)));
        let mixed = round(&mut || sampled::caller(black_box(1)));
        ((counted - without) / HOOKS, (mixed - counted) / HOOKS)
    });
    let (counted, more): (Vec<f64>, Vec<f64>) = rounds.skip(1).unzip(); // the first touch
    let counted = median(counted).max(0.0);
    let all = (median(more) * STRATUM + counted).max(0.0);
    Costs {
        sampled: HookCost { all, inside: inside(&sampled::LEAF, leaf, all) },
        counted,
        ..Costs::default()
    }
}

const SAMPLED_ROUNDS: usize = 128;

/// Ticks of one call, as the median over rounds.
fn per_round<T>(mut call: impl FnMut() -> T) -> f64 {
    round(&mut call); // first touch
    median((0..ROUNDS).map(|_| round(&mut call)).collect())
}

/// Ticks of one call, as the mean of a round.
fn round<T>(call: &mut impl FnMut() -> T) -> f64 {
    let start = clock::now();
    (0..CALLS).for_each(|_| drop(black_box(call())));
    clock::now().saturating_sub(start) as f64 / f64::from(CALLS)
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

/// The same functions without hooks.
mod plain {
    use super::black_box;

    #[inline(never)]
    pub(super) fn caller(x: u32) -> u32 {
        leaf(black_box(x)) ^ leaf(black_box(x))
    }

    #[inline(never)]
    pub(super) fn leaf(x: u32) -> u32 {
        x.wrapping_mul(3)
    }
}
