//! The cases: what is called, how often, and which numbers of it say something.

/// One case. What it does stands in `peers/probe/src/case.rs`, under the same name.
#[derive(Debug)]
pub struct Case {
    pub name: &'static str,
    pub about: &'static str,
    /// Measured calls over all threads.
    calls: u64,
    /// The same, for peers whose memory grows with every call.
    calls_of_peers: u64,
    pub threads: u64,
    pub shows: &'static [Quantity],
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
}

use Quantity::{Cpu, Memory, Report, Wall};

const TIMES: &[Quantity] = &[Wall, Cpu];
const ALL: &[Quantity] = &[Wall, Cpu, Memory, Report];

/// In the order of the tables.
pub const CASES: [Case; 13] = [
    case("two_reads", "two raw reads of the counter", 10_000_000, 1, &[Wall]),
    case("two_instants", "two `Instant::now()`", 10_000_000, 1, &[Wall]),
    case("empty", "an empty function, 1 M calls", 1_000_000, 1, TIMES),
    case("sustained", "an empty function, 20 M calls", 20_000_000, 1, ALL),
    case("log", "its return value is kept", 1_000_000, 1, TIMES),
    case("nested", "three functions, each calling the next", 3_000_000, 1, TIMES),
    case("threads2", "an empty function on 2 threads, 1 M calls each", 2_000_000, 2, TIMES),
    case("threads8", "an empty function on 8 threads, 1 M calls each", 8_000_000, 8, TIMES),
    case("async_poll", "an async function, ready at once; per call", 1_000_000, 1, TIMES),
    case("async_yield", "an async function that yields once; per poll", 2_000_000, 1, TIMES),
    case("first_hit", "the first calls of 1,000 functions", 1_000, 1, &[Wall]),
    Case {
        calls_of_peers: 16_000_000,
        ..case("rss100m", "10 functions on 8 threads, 100 M calls", 100_000_000, 8, ALL)
    },
    case("snapshot", "1,000 functions on 16 threads", 16_000, 16, &[Memory, Report]),
];

const fn case(
    name: &'static str,
    about: &'static str,
    calls: u64,
    threads: u64,
    shows: &'static [Quantity],
) -> Case {
    Case { name, about, calls, calls_of_peers: calls, threads, shows }
}

impl Case {
    /// How many calls a peer is asked for.
    pub fn calls(&self, keeps_every_call: bool) -> u64 {
        if keeps_every_call { self.calls_of_peers } else { self.calls }
    }
}
