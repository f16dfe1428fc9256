//! Talks to the metrics endpoint of a running program.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use hotpath_report::{Form, Report};
use ureq::{Agent, http::Response};

/// So much of an answer is read: far more than the largest report.
const MAX_ANSWER: u64 = 256 << 20;
/// An endpoint that answers slower than this is taken for gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the endpoint is.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct EndpointArguments {
    /// Address of the endpoint; instead of host and port
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Host of the endpoint, with or without `http://`
    #[arg(long, value_name = "HOST", env = "HOTPATH_METRICS_HOST", default_value = "127.0.0.1")]
    pub(crate) metrics_host: String,
    /// Port of the endpoint
    #[arg(long, value_name = "PORT", env = "HOTPATH_METRICS_PORT", default_value_t = 6770)]
    pub(crate) metrics_port: u16,
    /// Token of the endpoint, if it asks for one
    #[arg(long, value_name = "TOKEN", env = "HOTPATH_METRICS_AUTH_TOKEN", hide_env_values = true)]
    pub(crate) metrics_auth_token: Option<String>,
}

/// A client of one endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    agent: Agent,
    base: String,
    token: Option<String>,
}

/// An answer of the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl EndpointArguments {
    /// The endpoint at this port of this machine.
    pub(crate) fn local(port: u16) -> Self {
        Self { url: None, metrics_host: "127.0.0.1".into(), metrics_port: port, metrics_auth_token: None }
    }

    pub(crate) fn client(&self) -> Result<Client> {
        self.client_with(PATIENCE)
    }

    /// A client that waits so long for an answer.
    pub(crate) fn client_with(&self, patience: Duration) -> Result<Client> {
        let base = self.address()?;
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(patience));
        let token = self.metrics_auth_token.clone().filter(|token| !token.is_empty());
        Ok(Client { agent: config.build().into(), base, token })
    }

    /// Where the endpoint is, without a slash at the end.
    pub(crate) fn address(&self) -> Result<String> {
        match &self.url {
            Some(url) if url.starts_with("http://") => Ok(url.trim_end_matches('/').to_owned()),
            Some(url) => bail!("--url {url}: expected http://HOST:PORT"),
            None => Ok(format!("http://{}:{}", bare(&self.metrics_host), self.metrics_port)),
        }
    }
}

/// The host as it stands in an address: `http://` is understood, and an address of version 6 stands in brackets.
fn bare(host: &str) -> String {
    let host = host.strip_prefix("http://").unwrap_or(host).trim_end_matches('/');
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() }
}

impl Client {
    /// The whole report at this moment.
    pub(crate) fn report(&self) -> Result<Report> {
        let answer = self.get("/report")?;
        match answer.status {
            200 => hotpath_analysis::read_report(&answer.body)
                .with_context(|| format!("{} answered nonsense", self.base)),
            status => Err(anyhow!("{} answered {status}: {}", self.base, answer.body.trim())),
        }
    }

    /// What the endpoint answers at `path`, whatever the status. Ours may be set to answer in the form of an older interface; others
    /// do not look at what is asked for.
    pub(crate) fn get(&self, path: &str) -> Result<Answer> {
        let mut request = self.agent.get(format!("{}{path}?format={}", self.base, Form::Whole));
        if let Some(token) = &self.token {
            request = request.header("Authorization", token);
        }
        self.read(request.call())
    }

    /// Asks for a change; what the endpoint answers, whatever the status.
    pub(crate) fn post(&self, path: &str) -> Result<Answer> {
        let mut request = self.agent.post(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("Authorization", token);
        }
        self.read(request.send_empty())
    }

    fn read(&self, response: std::result::Result<Response<ureq::Body>, ureq::Error>) -> Result<Answer> {
        let mut response =
            response.with_context(|| format!("nothing answers at {}: is the program running?", self.base))?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_string()?;
        Ok(Answer { status, body })
    }
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn a_host_is_understood_as_people_write_it() {
        assert_eq!(bare("127.0.0.1"), "127.0.0.1");
        assert_eq!(bare("http://localhost/"), "localhost");
        assert_eq!(bare("::1"), "[::1]");
        assert_eq!(bare("[::1]"), "[::1]");
    }
}
