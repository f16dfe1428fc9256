//! Holds are counted where they end, and timed within one epoch. One test, because the gate is global to the process.

use hotpath_lane::{
    CallSlot, Site, enter, event, gate,
    hold_timer::{begin, end},
    read,
    read::Reading,
};

fn row(reading: &Reading, site: &Site) -> Option<(u64, u64, u64)> {
    let row = reading.rows.iter().find(|row| std::ptr::eq(row.site, site))?;
    Some((row.calls, row.timed, row.untimed))
}

#[test]
fn a_hold_counts_where_it_ends_and_is_timed_within_one_epoch() {
    static SITE: Site = Site::new("lock", "h.rs", 1, 1, 9);
    static FUNCTION: Site = Site::new("holder", "h.rs", 2, 1, 0);
    let (before, position) = begin(&SITE);
    assert_eq!((event::gauge(&SITE), position), (1, 0));
    let first = gate::open();
    end(&SITE, before); // began outside an epoch: only counted
    assert_eq!((event::gauge(&SITE), row(&read(first, None, 0), &SITE)), (0, Some((1, 0, 1))));
    for _ in 0..3 {
        end(&SITE, begin(&SITE).0);
    }
    assert_eq!(row(&read(first, None, 0), &SITE), Some((4, 3, 1)));
    let mut slot = CallSlot::new();
    let call = enter(&FUNCTION, &mut slot);
    let (across, position) = begin(&SITE);
    assert_eq!(position, FUNCTION.id());
    drop(call);
    let second = gate::open();
    end(&SITE, across); // from an earlier epoch
    assert_eq!(row(&read(second, None, 0), &SITE), Some((1, 0, 1)));
    let elsewhere = begin(&SITE).0;
    assert_eq!(event::gauge(&SITE), 1);
    std::thread::spawn(move || end(&SITE, elsewhere)).join().expect("it ends");
    assert_eq!((event::gauge(&SITE), row(&read(second, None, 0), &SITE)), (0, Some((2, 1, 1))));
    let last = begin(&SITE).0;
    gate::shut();
    end(&SITE, last);
    assert_eq!((event::gauge(&SITE), row(&read(second, None, 0), &SITE)), (0, Some((2, 1, 1))));
}
