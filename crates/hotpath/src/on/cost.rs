//! The overhead of one measured call on this machine, in this program: measured once, on a thread of its own.

use std::{
    hint::black_box,
    sync::{OnceLock, mpsc},
    time::Instant,
};

use hotpath_lane::{CallSlot, Site, enter, gate};

use super::{kind::INTERNAL, os::own_thread};

static PROBE: Site = Site::new("hotpath::cost", file!(), line!(), column!(), INTERNAL);

const BATCHES: usize = 25;
const CALLS: u32 = 200;

/// Nanoseconds per measured call, beyond an unmeasured one; `None` if no thread could be started, or if recording is paused and
/// it was not asked before: a call that is not recorded says nothing about one that is.
pub(crate) fn per_call_ns() -> Option<f64> {
    static COST: OnceLock<Option<f64>> = OnceLock::new();
    if COST.get().is_none() && !gate::is_open() {
        return None;
    }
    *COST.get_or_init(|| {
        // Its own thread: the caller may be at its end, and its call tree is not ours to write into.
        let (send, cost) = mpsc::channel();
        let probe = move || {
            let _is_awaited = send.send(measure());
        };
        own_thread::spawn("hp-cost", probe).ok()?;
        cost.recv().ok()
    })
}

fn measure() -> f64 {
    measured(0); // first touch
    let mut costs: Vec<f64> = (0..BATCHES).map(|_| batch(measured) - batch(plain)).collect();
    costs.sort_by(f64::total_cmp);
    costs[BATCHES / 2].max(0.0)
}

fn batch(call: fn(u32) -> u32) -> f64 {
    let start = Instant::now();
    for i in 0..CALLS {
        black_box(call(black_box(i)));
    }
    start.elapsed().as_nanos() as f64 / f64::from(CALLS)
}

#[inline(never)]
fn plain(x: u32) -> u32 {
    black_box(x)
}

#[inline(never)]
fn measured(x: u32) -> u32 {
    let mut place = CallSlot::new();
    let _call = enter(&PROBE, &mut place);
    black_box(x)
}
