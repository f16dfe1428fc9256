//! Answers of the routes: JSON, or a failure.

use hotpath_http::Answer;

use super::source::Failure;

/// Answers with the JSON of `write`, or the failure.
pub(super) fn json<T>(found: Result<T, Failure>, write: impl FnOnce(T) -> String) -> Answer {
    match found {
        Ok(found) => Answer::json(200, write(found)),
        Err(failure) => failed(&failure),
    }
}

/// Answers with a failure.
pub(super) fn failed(failure: &Failure) -> Answer {
    let status = match failure {
        Failure::NoSession => 503,
        Failure::NotFound(_) => 404,
        Failure::Conflict(_) => 409,
    };
    Answer::error(status, failure.message())
}
