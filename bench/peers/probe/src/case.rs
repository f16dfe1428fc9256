//! What is done with the measured functions.

use std::{
    hint::black_box,
    sync::{Arc, Barrier},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{Functions, Profiler, block_on, document, heap, keep};

/// Calls between two openings of a frame or request, for the profilers that have such.
const BATCH: u64 = 1_000;
/// Calls before the clock starts, so that what happens once is not counted as cost per call.
const WARM_UP: u64 = 1_000;
const SNAPSHOT_THREADS: usize = 16;

/// One way to call the measured functions. The number of calls is the number of measured calls, over all threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// An empty function, as often as fits before any background thread wakes up or falls behind.
    Empty,
    /// The same, for long enough that everything the profiler does later must be done meanwhile.
    Sustained,
    /// A function whose return value is kept.
    Log,
    /// Three functions, each calling the next.
    Nested,
    /// The empty function on two threads.
    Threads2,
    /// The empty function on eight threads.
    Threads8,
    /// A future that is ready at once; a call is a future.
    AsyncPoll,
    /// A future that yields once; a call is a poll.
    AsyncYield,
    /// Ten functions on eight threads, for the memory they leave.
    Memory,
    /// The first call of each of a thousand functions.
    FirstHit,
    /// A report over a thousand functions on sixteen threads.
    Snapshot,
    /// A function that allocates 32 bytes and frees them.
    AllocCall,
    /// The same allocations inside one measured call; a call is an allocation with its free.
    AllocPair,
    /// A `Vec` grown push by push inside one measured call; a call is an allocation or reallocation.
    AllocVec,
    /// As `AllocPair`, one measured call on each of two threads.
    AllocThreads,
    /// A real program: a large document is parsed, walked and printed; a call is a document.
    Json,
    /// No function: two raw reads of the processor's counter.
    TwoReads,
    /// No function: two reads of the standard library's clock.
    TwoInstants,
}

/// The calls made, the time they took, and threads kept alive until they are dropped.
pub struct Done {
    pub calls: u64,
    pub wall: Duration,
    pub threads: Option<Parked>,
}

impl Case {
    pub const ALL: [Self; 18] = [
        Self::Empty,
        Self::Sustained,
        Self::Log,
        Self::Nested,
        Self::Threads2,
        Self::Threads8,
        Self::AsyncPoll,
        Self::AsyncYield,
        Self::Memory,
        Self::FirstHit,
        Self::Snapshot,
        Self::AllocCall,
        Self::AllocPair,
        Self::AllocVec,
        Self::AllocThreads,
        Self::Json,
        Self::TwoReads,
        Self::TwoInstants,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Sustained => "sustained",
            Self::Log => "log",
            Self::Nested => "nested",
            Self::Threads2 => "threads2",
            Self::Threads8 => "threads8",
            Self::AsyncPoll => "async_poll",
            Self::AsyncYield => "async_yield",
            Self::Memory => "rss100m",
            Self::FirstHit => "first_hit",
            Self::Snapshot => "snapshot",
            Self::AllocCall => "alloc_call",
            Self::AllocPair => "alloc_pair",
            Self::AllocVec => "alloc_vec",
            Self::AllocThreads => "alloc_threads",
            Self::Json => "json",
            Self::TwoReads => "two_reads",
            Self::TwoInstants => "two_instants",
        }
    }

    pub(crate) fn run<P: Profiler + Functions>(self, calls: u64) -> Done {
        match self {
            Self::Empty | Self::Sustained => one_thread::<P, _>(calls, 1, P::empty),
            Self::Log => one_thread::<P, _>(calls, 1, P::logged),
            Self::Nested => one_thread::<P, _>(calls, 3, P::nested),
            Self::Threads2 => many_threads(calls, 2, |times| in_batches::<P, _>(times, P::empty)),
            Self::Threads8 => many_threads(calls, 8, |times| in_batches::<P, _>(times, P::empty)),
            Self::AsyncPoll => one_thread::<P, _>(calls, 1, |value| block_on(P::ready(value))),
            Self::AsyncYield => one_thread::<P, _>(calls, 2, |value| block_on(P::yields(value))),
            Self::Memory => many_threads(calls, 8, |times| {
                in_batches::<P, _>(times, |value| P::one_of_ten(value % 10, value));
            }),
            Self::FirstHit => first_hit::<P>(),
            Self::Snapshot => snapshot::<P>(),
            Self::AllocCall => one_thread::<P, _>(calls, 1, P::one_box),
            Self::AllocPair => timed(calls, 1, |times| in_one_call::<P>(times, P::boxes)),
            Self::AllocVec => timed(calls, heap::ALLOCATIONS, |times| in_one_call::<P>(times, P::growths)),
            Self::AllocThreads => many_threads(calls, 2, |times| in_one_call::<P>(times, P::boxes)),
            Self::Json => documents::<P>(calls),
            Self::TwoReads => one_thread::<P, _>(calls, 1, |_| counter().wrapping_sub(counter())),
            Self::TwoInstants => one_thread::<P, _>(calls, 1, |_| (Instant::now(), Instant::now())),
        }
    }
}

/// Makes `calls` measured calls, of which one call of `function` is `each`.
fn one_thread<P: Profiler, R>(calls: u64, each: u64, function: impl Fn(u64) -> R + Copy) -> Done {
    timed(calls, each, |times| in_batches::<P, _>(times, function))
}

/// Does `work` for `calls`, of which one time is `each`.
pub fn timed(calls: u64, each: u64, mut work: impl FnMut(u64)) -> Done {
    work(WARM_UP);
    let times = calls / each;
    let start = Instant::now();
    work(times);
    Done { calls: times * each, wall: start.elapsed(), threads: None }
}

/// One measured call that does something `times` times.
fn in_one_call<P: Profiler>(times: u64, function: impl Fn(u64) -> u64) {
    P::batch(|| {
        black_box(function(black_box(times)));
    });
}

fn in_batches<P: Profiler, R>(times: u64, function: impl Fn(u64) -> R) {
    let mut done = 0;
    while done < times {
        let end = times.min(done + BATCH);
        P::batch(|| {
            for value in done..end {
                black_box(function(black_box(value)));
            }
        });
        done = end;
    }
}

/// Shares `calls` between the threads; the wall time is from the first start to the last end.
pub fn many_threads(calls: u64, threads: u64, work: impl Fn(u64) + Sync) -> Done {
    let each = calls / threads;
    let barrier = Barrier::new(threads as usize);
    // The threads look at the clock themselves: one that only watches may get no processor until they are done.
    let thread = || {
        work(WARM_UP);
        barrier.wait();
        let start = Instant::now();
        work(each);
        (start, Instant::now())
    };
    let times: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(thread)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let (first, last) = (times.iter().map(|time| time.0).min(), times.iter().map(|time| time.1).max());
    let wall = first.zip(last).map_or(Duration::ZERO, |(first, last)| last - first);
    Done { calls: each * times.len() as u64, wall, threads: None }
}

/// The first document is for what happens once, in the profiler as in the allocator.
fn documents<P: Profiler + Functions>(documents: u64) -> Done {
    keep::memory();
    let text = document::generate();
    let one_document = || {
        let value = P::parse(&text);
        black_box(P::walk(&value));
        black_box(P::print(&value));
    };
    P::batch(one_document);
    let start = Instant::now();
    for _ in 0..documents {
        P::batch(one_document);
    }
    Done { calls: documents, wall: start.elapsed(), threads: None }
}

fn first_hit<P: Profiler + Functions>() -> Done {
    let functions = P::distinct();
    let start = Instant::now();
    P::batch(|| call_all(&functions));
    Done { calls: functions.len() as u64, wall: start.elapsed(), threads: None }
}

/// Calls every function on every thread; the threads stay, so that no profiler can fold them into one.
fn snapshot<P: Profiler + Functions>() -> Done {
    let functions = P::distinct();
    let start = Instant::now();
    let threads = Parked::start(SNAPSHOT_THREADS, || P::batch(|| call_all(&P::distinct())));
    let calls = (functions.len() * SNAPSHOT_THREADS) as u64;
    Done { calls, wall: start.elapsed(), threads: Some(threads) }
}

fn call_all(functions: &[fn(u64) -> u64]) {
    for function in functions {
        black_box(function(black_box(1)));
    }
}

/// Threads that have done their work and wait until they are dropped.
pub struct Parked {
    leave: Arc<Barrier>,
    threads: Vec<JoinHandle<()>>,
}

impl Parked {
    /// Returns when all threads have done `work`.
    fn start(count: usize, work: fn()) -> Self {
        let (done, leave) = (Arc::new(Barrier::new(count + 1)), Arc::new(Barrier::new(count + 1)));
        let threads = (0..count).map(|_| {
            let (done, leave) = (Arc::clone(&done), Arc::clone(&leave));
            thread::spawn(move || {
                work();
                done.wait();
                leave.wait();
            })
        });
        let threads = threads.collect();
        done.wait();
        Self { leave, threads }
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        self.leave.wait();
        for thread in self.threads.drain(..) {
            // A panic has been printed by then, and this process only measures.
            let _ = thread.join();
        }
    }
}

/// The processor's own counter, as a profiler reads it; elsewhere the standard clock stands in for it.
fn counter() -> u64 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor has this instruction, and it touches no memory.
    return unsafe { std::arch::x86_64::_rdtsc() };
    #[cfg(target_arch = "aarch64")]
    {
        let ticks: u64;
        // SAFETY: reads a register that user code may read, and touches no memory.
        unsafe { std::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack)) };
        return ticks;
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos() as u64);
}
