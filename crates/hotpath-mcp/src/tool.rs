//! The declaration of a tool.

use crate::arguments::Arguments;
use crate::call::Call;
use crate::marks::Marks;
use crate::page::{DEFAULT_BYTES, MAX_BYTES, MAX_LIMIT, MIN_BYTES, fit};
use crate::parameter::{Kind, Parameter};
use crate::problem::Problem;
use crate::sources::Sources;
use hotpath_report::Report;
use serde_json::{Map, Value as Json};

/// A tool: its description for clients, and its implementation.
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) about: String,
    pub(crate) parameters: Vec<Parameter>,
    /// The schema of the answer.
    pub(crate) output: Json,
    pub(crate) effect: Effect,
    /// True if it needs a running program. Without one, it is not listed.
    pub(crate) only_live: bool,
    pub(crate) run: Box<Run>,
}

/// The implementation of a tool.
pub(crate) type Run = dyn Fn(&Call<'_>) -> Result<Json, Problem> + Send + Sync;

/// The effect of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    Nothing,
    /// Nothing, but it waits; the answer is about that time.
    Waits,
    /// It stores a mark; a repeated call replaces it.
    Remembers,
    /// It starts something in the program.
    Starts,
    /// It resets all counts.
    Forgets,
}

impl Tool {
    /// Answers a call with valid arguments.
    pub(crate) fn answer(
        &self,
        sources: &Sources,
        marks: &Marks,
        arguments: &Arguments,
        window: Option<&Report>,
    ) -> Result<Json, Problem> {
        let call = Call { sources, marks, arguments, window };
        let mut answer = (self.run)(&call)?;
        let required = self.output.get("required").and_then(Json::as_array);
        let keep: Vec<&str> = required.into_iter().flatten().filter_map(Json::as_str).collect();
        if self.parameters.iter().any(|parameter| parameter.name == "max_bytes") {
            fit(&mut answer, call.room(), &keep);
        }
        Ok(answer)
    }

    /// Validates the arguments of a call.
    pub(crate) fn check(&self, given: &Map<String, Json>) -> Result<Arguments, Problem> {
        Arguments::check(&self.name, &self.parameters, given)
    }
}

/// Returns the parameter `source`, if there are several sources.
pub(crate) fn source(sources: &Sources) -> Vec<Parameter> {
    let names = sources.names();
    let parameter = || {
        Parameter::new("source", Kind::Choice(names.clone()), "Program or report; default: the first one.")
    };
    if sources.are_several() { vec![parameter()] } else { Vec::new() }
}

/// Returns the parameter `since`, if there is a running program.
pub(crate) fn since(sources: &Sources) -> Vec<Parameter> {
    let about = "Only the time since this mark (see `mark`); default: the whole run.";
    if sources.any_live() { vec![Parameter::new("since", Kind::Text, about)] } else { Vec::new() }
}

/// Returns the parameter `max_bytes`.
pub(crate) fn max_bytes() -> Parameter {
    let kind = Kind::Whole { min: MIN_BYTES, max: MAX_BYTES, default: DEFAULT_BYTES };
    Parameter::new(
        "max_bytes",
        kind,
        "Size limit of the answer in bytes of JSON; the rest is counted, and available with `cursor`.",
    )
}

/// Returns the parameter `limit`.
pub(crate) fn limit(default: u64, what: &str) -> Parameter {
    Parameter::new(
        "limit",
        Kind::Whole { min: 1, max: MAX_LIMIT, default },
        format!("Maximum number of {what}."),
    )
}

/// Returns the parameter `cursor`.
pub(crate) fn cursor() -> Parameter {
    Parameter::new("cursor", Kind::Text, "`next_cursor` of the previous answer, for the next page.")
}
