//! A tool as one declaration.

use crate::arguments::Arguments;
use crate::call::Call;
use crate::marks::Marks;
use crate::page::{DEFAULT_BYTES, MAX_BYTES, MAX_LIMIT, MIN_BYTES, fit};
use crate::parameter::{Kind, Parameter};
use crate::problem::Problem;
use crate::sources::Sources;
use hotpath_report::Report;
use serde_json::{Map, Value as Json};

/// One tool: what clients are told of it, and what it does.
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) about: String,
    pub(crate) parameters: Vec<Parameter>,
    /// Schema of the answer.
    pub(crate) output: Json,
    pub(crate) effect: Effect,
    /// Whether only a running program can answer it. Where there is none, clients are not told of it.
    pub(crate) only_live: bool,
    pub(crate) run: Box<Run>,
}

/// What answers a call.
pub(crate) type Run = dyn Fn(&Call<'_>) -> Result<Json, Problem> + Send + Sync;

/// What a call changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    Nothing,
    /// Nothing, and the answer is about the time that the call waits.
    Waits,
    /// Something is remembered; asked again it is remembered anew.
    Remembers,
    /// The program starts something.
    Starts,
    /// What was counted so far is gone.
    Forgets,
}

impl Tool {
    /// Answers a call with arguments that were checked.
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

    /// Checks the arguments of a call.
    pub(crate) fn check(&self, given: &Map<String, Json>) -> Result<Arguments, Problem> {
        Arguments::check(&self.name, &self.parameters, given)
    }
}

/// Which source is meant; nothing where there is only one.
pub(crate) fn source(sources: &Sources) -> Vec<Parameter> {
    let names = sources.names();
    let parameter = || {
        Parameter::new(
            "source",
            Kind::Choice(names.clone()),
            "Which program or report; the first one if left out.",
        )
    };
    if sources.are_several() { vec![parameter()] } else { Vec::new() }
}

/// The time that is meant; nothing where nothing can change.
pub(crate) fn since(sources: &Sources) -> Vec<Parameter> {
    let about = "Only what happened since this mark (see `mark`); the whole run if left out.";
    if sources.any_live() { vec![Parameter::new("since", Kind::Text, about)] } else { Vec::new() }
}

/// How large the answer may be.
pub(crate) fn max_bytes() -> Parameter {
    let kind = Kind::Whole { min: MIN_BYTES, max: MAX_BYTES, default: DEFAULT_BYTES };
    Parameter::new(
        "max_bytes",
        kind,
        "Bound of the answer in bytes of JSON; what does not fit is counted and can be paged.",
    )
}

/// How many items there may be.
pub(crate) fn limit(default: u64, what: &str) -> Parameter {
    Parameter::new(
        "limit",
        Kind::Whole { min: 1, max: MAX_LIMIT, default },
        format!("At most so many {what}."),
    )
}

/// Where to begin.
pub(crate) fn cursor() -> Parameter {
    Parameter::new("cursor", Kind::Text, "Where to go on: `next_cursor` of the answer before.")
}
