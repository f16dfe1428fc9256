//! Polls made by hand: the clock is ours.

use super::*;

const MS: u64 = 1_000_000;

/// The number of a thread of the profiler's own.
const OWN: u64 = 9999;

/// A table whose first poll, at 0 ms, saw the thread 1, which had used 70 ms before.
struct Session {
    begun: Instant,
    table: Table,
}

impl Session {
    fn new() -> Self {
        let begun = Instant::now();
        let mut session = Self { begun, table: Table::new(begun, false) };
        session.poll(0, vec![session.seen(1, 0, 70 * MS)]);
        session
    }

    fn at(&self, ms: u64) -> Instant {
        self.begun + Duration::from_millis(ms)
    }

    /// The thread `tid`, which began at 0 ms, at a moment.
    fn seen(&self, tid: u64, ms: u64, cpu_ns: u64) -> ThreadSample {
        let seen = ThreadInfo {
            key: Key { tid, start: 0 },
            name: Some("name".into()),
            state: Some('S'),
            cpu_ns: Some(cpu_ns),
            at: self.at(ms),
            began: Some(self.begun),
        };
        ThreadSample { seen, full_name: None, first: None, alloc: None }
    }

    fn poll(&mut self, ms: u64, samples: Vec<ThreadSample>) {
        self.table.poll(self.at(ms), samples, &|key| key.tid == OWN);
    }

    fn on_thread_exit(&mut self, sample: ThreadSample) {
        self.table.on_thread_exit(sample, &|key| key.tid == OWN);
    }

    #[track_caller]
    fn row(&self, tid: u64) -> ThreadStats {
        let mut rows: Vec<_> = self.table.rows().into_iter().filter(|row| row.os_tid == Some(tid)).collect();
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0)
    }
}

fn shares(row: &ThreadStats) -> (Option<u64>, Option<u64>) {
    (row.cpu_now_permille, row.cpu_max_permille)
}

#[test]
fn one_poll_gives_no_share_and_cpu_time_from_before_the_session_does_not_count() {
    let row = Session::new().row(1);
    assert_eq!((shares(&row), row.observed_ns), ((None, None), Some(0)));
    assert_eq!((row.cpu_ns, row.lifetime_ns), (Some(0), Some(0)));
    assert_eq!(row.state, Some(ThreadState::Seen('S')));
}

#[test]
fn a_share_is_that_of_the_last_window_and_the_largest_is_kept() {
    let mut session = Session::new();
    session.poll(100, vec![session.seen(1, 100, 150 * MS)]);
    session.poll(200, vec![session.seen(1, 200, 175 * MS)]);
    let row = session.row(1);
    assert_eq!(shares(&row), (Some(250), Some(800)));
    assert_eq!((row.cpu_ns, row.lifetime_ns), (Some(105 * MS), Some(200 * MS)));
    assert_eq!((row.observed_cpu_ns, row.observed_ns), (Some(105 * MS), Some(200 * MS)));
}

#[test]
fn a_window_that_is_too_short_grows() {
    let mut session = Session::new();
    session.poll(100, vec![session.seen(1, 100, 80 * MS)]);
    session.poll(104, vec![session.seen(1, 104, 84 * MS)]);
    assert_eq!(shares(&session.row(1)), (Some(100), Some(100)));
    assert_eq!(session.row(1).cpu_ns, Some(14 * MS), "times are those of the last poll all the same");
    session.poll(108, vec![session.seen(1, 108, 84 * MS)]);
    assert_eq!(shares(&session.row(1)), (Some(500), Some(500)));
}

#[test]
fn no_thread_has_more_than_one_core() {
    let mut session = Session::new();
    session.poll(10, vec![session.seen(1, 10, 81 * MS)]);
    assert_eq!(shares(&session.row(1)), (Some(1000), Some(1000)));
}

#[test]
fn a_thread_that_came_later_counts_from_its_beginning() {
    let mut session = Session::new();
    let mut late = session.seen(2, 100, 30 * MS);
    late.seen.began = Some(session.at(60));
    session.poll(100, vec![session.seen(1, 100, 70 * MS), late]);
    let row = session.row(2);
    assert_eq!((row.cpu_ns, row.lifetime_ns, shares(&row)), (Some(30 * MS), Some(40 * MS), (None, None)));
    let mut early = session.seen(3, 110, 0);
    early.seen.began = session.begun.checked_sub(Duration::from_millis(9));
    session.on_thread_exit(early);
    assert_eq!(session.row(3).lifetime_ns, Some(110 * MS), "no thread is older than the session");
}

#[test]
fn the_reading_of_the_registration_starts_the_first_window() {
    let mut session = Session::new();
    let mut late = session.seen(2, 100, 30 * MS);
    late.first = Some(CpuReading { cpu_ns: 10 * MS, at: session.at(60) });
    session.poll(100, vec![session.seen(1, 100, 70 * MS), late]);
    let row = session.row(2);
    assert_eq!((shares(&row), row.cpu_ns), ((Some(500), Some(500)), Some(30 * MS)));
    assert_eq!((row.observed_cpu_ns, row.observed_ns), (Some(20 * MS), Some(40 * MS)));
}

#[test]
fn a_registration_from_before_the_session_does_not_count() {
    let mut session = Session::new();
    session.table = Table::new(session.at(100), false);
    let mut old = session.seen(1, 101, 90 * MS);
    old.first = Some(CpuReading { cpu_ns: MS, at: session.at(2) });
    session.poll(101, vec![old]);
    assert_eq!((session.row(1).cpu_ns, session.row(1).observed_ns), (Some(0), Some(0)));
}

#[test]
fn a_thread_that_is_gone_keeps_its_last_numbers() {
    let mut session = Session::new();
    session.poll(100, vec![session.seen(1, 100, 150 * MS)]);
    session.poll(200, vec![]);
    let row = session.row(1);
    assert_eq!((row.state, shares(&row)), (Some(ThreadState::Ended), (None, Some(800))));
    assert_eq!((row.cpu_ns, row.lifetime_ns, session.table.living()), (Some(80 * MS), Some(100 * MS), 0));
}

#[test]
fn a_reused_id_is_another_thread() {
    let mut session = Session::new();
    let mut again = session.seen(1, 100, 5 * MS);
    again.seen.key.start = 9;
    session.poll(100, vec![again]);
    let rows = session.table.rows();
    let found: Vec<_> = rows.iter().map(|row| (row.os_tid, row.state, row.cpu_ns)).collect();
    let (living, ended) = (Some(ThreadState::Seen('S')), Some(ThreadState::Ended));
    assert_eq!(found, [(Some(1), living, Some(5 * MS)), (Some(1), ended, Some(0))]);
}

#[test]
fn the_exit_hook_has_the_last_numbers_even_if_the_thread_is_seen_once_more() {
    let mut session = Session::new();
    session.on_thread_exit(session.seen(1, 50, 90 * MS));
    session.on_thread_exit(session.seen(2, 60, 4 * MS));
    session.poll(70, vec![session.seen(1, 70, 95 * MS), session.seen(2, 70, 4 * MS)]);
    session.poll(80, vec![]);
    let found = [1, 2].map(|tid| (session.row(tid).state, session.row(tid).cpu_ns));
    let ended = Some(ThreadState::Ended);
    assert_eq!(found, [(ended, Some(20 * MS)), (ended, Some(4 * MS))]);
    assert!(session.table.exiting.is_empty());
}

#[test]
fn a_poll_that_was_overtaken_does_not_count() {
    let mut session = Session::new();
    session.poll(100, vec![session.seen(1, 100, 80 * MS), session.seen(2, 100, 0)]);
    session.poll(90, vec![session.seen(1, 90, 75 * MS)]);
    assert_eq!((session.row(1).cpu_ns, session.row(2).state), (Some(10 * MS), Some(ThreadState::Seen('S'))));
}

#[test]
fn our_own_threads_are_hidden_alive_and_ended_unless_asked_for() {
    let mut session = Session::new();
    for show_own in [false, true] {
        session.table = Table::new(session.begun, show_own);
        let samples = [1, OWN].map(|tid| session.seen(tid, 0, 0));
        session.poll(0, samples.into());
        let shown = if show_own { 2 } else { 1 };
        assert_eq!((session.table.rows().len(), session.table.living()), (shown, shown as u64));
        session.poll(10, vec![session.seen(1, 10, 0)]);
        assert_eq!((session.table.rows().len(), session.table.living()), (shown, 1));
    }
}

#[test]
fn a_thread_seen_before_it_is_known_as_ours_is_hidden_all_the_same() {
    let mut session = Session::new();
    session.table.poll(session.at(10), vec![session.seen(OWN, 10, 0)], &|_| false);
    session.poll(20, vec![]);
    assert_eq!(session.table.rows().iter().filter(|row| row.os_tid == Some(OWN)).count(), 0);
}

#[test]
fn past_the_bound_the_threads_with_least_cpu_time_share_a_row_and_nothing_is_lost() {
    let mut session = Session::new();
    for tid in 2..3002 {
        let mut sample = session.seen(tid, 10, tid * 1000);
        sample.alloc = Some(ThreadAlloc { allocated: tid, freed: 1 });
        session.on_thread_exit(sample);
    }
    let rows = session.table.rows();
    assert_eq!(rows.len(), 1 + ENDED_ROWS + 1);
    let other = rows.iter().find(|row| row.name == OTHER).expect("a shared row");
    assert_eq!((other.threads, other.os_tid, other.state), (2000, None, Some(ThreadState::Ended)));
    assert_eq!(other.alloc, Some(ThreadAlloc { allocated: (2..2002).sum(), freed: 2000 }));
    assert_eq!(rows.iter().map(|row| row.threads).sum::<u64>(), 3001);
    let cpu: u64 = rows.iter().filter_map(|row| row.cpu_ns).sum();
    assert_eq!(cpu, (2..3002).map(|tid| tid * 1000).sum::<u64>());
    assert!((2002..3002).all(|tid| session.row(tid).cpu_ns == Some(tid * 1000)));
    assert!(session.table.note().is_some_and(|note| note.starts_with("2000 ended threads")));
    assert_eq!(session.table.exiting.len(), 3000);
    session.poll(20, vec![]);
    assert!(session.table.exiting.is_empty());
}

#[test]
fn exiting_threads_are_bounded() {
    let mut session = Session::new();
    (0..EXITING as u64 + 10).for_each(|tid| session.on_thread_exit(session.seen(tid + 100, 10, 0)));
    assert_eq!(session.table.exiting.len(), EXITING);
}

#[test]
fn a_full_name_completes_the_systems_unless_the_thread_was_renamed() {
    let session = Session::new();
    let named = |system: Option<&str>, full: Option<&str>| {
        let mut sample = session.seen(7, 0, 0);
        sample.seen.name = system.map(str::to_owned);
        name(&sample.seen, full)
    };
    assert_eq!(named(Some("worker"), None), "worker");
    assert_eq!(named(Some("a-long-name-of-"), Some("a-long-name-of-a-thread")), "a-long-name-of-a-thread");
    assert_eq!(named(Some("renamed"), Some("a-long-name-of-a-thread")), "renamed");
    assert_eq!(named(Some("größe-größe-g\u{fffd}"), Some("größe-größe-größe")), "größe-größe-größe");
    assert_eq!((named(None, None), named(Some(""), None)), ("thread_7".into(), "thread_7".into()));
    assert_eq!(named(None, Some("a-long-name-of-a-thread")), "a-long-name-of-a-thread");
}

#[test]
fn unknown_numbers_stay_unknown() {
    let mut session = Session::new();
    let mut blind = session.seen(2, 10, 0);
    (blind.seen.cpu_ns, blind.seen.began, blind.seen.state) = (None, None, None);
    session.poll(10, vec![blind]);
    let row = session.row(2);
    assert_eq!((row.cpu_ns, row.observed_ns, row.state), (None, None, None));
    assert_eq!(row.lifetime_ns, Some(0));
}
