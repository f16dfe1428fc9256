//! The one comment of a benchmark on a pull request.
//!
//! What must stay true: there is one, however often a job runs, however many comments there are, and whatever became of an earlier
//! request; and a comment that somebody else wrote is never touched, even if it holds the mark.

use anyhow::{Result, anyhow, bail};
use serde_json::{Value as Json, json};

use super::Api;
use super::api::{Method, Refusal};

/// A request that changes something is begun so often.
const TRIES: u32 = 3;

/// A pull request.
#[derive(Clone, Debug)]
pub(crate) struct PullRequest<'a> {
    /// OWNER/NAME.
    pub(crate) repository: &'a str,
    pub(crate) number: u64,
}

/// What became of the comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Created(String),
    Updated(String),
    /// It says that already.
    Unchanged(String),
}

/// The first line of the comment, which nobody sees.
pub(crate) fn marker(benchmark: &str) -> Result<String> {
    let is_good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ' ');
    if benchmark.is_empty() || benchmark.len() > 100 || !benchmark.chars().all(is_good) {
        bail!("--benchmark-id {benchmark:?}: at most 100 letters, digits and . _ - /");
    }
    Ok(format!("<!-- hotpath benchmark: {benchmark} -->"))
}

/// Makes the comment that begins with `marker` say `body`, which begins with it too.
pub(crate) fn upsert(api: &Api, pull: &PullRequest<'_>, marker: &str, body: &str) -> Result<Outcome> {
    let author = Author::ask(api)?;
    for attempt in 0..TRIES {
        match once(api, pull, &author, marker, body) {
            // It may be there after all: the next round looks first. A comment may also be gone since it was found.
            Err(Refusal::Unsure(_)) => api.pause(attempt),
            Err(Refusal::No { status: 404, .. }) if attempt == 0 => {}
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
) -> Result<Outcome, Refusal> {
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
    // Two jobs may have begun at once, each with a comment of its own.
    for path in ours.filter_map(path) {
        api.send(Method::Delete, &path, None)?;
    }
    // GitHub gives lines back as they are on Windows.
    if first["body"].as_str().is_some_and(|text| text.replace("\r\n", "\n").trim_end() == body.trim_end()) {
        return Ok(Outcome::Unchanged(address(first)));
    }
    let path = path(first).ok_or_else(|| Refusal::Unsure("a comment has no id".to_owned()))?;
    let updated = api.send(Method::Patch, &path, Some(&json!({ "body": body })))?;
    Ok(Outcome::Updated(address(&updated)))
}

fn address(comment: &Json) -> String {
    comment["html_url"].as_str().unwrap_or("address unknown").to_owned()
}

/// Whose comments are ours.
#[derive(Debug)]
enum Author {
    /// The user that the token belongs to.
    User(u64),
    /// The token is of an app, as in a job; it cannot ask who it is.
    App,
}

impl Author {
    fn ask(api: &Api) -> Result<Self> {
        match api.get("/user") {
            Ok(user) => {
                let id = user["id"].as_u64();
                Ok(Self::User(id.ok_or_else(|| anyhow!("the API does not say whose token this is"))?))
            }
            Err(Refusal::No { status: 403 | 404, .. }) => Ok(Self::App),
            Err(refusal) => Err(refusal.into()),
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
    /// Whether its last commit is `sha`, and the names of base and head. `Err` names the commit that it is at.
    pub(crate) fn is_at(&self, api: &Api, sha: &str) -> Result<Result<(String, String), String>> {
        let pull = api.get(&format!("/repos/{}/pulls/{}", self.repository, self.number))?;
        let text = |side: &str, key: &str| pull[side][key].as_str().map(str::to_owned);
        let head =
            text("head", "sha").ok_or_else(|| anyhow!("the API does not say where the pull request is"))?;
        if head != sha {
            return Ok(Err(head));
        }
        let names = text("base", "ref").zip(text("head", "label").or_else(|| text("head", "ref")));
        Ok(Ok(names.unwrap_or_default()))
    }
}
