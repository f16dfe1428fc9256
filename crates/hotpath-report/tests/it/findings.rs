//! What stands out: each rule on a report that it is about, and on one that just misses it.

use crate::fixtures::*;
use hotpath_report::{
    AllocMetric, AllocScope, AllocStats, AllocTotals, AsyncStats, Budget, ChannelState, ChannelStats,
    Channels, Confidence, Dist, Finding, FunctionKind, FunctionStats, FutureStats, FutureTotals, Futures,
    MAX_PER_RULE, Mutexes, Overhead, RULES, Report, Table, TreeNode, findings, functions_alloc,
};
use proptest::prelude::*;

const SECOND: u64 = 1_000_000_000;
const MS: u64 = 1_000_000;

/// A run of one second.
fn second(sections: Vec<Table>) -> Report {
    Report { duration_ns: SECOND, sections, ..Report::default() }
}

/// A function with so many calls and so much time of its own.
fn busy(name: &str, calls: u64, self_ns: u64) -> FunctionStats {
    let mut function = function(1, name, &[], self_ns);
    (function.calls, function.total_ns) = (calls, Some(self_ns));
    function.overhead_ns = None;
    function
}

fn of_functions(rows: &[FunctionStats]) -> Report {
    second(vec![timing(rows, &[95.0])])
}

/// The findings of one rule.
fn found(report: &Report, id: &str) -> Vec<Finding> {
    findings(report).into_iter().filter(|finding| finding.id == id).collect()
}

/// The only finding of one rule.
#[track_caller]
fn one(report: &Report, id: &str) -> Finding {
    let mut all = found(report, id);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

#[track_caller]
fn none(report: &Report, id: &str) {
    assert_eq!(found(report, id), []);
}

fn evidence<'a>(finding: &'a Finding, key: &str) -> &'a str {
    let evidence = finding.evidence.iter().find(|evidence| evidence.key == key);
    &evidence.unwrap_or_else(|| panic!("no {key} in {finding:#?}")).text
}

mod hot_self_time {
    use super::*;

    const ID: &str = "hot-self-time";

    #[test]
    fn a_function_with_a_fifth_of_the_run_is_hot() {
        let report = of_functions(&[main_row(SECOND), busy("app::parse", 40, 610 * MS)]);
        let finding = one(&report, ID);
        assert_eq!(finding.title, "app::parse takes 61.0 % of the time itself");
        assert_eq!((finding.weight, finding.confidence), (61.0, Confidence::High));
        assert_eq!(finding.source.as_ref().map(|source| source.line), Some(11));
        assert_eq!((evidence(&finding, "self"), evidence(&finding, "calls")), ("610.00 ms", "40"));
        none(&of_functions(&[busy("app::parse", 40, 199 * MS)]), ID);
    }

    #[test]
    fn an_estimate_is_as_certain_as_its_standard_error_is_small() {
        let with_error = |error| {
            let estimate = FunctionStats { self_se_ns: error, ..busy("app::parse", 40, 500 * MS) };
            one(&of_functions(&[estimate]), ID).confidence
        };
        assert_eq!((with_error(None), with_error(Some(25 * MS))), (Confidence::High, Confidence::High));
        assert_eq!(
            (with_error(Some(26 * MS)), with_error(Some(125 * MS))),
            (Confidence::Medium, Confidence::Medium)
        );
        assert_eq!(with_error(Some(126 * MS)), Confidence::Low);
    }

    #[test]
    fn the_caller_is_not_a_function_to_look_at() {
        none(&of_functions(&[FunctionStats { self_ns: Some(SECOND), ..main_row(SECOND) }]), ID);
    }

    #[test]
    fn several_threads_share_what_is_all_of_them() {
        let report = of_functions(&[busy("app::a", 1, 3 * SECOND), busy("app::b", 1, SECOND)]);
        let shares: Vec<f64> = found(&report, ID).iter().map(|finding| finding.weight).collect();
        assert_eq!(shares, [75.0, 25.0]);
    }

    #[test]
    fn a_short_run_or_an_unknown_time_says_nothing() {
        let mut report = of_functions(&[busy("app::parse", 1, 9 * MS)]);
        report.duration_ns = 9 * MS;
        none(&report, ID);
        none(&of_functions(&[FunctionStats { self_ns: None, ..busy("app::parse", 1, SECOND) }]), ID);
    }

    #[test]
    fn waiting_for_locks_lowers_weight_and_confidence() {
        let waits = mutex("cache", acquisitions(&[100 * MS; 6], &[1], None));
        let mut report = of_functions(&[busy("app::parse", 6, SECOND)]);
        report.sections.push(Table::of::<Mutexes>(&[waits], &(), &[]));
        let finding = one(&report, ID);
        assert_eq!((finding.weight, finding.confidence), (40.0, Confidence::Low));
        assert!(finding.title.ends_with("waiting for locks and channels included"), "{}", finding.title);
    }

    #[test]
    fn what_tasks_wait_for_between_polls_is_in_nobodys_own_time() {
        let waits = mutex("cache", acquisitions(&[100 * MS; 6], &[1], None));
        let task = FunctionStats {
            total_ns: Some(SECOND),
            asynchronous: Some(AsyncStats { busy_ns: 0, polls: 6, completed: 6, cancelled: 0 }),
            ..busy("app::task", 6, 0)
        };
        let mut report = of_functions(&[busy("app::parse", 6, SECOND), task]);
        report.sections.push(Table::of::<Mutexes>(&[waits], &(), &[]));
        assert_eq!(one(&report, ID).weight, 100.0);
    }

    #[test]
    fn a_shortened_report_is_less_sure() {
        let mut report = of_functions(&[busy("app::parse", 40, 610 * MS)]);
        report.sections[0].total_count = 9;
        assert_eq!(one(&report, ID).confidence, Confidence::Medium);
    }
}

mod allocation {
    use super::*;

    const ID: &str = "alloc-in-hot-function";

    fn report(calls: u64, self_ns: u64, self_count: u64, self_bytes: u64) -> Report {
        let alloc = AllocStats { self_bytes, self_count, ..AllocStats::default() };
        let rows = [FunctionStats { alloc: Some(alloc), ..busy("app::join", calls, self_ns) }];
        let totals = AllocTotals::default();
        let alloc = functions_alloc(&rows, &totals, AllocMetric::Count, AllocScope::Peak, &[95.0]);
        second(vec![timing(&rows, &[]), alloc])
    }

    #[test]
    fn many_allocations_where_the_time_goes() {
        let finding = one(&report(1_000, 300 * MS, 2_000_000, 64_000_000), ID);
        // Two million at 50 ns, and 64 MB at 0.1 ns a byte.
        assert_eq!((finding.weight, finding.confidence), (10.64, Confidence::Medium));
        assert_eq!(
            (evidence(&finding, "per call"), evidence(&finding, "self allocations")),
            ("2,000", "2,000,000")
        );
    }

    #[test]
    fn few_allocations_or_a_cold_function_make_no_finding() {
        none(&report(1_000, 300 * MS, 9_999, 10_000_000_000), ID);
        none(&report(1_000, 99 * MS, 2_000_000, 0), ID);
        none(&report(500_000, 300 * MS, 499_999, 0), ID);
    }

    #[test]
    fn the_estimated_cost_is_never_more_than_the_self_time() {
        assert_eq!(one(&report(1, 100 * MS, 900_000_000, 0), ID).weight, 10.0);
    }
}

mod blocking_poll {
    use super::*;

    const ID: &str = "blocking-poll";

    fn future(polls: &[u64], blocking: u64) -> FutureStats {
        let poll = dist(polls);
        FutureStats {
            id: 1,
            label: "download".into(),
            source: source("src/net.rs", 7),
            calls: 1,
            polls: poll.count,
            total_poll_ns: Some(poll.sum),
            poll,
            wait_ns: Some(MS),
            blocking_polls: Some(blocking),
            ..FutureStats::default()
        }
    }

    fn report(future: FutureStats) -> Report {
        let totals = FutureTotals { blocking_threshold_ns: Some(10 * MS) };
        second(vec![Table::of::<Futures>(&[future], &totals, &[95.0])])
    }

    #[test]
    fn long_polls_are_reported_with_the_longest() {
        let finding = one(&report(future(&[MS, 40 * MS, 40 * MS, 60 * MS], 3)), ID);
        assert_eq!(finding.title, "download blocks its executor thread: the longest poll takes 60.00 ms");
        assert_eq!(finding.confidence, Confidence::High);
        assert!((13.8..=14.0).contains(&finding.weight), "{}", finding.weight);
    }

    #[test]
    fn one_long_poll_is_reported_only_if_it_is_very_long() {
        let accident = report(future(&[9_900_000], 1));
        none(&Report { duration_ns: 2 * SECOND, ..accident.clone() }, ID);
        assert_eq!(one(&accident, ID).confidence, Confidence::Medium);
        let pause = report(future(&[100 * MS], 1));
        one(&Report { duration_ns: 60 * SECOND, ..pause }, ID);
        none(&report(future(&[9 * MS; 50], 0)), ID);
    }

    #[test]
    fn an_unknown_threshold_or_poll_says_nothing() {
        let totals = FutureTotals::default();
        none(&second(vec![Table::of::<Futures>(&[future(&[60 * MS], 1)], &totals, &[])]), ID);
        none(&report(FutureStats { blocking_polls: None, ..future(&[60 * MS], 1) }), ID);
    }

    fn async_fn(busy_ns: u64, polls: u64, self_ns: u64) -> Report {
        let asynchronous = Some(AsyncStats { busy_ns, polls, completed: 1, cancelled: 0 });
        let kind = FunctionKind::AsyncFn;
        of_functions(&[FunctionStats { asynchronous, kind, ..busy("app::hash", 1, self_ns) }])
    }

    #[test]
    fn an_async_function_whose_mean_poll_is_long() {
        let finding = one(&async_fn(100 * MS, 10, 100 * MS), ID);
        assert_eq!((finding.weight, evidence(&finding, "mean poll")), (10.0, "10.00 ms"));
        none(&async_fn(100 * MS, 11, 100 * MS), ID);
        // What it awaits takes the time.
        none(&async_fn(100 * MS, 10, 49 * MS), ID);
    }

    #[test]
    fn a_watched_async_function_is_reported_once() {
        let mut report = async_fn(140 * MS, 4, 140 * MS);
        let label = "app::hash".to_owned();
        let watched = FutureStats { label, ..future(&[MS, 40 * MS, 40 * MS, 60 * MS], 3) };
        let totals = FutureTotals { blocking_threshold_ns: Some(10 * MS) };
        report.sections.push(Table::of::<Futures>(&[watched], &totals, &[]));
        assert_eq!(one(&report, ID).section, "futures");
    }
}

mod busy_polling {
    use super::*;

    const ID: &str = "busy-polling";

    fn future(calls: u64, polls: u64, busy_ns: u64, wait_ns: u64) -> Report {
        let stats = FutureStats {
            label: "ticker".into(),
            calls,
            polls,
            total_poll_ns: Some(busy_ns),
            wait_ns: Some(wait_ns),
            ..FutureStats::default()
        };
        second(vec![Table::of::<Futures>(&[stats], &FutureTotals::default(), &[])])
    }

    #[test]
    fn a_future_that_wakes_itself_all_the_time() {
        let finding = one(&future(2, 1_000_000, 200 * MS, 300 * MS), ID);
        assert_eq!(finding.title, "ticker is polled 500,000 times per call, each for 200 ns");
        // 0.2 s inside the polls, and 100 ns for each.
        assert_eq!((finding.weight, finding.confidence), (30.0, Confidence::Medium));
    }

    #[test]
    fn polls_that_do_something_or_come_seldom_are_in_order() {
        none(&future(10_001, 1_000_000, 200 * MS, 300 * MS), ID);
        none(&future(1, 100_000, 200 * MS, 300 * MS), ID);
        none(&future(1, 100_000, 20 * MS, 1_100 * MS), ID);
        none(&future(1, 9_999, 2 * MS, 30 * MS), ID);
    }
}

mod queues {
    use super::*;

    fn channel(kind: &str) -> ChannelStats {
        ChannelStats {
            label: "jobs".into(),
            source: source("src/main.rs", 9),
            channel_type: Some(kind.into()),
            sent: 100_000,
            received: 100_000,
            queue_len: Some(0),
            type_size: Some(24),
            ..ChannelStats::default()
        }
    }

    fn report(channel: ChannelStats) -> Report {
        second(vec![Table::of::<Channels>(&[channel], &(), &[95.0])])
    }

    #[test]
    fn a_queue_without_a_bound_that_is_not_emptied() {
        let growing = ChannelStats {
            received: 40_000,
            queue_len: Some(60_000),
            queue_max: Some(60_000),
            ..channel("unbounded")
        };
        let finding = one(&report(growing), "queue-grows");
        assert_eq!(finding.title, "channel jobs: 60,000 of 100,000 messages wait in it, and it has no bound");
        assert_eq!((finding.weight, finding.confidence), (60.0, Confidence::High));
        assert_eq!(evidence(&finding, "memory of the queue, at least"), "1.4 MB");
    }

    #[test]
    fn one_that_was_emptied_again_is_less_sure() {
        let emptied =
            ChannelStats { queue_max: Some(80_000), state: ChannelState::Closed, ..channel("unbounded") };
        assert_eq!(one(&report(emptied), "queue-grows").confidence, Confidence::Medium);
    }

    #[test]
    fn a_buffer_for_peaks_a_short_list_or_a_bound_are_in_order() {
        let queue_max = Some(49_999);
        none(&report(ChannelStats { queue_max, ..channel("unbounded") }), "queue-grows");
        none(
            &report(ChannelStats { sent: 999, queue_max: Some(999), ..channel("unbounded") }),
            "queue-grows",
        );
        none(&report(ChannelStats { queue_max: Some(80_000), ..channel("bounded[90000]") }), "queue-grows");
        none(&report(ChannelStats { queue_max: None, ..channel("unbounded") }), "queue-grows");
        none(
            &report(ChannelStats { queue_len: None, queue_max: None, ..channel("unbounded") }),
            "queue-grows",
        );
    }

    #[test]
    fn senders_that_wait_for_room() {
        let full = |waits: &[u64]| ChannelStats {
            capacity: Some(8),
            queue_max: Some(8),
            send_wait: dist(waits),
            ..channel("bounded[8]")
        };
        let finding = one(&report(full(&[10 * MS; 50])), "slow-consumer");
        assert_eq!(
            finding.title,
            "channel jobs: senders waited 500.00 ms for room, its receivers do not keep up"
        );
        assert_eq!((finding.weight, finding.confidence), (50.0, Confidence::High));
        none(&report(full(&[MS; 49])), "slow-consumer");
        none(&report(full(&[100 * MS; 19])), "slow-consumer");
        none(&report(full(&[])), "slow-consumer");
    }

    #[test]
    fn sampled_waits_are_less_sure() {
        let waits = ChannelStats { send_wait: dist(&[10 * MS; 50]), ..channel("bounded[8]") };
        let mut report = report(waits);
        report.time_sampling.insert("channels".into(), 0.1);
        assert_eq!(one(&report, "slow-consumer").confidence, Confidence::Medium);
    }
}

mod lock_convoy {
    use super::*;
    use hotpath_report::{RwLockStats, RwLocks};

    const ID: &str = "lock-convoy";

    fn report(waits: &[u64], blocker: Option<&str>) -> Report {
        let lock = mutex("cache", acquisitions(waits, &[MS], blocker));
        second(vec![Table::of::<Mutexes>(&[lock], &(), &[95.0])])
    }

    #[test]
    fn a_lock_that_is_waited_for_and_who_holds_it() {
        let finding = one(&report(&[20 * MS; 30], Some("app::refill")), ID);
        assert_eq!(
            finding.title,
            "mutex cache: 600.00 ms of waiting to lock it, mostly while app::refill held it"
        );
        assert_eq!((finding.weight, finding.confidence), (60.0, Confidence::High));
        assert_eq!(evidence(&finding, "share of the waiting for it"), "75.00%");
        assert!(finding.next.contains("app::refill"), "{}", finding.next);
    }

    #[test]
    fn a_holder_of_less_than_half_is_evidence_but_not_blamed() {
        let mut locks = acquisitions(&[20 * MS; 30], &[MS], Some("app::refill"));
        if let Some(blocker) = &mut locks.blocked_by {
            blocker.wait_ns = Some(299 * MS);
        }
        let section = Table::of::<Mutexes>(&[mutex("cache", locks)], &(), &[95.0]);
        let finding = one(&second(vec![section]), ID);
        assert_eq!(finding.title, "mutex cache: 600.00 ms of waiting to lock it");
        assert_eq!(evidence(&finding, "held by"), "app::refill");
    }

    #[test]
    fn few_waits_are_less_sure_and_an_accident_is_none() {
        assert_eq!(one(&report(&[20 * MS; 3], None), ID).confidence, Confidence::Medium);
        none(&report(&[200 * MS; 2], None), ID);
        none(&report(&[MS; 49], None), ID);
        none(&report(&[0; 1000], None), ID);
    }

    #[test]
    fn each_way_of_a_reader_writer_lock_on_its_own() {
        let lock = mutex("config", acquisitions(&[], &[], None)).lock;
        let reads = acquisitions(&[0; 900], &[MS], None);
        let writes = acquisitions(&[10 * MS; 30], &[MS], Some("app::read_all"));
        let section = Table::of::<RwLocks>(&[RwLockStats { lock, reads, writes }], &(), &[95.0]);
        let finding = one(&second(vec![section]), ID);
        assert_eq!(
            finding.title,
            "rw_lock config: 300.00 ms of waiting to write it, mostly while app::read_all held it"
        );
    }

    #[test]
    fn tasks_without_number_have_all_of_the_run_and_no_more() {
        assert_eq!(one(&report(&[900 * MS; 100], None), ID).weight, 100.0);
    }
}

mod outlier_calls {
    use super::*;

    const ID: &str = "outlier-calls";

    fn calls(usual: usize, slow: &[u64]) -> FunctionStats {
        let durations: Vec<u64> = [vec![10_000; usual], slow.to_vec()].concat();
        let all: u64 = durations.iter().sum();
        FunctionStats { overhead_ns: None, ..function(1, "app::read", &durations, all) }
    }

    #[test]
    fn a_few_calls_that_take_thousands_of_times_the_median() {
        let finding = one(&of_functions(&[calls(990, &[30 * MS; 10])]), ID);
        assert_eq!(
            finding.title,
            "app::read: 10 of 1,000 calls take more than 10 times the median of 10.02 µs, up to 30.00 ms"
        );
        assert!((29.0..30.0).contains(&finding.weight), "{}", finding.weight);
        assert_eq!(finding.confidence, Confidence::Medium);
    }

    #[test]
    fn the_slowest_call_alone_is_enough_whatever_percentiles_were_asked_for() {
        let finding = one(&of_functions(&[calls(990, &[100 * MS])]), ID);
        assert_eq!((evidence(&finding, "longest"), evidence(&finding, "slow calls")), ("100.00 ms", "1"));
    }

    #[test]
    fn calls_of_one_kind_too_few_or_too_short_ones_are_in_order() {
        none(&of_functions(&[calls(1_000, &[])]), ID);
        none(&of_functions(&[calls(98, &[100 * MS])]), ID);
        none(&of_functions(&[calls(1_000, &[900_000; 30])]), ID);
        let callee_is_slow = FunctionStats { self_ns: Some(9 * MS), ..calls(990, &[100 * MS]) };
        none(&of_functions(&[callee_is_slow]), ID);
    }

    #[test]
    fn more_than_a_tenth_of_the_calls_are_no_outliers() {
        one(&of_functions(&[calls(90, &[30 * MS; 10])]), ID);
        none(&of_functions(&[calls(89, &[30 * MS; 11])]), ID);
    }

    #[test]
    fn recursion_is_not_taken_for_outliers() {
        let recursive = calls(990, &[100 * MS, 200 * MS]);
        none(&of_functions(&[FunctionStats { total_ns: Some(200 * MS), ..recursive }]), ID);
    }

    #[test]
    fn without_a_histogram_nothing_is_said() {
        let durations = Dist { buckets: Vec::new(), ..calls(990, &[30 * MS; 10]).durations };
        none(&of_functions(&[FunctionStats { durations, ..calls(990, &[30 * MS; 10]) }]), ID);
    }
}

mod over_instrumented {
    use super::*;

    const ID: &str = "over-instrumented";

    fn report(calls: u64, self_ns: u64, overhead_ns: u64) -> Report {
        let function = FunctionStats { overhead_ns: Some(overhead_ns), ..busy("app::next", calls, self_ns) };
        let total_ns = 2 * overhead_ns;
        let overhead = Some(Overhead { per_call_ns: 20.0, calls, total_ns, percent: 1.0, parts: Vec::new() });
        Report { overhead, ..of_functions(&[function]) }
    }

    #[test]
    fn a_function_smaller_than_what_measures_it() {
        let finding = one(&report(1_000_000, 40 * MS, 20 * MS), ID);
        assert_eq!((finding.weight, finding.confidence), (2.0, Confidence::Medium));
        assert_eq!(evidence(&finding, "self per call"), "40 ns");
        assert_eq!(evidence(&finding, "share of the profiler's cost"), "50.00%");
    }

    #[test]
    fn it_says_how_to_leave_the_function_out() {
        let next = one(&report(1_000_000, 40 * MS, 20 * MS), ID).next;
        assert!(next.contains("HOTPATH_EXCLUDE='app::next'"), "{next}");
    }

    /// Four functions whose measuring cost 80 ms of a second in all.
    fn with_budget(percent: f64, spent_percent: f64) -> Report {
        let costs = [("app::a", 10), ("app::b", 40), ("app::it's", 5), ("app::c", 25)];
        let row = |(name, cost): (&str, u64)| {
            let function = busy(name, 2_000_000, 200 * MS);
            FunctionStats { overhead_ns: Some(cost * MS), ..function }
        };
        let budget = Some(Budget { percent, spent_percent, estimates: 4, functions: 4 });
        Report { budget, ..of_functions(&costs.map(row)) }
    }

    #[test]
    fn a_budget_that_is_not_kept_names_the_functions_to_leave_out() {
        let finding = one(&with_budget(2.0, 8.0), ID);
        assert_eq!(
            finding.title,
            "app::b costs most: measuring took 8.0 % of the run, and the budget is 2 %"
        );
        assert_eq!((&finding.subject[..], finding.confidence), ("app::b", Confidence::Medium));
        // Without the 40 and 25 ms, 10 of 75 are left, and a quarter is allowed.
        assert!(
            finding.next.contains("these 2 out") && finding.next.contains("HOTPATH_EXCLUDE='app::b,app::c'"),
            "{finding:#?}"
        );
        assert_eq!((evidence(&finding, "spent"), evidence(&finding, "budget")), ("8.00%", "2.00%"));
        let mild = one(&with_budget(5.0, 8.0), ID);
        assert!(
            mild.next.starts_with("Leave it out") && mild.next.contains("HOTPATH_EXCLUDE='app::b'"),
            "{mild:#?}"
        );
    }

    #[test]
    fn a_budget_that_is_kept_as_well_as_costs_are_known_makes_no_finding() {
        none(&with_budget(8.0, 8.0), ID);
        none(&with_budget(7.0, 8.0), ID);
    }

    #[test]
    fn a_larger_function_or_few_calls_are_worth_it() {
        none(&report(1_000_000, 81 * MS, 20 * MS), ID);
        none(&report(99_999, 40 * MS, 20 * MS), ID);
        none(&report(1_000_000, 20 * MS, 9 * MS), ID);
    }
}

mod off_cpu {
    use super::*;
    use hotpath_report::{CpuScope, CpuStats, CpuTotals, functions_cpu};

    const ID: &str = "off-cpu";

    /// A function with so much time of its own, in which so many samples of a millisecond hit it.
    fn report(self_ns: u64, samples: u64, totals: CpuTotals) -> Report {
        let cpu = Some(CpuStats::own(samples, MS));
        let rows = [FunctionStats { cpu, ..busy("app::fetch", 4, self_ns) }];
        second(vec![timing(&rows, &[]), functions_cpu(&rows, &totals, CpuScope::Inclusive)])
    }

    fn totals() -> CpuTotals {
        CpuTotals { total_samples: 500, period_ns: Some(MS), ..CpuTotals::default() }
    }

    #[test]
    fn a_function_that_mostly_waits() {
        let report = report(400 * MS, 100, totals());
        let finding = one(&report, ID);
        assert_eq!(finding.title, "app::fetch is off the CPU for 75.0 % of its self time");
        assert_eq!((finding.weight, finding.confidence), (30.0, Confidence::Medium));
        assert_eq!(evidence(&finding, "on the CPU, estimated"), "100.00 ms");
    }

    #[test]
    fn half_on_cpu_or_little_self_time_makes_no_finding() {
        none(&report(400 * MS, 201, totals()), ID);
        none(&report(250 * MS, 51, totals()), ID);
    }

    #[test]
    fn a_difference_within_the_error_of_sampling_makes_no_finding() {
        none(&report(400 * MS, 0, CpuTotals { longest_step_ns: Some(41 * MS), ..totals() }), ID);
        none(&report(400 * MS, 0, CpuTotals { period_ns: None, ..totals() }), ID);
        none(&of_functions(&[busy("app::fetch", 4, 400 * MS)]), ID);
    }

    #[test]
    fn waiting_comes_before_the_self_time_that_contains_it() {
        let ids: Vec<_> = findings(&report(400 * MS, 0, totals())).into_iter().map(|f| f.id).collect();
        assert_eq!(ids, [ID, "hot-self-time"]);
    }
}

mod called_often {
    use super::*;

    const ID: &str = "called-often";

    fn report(calls: u64, self_ns: u64) -> Report {
        let node = |name: &str, calls, children| TreeNode {
            name: name.into(),
            calls,
            children,
            ..TreeNode::default()
        };
        let tree =
            node("app::main", 1, vec![node("app::scan", 100, vec![node("app::is_word", calls, vec![])])]);
        Report { call_tree: vec![tree], ..of_functions(&[busy("app::is_word", calls, self_ns)]) }
    }

    #[test]
    fn a_small_function_whose_calls_add_up() {
        let finding = one(&report(1_000_000, 150 * MS), ID);
        assert_eq!(finding.title, "app::is_word is called 1,000,000 times for 150 ns each");
        assert_eq!((finding.weight, evidence(&finding, "called by")), (7.5, "app::scan"));
        assert_eq!(evidence(&finding, "calls per call of that"), "10,000");
    }

    #[test]
    fn longer_calls_few_calls_or_little_time_are_not_that() {
        none(&report(100_000, 101 * MS), ID);
        none(&report(99_999, 99 * MS), ID);
        none(&report(1_000_000, 99 * MS), ID);
        let measured = FunctionStats { overhead_ns: Some(60 * MS), ..busy("app::f", 1_000_000, 150 * MS) };
        none(&of_functions(std::slice::from_ref(&measured)), ID);
        // Net of the profiler's cost, all of it is the function's.
        let net = FunctionStats { self_raw_ns: Some(210 * MS), ..measured };
        assert_eq!(one(&of_functions(&[net]), ID).weight, 7.5);
    }
}

#[test]
fn waiting_stands_before_the_function_that_waited_for_the_same_time() {
    let lock = mutex("cache", acquisitions(&[50 * MS; 10], &[MS], None));
    let mut report = of_functions(&[busy("app::work", 10, SECOND)]);
    report.sections.push(Table::of::<Mutexes>(&[lock], &(), &[]));
    let ids: Vec<_> = findings(&report).into_iter().map(|finding| (finding.weight, finding.id)).collect();
    assert_eq!(ids, [(50.0, "lock-convoy".into()), (50.0, "hot-self-time".into())]);
}

#[test]
fn rules_have_identities_of_their_own_and_say_what_they_look_for() {
    let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
    assert!(RULES.iter().all(|rule| rule.about.ends_with('.')));
}

#[test]
fn small_reports_have_none() {
    let empty = Report::default();
    let hello =
        report(vec![timing(&[main_row(122_130_000), function(1, "app::hello", &[40_000], 40_000)], &[])]);
    for report in [empty, hello] {
        assert_eq!(findings(&report), []);
    }
}

fn with_findings() -> Report {
    let rows = [main_row(SECOND), busy("app::net::parse", 40, 610 * MS), busy("app::other", 3, 250 * MS)];
    let lock = mutex("cache", acquisitions(&[2 * MS; 100], &[MS], Some("app::net::parse")));
    let section = Table::of::<Mutexes>(&[lock], &(), &[95.0]);
    second(vec![timing(&rows, &[95.0]), section]).with_findings()
}

#[test]
fn json_holds_all_of_them_and_gives_them_back() {
    let report = with_findings();
    assert_eq!(report.findings.len(), 3);
    let text = json(&report);
    let read = hotpath_analysis::read_report(&text).expect("a report");
    assert_eq!(read.findings, report.findings);
    assert_eq!(json(&read), text);
    insta::assert_snapshot!(
        serde_json::to_string_pretty(
            &serde_json::from_str::<serde_json::Value>(&text).expect("JSON")["findings"]
        )
        .expect("JSON")
    );
}

#[test]
fn the_table_ends_with_a_line_each() {
    let report = with_findings();
    let text = table(&report, &hotpath_report::render::Options::default());
    let (_, block) = text.split_once("\nFindings\n").expect("a block");
    insta::assert_snapshot!(block);
    let off = hotpath_report::render::Options { findings: false, ..Default::default() };
    assert!(!table(&report, &off).contains("Findings"));
}

#[test]
fn a_long_list_is_shortened_in_the_table_and_says_so() {
    let mut report = with_findings();
    report.findings = report.findings.iter().cycle().take(7).cloned().collect();
    let text = table(&report, &hotpath_report::render::Options::default());
    let (_, block) = text.split_once("\nFindings (5 of 7, JSON has the other 2)\n").expect("a block");
    assert_eq!(block.lines().count(), 5);
}

#[test]
fn a_faulty_finding_is_an_error_with_its_place() {
    let text = json(&with_findings()).replace(r#""confidence":"medium""#, r#""confidence":"sure""#);
    let error = hotpath_analysis::read_report(&text).expect_err("a wrong word").to_string();
    assert_eq!(error, r#"findings[0].confidence: expected low, medium or high, found "sure""#);
}

#[test]
fn merged_reports_are_judged_as_one() {
    let report = with_findings();
    let merged = hotpath_analysis::merge(&report, &Report { duration_ns: 9 * SECOND, ..Report::default() });
    assert_eq!(merged.findings, findings(&merged));
    assert!(merged.findings.len() < report.findings.len(), "{:#?}", merged.findings);
}

#[test]
fn of_many_findings_of_one_rule_the_largest_stay() {
    let channel = |n: u64| ChannelStats {
        label: format!("queue {n}"),
        channel_type: Some("unbounded".into()),
        sent: 10_000,
        queue_len: Some(0),
        queue_max: Some(5_000 + n),
        ..ChannelStats::default()
    };
    let channels: Vec<ChannelStats> = (0..40).map(channel).collect();
    let report = second(vec![Table::of::<Channels>(&channels, &(), &[])]);
    let all = findings(&report);
    assert_eq!((all.len(), all[0].subject.as_str()), (MAX_PER_RULE, "queue 39"));
}

fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(1), Just(u64::MAX), 0..2_000_000u64, any::<u64>()]
}

prop_compose! {
    fn any_dist()(values in prop::collection::vec(any_number(), 0..4), count in any_number()) -> Dist {
        let known = dist(&values.iter().map(|value| value >> 2).collect::<Vec<_>>());
        Dist { count: if known.count == 0 { count } else { known.count.max(count) }, ..known }
    }
}

prop_compose! {
    fn any_function()(
        numbers in prop::array::uniform8(any_number()),
        known in any::<[bool; 4]>(),
        durations in any_dist(),
    ) -> FunctionStats {
        let [calls, total, own, polls, busy_ns, overhead, count, bytes] = numbers;
        FunctionStats {
            name: "app::f".into(),
            calls,
            total_ns: known[0].then_some(total),
            self_ns: known[1].then_some(own),
            asynchronous: known[2].then_some(AsyncStats { busy_ns, polls, completed: 0, cancelled: 0 }),
            overhead_ns: known[3].then_some(overhead),
            alloc: Some(AllocStats { self_count: count, self_bytes: bytes, ..AllocStats::default() }),
            durations,
            ..FunctionStats::default()
        }
    }
}

prop_compose! {
    fn any_run()(
        duration_ns in any_number(),
        functions in prop::collection::vec(any_function(), 0..4),
        numbers in prop::array::uniform9(any_number()),
        dists in prop::array::uniform3(any_dist()),
    ) -> Report {
        let [sent, received, queue_len, queue_max, contended, waited, blamed, polls, threshold] = numbers;
        let [delay, send_wait, poll] = dists;
        let channel = ChannelStats {
            channel_type: Some("unbounded".into()),
            type_size: Some(received),
            queue_max: Some(queue_max),
            send_wait: send_wait.clone(),
            queue_len: Some(queue_len),
            sent, received, delay,
            ..ChannelStats::default()
        };
        let mut locks = acquisitions(&[], &[], Some("app::f"));
        (locks.contended, locks.wait_total_ns, locks.wait) = (contended, Some(waited), Some(send_wait));
        if let Some(blocker) = &mut locks.blocked_by { blocker.wait_ns = Some(blamed) }
        let future = FutureStats {
            calls: sent,
            total_poll_ns: Some(received),
            wait_ns: Some(queue_max),
            blocking_polls: Some(queue_len),
            polls, poll,
            ..FutureStats::default()
        };
        let totals = FutureTotals { blocking_threshold_ns: Some(threshold) };
        let alloc = functions_alloc(&functions, &AllocTotals::default(), AllocMetric::Bytes, AllocScope::Exclusive, &[]);
        let sections = vec![
            timing(&functions, &[95.0]),
            alloc,
            Table::of::<Channels>(&[channel], &(), &[95.0]),
            Table::of::<Futures>(&[future], &totals, &[95.0]),
            Table::of::<Mutexes>(&[mutex("m", locks)], &(), &[95.0]),
        ];
        Report { duration_ns, sections, ..Report::default() }
    }
}

proptest! {
    #[test]
    fn whatever_a_report_holds_weights_are_finite_and_sorted(report in any_run()) {
        let all = findings(&report);
        for finding in &all {
            prop_assert!((0.0..=100.0).contains(&finding.weight), "{finding:?}");
            prop_assert!(finding.title.contains(&finding.subject) && !finding.evidence.is_empty(), "{finding:?}");
        }
        prop_assert!(all.is_sorted_by(|a, b| a.weight >= b.weight));
        let report = report.with_findings();
        let text = json(&report);
        prop_assert_eq!(hotpath_analysis::read_report(&text).expect("a report").findings, report.findings);
    }
}
