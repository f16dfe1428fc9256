//! GitHub's API, as far as a comment on a pull request needs it.
//!
//! | file | what |
//! |---|---|
//! | `api.rs` | requests: pages, errors in words, limits of rate |
//! | `comment.rs` | the one comment of a benchmark: found, updated, or created |
//! | `token.rs` | the token, which is never shown |
//! | `surroundings.rs` | what GitHub Actions says in the environment |

mod api;
mod comment;
mod surroundings;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use api::Api;
pub(crate) use comment::{Outcome, PullRequest, marker, upsert};
pub(crate) use surroundings::Surroundings;
pub(crate) use token::Token;
