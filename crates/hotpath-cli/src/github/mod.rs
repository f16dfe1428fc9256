//! A client of GitHub's API, for a comment on a pull request.
//!
//! | file | contents |
//! |---|---|
//! | `api.rs` | requests: pagination, error messages, rate limits |
//! | `comment.rs` | the one comment of a benchmark: created or updated |
//! | `token.rs` | the token, which is never shown |
//! | `environment.rs` | the environment of a job on GitHub Actions |

mod api;
mod comment;
mod environment;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use api::Api;
pub(crate) use comment::{Outcome, PullRequest, marker, upsert};
pub(crate) use environment::Environment;
pub(crate) use token::Token;
