//! Pairing: rows of one side and their counterparts on the other.
//!
//! Rows of one side's runs are the same if name and place agree: it is one program. Between the sides the code may have moved, so
//! lines do not count: rows of one name are paired in the order of their lines. A row that is left over on each side may have
//! been renamed, or moved to another module; that is said only where several signs agree and nothing else fits.

use hotpath_report::{Merge, Part, Report, Row, Source, Table, Unit, Value, tree::TreeNode};
use std::collections::{BTreeMap, BTreeSet};

/// One row in all runs of one side.
#[derive(Clone, Debug)]
pub(super) struct SideRow<'a> {
    pub(super) name: String,
    /// The other keys that identify it among rows of its name: a type, a number.
    group: String,
    place: Option<Source>,
    /// The row in each run.
    pub(super) runs: Vec<Option<(&'a Report, &'a Table, &'a Row)>>,
}

/// A row of one side or of both.
#[derive(Clone, Debug)]
pub(super) struct Pair<'a> {
    pub(super) base: Option<SideRow<'a>>,
    pub(super) head: Option<SideRow<'a>>,
    /// The evidence that rows of different names are the same.
    pub(super) renamed: Option<String>,
}

/// The rows of a section on both sides. Of two programs no function is looked for in another crate.
pub(super) fn pairs<'a>(
    section: &str,
    base: &'a [Report],
    head: &'a [Report],
    is_one_program: bool,
) -> Vec<Pair<'a>> {
    let (mut left, mut right) = (by_stem(rows(section, base)), by_stem(rows(section, head)));
    let stems: BTreeSet<Stem> = left.keys().chain(right.keys()).cloned().collect();
    let (mut pairs, mut lone) = (Vec::new(), (Vec::new(), Vec::new()));
    for stem in stems {
        let (base, head) = (left.remove(&stem).unwrap_or_default(), right.remove(&stem).unwrap_or_default());
        let (base, head) = pair_one_name(base, head, &mut pairs);
        lone.0.extend(base);
        lone.1.extend(head);
    }
    let trees = (Relations::of(base), Relations::of(head));
    let (removed, added) = pair_renamed(lone, &trees, is_one_program, &mut pairs);
    pairs.extend(removed.into_iter().map(|row| Pair { base: Some(row), head: None, renamed: None }));
    pairs.extend(added.into_iter().map(|row| Pair { base: None, head: Some(row), renamed: None }));
    pairs
}

impl<'a> SideRow<'a> {
    /// The sections of the runs that have the row.
    pub(super) fn present(&self) -> impl Iterator<Item = (&'a Report, &'a Table, &'a Row)> {
        self.runs.iter().flatten().copied()
    }

    /// Returns true if all its runs did the same amount of work, as far as they show.
    pub(super) fn is_steady(&self) -> bool {
        let counts = || self.present().filter_map(|(_, section, row)| first_count(section, row));
        counts().min() == counts().max()
    }

    /// The first count of the row, such as its calls, if it is the same in every run.
    fn count(&self) -> Option<u64> {
        let mut counts = self.present().map(|(_, section, row)| first_count(section, row));
        let first = counts.next()??;
        counts.all(|count| count == Some(first)).then_some(first)
    }
}

/// The first number of things that is judged by its column, such as the calls of a function.
pub(super) fn first_count(section: &Table, row: &Row) -> Option<u64> {
    let is_count =
        |heading: &hotpath_report::Heading| heading.column.judged && heading.column.unit == Unit::Count;
    let index =
        section.headings.iter().position(|heading| heading.part == Part::Whole && is_count(heading))?;
    row.cells.get(index)?.number()
}

/// All rows of one side. Several with the same keys are taken in their order.
fn rows<'a>(section: &str, reports: &'a [Report]) -> Vec<SideRow<'a>> {
    let mut found: BTreeMap<(String, String, Option<Source>, usize), SideRow<'a>> = BTreeMap::new();
    for (run, report) in reports.iter().enumerate() {
        let mut seen: BTreeMap<(String, String, Option<Source>), usize> = BTreeMap::new();
        for (section, row) in
            report.section(section).into_iter().flat_map(|s| s.rows.iter().map(move |row| (s, row)))
        {
            let (name, group) = names(section, row);
            let place = place(row);
            let nth = seen.entry((name.clone(), group.clone(), place.clone())).or_default();
            let entry = found.entry((name.clone(), group.clone(), place.clone(), *nth));
            *nth += 1;
            let side =
                entry.or_insert_with(|| SideRow { name, group, place, runs: vec![None; reports.len()] });
            side.runs[run] = Some((report, section, row));
        }
    }
    found.into_values().collect()
}

/// The name of a row.
pub(super) fn name(section: &Table, row: &Row) -> String {
    names(section, row).0
}

/// The name of a row and its other keys, without its source location.
fn names(section: &Table, row: &Row) -> (String, String) {
    let is_key = |i: &usize| {
        let column = section.headings[*i].column;
        column.merge == Merge::Key && column.unit != Unit::Place
    };
    let mut texts = (0..section.headings.len()).filter(is_key).map(|i| row.cells[i].to_string());
    let name = texts.next().unwrap_or_default();
    (name, texts.collect::<Vec<_>>().join(" "))
}

fn place(row: &Row) -> Option<Source> {
    let places = row.cells.iter().filter_map(|cell| match cell {
        Value::Place(place) => Some(place.clone()),
        _ => None,
    });
    // Of several the most precise one.
    places.max_by_key(|place| place.column)
}

/// The part of a name that stays when code moves: the name without its line; and the group.
type Stem = (String, String);

fn by_stem(rows: Vec<SideRow<'_>>) -> BTreeMap<Stem, Vec<SideRow<'_>>> {
    let mut stems: BTreeMap<Stem, Vec<SideRow<'_>>> = BTreeMap::new();
    for row in rows {
        stems.entry((stem(&row.name).to_owned(), row.group.clone())).or_default().push(row);
    }
    for rows in stems.values_mut() {
        rows.sort_by(|a, b| (line(a), &a.name).cmp(&(line(b), &b.name)));
    }
    stems
}

/// The stem of `f (src/a.rs:12)` is `f`, and that of `src/a.rs:12` is the file.
fn stem(name: &str) -> &str {
    if let Some((path, place)) = name.strip_suffix(')').and_then(|name| name.rsplit_once(" (")) {
        return if without_line(place).is_some() { path } else { name };
    }
    without_line(name).unwrap_or(name)
}

fn without_line(place: &str) -> Option<&str> {
    let (file, line) = place.rsplit_once(':')?;
    let digits = line.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    (digits && file.ends_with(".rs")).then_some(file)
}

/// The line of a row, also where only its name has it.
fn line(row: &SideRow<'_>) -> (String, u32, u32) {
    match &row.place {
        Some(place) => (place.file.clone(), place.line, place.column),
        None => {
            let name = row.name.trim_end_matches(')');
            let line = name.rsplit(':').next().and_then(|line| line.split('-').next()?.parse().ok());
            (String::new(), line.unwrap_or_default(), 0)
        }
    }
}

/// Pairs rows of one name: in order if there are as many on both sides, else those at the same place. Returns the others.
fn pair_one_name<'a>(
    base: Vec<SideRow<'a>>,
    mut head: Vec<SideRow<'a>>,
    pairs: &mut Vec<Pair<'a>>,
) -> (Vec<SideRow<'a>>, Vec<SideRow<'a>>) {
    let pair = |base, head| Pair { base: Some(base), head: Some(head), renamed: None };
    if base.len() == head.len() {
        pairs.extend(base.into_iter().zip(head).map(|(base, head)| pair(base, head)));
        return (Vec::new(), Vec::new());
    }
    let mut left = Vec::new();
    for row in base {
        match head.iter().position(|other| line(other) == line(&row)) {
            Some(i) => pairs.push(pair(row, head.remove(i))),
            None => left.push(row),
        }
    }
    (left, head)
}

type Lone<'a> = (Vec<SideRow<'a>>, Vec<SideRow<'a>>);

/// Pairs rows that seem to be the same under another name. Returns the others.
fn pair_renamed<'a>(
    mut lone: Lone<'a>,
    trees: &(Relations, Relations),
    between_crates: bool,
    pairs: &mut Vec<Pair<'a>>,
) -> Lone<'a> {
    let ends = Ends::of(&lone, pairs, between_crates);
    // Each pair found says more about its callers and callees.
    for _ in 0..ROUNDS {
        let found = renamed(&lone, trees, pairs, &ends);
        if found.is_empty() {
            break;
        }
        let (mut base, mut head) = (lone.0.into_iter().map(Some).collect::<Vec<_>>(), Vec::new());
        head.extend(lone.1.into_iter().map(Some));
        for (old, new, evidence) in found {
            let (base, head) = (base[old].take(), head[new].take());
            let is_same =
                base.as_ref().map(|row| &row.name) == head.as_ref().map(|row: &SideRow<'_>| &row.name);
            pairs.push(Pair { base, head, renamed: Some(evidence).filter(|_| !is_same) });
        }
        lone = (base.into_iter().flatten().collect(), head.into_iter().flatten().collect());
    }
    lone
}

/// Passes that look for renamed rows, each with the knowledge of those before.
const ROUNDS: usize = 4;

/// Rows of the base with their counterparts in the head, and the evidence: those that fit only each other.
fn renamed(
    (base, head): &Lone<'_>,
    trees: &(Relations, Relations),
    pairs: &[Pair<'_>],
    ends: &Ends,
) -> Vec<(usize, usize, String)> {
    let known: BTreeMap<&str, &str> = pairs
        .iter()
        .filter_map(|pair| Some((pair.base.as_ref()?.name.as_str(), pair.head.as_ref()?.name.as_str())))
        .collect();
    let signs = Signs { known: &known, trees, ends };
    let fits: Vec<Vec<Option<String>>> =
        base.iter().map(|old| head.iter().map(|new| signs.of(old, new)).collect()).collect();
    let only = |old: usize, new: usize| {
        let others_new = (0..head.len()).any(|other| other != new && fits[old][other].is_some());
        let others_old = (0..base.len()).any(|other| other != old && fits[other][new].is_some());
        !others_new && !others_old
    };
    let mut found = Vec::new();
    for (old, fitting) in fits.iter().enumerate() {
        let new = fitting.iter().position(Option::is_some).filter(|&new| only(old, new));
        if let Some((new, evidence)) = new.and_then(|new| Some((new, fitting[new].clone()?))) {
            found.push((old, new, evidence));
        }
    }
    found
}

/// The signs by which a renamed row is recognised.
struct Signs<'a> {
    /// Names of the base, with what they are in the head.
    known: &'a BTreeMap<&'a str, &'a str>,
    trees: &'a (Relations, Relations),
    ends: &'a Ends,
}

impl Signs<'_> {
    /// The evidence that the two are one row under two names, if there is any.
    fn of(&self, old: &SideRow<'_>, new: &SideRow<'_>) -> Option<String> {
        if old.group != new.group {
            return None;
        }
        self.renamed_in_place(old, new).or_else(|| self.moved(old, new))
    }

    /// Another name in the same file: two of three signs. That both are called once says something on the same line only.
    fn renamed_in_place(&self, old: &SideRow<'_>, new: &SideRow<'_>) -> Option<String> {
        let (from, to) = (old.place.as_ref()?, new.place.as_ref()?);
        if from.file != to.file {
            return None;
        }
        let is_line = from.line == to.line;
        let signs = [
            is_line.then_some("same line"),
            as_many_calls(old, new).filter(|&calls| is_line || calls > 1).map(|_| "as many calls"),
            self.same_relations(old, new).then_some("same place in the call tree"),
        ];
        in_words("same file", &signs, 2)
    }

    /// The name has the same end in another module. One sign more is enough for an end that nothing else has, as `parse` in a program
    /// with one function of that name; of what many have, such as `new`, it takes two. That both are called once is no sign: so is
    /// the `main` of every program.
    fn moved(&self, old: &SideRow<'_>, new: &SideRow<'_>) -> Option<String> {
        let (old_path, new_path) = (stem(&old.name), stem(&new.name));
        let end = common_end(old_path, new_path)?;
        if !self.ends.between_crates && old_path.split("::").next() != new_path.split("::").next() {
            return None;
        }
        let is_alone = self.ends.is_alone(end);
        let signs = [
            as_many_calls(old, new).filter(|&calls| calls > 1).map(|_| "as many calls"),
            self.same_relations(old, new).then_some("same place in the call tree"),
        ];
        in_words("same end of the name", &signs, if is_alone { 1 } else { 2 })
    }

    fn same_relations(&self, old: &SideRow<'_>, new: &SideRow<'_>) -> bool {
        let of_old = self.trees.0.of_node(&old.name, self.known);
        of_old.is_some_and(|of_old| self.trees.1.of_node(&new.name, &BTreeMap::new()) == Some(of_old))
    }
}

/// The number of calls, if it is the same in every run of both sides.
fn as_many_calls(old: &SideRow<'_>, new: &SideRow<'_>) -> Option<u64> {
    old.count().filter(|&calls| new.count() == Some(calls))
}

/// The signs in words, if there are enough beside the first.
fn in_words(first: &str, signs: &[Option<&str>], needed: usize) -> Option<String> {
    let signs: Vec<&str> = signs.iter().flatten().copied().collect();
    (signs.len() >= needed).then(|| format!("{first}, {}", signs.join(", ")))
}

/// The last parts that two paths have in common, at least one.
fn common_end<'a>(a: &'a str, b: &str) -> Option<&'a str> {
    let same = a.rsplit("::").zip(b.rsplit("::")).take_while(|(a, b)| a == b).map(|(part, _)| part.len());
    let length = same.reduce(|sum, part| sum + "::".len() + part)?;
    a.get(a.len() - length..)
}

/// The number of rows of each side by the end of their names.
struct Ends {
    base: BTreeMap<String, usize>,
    head: BTreeMap<String, usize>,
    /// True if a row of one crate may be one of another.
    between_crates: bool,
}

impl Ends {
    fn of((base, head): &Lone<'_>, pairs: &[Pair<'_>], between_crates: bool) -> Self {
        Self {
            base: counted(base.iter().chain(pairs.iter().filter_map(|pair| pair.base.as_ref()))),
            head: counted(head.iter().chain(pairs.iter().filter_map(|pair| pair.head.as_ref()))),
            between_crates,
        }
    }

    fn is_alone(&self, end: &str) -> bool {
        [&self.base, &self.head].into_iter().all(|side| side.get(end) == Some(&1))
    }
}

fn counted<'r, 'a: 'r>(rows: impl Iterator<Item = &'r SideRow<'a>>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        let name = stem(&row.name);
        let starts = name.match_indices("::").map(|(at, separator)| at + separator.len());
        for start in std::iter::once(0).chain(starts) {
            *counts.entry(name[start..].to_owned()).or_default() += 1;
        }
    }
    counts
}

/// Callers and callees by name.
#[derive(Default)]
struct Relations {
    callers: BTreeMap<String, BTreeSet<String>>,
    callees: BTreeMap<String, BTreeSet<String>>,
}

impl Relations {
    fn of(reports: &[Report]) -> Self {
        let mut relations = Self::default();
        for root in reports.iter().flat_map(|report| &report.call_tree) {
            relations.add(root);
        }
        relations
    }

    fn add(&mut self, root: &TreeNode) {
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            for child in &node.children {
                self.callers.entry(child.name.clone()).or_default().insert(node.name.clone());
                self.callees.entry(node.name.clone()).or_default().insert(child.name.clone());
                open.push(child);
            }
        }
    }

    /// Callers and callees of a function, under the names that they have on the other side.
    fn of_node(
        &self,
        name: &str,
        other: &BTreeMap<&str, &str>,
    ) -> Option<(BTreeSet<String>, BTreeSet<String>)> {
        let renamed = |names: &BTreeSet<String>| -> BTreeSet<String> {
            names
                .iter()
                .map(|name| (*other.get(name.as_str()).unwrap_or(&name.as_str())).to_owned())
                .collect()
        };
        let callers = renamed(self.callers.get(name)?);
        Some((callers, self.callees.get(name).map(renamed).unwrap_or_default()))
    }
}
