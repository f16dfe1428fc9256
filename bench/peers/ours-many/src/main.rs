//! Many functions on many threads: what a profiler keeps for each function that a thread has called.
//!
//! `peer-ours-many THREADS [PASSES]` starts that many threads. Each calls every function once per pass (20 by default), and they stay alive
//! until all are done. Prints one line of JSON: the highest resident memory at the start, before the report, and in all.
//! `peer-ours-many THREADS PASSES check` prints what the report says instead: calls in all, in the call tree, and under `<other>`.
#![forbid(unsafe_code)]

use std::{env, hint::black_box, sync::Barrier, thread};

use probe::Usage;
use serde_json::{Value, json};

include!(concat!(env!("OUT_DIR"), "/functions.rs"));

fn call_all(passes: usize) {
    for _ in 0..passes {
        for function in FUNCTIONS {
            black_box(function(black_box(1)));
        }
    }
}

/// Returns the calls in the tree below `nodes` at nodes of that name, and all calls.
fn calls(nodes: &Value, name: &str) -> (u64, u64) {
    nodes.as_array().into_iter().flatten().fold((0, 0), |(named, all), node| {
        let own = node["calls"].as_u64().unwrap_or(0);
        let (below_named, below) = calls(&node["children"], name);
        let is_named = node["name"] == name;
        (named + below_named + if is_named { own } else { 0 }, all + below + own)
    })
}

fn main() {
    let mut words = env::args().skip(1);
    let threads: usize = words.next().map_or(1, |text| text.parse().expect("a number of threads"));
    let passes: usize = words.next().map_or(20, |text| text.parse().expect("a number of passes"));
    let is_checked = words.next().is_some_and(|word| word == "check");
    let start = Usage::now().peak_rss_kb;
    let guard = hotpath::HotpathGuardBuilder::new("many").functions_limit(if is_checked { 0 } else { 15 }).build();
    let done = Barrier::new(threads + 1);
    let recorded = thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                call_all(passes);
                done.wait();
                done.wait();
            });
        }
        done.wait();
        let recorded = Usage::now().peak_rss_kb;
        done.wait();
        recorded
    });
    if is_checked {
        let text = hotpath::report_json().expect("a session runs");
        let report: Value = serde_json::from_str(&text).expect("the report is JSON");
        let (other, tree) = calls(&report["call_tree"], "<other>");
        let rows = report["functions_timing"]["data"].as_array().map_or(&[][..], Vec::as_slice);
        let calls: u64 = rows.iter().filter_map(|row| row["calls"].as_u64()).sum();
        println!("{}", json!({ "calls": calls, "calls_in_tree": tree, "calls_under_other": other }));
        return;
    }
    drop(guard); // reports
    let peak = Usage::now().peak_rss_kb;
    let line = json!({
        "functions": FUNCTIONS.len(), "threads": threads, "start_kb": start, "recorded_kb": recorded, "peak_kb": peak,
    });
    println!("{line}");
}
