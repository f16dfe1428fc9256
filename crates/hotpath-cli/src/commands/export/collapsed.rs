//! Collapsed stacks: a line per path, with frames separated by semicolons and the exclusive weight. A difference has two weights,
//! of base and head, as `difffolded.pl` writes them.
//!
//! The format has no escapes, so a semicolon in a name becomes a colon and a line break a space.

use std::fmt::Write;

use hotpath_report::render::is_printable;

use super::profile::{Profile, Side};
use super::weight::Index;

pub(crate) fn write(profile: &Profile, weight: Index) -> Vec<u8> {
    let mut out = String::new();
    // The stack of a node is that of its caller and its own frame.
    let mut stacks: Vec<String> = Vec::with_capacity(profile.nodes.len());
    for node in &profile.nodes {
        let name = plain(&profile.frames[node.frame].name);
        let stack = match node.parent {
            Some(parent) => format!("{};{name}", stacks[parent]),
            None => name,
        };
        let numbers = [
            profile.base.as_ref().map(|_| node.self_weight(Side::Base, weight).unwrap_or(0)),
            Some(node.self_weight(Side::Head, weight).unwrap_or(0)),
        ];
        let numbers: Vec<u64> = numbers.into_iter().flatten().collect();
        if numbers.iter().any(|&number| number > 0) {
            out.push_str(&stack);
            for number in numbers {
                // Writing to a string cannot fail.
                let _ = write!(out, " {number}");
            }
            out.push('\n');
        }
        stacks.push(stack);
    }
    out.into_bytes()
}

fn plain(name: &str) -> String {
    let plain = |c: char| match c {
        ';' => ':',
        c if !is_printable(c) => ' ',
        c => c,
    };
    let name: String = name.chars().map(plain).collect();
    if name.trim().is_empty() { "<unnamed>".to_owned() } else { name }
}
