//! The prompts.

use crate::problem::{Problem, shortened};
use rmcp::model::{GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role};

/// A prompt with its arguments.
struct Template {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    arguments: &'static [(&'static str, &'static str)],
    text: fn(&Given<'_>) -> String,
}

/// A lookup of arguments by name.
type Given<'a> = dyn Fn(&str) -> Option<String> + 'a;

const PROMPTS: &[Template] = &[
    Template {
        name: "find_the_bottleneck",
        title: "Find the bottleneck",
        about: "Finds what limits the program, and how certain that is.",
        arguments: &[("concern", "What is too slow or uses too much memory, in your words.")],
        text: bottleneck,
    },
    Template {
        name: "compare_two_runs",
        title: "Compare two runs",
        about: "Explains what changed between two reports, or between two periods of one run.",
        arguments: &[("before", "A mark or a report."), ("after", "A mark or a report; default: now.")],
        text: comparison,
    },
];

fn bottleneck(argument: &Given<'_>) -> String {
    let concern = argument("concern").map_or_else(String::new, |text| format!(" The concern: {text}."));
    format!(
        "Find what limits this Rust program, using the tools of hotpath.{concern}\n\
         1. Call `overview`. Start with the first finding, and check its evidence and coverage.\n\
         2. If the program is still running, call `wait` for 5 seconds, and check whether the finding still holds.\n\
         3. If the subject of the finding is a function, call `explain_function` on it. If it is a lock or a channel, read its row in \
         `mutexes`, `rw_locks` or `channels`, and the functions around it in `call_tree`.\n\
         4. Read the source at the locations in the answers.\n\
         5. State the bottleneck, the numbers that show it, how certain it is, and the smallest change that would remove it. State \
         what this data cannot show."
    )
}

fn comparison(argument: &Given<'_>) -> String {
    let side = |name: &str| argument(name).map_or_else(String::new, |text| format!(" {name}: `{text}`."));
    format!(
        "Compare two runs of this Rust program, using the tools of hotpath.{}{}\n\
         1. Call `compare` with `before` and `after` (omit what is not given); then also with `section` set to `functions_alloc`, \
         `mutexes` and `channels`, if they are recorded.\n\
         2. For the largest changes, call `explain_function` on both sides.\n\
         3. State what became slower or faster, by how much per call and per second, which change of the code explains it, and what \
         may be noise: single runs are not conclusive.",
        side("before"),
        side("after"),
    )
}

/// Returns all prompts.
pub(crate) fn list() -> Vec<Prompt> {
    let of = |template: &Template| {
        let argument = |(name, about): &(&str, &str)| {
            PromptArgument::new(*name).with_description(*about).with_required(false)
        };
        let arguments = template.arguments.iter().map(argument).collect();
        Prompt::new(template.name, Some(template.about), Some(arguments)).with_title(template.title)
    };
    PROMPTS.iter().map(of).collect()
}

/// Returns the prompt of this name with its arguments filled in.
pub(crate) fn get(name: &str, given: &JsonObject) -> Result<GetPromptResult, Problem> {
    let names = || PROMPTS.iter().map(|template| template.name);
    let template = PROMPTS
        .iter()
        .find(|template| template.name == name)
        .ok_or_else(|| Problem::unknown("prompt", name, names()))?;
    let argument = |name: &str| given.get(name).and_then(|value| value.as_str()).map(shortened);
    let text = (template.text)(&argument);
    Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]).with_description(template.about))
}
