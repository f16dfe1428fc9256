//! The resources: the whole report, and the details of a function.

use crate::arguments::Id;
use crate::page::{DEFAULT_BYTES, MAX_BYTES};
use crate::problem::Problem;
use crate::sources::Sources;
use crate::text::visible_json;
use crate::tools::explained;
use hotpath_report::{Report, Table, render};
use rmcp::model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate};

const REPORT: &str = "hotpath://report";
const FUNCTION: &str = "hotpath://function/";
const JSON: &str = "application/json";
/// The bytes of a report with its histograms at most; and without them.
const MAX_REPORT: usize = 1_000_000;
/// The callers, callees and recent calls of a function at most, each.
const LISTED: usize = 20;

/// Returns all resources.
pub(crate) fn list(sources: &Sources) -> Vec<Resource> {
    let names = sources.names();
    let of = |(i, name): (usize, String)| {
        let uri = if i == 0 { REPORT.to_owned() } else { format!("{REPORT}/{}", encoded(&name)) };
        Resource::new(uri, format!("report of {name}"))
            .with_title(format!("The whole report of {name}"))
            .with_description("All sections, the call tree and findings as JSON.")
            .with_mime_type(JSON)
    };
    names.into_iter().enumerate().map(of).collect()
}

/// Returns the resource templates.
pub(crate) fn templates() -> Vec<ResourceTemplate> {
    let function = ResourceTemplate::new(format!("{FUNCTION}{{name}}"), "function")
        .with_title("Details of a function")
        .with_description("By full name, its last segments, or id; same as `explain_function`.")
        .with_mime_type(JSON);
    vec![function]
}

/// Reads the resource at `uri`.
pub(crate) fn read(sources: &Sources, uri: &str) -> Result<ReadResourceResult, Problem> {
    let text = if let Some(name) = uri.strip_prefix(FUNCTION).filter(|name| !name.is_empty()) {
        let named = sources.get(None)?;
        let live = named.source.is_live().then_some(&*named.source);
        let room = usize::try_from(MAX_BYTES.min(DEFAULT_BYTES * 4)).unwrap_or(usize::MAX);
        visible_json(&explained(&named.source.report()?, &Id::Name(decoded(name)), live, LISTED, room)?)
    } else if uri == REPORT {
        whole(&sources.get(None)?.source.report()?)?
    } else if let Some(name) = uri.strip_prefix(REPORT).and_then(|rest| rest.strip_prefix('/')) {
        whole(&sources.get(Some(&decoded(name)))?.source.report()?)?
    } else {
        let valid = format!("{FUNCTION}{{name}}");
        return Err(Problem::unknown("resource", uri, [REPORT, &valid]));
    };
    Ok(ReadResourceResult::new(vec![ResourceContents::text(text, uri).with_mime_type(JSON)]))
}

/// Returns a report as JSON; a large one without its histograms.
fn whole(report: &Report) -> Result<String, Problem> {
    let written = |report: &Report| {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = render::json(report, &render::Options::default(), &mut text);
        text
    };
    let text = written(report);
    if text.len() <= MAX_REPORT {
        return Ok(text);
    }
    let sections = report.sections.iter().cloned().map(Table::without_histograms).collect();
    let mut short = Report { sections, ..report.clone() };
    short.notes.push("histograms were omitted: the report exceeds the size limit of a resource".to_owned());
    let text = written(&short);
    if text.len() <= MAX_REPORT {
        return Ok(text);
    }
    let bytes = text.len();
    Err(Problem::new(format!(
        "The report has {bytes} bytes and exceeds the size limit of a resource ({MAX_REPORT}). Use the tools, which return it in pages."
    )))
}

/// Decodes percent-encoding. An invalid sequence stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let pair = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.filter(|_| first == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Applies percent-encoding.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_percent_encoding() {
        let name = "app::Map<K, V>::get é 100%";
        assert_eq!(decoded(&encoded(name)), name);
        assert_eq!(decoded("a%2"), "a%2");
        assert_eq!(decoded("a%zz"), "a%zz");
    }
}
