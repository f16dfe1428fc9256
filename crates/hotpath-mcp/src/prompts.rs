//! Ready questions.

use crate::problem::{Problem, shortened};
use rmcp::model::{GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role};

/// A question with its arguments.
struct Question {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    arguments: &'static [(&'static str, &'static str)],
    text: fn(&Given<'_>) -> String,
}

/// The argument of a name, if it was given.
type Given<'a> = dyn Fn(&str) -> Option<String> + 'a;

const QUESTIONS: &[Question] = &[
    Question {
        name: "find_the_bottleneck",
        title: "Find the bottleneck",
        about: "Finds what limits the program, and says how sure that is.",
        arguments: &[("concern", "What is too slow or too large, in your words.")],
        text: bottleneck,
    },
    Question {
        name: "compare_two_runs",
        title: "Compare two runs",
        about: "Says what changed between two reports, or between two times of one run.",
        arguments: &[("before", "A mark or a report."), ("after", "A mark or a report; now, if left out.")],
        text: comparison,
    },
];

fn bottleneck(argument: &Given<'_>) -> String {
    let concern = argument("concern").map_or_else(String::new, |text| format!(" The concern: {text}."));
    format!(
        "Find what limits this Rust program, with the tools of hotpath.{concern}\n\
         1. Call `overview`. Take the first finding seriously, and check its evidence and coverage.\n\
         2. If the program is still running, call `wait` for 5 seconds and see whether the finding holds now.\n\
         3. Call `explain_function` on the subject of the finding if it is a function; for a lock or a channel look at the rows of \
         `mutexes`, `rw_locks` or `channels`, and at the functions around it with `call_tree`.\n\
         4. Read the source at the places that are named.\n\
         5. Say what the bottleneck is, by which numbers, how sure that is, and the smallest change that would remove it. Say \
         what cannot be known from this data."
    )
}

fn comparison(argument: &Given<'_>) -> String {
    let side = |name: &str| argument(name).map_or_else(String::new, |text| format!(" {name}: `{text}`."));
    format!(
        "Compare two runs of this Rust program, with the tools of hotpath.{}{}\n\
         1. Call `compare` with `before` and `after` (leave out what is not given); again with `section` set to `functions_alloc`, \
         `mutexes` and `channels` if these are recorded.\n\
         2. For the largest changes call `explain_function` on both sides.\n\
         3. Say what became slower or faster, by how much per call and per second, which change of the code explains it, and what \
         may be chance: single runs prove nothing.",
        side("before"),
        side("after"),
    )
}

pub(crate) fn list() -> Vec<Prompt> {
    let of = |question: &Question| {
        let argument = |(name, about): &(&str, &str)| {
            PromptArgument::new(*name).with_description(*about).with_required(false)
        };
        let arguments = question.arguments.iter().map(argument).collect();
        Prompt::new(question.name, Some(question.about), Some(arguments)).with_title(question.title)
    };
    QUESTIONS.iter().map(of).collect()
}

pub(crate) fn get(name: &str, given: &JsonObject) -> Result<GetPromptResult, Problem> {
    let names = || QUESTIONS.iter().map(|question| question.name);
    let question = QUESTIONS
        .iter()
        .find(|question| question.name == name)
        .ok_or_else(|| Problem::unknown("prompt", name, names()))?;
    let argument = |name: &str| given.get(name).and_then(|value| value.as_str()).map(shortened);
    let text = (question.text)(&argument);
    Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]).with_description(question.about))
}
