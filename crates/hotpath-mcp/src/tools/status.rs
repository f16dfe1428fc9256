//! `profiler_status` and `functions_cpu_snapshot`: the state of the profiler of a running program, and its CPU snapshots.

use crate::call::Call;
use crate::page::cut_texts;
use crate::problem::Problem;
use crate::sources::Sources;
use crate::tool::{self, Effect, Tool};
use hotpath_report::SECTIONS;
use serde_json::{Value as Json, json};

use super::section::text;

pub(super) fn tools(sources: &Sources) -> Vec<Tool> {
    let mut tools = vec![Tool {
        name: "profiler_status".to_owned(),
        title: "Profiler status".to_owned(),
        about: "Uptime and process id of the program, whether recording is paused, and `session`, a number that rises at every \
                reset. Running program only."
            .to_owned(),
        parameters: tool::source(sources),
        output: json!({
            "type": "object",
            "properties": {
                "uptime": text("Time since the start of profiling."),
                "pid": { "type": "integer", "description": "Process id." },
            },
        }),
        effect: Effect::Nothing,
        only_live: true,
        run: Box::new(status),
    }];
    if SECTIONS.iter().any(|section| section.spec.name == "functions_cpu") {
        tools.push(Tool {
            name: "functions_cpu_snapshot".to_owned(),
            title: "Snapshot of CPU samples".to_owned(),
            about: "Takes a snapshot of the CPU samples of a running program; call `functions_cpu` for the result.".to_owned(),
            parameters: tool::source(sources),
            output: json!({ "type": "object" }),
            effect: Effect::Starts,
            only_live: true,
            run: Box::new(|call| {
                Ok(object(call.live("a snapshot of CPU samples")?.cpu_snapshot()?))
            }),
        });
    }
    tools
}

fn status(call: &Call<'_>) -> Result<Json, Problem> {
    let mut status = call.live("the status of the profiler")?.status()?;
    cut_texts(&mut status, 500);
    Ok(object(status))
}

/// Wraps a value that is not an object, because structured content must be one.
pub(super) fn object(value: Json) -> Json {
    if value.is_object() { value } else { json!({ "value": value }) }
}
