//! What is worked on: the same in every run.

use std::fmt::Write;

/// Different units of a kind; those of a call go round in them.
pub const KINDS: usize = 256;
/// Entries of the walk: 4 MB, more than a processor has for itself alone.
const STEPS: u32 = 1 << 20;

const WORDS: [&str; 16] = [
    "orchard", "copper", "lantern", "meadow", "harbour", "saddle", "winter", "thistle", "candle", "marble",
    "kettle", "ribbon", "falcon", "quarry", "timber", "violet",
];

pub struct Input {
    /// Records of four fields.
    pub lines: Vec<String>,
    /// A dozen words each.
    pub sentences: Vec<String>,
    /// 256 bytes each, with runs of equal ones.
    pub blocks: Vec<Vec<u8>>,
    pub numbers: Vec<[u32; 64]>,
    pub matrices: Vec<[[f64; 8]; 8]>,
    /// About 1 kB each; the word `needle` is at the end.
    pub texts: Vec<String>,
    /// One cycle through all of them, in no order that a processor foresees.
    pub steps: Vec<u32>,
}

impl Input {
    pub fn new() -> Self {
        let mut random = Random(1);
        Self {
            lines: each(|| random.line()),
            sentences: each(|| random.words(12)),
            blocks: each(|| random.block()),
            numbers: each(|| std::array::from_fn(|_| random.next())),
            matrices: each(|| std::array::from_fn(|_| std::array::from_fn(|_| random.part()))),
            texts: each(|| random.words(140) + " needle"),
            // A full period: the step is odd, and the factor one more than a multiple of four.
            steps: (0..STEPS)
                .map(|i| i.wrapping_mul(1_664_525).wrapping_add(1_013_904_223) % STEPS)
                .collect(),
        }
    }
}

fn each<T>(mut make: impl FnMut() -> T) -> Vec<T> {
    (0..KINDS).map(|_| make()).collect()
}

/// The same numbers in every run.
struct Random(u32);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// From 0 to 1.
    fn part(&mut self) -> f64 {
        f64::from(self.next()) / f64::from(u32::MAX)
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.next() as usize % WORDS.len()]
    }

    fn words(&mut self, count: usize) -> String {
        let words: Vec<&str> = (0..count).map(|_| self.word()).collect();
        words.join(" ")
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let (number, word, part) = (self.next(), self.word(), self.part());
        let _ = write!(line, "{number},{word},{:.4},{}", part * 1e4, number.is_multiple_of(3));
        line
    }

    fn block(&mut self) -> Vec<u8> {
        let mut block = Vec::with_capacity(256 + 8);
        while block.len() < 256 {
            let (byte, run) = (self.next() as u8, 1 + self.next() as usize % 8);
            block.extend(std::iter::repeat_n(byte, run));
        }
        block.truncate(256);
        block
    }
}
