//! What is kept of a text: how often each word is in it, and a sketch that is alike for texts that are alike.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::files::Text;

/// Slots of a sketch. The share of equal slots tells how many phrases two texts share, to about 5 % with so many.
pub const SLOTS: usize = 256;
/// Words of a phrase.
const PHRASE: usize = 3;

pub struct Digest {
    pub path: String,
    pub words: HashMap<String, u64>,
    pub sketch: Sketch,
}

/// For each of `SLOTS` orders of all phrases, the first phrase that is in the text.
pub struct Sketch(Box<[u64]>);

/// Everything that is computed about one text.
#[hotpath::measure]
pub fn digest(text: Text) -> Digest {
    let words: Vec<String> = words(&text.content).collect();
    let sketch = Sketch::of(&words);
    let mut counts = HashMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    Digest { path: text.path, words: counts, sketch }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| word.chars().any(char::is_alphabetic)).map(str::to_lowercase)
}

impl Sketch {
    #[hotpath::measure(label = "sketch")]
    fn of(words: &[String]) -> Self {
        let mut first = vec![u64::MAX; SLOTS].into_boxed_slice();
        for phrase in words.windows(PHRASE) {
            let phrase = number(phrase);
            for (slot, first) in (0_u64..).zip(&mut first) {
                *first = (*first).min(mix(phrase ^ mix(slot)));
            }
        }
        Self(first)
    }

    /// The share of equal slots, in percent. Texts too short for a phrase are like nothing.
    pub fn likeness(&self, other: &Self) -> usize {
        let both = self.0.iter().zip(&other.0);
        both.filter(|&(mine, theirs)| mine == theirs && *mine != u64::MAX).count() * 100 / SLOTS
    }
}

/// The same in every run, unlike the hashes of maps.
fn number(phrase: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    phrase.hash(&mut hasher);
    hasher.finish()
}

/// Spreads a number over all 64 bits: odd factors and shifts, each of which can be undone, so that no two become one.
fn mix(mut number: u64) -> u64 {
    for factor in [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93] {
        number = (number ^ (number >> 32)).wrapping_mul(factor);
    }
    number ^ (number >> 32)
}
