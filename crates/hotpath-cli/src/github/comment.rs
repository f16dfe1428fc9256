//! The comment of a benchmark on a pull request.
//!
//! Invariants: there is exactly one, however often a job runs, however many comments there are, and whether or not an earlier
//! request was executed; a comment of another author is never modified, even if it starts with the marker.

use anyhow::{Result, anyhow, bail};
use serde_json::{Value as Json, json};

use super::Api;
use super::api::{ApiError, Method};

/// The attempts of an update.
const TRIES: u32 = 3;

/// A pull request.
#[derive(Clone, Debug)]
pub(crate) struct PullRequest<'a> {
    /// OWNER/NAME.
    pub(crate) repository: &'a str,
    pub(crate) number: u64,
}

/// The result of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Created(String),
    Updated(String),
    /// The comment already had this text.
    Unchanged(String),
}

/// Returns the first line of the comment of a benchmark, which is invisible.
pub(crate) fn marker(benchmark: &str) -> Result<String> {
    let is_good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ' ');
    if benchmark.is_empty() || benchmark.len() > 100 || !benchmark.chars().all(is_good) {
        bail!("invalid --benchmark-id {benchmark:?}: expected 1 to 100 letters, digits, spaces and . _ - /");
    }
    Ok(format!("<!-- hotpath benchmark: {benchmark} -->"))
}

/// Creates or updates the comment that starts with `marker`. The `body` starts with it, too.
pub(crate) fn upsert(api: &Api, pull: &PullRequest<'_>, marker: &str, body: &str) -> Result<Outcome> {
    let author = Author::of_token(api)?;
    for attempt in 0..TRIES {
        match once(api, pull, &author, marker, body) {
            // It may have been executed: the next attempt checks. A comment may also be deleted after it was found.
            Err(ApiError::Uncertain(_)) => api.pause(attempt),
            Err(ApiError::Rejected { status: 404, .. }) if attempt == 0 => {}
            done => return Ok(done?),
        }
    }
    Ok(once(api, pull, &author, marker, body)?)
}

fn once(
    api: &Api,
    pull: &PullRequest<'_>,
    author: &Author,
    marker: &str,
    body: &str,
) -> Result<Outcome, ApiError> {
    let PullRequest { repository, number } = pull;
    let list = format!("/repos/{repository}/issues/{number}/comments");
    let comments = api.get_all(&list)?;
    let is_ours = |comment: &&Json| {
        comment["body"].as_str().is_some_and(|text| text.lines().next() == Some(marker))
            && author.wrote(comment)
    };
    let mut ours = comments.iter().filter(is_ours);
    let Some(first) = ours.next() else {
        let created = api.send(Method::Post, &list, Some(&json!({ "body": body })))?;
        return Ok(Outcome::Created(address(&created)));
    };
    let path =
        |comment: &Json| Some(format!("/repos/{repository}/issues/comments/{}", comment["id"].as_u64()?));
    // Two jobs that started at once may each have created one.
    for path in ours.filter_map(path) {
        api.send(Method::Delete, &path, None)?;
    }
    // GitHub returns Windows line endings.
    if first["body"].as_str().is_some_and(|text| text.replace("\r\n", "\n").trim_end() == body.trim_end()) {
        return Ok(Outcome::Unchanged(address(first)));
    }
    let path = path(first)
        .ok_or_else(|| ApiError::Uncertain("the API returned a comment without an id".to_owned()))?;
    let updated = api.send(Method::Patch, &path, Some(&json!({ "body": body })))?;
    Ok(Outcome::Updated(address(&updated)))
}

fn address(comment: &Json) -> String {
    comment["html_url"].as_str().unwrap_or("address unknown").to_owned()
}

/// The author of our comments.
#[derive(Debug)]
enum Author {
    /// The user that the token belongs to.
    User(u64),
    /// An app, as in a job. Its token cannot request its user.
    App,
}

impl Author {
    fn of_token(api: &Api) -> Result<Self> {
        match api.get("/user") {
            Ok(user) => {
                let id = user["id"].as_u64();
                Ok(Self::User(id.ok_or_else(|| anyhow!("the API did not return the user of the token"))?))
            }
            Err(ApiError::Rejected { status: 403 | 404, .. }) => Ok(Self::App),
            Err(error) => Err(error.into()),
        }
    }

    fn wrote(&self, comment: &Json) -> bool {
        match self {
            Self::User(id) => comment["user"]["id"].as_u64() == Some(*id),
            Self::App => comment["user"]["type"] == "Bot",
        }
    }
}

impl PullRequest<'_> {
    /// Checks that its head is `sha`, and returns the names of base and head. The inner `Err` is the commit of its head.
    pub(crate) fn is_at(&self, api: &Api, sha: &str) -> Result<Result<(String, String), String>> {
        let pull = api.get(&format!("/repos/{}/pulls/{}", self.repository, self.number))?;
        let text = |side: &str, key: &str| pull[side][key].as_str().map(str::to_owned);
        let head = text("head", "sha")
            .ok_or_else(|| anyhow!("the API did not return the head of the pull request"))?;
        if head != sha {
            return Ok(Err(head));
        }
        let names = text("base", "ref").zip(text("head", "label").or_else(|| text("head", "ref")));
        Ok(Ok(names.unwrap_or_default()))
    }
}
