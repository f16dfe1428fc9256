//! Requests to the API: responses, error messages, retries.
//!
//! Invariants: no message contains the token; a wait is announced and bounded; a request that changes something is never retried
//! here, because the caller must first check whether it was executed ([`ApiError::Uncertain`]).

use std::cell::Cell;
use std::fmt;
use std::time::{Duration, SystemTime};

use anyhow::{Result, anyhow, bail};
use serde_json::Value as Json;
use ureq::Agent;
use ureq::http::{HeaderMap, Response};

use super::{Environment, Token};

/// The bytes of a response at most.
const MAX_RESPONSE: u64 = 32 << 20;
/// The time to wait for a response.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The attempts of a request that changes nothing.
const TRIES: u32 = 3;
/// The entries of a page, as many as the API allows.
pub(super) const PER_PAGE: usize = 100;
/// The pages of a list at most: 100,000 entries.
const MAX_PAGES: usize = 1_000;

/// A connection to the API, as one user.
pub(crate) struct Api {
    agent: Agent,
    base: String,
    token: Token,
    /// The time of all waits together at most.
    max_wait: Duration,
    waited: Cell<Duration>,
    sleep: fn(Duration),
}

/// The reason that a request failed.
#[derive(Debug)]
pub(super) enum ApiError {
    /// The API rejected it, with this status.
    Rejected { status: u16, message: String },
    /// It is unknown whether it was executed: no response, a truncated one, or an error of the server.
    Uncertain(String),
    /// The rate limit is exceeded, and the wait would be too long.
    RateLimited(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

/// A successful response.
struct Success {
    body: String,
    next: Option<String>,
}

impl Api {
    /// Returns a client of the API of this environment.
    pub(crate) fn new(environment: &Environment, token: Token, max_wait: Duration) -> Result<Self> {
        let base = environment.api_url.trim_end_matches('/').to_owned();
        let host =
            base.split_once("://").map(|(scheme, rest)| (scheme, rest.split('/').next().unwrap_or("")));
        match host {
            Some((_, host)) if host.is_empty() || host.contains('@') => {
                bail!("invalid --api-url `{base}`: expected a host")
            }
            Some(("http", _)) => {}
            Some(("https", _)) if cfg!(feature = "tls") => {}
            Some(("https", _)) => bail!(
                "this build of hotpath has no HTTPS, which {base} requires: install it with the feature `tls`"
            ),
            _ => bail!("invalid --api-url `{base}`: expected https://…"),
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .redirect_auth_headers(ureq::config::RedirectAuthHeaders::SameHost)
            .user_agent(concat!("hotpath/", env!("CARGO_PKG_VERSION")));
        #[cfg(feature = "tls")]
        let config = config.tls_config(
            ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::PlatformVerifier).build(),
        );
        let waited = Cell::new(Duration::ZERO);
        Ok(Self { agent: config.build().into(), base, token, max_wait, waited, sleep: std::thread::sleep })
    }

    /// Replaces the waits.
    #[cfg(test)]
    pub(super) fn with_sleep(mut self, sleep: fn(Duration)) -> Self {
        self.sleep = sleep;
        self
    }

    /// Requests the JSON at a path. Errors of the server are retried, because a GET changes nothing.
    pub(super) fn get(&self, path: &str) -> Result<Json, ApiError> {
        let response = self.get_with_retries(&self.url(path))?;
        self.json(&response.body)
    }

    /// Requests all entries of a list, page after page.
    pub(super) fn get_all(&self, path: &str) -> Result<Vec<Json>, ApiError> {
        let first = |page: usize| self.url(&format!("{path}?per_page={PER_PAGE}&page={page}"));
        let (mut all, mut url) = (Vec::new(), first(1));
        for page in 1..=MAX_PAGES {
            let response = self.get_with_retries(&url)?;
            let Json::Array(entries) = self.json(&response.body)? else {
                return Err(ApiError::Uncertain(format!(
                    "{} returned invalid JSON: expected a list",
                    self.base
                )));
            };
            let is_full = entries.len() >= PER_PAGE;
            all.extend(entries);
            url = match response.next {
                // Only the API may get the token.
                Some(next) if self.is_on_api(&next) => next,
                Some(_) => {
                    return Err(ApiError::Uncertain(format!("{} refers to another server", self.base)));
                }
                // A proxy may drop the header `Link`.
                None if is_full => first(page + 1),
                None => return Ok(all),
            };
        }
        Err(ApiError::Uncertain(format!("{path} has more than {} entries", MAX_PAGES * PER_PAGE)))
    }

    /// Sends a request that changes something, once.
    pub(super) fn send(&self, method: Method, path: &str, body: Option<&Json>) -> Result<Json, ApiError> {
        let response = self.request(method, &self.url(path), body)?;
        if response.body.is_empty() { Ok(Json::Null) } else { self.json(&response.body) }
    }

    /// Waits before another attempt.
    pub(super) fn pause(&self, attempt: u32) {
        (self.sleep)(Duration::from_secs(1 << attempt.min(4)));
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn is_on_api(&self, url: &str) -> bool {
        url.strip_prefix(&self.base).is_some_and(|path| path.starts_with('/'))
    }

    fn json(&self, body: &str) -> Result<Json, ApiError> {
        serde_json::from_str(body)
            .map_err(|error| ApiError::Uncertain(format!("{} returned invalid JSON: {error}", self.base)))
    }

    fn get_with_retries(&self, url: &str) -> Result<Success, ApiError> {
        for attempt in 0..TRIES - 1 {
            match self.request(Method::Get, url, None) {
                Err(ApiError::Uncertain(_)) => self.pause(attempt),
                other => return other,
            }
        }
        self.request(Method::Get, url, None)
    }

    /// Sends a request, and repeats it while the API asks to wait, as long as that is allowed.
    fn request(&self, method: Method, url: &str, body: Option<&Json>) -> Result<Success, ApiError> {
        loop {
            let (status, headers, text) = self.exchange(method, url, body)?;
            if (200..300).contains(&status) {
                return Ok(Success { body: text, next: next(&headers) });
            }
            match wait(status, &headers, &text) {
                Some(wait) => self.wait(wait, status)?,
                None => return Err(self.error(status, &text)),
            }
        }
    }

    fn exchange(
        &self,
        method: Method,
        url: &str,
        body: Option<&Json>,
    ) -> Result<(u16, HeaderMap, String), ApiError> {
        let body = body.map(Json::to_string).unwrap_or_default();
        let response = match method {
            Method::Get => self.with_headers(self.agent.get(url)).call(),
            Method::Delete => self.with_headers(self.agent.delete(url)).call(),
            Method::Post => self.with_headers(self.agent.post(url)).send(&body),
            Method::Patch => self.with_headers(self.agent.patch(url)).send(&body),
        };
        let uncertain = |error: ureq::Error| {
            ApiError::Uncertain(format!(
                "no response from {}: {}",
                self.base,
                self.token.redact(&error.to_string())
            ))
        };
        let mut response: Response<ureq::Body> = response.map_err(uncertain)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text =
            response.body_mut().with_config().limit(MAX_RESPONSE).read_to_string().map_err(uncertain)?;
        Ok((status, headers, text))
    }

    fn with_headers<T>(&self, request: ureq::RequestBuilder<T>) -> ureq::RequestBuilder<T> {
        request
            .header("Authorization", self.token.header())
            .header("Accept", "application/vnd.github+json")
            .header("X-GitHub-Api-Version", "2022-11-28")
    }

    /// Waits as long as the API asks, if all waits together stay within their limit.
    fn wait(&self, wait: Duration, status: u16) -> Result<(), ApiError> {
        let waited = self.waited.get().saturating_add(wait);
        if waited > self.max_wait {
            return Err(ApiError::RateLimited(format!(
                "rate limit of {} exceeded (status {status}): it asks to wait {} s in all; --max-wait allows {} s",
                self.base,
                waited.as_secs(),
                self.max_wait.as_secs()
            )));
        }
        eprintln!("hotpath: rate limit of {} exceeded: waiting {} s", self.base, wait.as_secs());
        // This ends also when the API always asks for an immediate retry.
        self.waited.set(waited.max(self.waited.get() + Duration::from_secs(1)));
        (self.sleep)(wait);
        Ok(())
    }

    fn error(&self, status: u16, body: &str) -> ApiError {
        let message = self.token.redact(&error_message(body));
        if status >= 500 {
            return ApiError::Uncertain(format!("{} returned status {status}: {message}", self.base));
        }
        ApiError::Rejected { status, message }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, message) = match self {
            Self::Rejected { status, message } => (*status, message),
            Self::Uncertain(message) | Self::RateLimited(message) => return f.write_str(message),
        };
        let meaning = match status {
            401 => "invalid or expired token",
            403 => {
                "the token has no permission. The job needs `permissions: pull-requests: write`; a job of a pull request from a \
                 fork never has it, so comment from a workflow on `workflow_run`"
            }
            404 => "repository, pull request or comment not found, or not visible to the token",
            422 => "the API rejected the content",
            300..=399 => "the repository has moved: use its new name",
            _ => "the API rejected the request",
        };
        write!(f, "{meaning} (status {status}: {message})")
    }
}

impl From<ApiError> for anyhow::Error {
    fn from(error: ApiError) -> Self {
        anyhow!("{error}")
    }
}

/// Returns the message in the body of an error response: `message`, and those of `errors`.
fn error_message(body: &str) -> String {
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

/// Returns the time to wait, if the response is about a rate limit.
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
        // The clocks may differ by a second.
        return Some(if left.is_zero() { left } else { left.saturating_add(Duration::from_secs(1)) });
    }
    // GitHub's manual asks for a minute if the response has no time.
    (status == 429 || body.contains("rate limit")).then_some(Duration::from_secs(60))
}

/// Returns the URL of the next page in the header `Link`: `<https://…>; rel="next", <…>; rel="last"`.
fn next(headers: &HeaderMap) -> Option<String> {
    let link = headers.get("link")?.to_str().ok()?;
    let next = link.split(',').find(|part| {
        part.split(';').skip(1).any(|parameter| parameter.trim().eq_ignore_ascii_case("rel=\"next\""))
    })?;
    Some(next.split_once('<')?.1.split_once('>')?.0.to_owned())
}
