//! A tool per log: the recent calls of a function, messages of a channel, values of a gauge.
//!
//! The logs and their paths are declared with the sections. The names of tools and parameters are those of the interface.

use crate::call::{Call, section as section_of};
use crate::find;
use crate::page::{self, page, size};
use crate::parameter::{Kind, Parameter};
use crate::problem::Problem;
use crate::sources::Sources;
use crate::tool::{self, Effect, Tool};
use hotpath_report::{LogDeclaration, Row, SECTIONS, Spec};
use serde_json::{Value as Json, json};

use super::section::{UNITS, whole};

/// The default limit of events.
const EVENTS: u64 = 20;

pub(super) fn tools(sources: &Sources) -> Vec<Tool> {
    let mut tools: Vec<Tool> = Vec::new();
    for declared in SECTIONS {
        for log in declared.logs {
            let (name, id) = names(declared.spec, log);
            if tools.iter().all(|tool| tool.name != name) {
                tools.push(of(name, id, declared.spec, log, sources));
            }
        }
    }
    tools
}

/// Returns the name of the tool and of its id parameter, such as `function_timing_logs` and `function_id`.
fn names(spec: &Spec, log: &LogDeclaration) -> (String, &'static str) {
    if let Some((_, kind)) = log.of {
        return (format!("{kind}_logs"), if kind == "gauge" { "gauge_id" } else { "debug_id" });
    }
    match spec.name.split_once('_') {
        Some(("functions", what)) => (format!("function_{what}_logs"), "function_id"),
        _ => {
            let one = spec.name.trim_end_matches('s');
            let id = ["channel_id", "stream_id", "future_id"].into_iter().find(|id| id.starts_with(one));
            (format!("{one}_logs"), id.unwrap_or("id"))
        }
    }
}

fn of(
    name: String,
    id: &'static str,
    spec: &'static Spec,
    log: &'static LogDeclaration,
    sources: &Sources,
) -> Tool {
    let what = spec.title.to_lowercase();
    let about = format!("Id of the row in `{}`, its name, or the last segments of its name.", spec.name);
    let mut parameters = vec![
        Parameter::new(id, Kind::IdOrName, about).required(),
        tool::limit(EVENTS, "events"),
        tool::cursor(),
        tool::max_bytes(),
    ];
    parameters.extend(tool::source(sources));
    let columns: Vec<String> = log
        .list
        .columns()
        .iter()
        .filter(|column| !column.header.is_empty())
        .map(|column| format!("`{}` {}", column.key, column.about))
        .collect();
    let title = name.replace('_', " ");
    Tool {
        name,
        title,
        about: format!(
            "Recent events of one {what}, newest first; running program only. {} {} {UNITS}",
            log.list.spec.description,
            columns.join(" ")
        ),
        parameters,
        output: output(log),
        effect: Effect::Nothing,
        only_live: true,
        run: Box::new(move |call| answer(call, id, spec, log)),
    }
}

fn answer(call: &Call<'_>, id: &str, spec: &'static Spec, log: &LogDeclaration) -> Result<Json, Problem> {
    let source = call.live("a log of events")?;
    let report = source.report()?;
    let section = section_of(&report, spec.name)?;
    let Some(wanted) = call.arguments.id(id) else {
        return Err(Problem::new(format!("Missing parameter `{id}`.")));
    };
    let has_log = |row: &Row| log.of.is_none_or(|(key, text)| section.cell(row, key).as_text() == Some(text));
    let row = find::row(section, wanted, has_log)?;
    let Some(number) = section.cell(row, "id").number() else {
        return Err(Problem::new("This row has no id, and so no log."));
    };
    let mut answer = source.log(spec, log, number)?;
    let start = page::start(call.arguments.text("cursor"))?;
    let keys = lists(log);
    let taken: Vec<(String, Vec<Json>)> =
        keys.into_iter().map(|key| (key.to_owned(), take(&mut answer, key))).collect();
    answer["name"] = json!(find::name(section, row));
    let room = call.room().saturating_sub(size(&answer) + 200) / taken.len().max(1);
    let (mut omitted, mut next) = (0, None);
    for (key, events) in taken {
        let page = page(events, start, call.limit(), room);
        answer[key] = json!(page.items);
        omitted += page.omitted;
        // Of two lists, the shorter page determines the cursor of both, so that no event is skipped.
        next = match (next, page.next.and_then(|next| next.parse::<usize>().ok())) {
            (Some(a), Some(b)) => Some(std::cmp::min::<usize>(a, b)),
            (one, other) => one.or(other),
        };
    }
    answer["omitted_count"] = json!(omitted);
    answer["next_cursor"] = json!(next.map(|next| next.to_string()));
    Ok(answer)
}

/// Returns the keys of the lists of a log: a channel has one of sent and one of received messages.
fn lists(log: &LogDeclaration) -> Vec<&'static str> {
    let inner = log.list.lists.iter().map(|list| list.spec.envelope.rows_key());
    let inner = inner.zip(log.list.lists).map(|(_, list)| list.spec.name);
    std::iter::once(log.list.spec.envelope.rows_key()).chain(inner).collect()
}

fn take(answer: &mut Json, key: &str) -> Vec<Json> {
    answer.get_mut(key).and_then(Json::as_array_mut).map(std::mem::take).unwrap_or_default()
}

fn output(log: &LogDeclaration) -> Json {
    let mut schema = json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "description": "Name of the row." },
            "omitted_count": whole("Number of retained events not in this answer."),
            "next_cursor": { "type": ["string", "null"], "description": "`cursor` of the next page; null if there is none." },
        },
        "required": ["omitted_count", "next_cursor"],
    });
    for key in lists(log) {
        schema["properties"][key] =
            json!({ "type": "array", "items": { "type": "object" }, "description": "Events, newest first." });
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_interface() {
        let names: std::collections::BTreeSet<(String, &str)> = SECTIONS
            .iter()
            .flat_map(|declared| declared.logs.iter().map(|log| names(declared.spec, log)))
            .collect();
        for (tool, id) in [
            ("function_timing_logs", "function_id"),
            ("function_alloc_logs", "function_id"),
            ("channel_logs", "channel_id"),
            ("stream_logs", "stream_id"),
            ("future_logs", "future_id"),
            ("gauge_logs", "gauge_id"),
            ("dbg_logs", "debug_id"),
            ("val_logs", "debug_id"),
        ] {
            assert!(names.contains(&(tool.to_owned(), id)), "{tool} {id} in {names:?}");
        }
    }
}
