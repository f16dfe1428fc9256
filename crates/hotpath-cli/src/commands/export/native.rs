//! The native frames below measured functions: what their CPU samples were doing in unmeasured functions.
//!
//! Invariant: samples move from a measured node to the frames below it, and none is added or lost. If the measured function is not
//! among the frames (no frame pointers, no symbols), they stay with the node.

use std::collections::BTreeMap;

use hotpath_report::stacks::CpuStacks;

/// The frames below a measured node, by name, with the samples whose stack ends there.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    pub(crate) samples: u64,
    pub(crate) below: BTreeMap<String, Frames>,
}

/// The frames below measured nodes, by the path of the node.
#[derive(Debug, Default)]
pub(crate) struct Native {
    by_path: BTreeMap<Vec<String>, Vec<(Vec<String>, u64)>>,
}

impl Native {
    /// Groups the stacks by path. `caller` is the function that holds the guard, which paths do not contain.
    pub(crate) fn of(stacks: &CpuStacks, caller: &str) -> Self {
        let mut native = Self::default();
        for stack in &stacks.stacks {
            if let Some(below) = below(caller, &stack.path, stacks.names(stack)) {
                native.by_path.entry(stack.path.clone()).or_default().push((below, stack.samples));
            }
        }
        native
    }

    /// Takes the frames below the node on this path, for at most `samples` samples. The path starts at the first measured
    /// function of the thread; in the tree, the caller may precede it.
    pub(crate) fn take(&mut self, path: &[&str], caller: &str, samples: u64) -> Frames {
        let mut taken = Frames::default();
        let mut left = samples;
        let without_caller = path.split_first().filter(|(first, _)| **first == caller).map(|(_, rest)| rest);
        for path in [Some(path), without_caller].into_iter().flatten() {
            let path: Vec<String> = path.iter().map(|name| (*name).to_owned()).collect();
            for (names, found) in self.by_path.get_mut(&path).into_iter().flatten() {
                let moved = left.min(*found);
                left -= moved;
                *found -= moved;
                if moved > 0 {
                    taken.add(names, moved);
                }
            }
        }
        taken
    }
}

impl Frames {
    fn add(&mut self, names: &[String], samples: u64) {
        match names {
            [] => self.samples += samples,
            [first, rest @ ..] => self.below.entry(first.clone()).or_default().add(rest, samples),
        }
    }

    /// Returns all samples, inclusive.
    pub(crate) fn total(&self) -> u64 {
        self.samples + self.below.values().map(Frames::total).sum::<u64>()
    }
}

/// Returns the name of a native frame, distinct from a measured function of that name.
pub(crate) fn label(name: &str) -> String {
    format!("{name} [native]")
}

/// Returns the names below the innermost measured function among them, outermost first. A block has no symbol: its frames are
/// those of the function around it.
fn below(caller: &str, path: &[String], names: Vec<String>) -> Option<Vec<String>> {
    let mut measured = path.iter().rev().map(String::as_str).chain([caller]);
    let at = measured.find_map(|measured| names.iter().rposition(|name| is_same(measured, name)))?;
    // A closure of the function counts as the function.
    let rest = names.into_iter().skip(at + 1);
    Some(rest.collect())
}

/// Returns whether a symbol belongs to the measured function: it contains the same crate, and has the same last segment. Symbols
/// have generics, the types of methods and closures, which measured names do not have.
fn is_same(measured: &str, symbol: &str) -> bool {
    let Some((krate, _)) = measured.split_once("::") else { return false };
    let begins_with_crate =
        |at: usize| !symbol[..at].ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c));
    let mut crates =
        symbol.match_indices(&format!("{krate}::")).map(|(at, _)| at).collect::<Vec<_>>().into_iter();
    last_name(symbol) == last_name(measured) && crates.any(begins_with_crate)
}

/// Returns the last segment: `scan` of `<app::Lexer<'_> as app::Scan>::scan::<u8>::{{closure}}`.
fn last_name(path: &str) -> &str {
    let mut path = path;
    loop {
        let shorter = without_arguments(path).trim_end_matches("::");
        let (before, last) = shorter.rsplit_once("::").unwrap_or(("", shorter));
        let is_hash = last.len() == 17
            && last.strip_prefix('h').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_hexdigit()));
        if before.is_empty() || !(is_hash || last.starts_with('{')) {
            return last;
        }
        path = before;
    }
}

/// Removes the generic arguments at the end of a path.
fn without_arguments(path: &str) -> &str {
    if !path.ends_with('>') {
        return path;
    }
    let mut open = 0;
    for (at, c) in path.char_indices().rev() {
        match c {
            // The arrow of a function type closes nothing.
            '>' if !path[..at].ends_with('-') => open += 1,
            '<' => open -= 1,
            _ => {}
        }
        if open == 0 && c == '<' {
            return &path[..at];
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use hotpath_report::stacks::{CpuStacks, Frame, Stack};

    use super::{Native, is_same};

    #[test]
    fn a_symbol_matches_by_its_crate_and_last_segment() {
        let same = [
            "app::lex::Lexer::scan",
            "<app::lex::Lexer>::scan",
            "<app::lex::Lexer as app::Scan>::scan",
            "app::lex::Lexer<T>::scan::<fn(u8) -> u8>",
            "app::lex::scan::{{closure}}::{closure#0}",
            "app::lex::Lexer::scan::h0123456789abcdef",
        ];
        for symbol in same {
            assert!(is_same("app::lex::Lexer::scan", symbol), "{symbol}");
        }
        for symbol in [
            "app::lex::Lexer::scanner",
            "other::scan",
            "myapp::scan",
            "other::app::scan",
            "scan",
            "app::load::<app::scan>",
        ] {
            assert!(!is_same("app::lex::Lexer::scan", symbol), "{symbol}");
        }
        assert!(!is_same("find twins", "find twins"), "a label is not a symbol");
    }

    fn stacks(list: &[(&[&str], &[&str], u64)]) -> CpuStacks {
        let mut stacks = CpuStacks::default();
        for (path, names, samples) in list {
            let frame = |name: &&str| Frame { names: vec![(*name).to_owned()], ..Frame::default() };
            let first = stacks.frames.len() as u32;
            stacks.frames.extend(names.iter().map(frame));
            let frames = (first..stacks.frames.len() as u32).rev().collect();
            stacks.stacks.push(Stack {
                samples: *samples,
                path: path.iter().map(|p| (*p).to_owned()).collect(),
                frames,
            });
        }
        stacks
    }

    fn taken(native: &mut Native, path: &[&str], samples: u64) -> String {
        format!("{:?}", native.take(path, "app::main", samples)).replace("Frames ", "")
    }

    #[test]
    fn frames_below_the_measured_function_are_taken() {
        let mut native = Native::of(
            &stacks(&[
                (&["app::load"], &["main", "app::load", "std::read", "memcpy"], 3),
                (&["app::load"], &["main", "app::load", "std::read"], 2),
                (&["app::load"], &["main", "app::load"], 5),
                (&["app::load", "a block"], &["main", "app::load", "sort"], 7),
                (&["app::save"], &["main", "0x40"], 4),
                (&["another block"], &["app::main::{{closure}}", "memset"], 6),
            ]),
            "app::main",
        );
        let wanted = "{ samples: 5, below: {\"std::read\": { samples: 2, below: {\"memcpy\": { samples: 3, below: {} }} }} }";
        assert_eq!(taken(&mut native, &["app::main", "app::load"], 10), wanted);
        assert_eq!(taken(&mut native, &["app::load"], 10), "{ samples: 0, below: {} }");
        let wanted = "{ samples: 0, below: {\"sort\": { samples: 7, below: {} }} }";
        assert_eq!(taken(&mut native, &["app::load", "a block"], 9), wanted);
        assert_eq!(taken(&mut native, &["app::save"], 4), "{ samples: 0, below: {} }");
        let wanted = "{ samples: 0, below: {\"memset\": { samples: 6, below: {} }} }";
        assert_eq!(taken(&mut native, &["app::main", "another block"], 6), wanted);
    }

    #[test]
    fn no_more_is_taken_than_the_node_has() {
        let list: &[(&[&str], &[&str], u64)] = &[(&["app::load"], &["app::load", "memcpy"], 5)];
        let mut native = Native::of(&stacks(list), "app::main");
        assert_eq!(native.take(&["app::load"], "app::main", 2).total(), 2);
        // The rest belongs to the same function on the caller's thread.
        assert_eq!(native.take(&["app::main", "app::load"], "app::main", 9).total(), 3);
    }
}
