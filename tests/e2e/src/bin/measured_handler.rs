//! Measured functions in a signal handler, which comes at any moment and on any thread of the program.
//!
//! The argument says how: `raise` from inside a measured call, `timer` every 50 microseconds, `threads` on threads that just begin.
//! Prints how often the two functions ran.

use std::{
    os::unix::thread::JoinHandleExt,
    sync::atomic::{AtomicU64, Ordering},
};

static STEPS: AtomicU64 = AtomicU64::new(0);
static HANDLED: AtomicU64 = AtomicU64::new(0);

/// In the program and in the handler.
#[hotpath::measure]
#[inline(never)]
fn step() {
    STEPS.fetch_add(1, Ordering::Relaxed);
}

#[hotpath::measure]
#[inline(never)]
fn handled() {
    HANDLED.fetch_add(1, Ordering::Relaxed);
    step();
}

extern "C" fn handle(_: libc::c_int) {
    handled();
    step();
}

#[hotpath::measure]
fn raising() {
    // SAFETY: the signal has a handler.
    unsafe { libc::raise(libc::SIGUSR1) };
}

fn handle_signals() {
    for signal in [libc::SIGUSR1, libc::SIGALRM] {
        // SAFETY: a sigaction of zeros is a valid value.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = handle as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART;
        // SAFETY: the handler does what the test is about.
        unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
    }
}

fn ring_every(microseconds: libc::suseconds_t) {
    let time = libc::timeval { tv_sec: 0, tv_usec: microseconds };
    let timer = libc::itimerval { it_interval: time, it_value: time };
    // SAFETY: reads the times.
    unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut()) };
}

#[hotpath::measure]
fn fresh(depth: u32) -> Vec<u32> {
    if depth == 0 { Vec::new() } else { (0..depth).chain(fresh(depth - 1)).collect() }
}

#[hotpath::main]
fn main() {
    handle_signals();
    let way = std::env::args().nth(1).unwrap_or_default();
    match way.as_str() {
        "raise" => (0..10_000).for_each(|_| raising()),
        "timer" => {
            ring_every(50);
            for n in 0..2_000_000_u32 {
                step();
                if n % 10_000 == 0 {
                    std::hint::black_box(fresh(8)); // allocates, and calls what was not called here yet
                }
            }
            ring_every(0);
        }
        "threads" => {
            for n in 0..400 {
                let name = format!("a thread with a long name {n}");
                let begin = || std::hint::black_box((0..50).map(|n| vec![n; 100]).collect::<Vec<_>>()).len();
                let thread = std::thread::Builder::new().name(name).spawn(begin).expect("it begins");
                for _ in 0..20 {
                    // SAFETY: the thread is not joined yet, and its signal has a handler.
                    unsafe { libc::pthread_kill(thread.as_pthread_t(), libc::SIGUSR1) };
                }
                thread.join().expect("it ends");
            }
        }
        _ => panic!("raise, timer or threads"),
    }
    println!("steps {} handled {}", STEPS.load(Ordering::Relaxed), HANDLED.load(Ordering::Relaxed));
}
