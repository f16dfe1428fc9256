//! A daemon's habit: blocks signals, and waits for them with `sigwait`.
//!
//! Prints `ready`, then what it got. Its signals are SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM and SIGTERM. With the
//! argument `threads` it prints instead which signals its threads block, by their names, and ends.

#[hotpath::measure]
fn work() {
    std::hint::black_box(());
}

const SIGNALS: [libc::c_int; 7] =
    [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGUSR1, libc::SIGUSR2, libc::SIGALRM, libc::SIGTERM];

fn block() -> libc::sigset_t {
    // SAFETY: a set of signals is plain bits.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    for signal in SIGNALS {
        // SAFETY: changes the set on the stack.
        unsafe { libc::sigaddset(&raw mut set, signal) };
    }
    // SAFETY: reads the set; what was blocked before is not asked for.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()) };
    set
}

/// Names and blocked signals of all threads, as the kernel tells.
fn threads() {
    for thread in std::fs::read_dir("/proc/self/task").expect("it is Linux").flatten() {
        let status = std::fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        let line = |key: &str| status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("").trim();
        println!("{} {}", line("Name:"), line("SigBlk:"));
    }
}

#[hotpath::main]
fn main() {
    work();
    if std::env::args().any(|argument| argument == "threads") {
        return threads();
    }
    let set = block();
    println!("ready");
    let mut got = 0;
    // SAFETY: reads the set, and writes which signal it was.
    unsafe { libc::sigwait(&raw const set, &raw mut got) };
    println!("got {got}");
    work();
}
