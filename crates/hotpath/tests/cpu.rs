//! CPU samples tell what the processor worked for: compared with the processor clock of the thread that did the work.
#![cfg(all(feature = "hotpath-cpu", not(feature = "hotpath-off"), target_os = "linux"))]

mod common;

use std::{
    future::Future,
    hint::black_box,
    pin::pin,
    sync::mpsc,
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use common::{Report, Session, Yields, session, session_with};
use hotpath::Section;
use serde_json::Value;

/// Nanoseconds that this thread has been on a processor.
fn cpu_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a place for the answer.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Works until the thread has been on a processor for so long; returns how long it was.
fn work(millis: u64) -> u64 {
    let start = cpu_ns();
    let mut value = 1_u64;
    loop {
        let done = cpu_ns() - start;
        if done >= millis * 1_000_000 {
            black_box(value);
            return done;
        }
        for _ in 0..20_000 {
            value = black_box(value.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(7));
        }
    }
}

fn rows(report: &Report) -> Vec<Value> {
    report.0["functions_cpu"]["data"].as_array().expect("the report has samples").clone()
}

#[track_caller]
fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap_or_else(|| panic!("{key} is unknown in {value:#}"))
}

/// Own samples of the row of that name; 0 without one.
fn samples(report: &Report, name: &str) -> u64 {
    let is_it = |row: &&Value| {
        row["name"].as_str().is_some_and(|own| own == name || own.ends_with(&format!("::{name}")))
    };
    rows(report).iter().filter(is_it).map(|row| number(row, "self_samples")).sum()
}

fn total(report: &Report) -> u64 {
    number(&report.0["functions_cpu"], "total_samples")
}

/// The most processor time from one look at a thread to the next: what a sample may be late.
fn step_ns(report: &Report) -> u64 {
    let section = &report.0["functions_cpu"];
    let polls = number(section, "polls");
    assert!(polls > 0 && polls <= total(report), "{section:#}");
    number(section, "longest_step_ns")
}

/// Runs a test that a busy machine may spoil: its clock ticks now and then, and a virtual processor may miss many of its ticks.
/// What is wrong with the code is wrong each time.
fn patiently(test: fn()) {
    for _ in 0..4 {
        if std::panic::catch_unwind(test).is_ok() {
            return;
        }
    }
    test();
}

/// Asserts that the samples stand for this processor time, up to `spans` beginnings and ends.
#[track_caller]
fn assert_stands_for(report: &Report, samples: u64, cpu_ns: u64, spans: u64) {
    let told = samples * number(&report.0["functions_cpu"], "period_ns");
    let slack = 2 * spans * step_ns(report) + cpu_ns / 50;
    assert!(told.abs_diff(cpu_ns) <= slack, "{told} ns told, {cpu_ns} ns worked, slack {slack}");
}

mod plain {
    macro_rules! parts {
        ($($name:ident)+) => { $(
            #[hotpath::measure]
            #[inline(always)]
            pub fn $name(millis: u64) -> u64 {
                super::work(millis)
            }
        )+ };
    }
    parts!(plain_large plain_medium plain_small);
}

mod generic {
    macro_rules! parts {
        ($($name:ident)+) => { $(
            #[hotpath::measure]
            pub fn $name<T: Into<u64>>(millis: T) -> u64 {
                super::work(millis.into())
            }
        )+ };
    }
    parts!(generic_large generic_medium generic_small);
}

trait Parts {
    fn trait_large(&self) -> u64;
    fn trait_medium(&self) -> u64;
    fn trait_small(&self) -> u64;
}

struct Worker;

#[hotpath::measure_all]
impl Parts for Worker {
    fn trait_large(&self) -> u64 {
        work(60)
    }

    fn trait_medium(&self) -> u64 {
        work(30)
    }

    fn trait_small(&self) -> u64 {
        work(10)
    }
}

mod polled {
    macro_rules! parts {
        ($($name:ident)+) => { $(
            #[hotpath::measure]
            pub async fn $name(millis: u64) -> u64 {
                let first = super::work(millis / 2);
                super::Yields(1).await;
                first + super::work(millis / 2)
            }
        )+ };
    }
    parts!(async_large async_medium async_small);
}

/// Polls until it is there.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

/// The large, the medium and the small part.
type Family = [fn() -> u64; 3];

/// Rounds of 60, 30 and 10 ms: so many per family.
const ROUNDS: u32 = 10;

/// Points that a share may be off: 3, wherever threads are looked at at least once in the smallest part. A machine so overloaded that
/// it misses whole parts cannot show that; then each beginning and end may be off by a step, and the output says so.
fn share_bound(report: &Report, worked_ns: u64) -> f64 {
    const SMALLEST_PART_NS: u64 = 10_000_000;
    let longest = step_ns(report);
    if longest <= SMALLEST_PART_NS {
        return 3.0;
    }
    let off = (2.0 * f64::from(ROUNDS)).sqrt() * longest as f64;
    let bound = (off * 100.0 / worked_ns as f64).clamp(3.0, 25.0);
    eprintln!("steps of up to {longest} ns: 3 points cannot be shown here, {bound:.1} are");
    bound
}

#[test]
fn shares_are_those_of_the_processor_time() {
    patiently(|| {
        let families: [(&str, Family); 4] = [
            ("plain", [|| plain::plain_large(60), || plain::plain_medium(30), || plain::plain_small(10)]),
            (
                "generic",
                [
                    || generic::generic_large(60_u64),
                    || generic::generic_medium(30_u32),
                    || generic::generic_small(10_u8),
                ],
            ),
            ("trait", [|| Worker.trait_large(), || Worker.trait_medium(), || Worker.trait_small()]),
            (
                "async",
                [
                    || run(polled::async_large(60)),
                    || run(polled::async_medium(30)),
                    || run(polled::async_small(10)),
                ],
            ),
        ];
        let session = session();
        let mut worked = [[0; 3]; 4];
        for _ in 0..ROUNDS {
            for (family, (_, parts)) in families.iter().enumerate() {
                for (part, run) in parts.iter().enumerate() {
                    worked[family][part] += run();
                }
            }
        }
        let report = session.report();
        for ((family, _), worked) in families.iter().zip(worked) {
            let told = ["large", "medium", "small"].map(|part| samples(&report, &format!("{family}_{part}")));
            let share =
                |values: [u64; 3]| values.map(|v| v as f64 * 100.0 / values.iter().sum::<u64>() as f64);
            let bound = share_bound(&report, worked.iter().sum());
            for (told, worked) in share(told).into_iter().zip(share(worked)) {
                assert!(
                    (told - worked).abs() <= bound,
                    "{family}: {told:.1} % told, {worked:.1} % worked, bound {bound:.1}"
                );
            }
            let spans = 3 * u64::from(ROUNDS);
            assert_stands_for(&report, told.iter().sum(), worked.iter().sum(), spans.isqrt());
        }
    })
}

#[hotpath::measure]
fn sleeps() {
    thread::sleep(Duration::from_millis(300));
}

#[hotpath::measure]
fn works(millis: u64) -> u64 {
    work(millis)
}

#[hotpath::measure]
fn works_and_sleeps() -> u64 {
    sleeps();
    works(200)
}

#[test]
fn a_sleeping_thread_has_no_samples_and_is_off_the_cpu() {
    patiently(|| {
        let session = session();
        let before = cpu_ns();
        let worked = works_and_sleeps();
        let all = cpu_ns() - before;
        let report = session.report();
        let others = all - worked;
        assert!(
            samples(&report, "sleeps") * number(&report.0["functions_cpu"], "period_ns")
                <= others + step_ns(&report)
        );
        assert_stands_for(&report, samples(&report, "works"), worked, 1);
        let row = report.row("works_and_sleeps");
        let (total, off) = (row.number("total_ns"), row.number("off_cpu_ns"));
        let waited = total - all.min(total);
        assert!(off.abs_diff(waited) <= 3 * step_ns(&report), "{off} ns told, {waited} ns waited");
        assert!(off >= 250_000_000, "it slept: {off}");
        let asleep = report.row("sleeps");
        assert!(asleep.number("off_cpu_ns").abs_diff(asleep.number("total_ns")) <= 2 * step_ns(&report));
    })
}

#[test]
fn every_sample_is_in_one_row_and_the_tree_agrees() {
    patiently(|| {
        let session = session();
        works(60);
        works_and_sleeps();
        work(40); // in the function that holds the guard
        let report = session.report();
        let section = &report.0["functions_cpu"];
        let of = |kind: &dyn Fn(&Value) -> bool| -> u64 {
            rows(&report).iter().filter(|row| kind(row)).map(|row| number(row, "self_samples")).sum()
        };
        let all = of(&|_| true);
        let not_measured = of(&|row| row["kind"] == "outside");
        assert_eq!(all, number(section, "total_samples"));
        assert_eq!(all - not_measured, number(section, "attributed_samples"));
        let row = |name: &str| {
            rows(&report).into_iter().find(|row| row["name"].as_str().expect("a name").ends_with(name))
        };
        let outer = row("works_and_sleeps").expect("a row");
        assert_eq!(outer["samples"], outer["self_samples"], "exclusive unless asked otherwise");
        assert!(number(&outer, "total_samples") > number(&outer, "self_samples"));
        let main = row("main").expect("a row");
        assert_eq!(main["kind"], "main");
        assert!(number(&main, "self_samples") > 0);
        let in_tree = |node: &Value| -> u64 {
            fn sum(node: &Value) -> u64 {
                let below = node["children"].as_array().expect("children").iter().map(sum).sum::<u64>();
                number(node, "cpu_samples") + below
            }
            sum(node)
        };
        let tree = report.0["call_tree"].as_array().expect("a tree");
        assert_eq!(in_tree(&tree[0]), number(&main, "total_samples"));
        assert_eq!(tree.iter().map(in_tree).sum::<u64>(), number(section, "attributed_samples"));
    })
}

/// What a thread did, told while it waits to end.
struct Waiting {
    worked: u64,
    end: mpsc::Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Waiting {
    fn after(job: impl FnOnce() -> u64 + Send + 'static) -> Self {
        let (done, wait) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let thread = thread::spawn(move || {
            done.send(job()).expect("it is received");
            let _ended = ended.recv();
        });
        Self { worked: wait.recv().expect("it works"), end, thread }
    }

    fn end(self) {
        self.end.send(()).expect("it waits");
        self.thread.join().expect("no panic");
    }
}

const UNMEASURED: &str = "<threads without measured functions>";

#[test]
fn threads_are_sampled_whether_they_measure_or_not_and_also_when_they_have_ended() {
    patiently(|| {
        let session = session();
        let measures = Waiting::after(|| works(150));
        let outside = Waiting::after(|| {
            works(0);
            work(150)
        });
        // One that measures nothing is found by a look, so the first moments of it are missed.
        let unmeasured = Waiting::after(|| work(600));
        let check = |session: &Session| {
            let report = session.report();
            assert_stands_for(&report, samples(&report, "works"), measures.worked, 2);
            assert_stands_for(&report, samples(&report, "<outside>"), outside.worked, 2);
            let told = samples(&report, UNMEASURED) * number(&report.0["functions_cpu"], "period_ns");
            assert!(told <= unmeasured.worked + 4 * step_ns(&report), "{told} of {}", unmeasured.worked);
            assert!(told >= unmeasured.worked / 3, "{told} of {}", unmeasured.worked);
            ["works", "<outside>", UNMEASURED].map(|name| samples(&report, name))
        };
        let alive = check(&session);
        let (measured_worked, outside_worked) = (measures.worked, outside.worked);
        measures.end();
        outside.end();
        unmeasured.end();
        // Others get their slots and their lanes.
        let later = Waiting::after(|| works(40));
        let report = session.report();
        assert_eq!([samples(&report, "<outside>"), samples(&report, UNMEASURED)], [alive[1], alive[2]]);
        assert_stands_for(&report, samples(&report, "works"), measured_worked + later.worked, 3);
        assert_stands_for(&report, samples(&report, "<outside>"), outside_worked, 2);
        later.end();
    })
}

#[test]
fn sessions_and_resets_count_from_zero() {
    patiently(|| {
        let first = session();
        works(100);
        assert!(total(&first.report()) > 0);
        hotpath::reset();
        let report = first.report();
        assert_eq!(
            (samples(&report, "works"), number(&report.0["functions_cpu"], "attributed_samples")),
            (0, 0)
        );
        let worked = works(80);
        let report = first.report();
        assert_stands_for(&report, samples(&report, "works"), worked, 1);
        drop(first);
        work(50); // no session
        let second = session();
        let worked = works(60);
        let report = second.report();
        assert_stands_for(&report, total(&report), worked, 2);
        hotpath::pause();
        works(100);
        hotpath::resume();
        assert_stands_for(&second.report(), total(&second.report()), worked, 3);
    })
}

#[test]
fn nothing_is_sampled_unless_the_section_is_wanted() {
    let session = session_with(|builder| builder.sections(vec![Section::FunctionsTiming]));
    works(50);
    let report = session.report();
    assert!(report.0["functions_cpu"].is_null());
    assert!(report.row("works").0.get("off_cpu_ns").is_none());
    assert!(report.0["call_tree"][0].get("cpu_samples").is_none());
}
