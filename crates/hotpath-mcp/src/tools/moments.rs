//! `mark`, `wait`, `reset`: the period that an answer is about.
//!
//! The first two subtract reports, so they affect neither the program nor other clients. Only `reset` discards counts.

use crate::marks::{MAX_MARKS, Mark};
use crate::parameter::{Kind, Parameter};
use crate::sources::Sources;
use crate::tool::{self, Effect, Tool};
use hotpath_report::units::format_duration;
use serde_json::json;

use super::overview;
use super::section::{UNITS, text, whole};
use super::status::object;

/// The name of the tool that waits.
pub(crate) const WAIT: &str = "wait";
/// The longest wait. Many clients time out after a minute.
const MAX_SECONDS: f64 = 50.0;

pub(super) fn tools(sources: &Sources) -> Vec<Tool> {
    vec![mark(sources), wait(sources), reset(sources)]
}

fn mark(sources: &Sources) -> Tool {
    let mut parameters = vec![Parameter::new("name", Kind::Text, "Name of the mark; default: a new name.")];
    parameters.extend(tool::source(sources));
    Tool {
        name: "mark".to_owned(),
        title: "Set a mark".to_owned(),
        about: format!(
            "Marks the current point in time. Later, `since: NAME` in `overview`, `explain_function`, `call_tree` and the section \
             tools restricts the answer to the time since, and `compare` compares the time before with the time since. At most \
             {MAX_MARKS} marks are kept; the oldest is dropped."
        ),
        parameters,
        output: json!({
            "type": "object",
            "properties": {
                "mark": text("Name of the mark."),
                "at_ns": whole("Nanoseconds since the start of profiling."),
                "at": text("Formatted."),
                "marks": { "type": "array", "items": { "type": "string" }, "description": "All marks, oldest first." },
                "forgotten": { "type": ["string", "null"], "description": "The mark that was dropped." },
            },
            "required": ["mark", "at_ns", "marks"],
        }),
        effect: Effect::Remembers,
        only_live: true,
        run: Box::new(|call| {
            let name = call.arguments.text("name").map_or_else(|| call.marks.new_name(), str::to_owned);
            let mark = Mark::of(name.clone(), call.named()?)?;
            let at_ns = mark.report.duration_ns;
            let forgotten = call.marks.set(mark);
            Ok(json!({
                "mark": name, "at_ns": at_ns, "at": format_duration(at_ns), "marks": call.marks.names(), "forgotten": forgotten,
            }))
        }),
    }
}

fn wait(sources: &Sources) -> Tool {
    let seconds = Kind::Number { min: 0.01, max: MAX_SECONDS, default: 5.0 };
    let mut parameters = vec![
        Parameter::new("seconds", seconds, "Seconds to wait. For a longer time, use `mark` and ask later."),
        tool::limit(10, "findings"),
        tool::max_bytes(),
    ];
    parameters.extend(tool::source(sources));
    Tool {
        name: WAIT.to_owned(),
        title: "Profile the next seconds".to_owned(),
        about: format!(
            "Waits for some seconds, and answers like `overview` for that time only. Counts are not reset. {UNITS}"
        ),
        parameters,
        output: overview::output(),
        effect: Effect::Waits,
        only_live: true,
        run: Box::new(|call| overview::of_report(&call.report()?, call)),
    }
}

fn reset(sources: &Sources) -> Tool {
    Tool {
        name: "reset".to_owned(),
        title: "Reset all counts".to_owned(),
        about: "Resets all counts of the running program, for every client and for its final report. To examine a period without a \
                reset, use `mark` or `wait`."
            .to_owned(),
        parameters: tool::source(sources),
        output: json!({ "type": "object", "properties": { "status": text("`ok`.") } }),
        effect: Effect::Forgets,
        only_live: true,
        run: Box::new(|call| Ok(object(call.live("counts to reset")?.reset()?))),
    }
}
