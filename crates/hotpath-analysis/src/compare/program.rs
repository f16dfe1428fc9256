//! Programs and builds: whether two sets of reports are of one, and have anything to compare.

use super::comparison::{Comparison, Presence};
use super::pairing;
use hotpath_report::{Report, SECTIONS, Table, render::printable};

/// Rows of a side that a message names.
const NAMED: usize = 3;

/// Returns the evidence that the reports are of different programs; `None` if there is none.
///
/// The function that holds the guard identifies the program. Reports without one (a session that measured no functions) are identified
/// by the name of the command.
///
/// ```
/// use hotpath_analysis::compare::difference_of_programs;
/// use hotpath_report::Report;
/// let report = |caller: &str| Report { caller_name: caller.into(), ..Report::default() };
/// assert_eq!(difference_of_programs(&[report("app::main")], &[report("app::main")]), None);
/// let difference = difference_of_programs(&[report("app::main")], &[report("tool::main")]);
/// assert_eq!(difference.as_deref(), Some("one is of `app::main`, another of `tool::main`"));
/// ```
pub fn difference_of_programs(base: &[Report], head: &[Report]) -> Option<String> {
    let mut reports = base.iter().chain(head);
    let first = reports.next()?;
    let other = reports.find_map(|report| difference(first, report))?;
    Some(format!("one is of `{}`, another of `{}`", printable(&other.0), printable(&other.1)))
}

/// Returns the build that runs of both sides have in common, started with the same arguments; `None` if there is none, or if the
/// reports do not say. Such sides differ by chance or by their environment: a gate over them cannot fail.
///
/// ```
/// use hotpath_analysis::compare::same_build;
/// use hotpath_report::{Meta, Report};
/// let run = |build: &str, command: &str| {
///     let meta = Meta { build_id: Some(build.into()), command: command.into(), ..Meta::default() };
///     [Report { meta, ..Report::default() }]
/// };
/// assert_eq!(same_build(&run("a1", "old/app --fast"), &run("a1", "new/app --fast")), Some("a1"));
/// assert_eq!(same_build(&run("a1", "app --fast"), &run("a1", "app --slow")), None);
/// assert_eq!(same_build(&run("a1", "app"), &run("b2", "app")), None);
/// assert_eq!(same_build(&[Report::default()], &[Report::default()]), None);
/// ```
pub fn same_build<'a>(base: &'a [Report], head: &[Report]) -> Option<&'a str> {
    let is_known = |report: &'_ Report| report.meta.build_id.is_some();
    let is_same = |a: &Report, b: &Report| {
        a.meta.build_id == b.meta.build_id && arguments(&a.meta.command) == arguments(&b.meta.command)
    };
    let run =
        base.iter().filter(|run| is_known(run)).find(|run| head.iter().any(|other| is_same(run, other)))?;
    run.meta.build_id.as_deref()
}

/// The arguments in a command line.
fn arguments(command: &str) -> &str {
    command.trim_start().split_once(char::is_whitespace).map_or("", |(_, arguments)| arguments.trim())
}

/// Returns a sentence that says that nothing was compared, if the sides have no row in common; `None` if they have one, or if a budget
/// of the policy applies to a row of the head. Threads do not count: every program has them.
///
/// ```
/// use hotpath_analysis::compare::{Policy, compare, nothing_in_common};
/// use hotpath_report::Report;
/// let (base, head) = ([Report::default()], [Report::default()]);
/// let comparison = compare(&base, &head, &Policy::default());
/// let sentence = nothing_in_common(&comparison, &base, &head);
/// assert_eq!(sentence.as_deref(), Some("nothing was compared: neither side has a row"));
/// ```
pub fn nothing_in_common(comparison: &Comparison, base: &[Report], head: &[Report]) -> Option<String> {
    let is_compared = |row: &super::ComparedRow| {
        let is_paired = matches!(row.presence, Presence::Both | Presence::Renamed { .. });
        (is_paired && !is_ambient(row.section)) || !row.changes.is_empty() && !is_paired
    };
    if comparison.rows.iter().any(is_compared) {
        return None;
    }
    let (base, head) = (measured(base), measured(head));
    Some(match (base.is_empty(), head.is_empty()) {
        (true, true) => "nothing was compared: neither side has a row".to_owned(),
        (true, false) => format!("nothing was compared: the base has no row, the head {}", some(&head)),
        (false, true) => format!("nothing was compared: the head has no row, the base {}", some(&base)),
        (false, false) => format!(
            "nothing was compared: the two sides have no row in common; the base has {}, the head {}. Are they reports of one \
             program, and of one form?",
            some(&base),
            some(&head)
        ),
    })
}

fn is_ambient(section: &str) -> bool {
    SECTIONS.iter().any(|declared| declared.spec.name == section && declared.spec.ambient)
}

/// The measured rows of a side: their names, each with its section, of every section but the ambient ones.
fn measured(reports: &[Report]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let sections = reports.iter().flat_map(|report| &report.sections).filter(|section| !section.spec.ambient);
    let name = |section: &Table, row| format!("`{}` in {}", pairing::name(section, row), section.spec.name);
    for name in sections.flat_map(|section| section.rows.iter().map(move |row| name(section, row))) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The first of some names, and how many more there are.
fn some(names: &[String]) -> String {
    let shown = printable(&names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", "));
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn difference(a: &Report, b: &Report) -> Option<(String, String)> {
    if !a.caller_name.is_empty() && !b.caller_name.is_empty() {
        return (a.caller_name != b.caller_name).then(|| (a.caller_name.clone(), b.caller_name.clone()));
    }
    let (a, b) = (program(&a.meta.command), program(&b.meta.command));
    (!a.is_empty() && !b.is_empty() && a != b).then(|| (a.to_owned(), b.to_owned()))
}

/// The file name of the first word, without what Cargo puts behind the name of a test or benchmark.
fn program(command: &str) -> &str {
    let path = command.split_whitespace().next().unwrap_or_default();
    let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let file = file.strip_suffix(".exe").unwrap_or(file);
    match file.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => name,
        _ => file,
    }
}
