//! Recording with `Instant` as the clock, as on processors without a trusted counter.

use std::time::Instant;

use hotpath_lane::{AsyncCall, CallSlot, Site, clock, enter, gate, read};

fn spin(nanos: u128) {
    let start = Instant::now();
    while start.elapsed().as_nanos() < nanos {}
}

#[test]
fn calls_and_polls_are_recorded_on_the_slow_clock() {
    static OUTER: Site = Site::new("outer", file!(), line!(), column!(), 0);
    static INNER: Site = Site::new("inner", file!(), line!(), column!(), 0);
    static POLLED: Site = Site::new("polled", file!(), line!(), column!(), 1);
    clock::trust_counter(false);
    let epoch = gate::open();
    let all = Instant::now();
    for _ in 0..20 {
        let mut slot = CallSlot::new();
        let _outer = enter(&OUTER, &mut slot);
        for _ in 0..3 {
            let mut slot = CallSlot::new();
            let _inner = enter(&INNER, &mut slot);
            spin(10_000);
        }
    }
    let mut call = AsyncCall::new();
    for is_ready in [false, true] {
        let mut frame = call.poll(&POLLED);
        frame.begin();
        spin(10_000);
        if is_ready {
            frame.ready();
        }
    }
    let all = all.elapsed().as_nanos() as u64;
    let reading = read(epoch, None, u64::MAX);
    let [outer, inner, polled] = [&OUTER, &INNER, &POLLED]
        .map(|site| reading.rows.iter().find(|row| row.site.name() == site.name()).expect("a row"));
    assert_eq!((outer.calls, inner.calls, polled.calls), (20, 60, 1));
    assert!(
        inner.total >= 60 * 10_000 && outer.total >= inner.total && outer.total as u64 <= all,
        "ticks are nanoseconds"
    );
    assert_eq!(outer.own, Some(outer.total - inner.total));
    let part = polled.async_stats.expect("polls");
    assert_eq!((part.completed, part.polls), (1, 2));
    assert!(part.busy >= 20_000 && part.busy <= polled.total as u64);
}
