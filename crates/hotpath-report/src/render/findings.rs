//! Findings: the last lines of the table output, where people look first.

use super::Options;
use super::text::{name_cell, printable};
use crate::finding::Finding;
use crate::report::Report;
use crate::units::shorten_function_name;
use std::fmt::{self, Write};

/// More would be a table of its own; JSON has all.
const LINES: usize = 5;

/// Writes a line per finding, the weightiest first, and says how many are left out.
pub(super) fn write(report: &Report, options: &Options, out: &mut dyn Write) -> fmt::Result {
    let all = report.findings.len();
    if all == 0 {
        return Ok(());
    }
    match all.saturating_sub(LINES) {
        0 => writeln!(out, "\nFindings")?,
        more => writeln!(out, "\nFindings ({LINES} of {all}, JSON has the other {more})")?,
    }
    report.findings.iter().take(LINES).try_for_each(|finding| writeln!(out, "  {}", line(finding, options)))
}

fn line(finding: &Finding, options: &Options) -> String {
    let short = name_cell(&shorten_function_name(&finding.subject, options.name_depth));
    let title = finding.title.replacen(&finding.subject, &short, 1);
    let place = finding.source.as_ref().map(|source| format!(" ({}:{})", source.file, source.line));
    printable(&format!("{title}{}", place.unwrap_or_default()))
}
