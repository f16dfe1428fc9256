//! Whether two sets of reports are of one program.

use crate::render::printable;
use crate::report::Report;

/// What says that the reports are of different programs; `None` if nothing does.
///
/// The function that holds the guard says which program it is. Reports without one (a session that measured no functions) are told
/// apart by the name of the command.
///
/// ```
/// use hotpath_report::{Report, compare::difference_of_programs};
/// let report = |caller: &str| Report { caller_name: caller.into(), ..Report::default() };
/// assert_eq!(difference_of_programs(&[report("app::main")], &[report("app::main")]), None);
/// let told = difference_of_programs(&[report("app::main")], &[report("tool::main")]);
/// assert_eq!(told.as_deref(), Some("one is of `app::main`, another of `tool::main`"));
/// ```
pub fn difference_of_programs(base: &[Report], head: &[Report]) -> Option<String> {
    let mut reports = base.iter().chain(head);
    let first = reports.next()?;
    let other = reports.find_map(|report| difference(first, report))?;
    Some(format!("one is of `{}`, another of `{}`", printable(&other.0), printable(&other.1)))
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
