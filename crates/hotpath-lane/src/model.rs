//! The protocol between a lane's owner, its readers and its next owner, in every order that the memory model allows.
//!
//! Run with `cargo xtask loom`.

use loom::{cell::UnsafeCell, model, sync::Arc, thread};

use crate::{
    arena::Arena,
    call_history::{Detail, Phase, Slot},
    cells::Cells,
    epoch::Epoch,
    ledger::Ledger,
    logs::Logs,
    memory::{Counters, LaneMemory, Sums, Visits},
    pool::{Entry, Pool},
    row::{Row, Totals},
};

/// Runs `write` on a thread of its own while `read` runs here.
fn both<T: Send + Sync + 'static>(shared: T, write: impl FnOnce(&T) + Send + 'static, read: impl FnOnce(&T)) {
    let shared = Arc::new(shared);
    let writer = thread::spawn({
        let shared = Arc::clone(&shared);
        move || write(&shared)
    });
    read(&shared);
    writer.join().expect("the writer ends");
}

#[test]
fn cells_are_read_together() {
    model(|| {
        let write = |cells: &Cells<2>| (1..=3).for_each(|n| cells.update(|values| *values = [n, 10 * n]));
        both(Cells::new(), write, |cells| {
            let (version, [one, ten]) = cells.read();
            assert_eq!((one, ten), (version, 10 * version));
        });
    });
}

#[test]
fn a_ledgers_sums_belong_to_its_calls() {
    model(|| {
        let arena = Arena::new();
        let ledger = Ledger::leaked(50);
        let enter = |ledger: &Ledger, ticks| {
            let number = ledger.calls();
            ledger.enter(number, 7, ticks);
            ledger.publish_call(number);
        };
        (0..2).for_each(|_| enter(ledger, 5)); // now full
        let write = move |ledger: &&Ledger| {
            assert!(ledger.is_full(ledger.calls()));
            ledger.grow(&arena);
            enter(ledger, 5);
            enter(ledger, 5);
        };
        both(ledger, write, |ledger| {
            let sums = ledger.read();
            assert_eq!(sums.ticks, 5 * sums.calls);
            assert!((2..=4).contains(&sums.calls));
            if let Some(recent) = ledger.get(sums.calls - 1) {
                assert_eq!((recent.ticks, recent.end), (5, 7));
            }
        });
    });
}

#[test]
fn an_overwritten_entry_is_not_taken_for_the_old_one() {
    model(|| {
        let ledger = Ledger::leaked(2); // four entries, forever
        let enter = |ledger: &Ledger| {
            let number = ledger.calls();
            ledger.enter(number, 7, 5);
            ledger.publish_call(number);
        };
        (0..2).for_each(|_| enter(ledger));
        let write = move |ledger: &&Ledger| (0..4).for_each(|_| enter(ledger));
        both(ledger, write, |ledger| {
            let sums = ledger.read();
            assert_eq!(sums.ticks, 5 * sums.calls);
        });
    });
}

#[test]
fn a_row_is_read_as_of_one_moment() {
    model(|| {
        let arena = Arena::new();
        let row = Row::make(4, &arena).expect("memory");
        let write = move |row: &&Row| {
            row.record(100, 3, false, &arena); // fills the list of the first durations
            row.end_plain(200, 3, &arena); // from here on they are counted in place
        };
        both(row, write, |row| {
            let mut first = Totals::default();
            row.read(&mut first);
            assert_eq!((first.buckets.total(), first.sum), (first.calls, 3 * first.calls));
            let mut second = Totals::default();
            row.read(&mut second);
            assert!(second.calls >= first.calls);
        });
    });
}

#[test]
fn durations_in_the_list_and_in_counters_add_up() {
    model(|| {
        let arena = Arena::new();
        let row = Row::make(4, &arena).expect("memory");
        row.record(100, 3, false, &arena); // in the list
        let write = move |row: &&Row| {
            row.record(200, 3, false, &arena); // the first one in counters
            row.record(300, 9, false, &arena); // the list is full, and gets another part
        };
        both(row, write, |row| {
            let mut totals = Totals::default();
            row.read(&mut totals);
            // No call is counted in both, and none that was there before is missing.
            assert_eq!(totals.buckets.total(), totals.calls);
            let count_of = |value| {
                totals.buckets.iter().find(|(lower, ..)| *lower == value).map_or(0, |bucket| bucket.2)
            };
            assert!((1..=2).contains(&count_of(3)) && count_of(8) <= 1);
        });
    });
}

#[test]
fn recursion_is_subtracted_for_the_calls_that_were_read() {
    model(|| {
        let arena = Arena::new();
        let row = Row::make(4, &arena).expect("memory");
        let write = move |row: &&Row| {
            row.record(100, 3, true, &arena);
            row.record(200, 8, false, &arena);
        };
        both(row, write, |row| {
            let mut totals = Totals::default();
            row.read(&mut totals);
            let (sums, nested) = [(0..=0, 0), (3..=8, 3), (11..=11, 3)][totals.calls as usize].clone();
            // Both calls may end while the first is being read: then it counts with their mean.
            assert!(sums.contains(&totals.sum), "{}", totals.sum);
            assert_eq!(totals.nested, nested);
        });
    });
}

#[test]
fn each_text_has_one_owner() {
    model(|| {
        let write = |logs: &Logs| {
            logs.put(0, |text| text.push_str("zero"));
            logs.put(1, |text| text.push_str("one")); // in the same slot
            logs.put(2, |text| text.push_str("two")); // reuses the first entry
        };
        both(Logs::new(1), write, |logs| {
            assert!(matches!(logs.get(0).as_deref(), None | Some("zero")));
            assert!(matches!(logs.get(1).as_deref(), None | Some("one")));
        });
    });
}

#[test]
fn a_lane_has_one_owner_whose_writes_the_next_one_sees() {
    model(|| {
        let pool = Arc::new(Pool::<Guarded>::new());
        let use_it = |pool: &Pool<Guarded>| {
            let make = || Some(Box::leak(Box::new(Entry::new(Guarded(UnsafeCell::new(0))))));
            let entry = pool.take(make).expect("an entry");
            // SAFETY: the pool says that this thread owns the entry; loom fails the test if another one is in here.
            entry.value.0.with_mut(|count| unsafe { *count += 1 });
            entry.give_back();
        };
        let other = thread::spawn({
            let pool = Arc::clone(&pool);
            move || use_it(&pool)
        });
        use_it(&pool);
        other.join().expect("the other thread ends");
        // SAFETY: both threads are done.
        let left: u32 = pool.iter().map(|entry| entry.value.0.with(|count| unsafe { *count })).sum();
        assert_eq!(left, 2);
    });
}

#[test]
fn a_pinned_lane_is_not_reused() {
    model(|| {
        let pool = Arc::new(Pool::<Guarded>::new());
        let make = || Some(Box::leak(Box::new(Entry::new(Guarded(UnsafeCell::new(0))))));
        let first = pool.take(make).expect("an entry");
        first.pin();
        let other = thread::spawn({
            let pool = Arc::clone(&pool);
            move || {
                let entry = pool.take(make).expect("an entry");
                // SAFETY: the pool says that this thread owns the entry; loom fails the test if another one is in here.
                entry.value.0.with_mut(|count| unsafe { *count += 1 });
                entry.give_back();
            }
        });
        // SAFETY: as above.
        first.value.0.with_mut(|count| unsafe { *count += 1 });
        first.give_back();
        // SAFETY: nobody can have taken it since.
        first.value.0.with(|count| assert_eq!(unsafe { *count }, 1));
        first.unpin();
        other.join().expect("the other thread ends");
    });
}

struct Guarded(UnsafeCell<u32>);

// SAFETY: only the owner of the entry touches it; loom checks that.
unsafe impl Sync for Guarded {}

#[test]
fn no_reader_mixes_two_epochs() {
    model(|| {
        let ledger = Ledger::leaked(4);
        let enter = |ledger: &Ledger, ticks| {
            let number = ledger.calls();
            ledger.enter(number, 7, ticks);
            ledger.publish_call(number);
        };
        let epoch = Epoch::new();
        epoch.turn_to(4, || {});
        enter(ledger, 3);
        let write = move |(epoch, ledger): &(Epoch, &Ledger)| {
            epoch.turn_to(8, || ledger.clear());
            enter(ledger, 64);
        };
        both((epoch, ledger), write, |(epoch, ledger)| {
            let read = |number| epoch.read(number, || ledger.read()).map(|sums| (sums.calls, sums.ticks));
            assert!(matches!(read(4), None | Some((1, 3))));
            assert!(matches!(read(8), None | Some((0, 0) | (1, 64))));
        });
    });
}

#[test]
fn a_slot_is_read_as_one_call() {
    model(|| {
        let detail = |polls| Detail { polls, busy: 10 * polls, ..Detail::default() };
        let slot = Arc::new(Slot::new());
        assert!(slot.give(1, 4) && !slot.give(9, 4));
        let holder = thread::spawn({
            let slot = Arc::clone(&slot);
            move || {
                slot.put(&detail(1));
                slot.enter(4, Phase::Suspended);
                slot.release();
            }
        });
        let reader = thread::spawn({
            let slot = Arc::clone(&slot);
            move || {
                if let Some((id, epoch, phase, seen)) = slot.read() {
                    assert_eq!(u64::from(epoch), 4 * id);
                    assert!(seen == detail(0) || seen == detail(id));
                    assert!(phase == Phase::Pending || seen == detail(id));
                }
            }
        });
        if slot.give(2, 8) {
            slot.put(&detail(2));
            slot.enter(8, Phase::Suspended);
        }
        holder.join().expect("the holder ends");
        reader.join().expect("the reader ends");
    });
}

#[test]
fn nobody_reads_the_storage_of_a_thread_that_ended() {
    model(|| {
        let storage = (Visits::new(), Guarded(UnsafeCell::new(7)));
        storage.0.open();
        let end = |(visits, number): &(Visits, Guarded)| {
            visits.close();
            // SAFETY: everybody has left; loom fails the test if a reader is in here.
            number.0.with_mut(|number| unsafe { *number = 0 }); // the storage is given to somebody else
        };
        both(storage, end, |(visits, number)| {
            // SAFETY: as above, for the owner.
            let visit = || number.0.with(|number| unsafe { *number });
            assert!(matches!(visits.visit(visit), None | Some(7)));
            assert!(matches!(visits.visit(visit), None | Some(7)));
        });
    });
}

#[test]
fn who_comes_too_late_reads_what_was_copied() {
    model(|| {
        let copied = (Visits::new(), Guarded(UnsafeCell::new(0)));
        copied.0.open();
        let end = |(visits, copy): &(Visits, Guarded)| {
            // SAFETY: nobody reads the copy before the visits are closed; loom checks that.
            copy.0.with_mut(|copy| unsafe { *copy = 7 });
            visits.close();
        };
        both(copied, end, |(visits, copy)| {
            if visits.visit(|| ()).is_none() {
                // SAFETY: as above.
                assert_eq!(copy.0.with(|copy| unsafe { *copy }), 7);
            }
        });
    });
}

/// Bytes allocated at two nodes by turns. A reader that asks for both, and then for all, finds nothing twice and misses nothing that it
/// has seen before.
#[test]
fn each_byte_belongs_to_one_node() {
    model(|| {
        let arena = Arena::new();
        let shared = Arc::new((LaneMemory::new(), Counters::new(), Counters::new()));
        let (memory, one, other) = &*shared;
        memory.begin_owner(0); // at its final address
        let allocate = |memory: &LaneMemory, node: &Counters, arena: &Arena| {
            memory.prepare(node, arena);
            memory.allocated(1);
        };
        allocate(memory, one, &arena);
        let writer = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let (memory, one, other) = &*shared;
                allocate(memory, one, &arena);
                allocate(memory, other, &arena);
                allocate(memory, one, &arena);
            }
        });
        let bytes = |sums: Sums| sums.bytes;
        let at_one = bytes(memory.sums_of(one));
        let at_other = bytes(memory.sums_of(other));
        let all = bytes(memory.sums());
        assert!((1..=3).contains(&at_one) && at_other <= 1);
        assert!(at_one + at_other <= all, "{at_one} + {at_other} > {all}");
        writer.join().expect("the writer ends");
        assert_eq!((bytes(memory.sums_of(one)), bytes(memory.sums_of(other))), (3, 1));
    });
}
