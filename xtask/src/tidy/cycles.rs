//! Cycles among the modules of a crate: modules that reach each other over paths. Parents and children are no cycle, since
//! every module stands in its parent.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::{Modules, Name};

type Graph<'a> = BTreeMap<&'a Name, BTreeSet<&'a Name>>;

/// One line per cycle: its modules, and the edges that close it.
pub fn find(modules: &Modules) -> Vec<String> {
    let graph = graph(modules);
    components(&graph).iter().map(|cycle| describe(cycle, &graph)).collect()
}

fn graph(modules: &Modules) -> Graph<'_> {
    let edges = |(from, names): (&'_ Name, &'_ Vec<Name>)| -> BTreeSet<Name> {
        let to = names.iter().filter_map(|name| longest_module(name, modules));
        to.filter(|to| !to.starts_with(from) && !from.starts_with(to)).cloned().collect()
    };
    let known = |name: &Name| modules.get_key_value(name).map(|(name, _)| name);
    modules.iter().map(|module| (module.0, edges(module).iter().filter_map(known).collect())).collect()
}

/// The module that holds what a path names.
fn longest_module<'a>(path: &Name, modules: &'a Modules) -> Option<&'a Name> {
    (1..=path.len()).rev().find_map(|length| modules.get_key_value(&path[..length])).map(|(name, _)| name)
}

/// The strongly connected components of more than one module.
fn components<'a>(graph: &Graph<'a>) -> Vec<Vec<&'a Name>> {
    let reach: BTreeMap<&Name, BTreeSet<&Name>> =
        graph.keys().map(|&from| (from, reachable(from, graph))).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for &module in graph.keys() {
        if seen.contains(module) {
            continue;
        }
        let both = |other: &&&Name| reach[*other].contains(module);
        let cycle: Vec<&Name> = reach[module].iter().filter(both).copied().collect();
        seen.extend(cycle.iter().copied());
        if cycle.len() > 1 {
            found.push(cycle);
        }
    }
    found
}

fn reachable<'a>(from: &'a Name, graph: &Graph<'a>) -> BTreeSet<&'a Name> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        open.extend(graph[module].iter().copied().filter(|&next| reached.insert(next)));
    }
    reached
}

fn describe(cycle: &[&Name], graph: &Graph<'_>) -> String {
    let edges: Vec<String> = cycle
        .iter()
        .flat_map(|&from| graph[from].iter().filter(|to| cycle.contains(to)).map(move |to| (from, *to)))
        .map(|(from, to)| format!("  {} → {}", from.join("::"), to.join("::")))
        .collect();
    format!("module cycle of {}:\n{}", cycle.len(), edges.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::{Modules, Name, find};
    use crate::tidy::modules::parse;

    fn modules(files: &[(&str, &str)]) -> Modules {
        let name = |path: &str| -> Name {
            path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let read =
            |&(path, text): &(&str, &str)| (name(path), parse(text, &name(path)).expect("tokens").names);
        files.iter().map(read).collect()
    }

    #[track_caller]
    fn assert_cycle(files: &[(&str, &str)], is_one: bool) {
        assert_eq!(!find(&modules(files)).is_empty(), is_one, "{files:#?}");
    }

    #[test]
    fn modules_that_use_each_other_are_a_cycle() {
        let back = |text| [("a", "use crate::b::B;"), ("b", text)];
        assert_cycle(&back("use crate::a;"), true);
        assert_cycle(&back("use super::{a::{self, A}};"), true);
        assert_cycle(&back("fn f() { crate::a::g() }"), true);
        assert_cycle(&back("macro_rules! m { () => { $crate::a::g() } }"), true);
        assert_cycle(&back("fn f() { let _ = vec![super::a::X]; }"), true);
        assert_cycle(&back("mod inner { use crate::a::A; }"), true);
        assert_cycle(&back("use crate::c;"), false);
        assert_cycle(&back("#[cfg(test)] mod tests { use crate::a::A; }"), false);
        assert_cycle(&back("/// [`crate::a`]\nfn f() {}"), false);
    }

    #[test]
    fn a_path_through_an_imported_module_counts() {
        let through = "use crate::a; fn f() { a::inner::g() }";
        assert_cycle(&[("a", ""), ("a::inner", "use crate::b;"), ("b", through)], true);
        assert_cycle(&[("a", ""), ("a::inner", "use crate::b;"), ("b", "use crate::a;")], false);
    }

    #[test]
    fn a_cycle_may_be_long() {
        assert_cycle(
            &[("a", "use crate::b;"), ("b", "use crate::c::d;"), ("c", ""), ("c::d", "use crate::a;")],
            true,
        );
    }

    #[test]
    fn a_parent_and_its_child_are_no_cycle() {
        assert_cycle(&[("a", "use self::b::B;"), ("a::b", "use super::A;")], false);
        assert_cycle(&[("", "mod a; use a::A;"), ("a", "use crate::B;")], false);
    }
}
