//! Many functions on many threads: what a profiler keeps for each function that a thread has called.
//!
//! `peer-ours-many THREADS [PASSES]` starts that many threads. Each calls every function once per pass (20 passes), and they stay alive until
//! all are done. Prints, as one line of JSON, the highest resident memory before and after the report was made, and what the report says.
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
    let mut numbers = env::args().skip(1).map(|text| text.parse::<usize>().expect("a number"));
    let (threads, passes) = (numbers.next().unwrap_or(1), numbers.next().unwrap_or(20));
    let start = Usage::now().peak_rss_kb;
    let guard = hotpath::HotpathGuardBuilder::new("many").functions_limit(0).build();
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
    let text = hotpath::report_json().expect("a session runs");
    let reported = Usage::now().peak_rss_kb;
    let report: Value = serde_json::from_str(&text).expect("the report is JSON");
    drop(guard);
    let (other, tree) = calls(&report["call_tree"], "<other>");
    let rows = report["functions_timing"]["data"].as_array().map_or(&[][..], Vec::as_slice);
    let count = |row: &Value| row["calls"].as_u64().unwrap_or(0);
    let line = json!({
        "functions": FUNCTIONS.len(),
        "threads": threads,
        "calls": rows.iter().map(count).sum::<u64>(),
        "calls_in_tree": tree,
        "calls_under_other": other,
        "start_kb": start,
        "recorded_kb": recorded,
        "reported_kb": reported,
    });
    println!("{line}");
}
