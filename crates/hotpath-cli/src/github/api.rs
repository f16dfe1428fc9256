//! Requests to the API: what it answers, what its errors mean, and when to try again.
//!
//! What must stay true: no message holds the token; a wait is announced and bounded; nothing that changes something is sent twice
//! without a look at whether the first one arrived, which is the caller's to do ([`Refusal::Unsure`]).

use std::cell::Cell;
use std::fmt;
use std::time::{Duration, SystemTime};

use anyhow::{Result, anyhow, bail};
use serde_json::Value as Json;
use ureq::Agent;
use ureq::http::{HeaderMap, Response};

use super::{Surroundings, Token};

/// So much of an answer is read.
const MAX_ANSWER: u64 = 32 << 20;
/// An API that answers slower than this does not answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Requests that only ask are tried so often.
const TRIES: u32 = 3;
/// The most entries that a page may have.
pub(super) const PER_PAGE: usize = 100;
/// More comments than any pull request has: 100,000.
const MAX_PAGES: usize = 1_000;

/// A connection to the API, as one user.
pub(crate) struct Api {
    agent: Agent,
    base: String,
    token: Token,
    /// How long waits may be in all.
    max_wait: Duration,
    waited: Cell<Duration>,
    sleep: fn(Duration),
}

/// Why a request did not do what it was to do.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The API said no, and why.
    No { status: u16, message: String },
    /// It is not known whether it was done: no answer, half an answer, or an error of the server.
    Unsure(String),
    /// Too many requests, and the wait would be too long.
    Limited(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

/// An answer that is no error.
struct Answer {
    body: String,
    next: Option<String>,
}

impl Api {
    pub(crate) fn new(surroundings: &Surroundings, token: Token, max_wait: Duration) -> Result<Self> {
        let base = surroundings.api_url.trim_end_matches('/').to_owned();
        let host =
            base.split_once("://").map(|(scheme, rest)| (scheme, rest.split('/').next().unwrap_or("")));
        match host {
            Some((_, host)) if host.is_empty() || host.contains('@') => {
                bail!("--api-url {base}: expected a host")
            }
            Some(("http", _)) => {}
            Some(("https", _)) if cfg!(feature = "tls") => {}
            Some(("https", _)) => bail!(
                "this hotpath was built without HTTPS, which {base} needs: install it with the feature `tls`"
            ),
            _ => bail!("--api-url {base}: expected https://…"),
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .redirect_auth_headers(ureq::config::RedirectAuthHeaders::SameHost)
            .user_agent(concat!("hotpath/", env!("CARGO_PKG_VERSION")));
        #[cfg(feature = "tls")]
        let config = config.tls_config(
            ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::PlatformVerifier).build(),
        );
        let waited = Cell::new(Duration::ZERO);
        Ok(Self { agent: config.build().into(), base, token, max_wait, waited, sleep: std::thread::sleep })
    }

    /// Without real waits.
    #[cfg(test)]
    pub(super) fn with_sleep(mut self, sleep: fn(Duration)) -> Self {
        self.sleep = sleep;
        self
    }

    /// What stands at a path. Errors of the server are tried again: asking changes nothing.
    pub(super) fn get(&self, path: &str) -> Result<Json, Refusal> {
        let answer = self.ask(&self.url(path))?;
        self.json(&answer.body)
    }

    /// Every entry of a list, page after page.
    pub(super) fn get_all(&self, path: &str) -> Result<Vec<Json>, Refusal> {
        let first = |page: usize| self.url(&format!("{path}?per_page={PER_PAGE}&page={page}"));
        let (mut all, mut url) = (Vec::new(), first(1));
        for page in 1..=MAX_PAGES {
            let answer = self.ask(&url)?;
            let Json::Array(entries) = self.json(&answer.body)? else {
                return Err(Refusal::Unsure(format!("{} answered something that is no list", self.base)));
            };
            let is_full = entries.len() >= PER_PAGE;
            all.extend(entries);
            url = match answer.next {
                // The token goes to the API alone.
                Some(next) if self.is_ours(&next) => next,
                Some(_) => return Err(Refusal::Unsure(format!("{} sends to another server", self.base))),
                // Something between here and there may drop the header `Link`.
                None if is_full => first(page + 1),
                None => return Ok(all),
            };
        }
        Err(Refusal::Unsure(format!("{path} has more than {} entries", MAX_PAGES * PER_PAGE)))
    }

    /// Sends something that changes something, once.
    pub(super) fn send(&self, method: Method, path: &str, body: Option<&Json>) -> Result<Json, Refusal> {
        let answer = self.request(method, &self.url(path), body)?;
        if answer.body.is_empty() { Ok(Json::Null) } else { self.json(&answer.body) }
    }

    /// Waits before another try.
    pub(super) fn pause(&self, attempt: u32) {
        (self.sleep)(Duration::from_secs(1 << attempt.min(4)));
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn is_ours(&self, url: &str) -> bool {
        url.strip_prefix(&self.base).is_some_and(|path| path.starts_with('/'))
    }

    fn json(&self, body: &str) -> Result<Json, Refusal> {
        serde_json::from_str(body).map_err(|error| {
            Refusal::Unsure(format!("{} answered something that is no JSON: {error}", self.base))
        })
    }

    fn ask(&self, url: &str) -> Result<Answer, Refusal> {
        for attempt in 0..TRIES - 1 {
            match self.request(Method::Get, url, None) {
                Err(Refusal::Unsure(_)) => self.pause(attempt),
                other => return other,
            }
        }
        self.request(Method::Get, url, None)
    }

    /// One request; again and again while the API says to wait, as long as that is allowed.
    fn request(&self, method: Method, url: &str, body: Option<&Json>) -> Result<Answer, Refusal> {
        loop {
            let (status, headers, text) = self.exchange(method, url, body)?;
            if (200..300).contains(&status) {
                return Ok(Answer { body: text, next: next(&headers) });
            }
            match wait(status, &headers, &text) {
                Some(wait) => self.wait(wait, status)?,
                None => return Err(self.refusal(status, &text)),
            }
        }
    }

    fn exchange(
        &self,
        method: Method,
        url: &str,
        body: Option<&Json>,
    ) -> Result<(u16, HeaderMap, String), Refusal> {
        let body = body.map(Json::to_string).unwrap_or_default();
        let response = match method {
            Method::Get => self.dress(self.agent.get(url)).call(),
            Method::Delete => self.dress(self.agent.delete(url)).call(),
            Method::Post => self.dress(self.agent.post(url)).send(&body),
            Method::Patch => self.dress(self.agent.patch(url)).send(&body),
        };
        let unsure = |error: ureq::Error| {
            Refusal::Unsure(format!(
                "{} does not answer: {}",
                self.base,
                self.token.hide_in(&error.to_string())
            ))
        };
        let mut response: Response<ureq::Body> = response.map_err(unsure)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.body_mut().with_config().limit(MAX_ANSWER).read_to_string().map_err(unsure)?;
        Ok((status, headers, text))
    }

    fn dress<T>(&self, request: ureq::RequestBuilder<T>) -> ureq::RequestBuilder<T> {
        request
            .header("Authorization", self.token.header())
            .header("Accept", "application/vnd.github+json")
            .header("X-GitHub-Api-Version", "2022-11-28")
    }

    /// Waits as the API wishes, if that is within what all waits may take.
    fn wait(&self, wait: Duration, status: u16) -> Result<(), Refusal> {
        let waited = self.waited.get().saturating_add(wait);
        if waited > self.max_wait {
            return Err(Refusal::Limited(format!(
                "{} answers {status}, too many requests, and wants {} s of waiting; --max-wait allows {} s in all",
                self.base,
                waited.as_secs(),
                self.max_wait.as_secs()
            )));
        }
        eprintln!("hotpath: {} wants fewer requests: waiting {} s", self.base, wait.as_secs());
        // An API that says "again, at once" for ever is limited too.
        self.waited.set(waited.max(self.waited.get() + Duration::from_secs(1)));
        (self.sleep)(wait);
        Ok(())
    }

    fn refusal(&self, status: u16, body: &str) -> Refusal {
        let message = self.token.hide_in(&said(body));
        if status >= 500 {
            return Refusal::Unsure(format!("{} answers {status}: {message}", self.base));
        }
        Refusal::No { status, message }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, message) = match self {
            Self::No { status, message } => (*status, message),
            Self::Unsure(message) | Self::Limited(message) => return f.write_str(message),
        };
        let meaning = match status {
            401 => "the token is not accepted: it is wrong, or has ended",
            403 => {
                "the token may not do this. A job needs `permissions: pull-requests: write`; one of a pull request from a fork \
                 never has it, so comment from a workflow on `workflow_run`"
            }
            404 => "no such repository, pull request or comment, or the token does not see it",
            422 => "what was sent is not accepted",
            300..=399 => "the repository has moved: name the new one",
            _ => "the API refuses",
        };
        write!(f, "{meaning} (status {status}: {message})")
    }
}

impl From<Refusal> for anyhow::Error {
    fn from(refusal: Refusal) -> Self {
        anyhow!("{refusal}")
    }
}

/// What an error says in its body: `message`, and what is wrong with which field.
fn said(body: &str) -> String {
    let Ok(json) = serde_json::from_str::<Json>(body) else {
        return if body.trim().is_empty() { "no reason given".to_owned() } else { shortened(body) };
    };
    let message = json["message"].as_str().unwrap_or("no reason given");
    let errors = json["errors"].as_array().into_iter().flatten();
    let errors =
        errors.map(|error| error["message"].as_str().map_or_else(|| error.to_string(), str::to_owned));
    shortened(&std::iter::once(message.to_owned()).chain(errors).collect::<Vec<_>>().join("; "))
}

fn shortened(text: &str) -> String {
    const ROOM: usize = 300;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= ROOM { line } else { line.chars().take(ROOM).chain(['…']).collect() }
}

/// How long the API wants to be left alone, if that is why it refuses.
fn wait(status: u16, headers: &HeaderMap, body: &str) -> Option<Duration> {
    if status != 403 && status != 429 {
        return None;
    }
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    if let Some(seconds) = number("retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    if number("x-ratelimit-remaining") == Some(0) {
        let reset = Duration::from_secs(number("x-ratelimit-reset")?);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let left = reset.saturating_sub(now);
        // Its clock and ours may differ by a second.
        return Some(if left.is_zero() { left } else { left.saturating_add(Duration::from_secs(1)) });
    }
    // Its manual asks for a minute where it gives no time.
    (status == 429 || body.contains("rate limit")).then_some(Duration::from_secs(60))
}

/// The next page, as the header `Link` says: `<https://…>; rel="next", <…>; rel="last"`.
fn next(headers: &HeaderMap) -> Option<String> {
    let link = headers.get("link")?.to_str().ok()?;
    let next = link.split(',').find(|part| {
        part.split(';').skip(1).any(|parameter| parameter.trim().eq_ignore_ascii_case("rel=\"next\""))
    })?;
    Some(next.split_once('<')?.1.split_once('>')?.0.to_owned())
}
