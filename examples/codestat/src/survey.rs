//! Counts identifiers and sketches every file, on as many threads as there are processors.
//!
//! Each worker takes the next file from one queue and counts for itself; sums do not depend on who counted what.

use std::{
    collections::{HashMap, VecDeque},
    num::NonZero,
    sync::{Mutex, PoisonError},
    thread,
};

use crate::{lex::Kind, source::Source, twins::Sketch};

const KEYWORDS: &str = " as async await break const continue crate dyn else enum extern false fn for if impl in let \
    loop match mod move mut pub ref return self Self static struct super trait true type unsafe use where while ";

/// What was counted over all files.
#[derive(Default)]
pub struct Survey<'a> {
    /// Identifiers and how often each occurs, the most frequent first.
    pub identifiers: Vec<(&'a str, usize)>,
    /// In the order of the sources.
    pub sketches: Vec<Sketch<'a>>,
}

type Counts<'a> = HashMap<&'a str, usize>;

/// Surveys all files; returns when the last is done.
pub fn survey(sources: &[Source]) -> Survey<'_> {
    let queue = Mutex::new(sources.iter().collect::<VecDeque<_>>());
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let mut counts = Counts::new();
    let mut sketches = Vec::new();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| work(&queue))).collect();
        for worker in workers {
            let (counted, sketched) = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            counted.into_iter().for_each(|(word, count)| *counts.entry(word).or_default() += count);
            sketches.extend(sketched);
        }
    });
    sketches.sort_by_key(|sketch: &Sketch| sketch.path);
    Survey { identifiers: hotpath::measure_block!("rank identifiers", ranked(counts)), sketches }
}

/// Takes files from the queue until it is empty.
fn work<'a>(queue: &Mutex<VecDeque<&'a Source>>) -> (Counts<'a>, Vec<Sketch<'a>>) {
    let (mut counts, mut sketches) = (Counts::new(), Vec::new());
    // A function of its own, so that the lock is not held over the work.
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    while let Some(source) = next() {
        count_identifiers(source, &mut counts);
        sketches.push(Sketch::of(source));
    }
    (counts, sketches)
}

#[hotpath::measure]
fn count_identifiers<'a>(source: &'a Source, counts: &mut Counts<'a>) {
    for token in source.tokens.iter().filter(|token| token.kind == Kind::Word) {
        let word = token.text(&source.text);
        if !word.starts_with(|c: char| c.is_ascii_digit()) && !is_keyword(word) {
            *counts.entry(word).or_default() += 1;
        }
    }
}

fn is_keyword(word: &str) -> bool {
    KEYWORDS.split_ascii_whitespace().any(|keyword| keyword == word)
}

/// By count, then by name.
fn ranked(counts: Counts<'_>) -> Vec<(&str, usize)> {
    let mut ranked: Vec<_> = counts.into_iter().collect();
    ranked.sort_by_key(|&(word, count)| (std::cmp::Reverse(count), word));
    ranked
}
