//! Files that are nearly the same.
//!
//! A shingle is the hash of a few tokens in a row; two files are alike as far as they share their shingles. Space,
//! line breaks and comments make no difference.

use std::collections::{BTreeMap, HashMap};

use crate::source::Source;

/// Tokens per shingle: long enough that idioms of the language do not look like copies.
const SHINGLE: usize = 12;
/// A shingle found in more files than this is boilerplate and tells nothing.
const BOILERPLATE: usize = 20;
/// Least share of common shingles, in percent.
const ALIKE: usize = 50;

/// The set of a file's shingles.
pub struct Sketch<'a> {
    pub path: &'a str,
    shingles: Vec<u64>,
}

/// Two files and the share of shingles they have in common.
#[derive(Debug, PartialEq, Eq)]
pub struct Twins<'a> {
    pub first: &'a str,
    pub second: &'a str,
    pub percent: usize,
}

impl<'a> Sketch<'a> {
    #[hotpath::measure(label = "sketch")]
    pub fn of(source: &'a Source) -> Self {
        let hashes: Vec<u64> =
            source.tokens.iter().map(|token| hash(token.text(&source.text).bytes())).collect();
        let mut shingles: Vec<u64> = hashes
            .windows(SHINGLE)
            .map(|window| hash(window.iter().flat_map(|hash| hash.to_le_bytes())))
            .collect();
        shingles.sort_unstable();
        shingles.dedup();
        Self { path: &source.path, shingles }
    }
}

/// All pairs that are alike, in the order of the sketches.
pub fn find<'a>(sketches: &[Sketch<'a>]) -> Vec<Twins<'a>> {
    let mut shared = BTreeMap::<(usize, usize), usize>::new();
    for holders in holders(sketches).values().filter(|holders| holders.len() <= BOILERPLATE) {
        for (position, &second) in holders.iter().enumerate() {
            for &first in &holders[..position] {
                *shared.entry((first, second)).or_default() += 1;
            }
        }
    }
    shared
        .into_iter()
        .filter_map(|((first, second), shared)| twins(&sketches[first], &sketches[second], shared))
        .collect()
}

/// Which sketches hold each shingle, in rising order.
fn holders(sketches: &[Sketch]) -> HashMap<u64, Vec<usize>> {
    let mut holders = HashMap::<u64, Vec<usize>>::new();
    for (index, sketch) in sketches.iter().enumerate() {
        for &shingle in &sketch.shingles {
            holders.entry(shingle).or_default().push(index);
        }
    }
    holders
}

fn twins<'a>(first: &Sketch<'a>, second: &Sketch<'a>, shared: usize) -> Option<Twins<'a>> {
    let percent = 100 * shared / (first.shingles.len() + second.shingles.len() - shared);
    (percent >= ALIKE).then_some(Twins { first: first.path, second: second.path, percent })
}

/// FNV-1a: the same on every run and system, which the hasher of the standard library does not promise.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
