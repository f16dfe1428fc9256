//! Stack traces of CPU samples: each distinct stack of a thread with its count, in memory of fixed size.
//!
//! A table of hashes and a list of addresses, written by a signal handler on one thread at a time and read by any thread. A sample
//! that does not fit is counted as lost. Invariants:
//!
//! - An entry's addresses are written before its first sample is counted, and never changed in that epoch.
//! - Each epoch begins with an empty table. A reader of the old one notices, as with lanes ([`crate::epoch`]).

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use crate::{
    cpu::{Hit, Position},
    epoch::Epoch,
};

/// Distinct stacks per thread; a power of two.
const ENTRIES: usize = 1024;
/// Entries that are tried for a hash, so that a full table costs the handler little.
const PROBES: usize = 32;
/// Addresses per thread.
const WORDS: usize = 16 * ENTRIES;

/// The stack traces of one thread: some 170 KB.
#[derive(Debug)]
pub struct Traces {
    epoch: Epoch,
    entries: Box<[Entry]>,
    words: Box<[AtomicUsize]>,
    /// The number of used words.
    used: AtomicUsize,
    lost: AtomicU64,
}

#[derive(Debug)]
struct Entry {
    /// 0 in a free entry.
    hash: AtomicU64,
    samples: AtomicU64,
    position: AtomicUsize,
    start: AtomicU32,
    len: AtomicU32,
}

/// A stack, and the number of samples with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The position in measured code, if any.
    pub position: Option<Position>,
    /// Samples.
    pub samples: u64,
    /// Addresses, the innermost first.
    pub frames: Vec<usize>,
}

impl Traces {
    /// An empty table. Allocates all memory that it will ever need.
    #[must_use]
    pub fn new() -> Self {
        let entry = || Entry {
            hash: AtomicU64::new(0),
            samples: AtomicU64::new(0),
            position: AtomicUsize::new(0),
            start: AtomicU32::new(0),
            len: AtomicU32::new(0),
        };
        Self {
            epoch: Epoch::new(),
            entries: std::iter::repeat_with(entry).take(ENTRIES).collect(),
            words: std::iter::repeat_with(|| AtomicUsize::new(0)).take(WORDS).collect(),
            used: AtomicUsize::new(0),
            lost: AtomicU64::new(0),
        }
    }

    /// By the only writer. Counts `weight` samples with the outcome `hit` and these addresses on the stack. Async-signal-safe.
    pub fn add(&self, hit: Hit, weight: u64, frames: &[usize]) {
        let (epoch, position) = match hit {
            Hit::Nothing => return,
            Hit::Outside(epoch) => (epoch, 0),
            Hit::At(epoch, position) => (epoch, position.to_word()),
        };
        if self.epoch.get() != epoch {
            self.epoch.turn_to(epoch, || self.clear());
        }
        match self.entry(position, frames) {
            // Release pairs with the Acquire in `read`: the addresses are written.
            Some(entry) => _ = entry.samples.fetch_add(weight, Ordering::Release),
            None => _ = self.lost.fetch_add(weight, Ordering::Relaxed), // stands alone
        }
    }

    fn clear(&self) {
        for entry in &self.entries {
            entry.hash.store(0, Ordering::Relaxed);
            entry.samples.store(0, Ordering::Relaxed);
        }
        self.used.store(0, Ordering::Relaxed);
        self.lost.store(0, Ordering::Relaxed);
    }

    /// Returns the entry of this stack, known or new; `None` if there is no room.
    fn entry(&self, position: usize, frames: &[usize]) -> Option<&Entry> {
        let hash = hash(position, frames);
        for probe in 0..PROBES {
            let entry = &self.entries[(hash as usize).wrapping_add(probe) % ENTRIES];
            match entry.hash.load(Ordering::Relaxed) {
                0 => return self.fill(entry, hash, position, frames),
                known if known == hash && self.is(entry, position, frames) => return Some(entry),
                _ => {}
            }
        }
        None
    }

    fn fill<'a>(
        &'a self,
        entry: &'a Entry,
        hash: u64,
        position: usize,
        frames: &[usize],
    ) -> Option<&'a Entry> {
        let start = self.used.load(Ordering::Relaxed);
        let words = self.words.get(start..start + frames.len())?;
        words.iter().zip(frames).for_each(|(word, frame)| word.store(*frame, Ordering::Relaxed));
        self.used.store(start + frames.len(), Ordering::Relaxed);
        entry.position.store(position, Ordering::Relaxed);
        entry.start.store(start as u32, Ordering::Relaxed);
        entry.len.store(frames.len() as u32, Ordering::Relaxed);
        entry.hash.store(hash, Ordering::Relaxed);
        Some(entry)
    }

    fn is(&self, entry: &Entry, position: usize, frames: &[usize]) -> bool {
        let words = self.words_of(entry);
        entry.position.load(Ordering::Relaxed) == position
            && words.len() == frames.len()
            && words.iter().zip(frames).all(|(word, frame)| word.load(Ordering::Relaxed) == *frame)
    }

    fn words_of(&self, entry: &Entry) -> &[AtomicUsize] {
        let (start, len) = (entry.start.load(Ordering::Relaxed), entry.len.load(Ordering::Relaxed));
        self.words.get(start as usize..(start + len) as usize).unwrap_or_default()
    }

    /// Any thread. Returns the traces of this epoch, and the number of lost samples.
    #[must_use]
    pub fn read(&self, epoch: u32) -> (Vec<Trace>, u64) {
        let read = || {
            // Acquire pairs with the Release in `add`.
            let found = self.entries.iter().map(|entry| (entry, entry.samples.load(Ordering::Acquire)));
            let traces = found.filter(|(_, samples)| *samples > 0).map(|(entry, samples)| Trace {
                // SAFETY: `fill` writes 0 or what `to_word` gave.
                position: unsafe { Position::from_word(entry.position.load(Ordering::Relaxed)) },
                samples,
                frames: self.words_of(entry).iter().map(|word| word.load(Ordering::Relaxed)).collect(),
            });
            (traces.collect(), self.lost.load(Ordering::Relaxed))
        };
        self.epoch.read(epoch, read).unwrap_or_default()
    }
}

impl Default for Traces {
    fn default() -> Self {
        Self::new()
    }
}

/// Hashes a stack; never 0. Addresses differ in their low bits, which multiplication carries up, and the fold back down.
fn hash(position: usize, frames: &[usize]) -> u64 {
    let step =
        |hash: u64, word: usize| (hash.rotate_left(5) ^ word as u64).wrapping_mul(0x517c_c1b7_2722_0a95);
    let hash = frames.iter().copied().fold(step(0, position), step);
    (hash ^ (hash >> 32)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: u32 = 4;

    fn frames(traces: &Traces, epoch: u32) -> Vec<(Vec<usize>, u64)> {
        let mut found: Vec<_> =
            traces.read(epoch).0.into_iter().map(|trace| (trace.frames, trace.samples)).collect();
        found.sort();
        found
    }

    #[test]
    fn equal_stacks_share_an_entry() {
        let traces = Traces::new();
        for (stack, weight) in [(&[1, 2, 3][..], 4), (&[1, 2], 1), (&[1, 2, 3], 5), (&[], 2)] {
            traces.add(Hit::Outside(EPOCH), weight, stack);
        }
        assert_eq!(frames(&traces, EPOCH), [(vec![], 2), (vec![1, 2], 1), (vec![1, 2, 3], 9)]);
        assert_eq!(traces.read(EPOCH).1, 0);
        traces.add(Hit::Nothing, 9, &[1]);
        assert_eq!(frames(&traces, EPOCH).len(), 3);
    }

    #[test]
    fn a_new_epoch_begins_with_an_empty_table() {
        let traces = Traces::new();
        traces.add(Hit::Outside(EPOCH), 1, &[1]);
        assert_eq!((frames(&traces, 8), traces.read(8).1), (vec![], 0));
        traces.add(Hit::Outside(8), 3, &[2]);
        assert_eq!((frames(&traces, 8), frames(&traces, EPOCH)), (vec![(vec![2], 3)], vec![]));
    }

    #[test]
    fn samples_without_room_are_counted_as_lost() {
        let traces = Traces::new();
        let stacks = 4 * ENTRIES;
        (0..stacks).for_each(|stack| traces.add(Hit::Outside(EPOCH), 2, &[stack + 1, 7]));
        let (found, lost) = traces.read(EPOCH);
        let kept: u64 = found.iter().map(|trace| trace.samples).sum();
        assert_eq!(kept + lost, 2 * stacks as u64);
        assert!(found.len() > ENTRIES * 3 / 4 && lost > 0, "{} kept", found.len());
        let long = Traces::new();
        (0..2 * WORDS / 128).for_each(|stack| long.add(Hit::Outside(EPOCH), 1, &[stack; 128]));
        assert_eq!(long.read(EPOCH).1, (WORDS / 128) as u64, "half of them found room for their addresses");
    }
}
