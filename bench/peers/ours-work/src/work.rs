//! The work: what each function does with one of its units, and who calls whom.

use std::{
    collections::{BTreeMap, HashMap, hash_map::DefaultHasher},
    hash::Hasher,
    hint::black_box,
};

use crate::{
    input::{Input, KINDS},
    load::{Job, Load, Units},
};

/// How often everything is done.
const ROUNDS: usize = 28;
/// Hashes of an archive.
const PARTS: usize = 4;
/// Steps of a unit of the walk.
const STRIDE: usize = 16;

/// A whole run. The result depends on all of it, so that none of it can be left out.
pub fn all(input: &Input, load: &Load) -> u64 {
    (0..ROUNDS).fold(0, |sum, round| {
        sum ^ document(input, load)
            ^ archive(input, load)
            ^ sort(input, load.units(Job::Sort))
            ^ index(input, load.units(Job::Index))
            ^ multiply(input, load.units(Job::Multiply))
            ^ search(input, load.units(Job::Search))
            ^ walk(input, load.units(Job::Walk), round)
    })
}

#[hotpath::measure]
fn document(input: &Input, load: &Load) -> u64 {
    parse(input, load.units(Job::Parse))
        ^ tally(input, load.units(Job::Tally))
        ^ format(input, load.units(Job::Format))
}

#[hotpath::measure]
fn archive(input: &Input, load: &Load) -> u64 {
    let packed = compress(input, load.units(Job::Compress));
    (0..PARTS).fold(packed, |sum, _| sum ^ hash(input, load.units(Job::Hash)))
}

/// A record read from text.
#[hotpath::measure]
fn parse(input: &Input, units: Units<'_>) -> u64 {
    let read = |unit: usize| {
        let mut fields = black_box(&input.lines[unit % KINDS]).split(',');
        let number: Option<u64> = fields.next()?.parse().ok();
        let word = fields.next()?.len() as u64;
        let amount: Option<f64> = fields.next()?.parse().ok();
        let flag: Option<bool> = fields.next()?.parse().ok();
        Some(number? ^ word ^ amount?.to_bits() ^ u64::from(flag?))
    };
    units.filter_map(read).fold(0, u64::wrapping_add)
}

/// The words of a sentence counted.
#[hotpath::measure]
fn tally(input: &Input, units: Units<'_>) -> u64 {
    let count = |unit: usize| {
        let mut counts: HashMap<&str, u64> = HashMap::new();
        for word in black_box(&input.sentences[unit % KINDS]).split(' ') {
            *counts.entry(word).or_default() += 1;
        }
        counts.values().fold(0, |sum, count| sum + count * count)
    };
    units.map(count).sum()
}

/// A line made of a record, in memory of its own.
#[hotpath::measure]
fn format(input: &Input, units: Units<'_>) -> u64 {
    let write = |unit: usize| {
        let [number, amount, ..] = input.numbers[unit % KINDS];
        black_box(format!("{number:>10} {:<40} {:>12.2}", &input.lines[unit % KINDS], f64::from(amount)))
            .len()
    };
    units.map(|unit| write(unit) as u64).sum()
}

/// The runs of equal bytes of a block.
#[hotpath::measure]
fn compress(input: &Input, units: Units<'_>) -> u64 {
    let mut packed: Vec<(u8, u8)> = Vec::with_capacity(256);
    let mut pack = |unit: usize| {
        packed.clear();
        for &byte in black_box(&input.blocks[unit % KINDS]) {
            match packed.last_mut() {
                Some((last, run)) if *last == byte && *run < u8::MAX => *run += 1,
                _ => packed.push((byte, 1)),
            }
        }
        black_box(&packed).len()
    };
    units.map(|unit| pack(unit) as u64).sum()
}

/// A hash of a block.
#[hotpath::measure]
fn hash(input: &Input, units: Units<'_>) -> u64 {
    let of = |unit: usize| {
        let mut hasher = DefaultHasher::new();
        hasher.write(black_box(&input.blocks[unit % KINDS]));
        hasher.finish()
    };
    units.map(of).fold(0, u64::wrapping_add)
}

/// Some numbers sorted.
#[hotpath::measure]
fn sort(input: &Input, units: Units<'_>) -> u64 {
    let middle = |unit: usize| {
        let mut numbers = *black_box(&input.numbers[unit % KINDS]);
        numbers.sort_unstable();
        u64::from(black_box(&numbers)[numbers.len() / 2])
    };
    units.map(middle).sum()
}

/// An ordered map made and asked.
#[hotpath::measure]
fn index(input: &Input, units: Units<'_>) -> u64 {
    let find = |unit: usize| {
        let numbers = black_box(&input.numbers[unit % KINDS]);
        let map: BTreeMap<u32, usize> = numbers.iter().copied().zip(0..).take(32).collect();
        numbers.iter().filter_map(|number| map.range(number..).next()).map(|(_, &at)| at as u64).sum::<u64>()
    };
    units.map(find).sum()
}

/// A product of two matrices.
#[hotpath::measure]
fn multiply(input: &Input, units: Units<'_>) -> u64 {
    let product = |unit: usize| {
        let (a, b) = (black_box(&input.matrices[unit % KINDS]), &input.matrices[(unit + 1) % KINDS]);
        let mut product = [[0.0; 8]; 8];
        for (row, of_a) in product.iter_mut().zip(a) {
            for (&factor, of_b) in of_a.iter().zip(b) {
                row.iter_mut().zip(of_b).for_each(|(cell, &value)| *cell += factor * value);
            }
        }
        black_box(&product)[7][7].to_bits()
    };
    units.map(product).fold(0, u64::wrapping_add)
}

/// A word looked for in a text.
#[hotpath::measure]
fn search(input: &Input, units: Units<'_>) -> u64 {
    let find = |unit: usize| black_box(input.texts[unit % KINDS].as_str()).find("needle");
    units.filter_map(find).map(|at| at as u64).sum()
}

/// Steps through memory, each of which says where the next one goes.
#[hotpath::measure]
fn walk(input: &Input, units: Units<'_>, begin: usize) -> u64 {
    let mut at = begin as u32;
    for _ in units {
        for _ in 0..STRIDE {
            at = input.steps[at as usize];
        }
    }
    u64::from(at)
}
