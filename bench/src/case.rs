//! The cases: what is called, how often, and which numbers of it say something.

use crate::{name::BARE, topic::Topic};

/// One case. What it does stands in `peers/probe/src/case.rs`, or `peers/flow.rs`, under the same name.
#[derive(Debug)]
pub struct Case {
    pub name: &'static str,
    pub about: &'static str,
    /// Measured calls over all threads.
    calls: u64,
    /// The same, for peers whose memory grows with every call.
    calls_of_peers: u64,
    pub threads: u64,
    /// In the tables about calls.
    calls_show: &'static [Quantity],
    /// In the tables about allocation tracking.
    allocations_show: &'static [Quantity],
    /// In the tables about data flow.
    flow_show: &'static [Quantity],
}

/// A number with a table of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Wall time of one thread per call, in ns.
    Wall,
    /// CPU time of the whole process per call until the report is out, in ns.
    Cpu,
    /// Highest resident memory, in MB.
    Memory,
    /// From the last call to the report, in ms.
    Report,
    /// Wall time of one thread per allocation, in ns.
    Allocation,
    /// Wall time of the whole work and of its report, in ms.
    Program,
}

impl Quantity {
    /// In the order of the tables.
    pub const ALL: [Self; 6] =
        [Self::Wall, Self::Cpu, Self::Memory, Self::Report, Self::Allocation, Self::Program];
}

use Quantity::{Allocation, Cpu, Memory, Program, Report, Wall};

const TIMES: &[Quantity] = &[Wall, Cpu];
const SIZES: &[Quantity] = &[Memory, Report];
const ALL: &[Quantity] = &[Wall, Cpu, Memory, Report];

/// In the order of the tables.
pub const CASES: [Case; 34] = [
    case("two_reads", "two raw reads of the counter", 10_000_000, 1, &[Wall]),
    case("two_instants", "two `Instant::now()`", 10_000_000, 1, &[Wall]),
    case("empty", "an empty function, 1 M calls", 1_000_000, 1, TIMES).tracked(TIMES),
    case("sustained", "an empty function, 20 M calls", 20_000_000, 1, ALL).tracked(TIMES),
    case("log", "its return value is kept", 1_000_000, 1, TIMES),
    case("nested", "three functions, each calling the next", 3_000_000, 1, TIMES).tracked(TIMES),
    case("threads2", "an empty function on 2 threads, 1 M calls each", 2_000_000, 2, TIMES).tracked(TIMES),
    case("threads8", "an empty function on 8 threads, 1 M calls each", 8_000_000, 8, TIMES),
    case("async_poll", "an async function, ready at once; per call", 1_000_000, 1, TIMES).tracked(TIMES),
    case("async_yield", "an async function that yields once; per poll", 2_000_000, 1, TIMES).tracked(TIMES),
    case("first_hit", "the first calls of 1,000 functions", 1_000, 1, &[Wall]).tracked(&[Wall]),
    Case {
        calls_of_peers: 16_000_000,
        ..case("rss100m", "10 functions on 8 threads, 100 M calls", 100_000_000, 8, ALL).tracked(&[Memory])
    },
    case("snapshot", "1,000 functions on 16 threads", 16_000, 16, SIZES).tracked(SIZES),
    case("alloc_call", "a function that allocates 32 bytes and frees them", 1_000_000, 1, &[]).tracked(TIMES),
    case("alloc_pair", "32 bytes allocated and freed; per pair", 50_000_000, 1, &[]).tracked(&[Allocation]),
    case("alloc_vec", "a `Vec` pushed to from 4 to 64 elements; per reallocation", 20_000_000, 1, &[])
        .tracked(&[Allocation]),
    case("alloc_threads", "32 bytes allocated and freed on 2 threads; per pair", 100_000_000, 2, &[])
        .tracked(&[Allocation]),
    case("json", "20 documents of 16 MB parsed, walked and printed", 20, 1, &[]).tracked(&[Program]),
    flow("ch_std", "std's `mpsc`: sent and received", 1),
    flow("ch_crossbeam", "crossbeam-channel, bounded", 1),
    flow("ch_tokio", "tokio's `mpsc`, bounded", 1),
    flow("ch_tokio_unbounded", "tokio's `mpsc`, unbounded", 1),
    flow("ch_flume", "flume, bounded", 1),
    flow("ch_async", "async-channel, bounded", 1),
    flow("ch_futures", "futures-channel's `mpsc`, bounded", 1),
    flow("oneshot_tokio", "tokio's `oneshot`: made, sent, received", 1),
    flow("mutex_std", "std's `Mutex`: locked and unlocked", 1),
    flow("mutex_parking_lot", "parking_lot's `Mutex`", 1),
    flow("mutex_tokio", "tokio's `Mutex`", 1),
    flow("rwlock_std_read", "std's `RwLock`, to read", 1),
    // In few calls the first thread would be done before the second begins.
    Case {
        flow_show: TIMES,
        ..case("mutex_std_2", "std's `Mutex`, two threads take nothing else", 20_000_000, 2, &[])
    },
    flow("stream_item", "an item of a stream that is always ready", 1),
    flow("future_poll", "a poll of one long future", 1),
    flow("keyed", "the row of a known key of 60 bytes, as `val!` finds it", 1),
];

const fn case(
    name: &'static str,
    about: &'static str,
    calls: u64,
    threads: u64,
    calls_show: &'static [Quantity],
) -> Case {
    Case {
        name,
        about,
        calls,
        calls_of_peers: calls,
        threads,
        calls_show,
        allocations_show: &[],
        flow_show: &[],
    }
}

/// An operation on something that is watched.
const fn flow(name: &'static str, about: &'static str, threads: u64) -> Case {
    Case { flow_show: TIMES, ..case(name, about, 3_000_000, threads, &[]) }
}

impl Case {
    const fn tracked(self, allocations_show: &'static [Quantity]) -> Self {
        Self { allocations_show, ..self }
    }

    /// Which of its numbers the tables about the topic show.
    pub fn shown(&self, topic: Topic) -> &'static [Quantity] {
        match topic {
            Topic::Calls => self.calls_show,
            Topic::Allocations => self.allocations_show,
            Topic::Flow => self.flow_show,
        }
    }

    /// The program without a profiler that its costs are measured against.
    pub fn bare(&self) -> &'static str {
        let topics = Topic::ALL.into_iter();
        topics.filter(|&topic| !self.shown(topic).is_empty()).map(Topic::bare).next().unwrap_or(BARE)
    }

    /// How many calls a peer is asked for.
    pub fn calls(&self, keeps_every_call: bool) -> u64 {
        if keeps_every_call { self.calls_of_peers } else { self.calls }
    }
}
