//! A program that is looked at from outside while it runs: it does what it is told, a line each on standard input, and says
//! `done` when it has.

use std::{
    io::{BufRead, stdin},
    sync::{Mutex, RwLock, mpsc},
};

use futures::StreamExt;

#[hotpath::measure(log = true)]
fn parse(n: u64) -> u64 {
    inner(n) * 2
}

#[hotpath::measure]
fn inner(n: u64) -> u64 {
    n + 1
}

#[hotpath::measure]
async fn fetch() {
    tokio::task::yield_now().await;
}

/// Everything once, functions ten times.
async fn work(round: u64) {
    let sum: u64 = (0..10).map(parse).sum();
    fetch().await;
    let (tx, rx) = hotpath::channel!(mpsc::channel::<u64>(), label = "jobs", log = true);
    (0..3).for_each(|job| tx.send(job).expect("there is a receiver"));
    rx.try_iter().take(2).for_each(drop);
    let (tx, rx) = hotpath::channel!(mpsc::channel::<u64>(), label = "silent");
    tx.send(sum).expect("there is a receiver");
    rx.recv().expect("there is a message");
    let mut items = hotpath::stream!(futures::stream::iter(["a", "b"]), label = "items", log = true);
    while items.next().await.is_some() {}
    hotpath::future!(async { 42 }, label = "answer", log = true).await;
    *hotpath::mutex!(Mutex::new(0), label = "state").lock().expect("no poison") += 1;
    drop(hotpath::rw_lock!(RwLock::new(0), label = "table").read());
    hotpath::dbg!(round + 1);
    hotpath::val!("user").set(&"ann");
    hotpath::gauge!("level").set(2.5).inc(1);
}

/// The next line of standard input; the word for the end when there is none.
fn line() -> String {
    let mut line = String::new();
    stdin().lock().read_line(&mut line).expect("it is text");
    if line.is_empty() { "end".to_owned() } else { line.trim().to_owned() }
}

fn fork() {
    // SAFETY: the child does nothing but exit.
    #[allow(unsafe_code, reason = "there is no safe fork")]
    let child = unsafe { libc::fork() };
    if child == 0 {
        // Until the parent's end of standard input is closed.
        while line() != "end" {}
        std::process::exit(0);
    }
}

/// Forks many times; each fork needs what the endpoint may be using at that moment. Says how many got it.
#[allow(unsafe_code, reason = "there is no safe fork")]
fn fork_often() {
    let ended = |_: &i32| {
        // SAFETY: the child calls the profiler, and nothing that allocates.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: kills this process if it hangs; ends it otherwise.
            unsafe {
                libc::alarm(10);
                hotpath::pause();
                libc::_exit(0);
            }
        }
        let mut status = -1;
        // SAFETY: `child` is ours, and `status` is a place for the answer.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        status == 0
    };
    println!("{} forks ended", (0..100).filter(ended).count());
}

/// Says that the end has begun, and waits for a line.
fn before_end() {
    println!("closing");
    line();
}

async fn obey() {
    let mut round = 0;
    loop {
        match line().as_str() {
            "work" => work(round).await,
            "runtime" => hotpath::tokio_runtime!(),
            "fork" => fork(),
            "forks" => fork_often(),
            "end" => return,
            other => println!("what is {other}?"),
        }
        round += 1;
        println!("done");
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for name in ["first", "second"] {
        let guard = hotpath::HotpathGuardBuilder::new(name).before_shutdown(before_end).build();
        println!("ready");
        runtime.block_on(obey());
        drop(guard);
        println!("ended");
        line();
    }
}
