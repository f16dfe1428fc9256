//! The noisy neighbour: threads that use processors and memory in bursts.
//!
//! They are threads of this process, so they end with it, however it ends.

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Memory that a burst goes through, in words of eight bytes: more than caches hold.
const WORDS: usize = 4 << 20;
/// Words between two readings of the clock: some 10 µs.
const PIECE: usize = 8 << 10;
/// The shortest burst; the longest is this times [`SPREAD`].
const SHORTEST: Duration = Duration::from_millis(2);
/// By lengths from 2 to 200 ms, each as probable as one twice as long, some runs are disturbed as a whole and some in parts.
const SPREAD: f64 = 100.0;
/// Interval at which a pause checks for its end.
const NAP: Duration = Duration::from_millis(20);

pub struct Neighbour {
    is_over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Neighbour {
    /// Begins to use so many processors on average; 0 is no neighbour. There are as many threads as processors, so that now and
    /// then all of them are taken.
    pub fn begin(load: f64) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let count = thread::available_parallelism().map_or(1, usize::from);
        let part = (load / count as f64).min(1.0);
        let one = |number: usize| {
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || disturb(part, number as u64, &is_over))
        };
        let threads = if load > 0.0 { (0..count).map(one).collect() } else { Vec::new() };
        Self { is_over, threads }
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        self.is_over.store(true, Relaxed); // a flag alone orders nothing
        for thread in self.threads.drain(..) {
            let _panicked_or_not = thread.join();
        }
    }
}

/// Bursts and pauses of random length, busy for `part` of the time.
fn disturb(part: f64, seed: u64, is_over: &AtomicBool) {
    let mut random = Random(seed);
    let mut memory = vec![1u64; WORDS];
    while !is_over.load(Relaxed) {
        let until = Instant::now() + random.length();
        let has_traffic = random.part() < 0.5;
        while Instant::now() < until {
            if has_traffic { read_and_write(&mut memory, &mut random) } else { calculate() }
        }
        let until = Instant::now() + random.length().mul_f64((1.0 - part) / part);
        while !is_over.load(Relaxed)
            && let Some(left) = until.checked_duration_since(Instant::now())
        {
            thread::sleep(left.min(NAP));
        }
    }
}

fn read_and_write(memory: &mut [u64], random: &mut Random) {
    let from = (random.part() * (memory.len() - PIECE) as f64) as usize;
    black_box(&mut memory[from..from + PIECE]).iter_mut().for_each(|word| *word = word.wrapping_add(1));
}

fn calculate() {
    black_box((0..PIECE as u64).fold(1, |value: u64, i| black_box(value.wrapping_mul(i | 1).rotate_left(7))));
}

/// SplitMix64.
struct Random(u64);

impl Random {
    /// From 0 to 1.
    fn part(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn length(&mut self) -> Duration {
        SHORTEST.mul_f64(SPREAD.powf(self.part()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Neighbour, Random, SHORTEST, SPREAD};

    #[test]
    fn lengths_are_within_their_bounds_and_differ() {
        let mut random = Random(1);
        let lengths: Vec<_> = (0..1_000).map(|_| random.length()).collect();
        let (shortest, longest) = (lengths.iter().min(), lengths.iter().max());
        assert!(shortest.is_some_and(|&shortest| shortest >= SHORTEST && shortest < SHORTEST * 2));
        assert!(longest.is_some_and(|&longest| {
            longest <= SHORTEST.mul_f64(SPREAD) && longest > SHORTEST.mul_f64(SPREAD / 2.0)
        }));
    }

    #[test]
    fn no_load_is_no_thread_and_a_load_ends_when_dropped() {
        assert!(Neighbour::begin(0.0).threads.is_empty());
        let neighbour = Neighbour::begin(0.5);
        let is_over = std::sync::Arc::clone(&neighbour.is_over);
        assert!(!neighbour.threads.is_empty());
        drop(neighbour);
        // The threads had theirs until they ended.
        assert_eq!(std::sync::Arc::strong_count(&is_over), 1);
    }
}
