//! Threads of several kinds, by the first argument, and one session.

use std::{
    sync::mpsc,
    thread::{self, Builder},
};

#[hotpath::measure]
fn work() {}

/// What the system calls the threads of this process.
fn names() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).ok();
    tasks.filter_map(name).map(|name| name.trim().to_owned()).collect()
}

fn has_sampler() -> bool {
    names().iter().any(|name| name == "hp-threads")
}

/// How often the thread that looks has gone to sleep.
fn looks() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let status = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("status")).ok();
    let is_it = |status: &String| status.starts_with("Name:\thp-threads\n");
    let status = tasks.filter_map(status).find(is_it).unwrap_or_default();
    let number = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    number.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
}

/// A thread that measures nothing, and lives while others look at it a few times.
fn passes_by() {
    let look_on = || {
        let before = looks();
        while looks() < before + 5 {
            thread::yield_now();
        }
    };
    let thread = Builder::new().name("passes by".into()).spawn(look_on);
    thread.into_iter().for_each(|thread| drop(thread.join()));
}

/// So many threads at once, which measure and end.
fn workers(count: usize) {
    let (end, wait) = mpsc::channel::<()>();
    let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
    let start = |number: usize| {
        let wait = wait.clone();
        let work = move || {
            work();
            let _ended = wait.lock().map(|wait| wait.recv());
        };
        Builder::new().name(format!("a-worker-with-a-long-name-{number}")).spawn(work)
    };
    let threads: Vec<_> = (0..count).flat_map(start).collect();
    drop(end);
    threads.into_iter().for_each(|thread| drop(thread.join()));
}

fn main() {
    let way = std::env::args().nth(1).unwrap_or_default();
    let guard = hotpath::HotpathGuardBuilder::new("threads::main").build();
    work();
    workers(7);
    if way == "unmeasured" {
        passes_by();
    }
    println!("sampler {}", has_sampler());
    drop(guard);
    if way == "after" {
        // Only an end without regard to the interval lets this end.
        while has_sampler() {
            thread::yield_now();
        }
    }
    println!("done");
}
