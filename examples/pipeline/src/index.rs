//! What is known of all texts together.

use std::{collections::HashMap, fmt::Write};

use crate::digest::{Digest, Sketch};

/// Words that the result lists.
const TOP: usize = 50;
/// From so many percent on, two texts are called near copies.
const COPIES: usize = 80;

#[derive(Default)]
pub struct Index {
    words: HashMap<String, Use>,
    texts: Vec<(String, Sketch)>,
}

#[derive(Clone, Copy, Default)]
struct Use {
    count: u64,
    texts: u64,
}

impl Index {
    #[hotpath::measure]
    pub fn add(&mut self, digest: Digest) {
        for (word, count) in digest.words {
            let usage = self.words.entry(word).or_default();
            usage.count += count;
            usage.texts += 1;
        }
        self.texts.push((digest.path, digest.sketch));
    }

    /// Orders what came in the order of the tasks.
    pub fn sort(&mut self) {
        self.texts.sort_by(|one, other| one.0.cmp(&other.0));
    }

    pub fn summary(&self) -> String {
        format!("{} texts, {} distinct words", self.texts.len(), self.words.len())
    }

    /// The result.
    #[hotpath::measure]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.summary());
        for (word, usage) in self.top() {
            let _ = writeln!(text, "{word}: {} times in {} texts", usage.count, usage.texts);
        }
        for (one, other, percent) in self.copies() {
            let _ = writeln!(text, "{one} is {percent} % {other}");
        }
        text
    }

    fn top(&self) -> Vec<(&str, Use)> {
        let mut words: Vec<_> = self.words.iter().map(|(word, usage)| (word.as_str(), *usage)).collect();
        words.sort_by(|one, other| other.1.count.cmp(&one.1.count).then_with(|| one.0.cmp(other.0)));
        words.truncate(TOP);
        words
    }

    fn copies(&self) -> Vec<(&str, &str, usize)> {
        let mut pairs = Vec::new();
        for (index, (other, sketch)) in self.texts.iter().enumerate() {
            for (one, earlier) in &self.texts[..index] {
                let percent = sketch.likeness(earlier);
                if percent >= COPIES {
                    pairs.push((one.as_str(), other.as_str(), percent));
                }
            }
        }
        pairs
    }
}
