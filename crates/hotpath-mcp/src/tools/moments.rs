//! `mark`, `wait`, `reset`: which time a question is about.
//!
//! A mark and a wait are answered by subtraction of two reports, so they disturb neither the program nor any other reader. Only
//! `reset` makes the program forget.

use crate::call::Call;
use crate::marks::{MAX_MARKS, Mark};
use crate::parameter::{Kind, Parameter};
use crate::problem::Problem;
use crate::sources::Sources;
use crate::tool::{self, Effect, Tool};
use hotpath_report::units::format_duration;
use serde_json::{Value as Json, json};

use super::overview;
use super::section::{UNITS, text, whole};
use super::status::object;

/// The name of the tool that waits.
pub(crate) const WAIT: &str = "wait";
/// Many clients give up on an answer after a minute.
const MAX_SECONDS: f64 = 50.0;

pub(super) fn tools(sources: &Sources) -> Vec<Tool> {
    vec![mark(sources), wait(sources), reset(sources)]
}

fn mark(sources: &Sources) -> Tool {
    let mut parameters = vec![Parameter::new("name", Kind::Text, "Name of the mark; a new one if left out.")];
    parameters.extend(tool::source(sources));
    Tool {
        name: "mark".to_owned(),
        title: "Remember this moment".to_owned(),
        about: format!(
            "Remembers what was counted until now. Later `since: NAME` in `overview`, `explain_function`, `call_tree` and the \
             sections answers for the time since, and `compare` sets the time before it against the time since. At most \
             {MAX_MARKS} are kept; the oldest makes room."
        ),
        parameters,
        output: json!({
            "type": "object",
            "properties": {
                "mark": text("Name of the mark."),
                "at_ns": whole("Nanoseconds from the start of profiling."),
                "at": text("The same as text."),
                "marks": { "type": "array", "items": { "type": "string" }, "description": "All marks, the oldest first." },
                "forgotten": { "type": ["string", "null"], "description": "The mark that made room." },
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
        Parameter::new("seconds", seconds, "How long to wait. For a longer time use `mark` and ask later."),
        tool::limit(10, "findings"),
        tool::max_bytes(),
    ];
    parameters.extend(tool::source(sources));
    Tool {
        name: WAIT.to_owned(),
        title: "Watch for some seconds".to_owned(),
        about: format!(
            "Lets the program run for some seconds and answers like `overview` for that time only. Counts are not reset. {UNITS}"
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
        title: "Forget what was counted".to_owned(),
        about: "Starts all counts of the running program anew, for every reader and for its final report. To look at a time without \
                that, use `mark` or `wait`."
            .to_owned(),
        parameters: tool::source(sources),
        output: json!({ "type": "object", "properties": { "status": text("`ok`.") } }),
        effect: Effect::Forgets,
        only_live: true,
        run: Box::new(forget),
    }
}

fn forget(call: &Call<'_>) -> Result<Json, Problem> {
    Ok(object(call.live("a reset: what can be forgotten")?.reset()?))
}
