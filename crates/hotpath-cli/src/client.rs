//! A client of the metrics endpoint of a running program.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use hotpath_report::{Form, Report};
use ureq::{Agent, http::Response};

/// The bytes of a response at most: far more than the largest report.
const MAX_RESPONSE: u64 = 256 << 20;
/// The time to wait for a response.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The flags that name an endpoint.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct EndpointArguments {
    /// URL of the endpoint, instead of host and port
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Host of the endpoint, with or without `http://`
    #[arg(long, value_name = "HOST", env = "HOTPATH_METRICS_HOST", default_value = "127.0.0.1")]
    pub(crate) metrics_host: String,
    /// Port of the endpoint
    #[arg(long, value_name = "PORT", env = "HOTPATH_METRICS_PORT", default_value_t = 6770)]
    pub(crate) metrics_port: u16,
    /// Token of the endpoint, if it requires one
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

/// A response of the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl EndpointArguments {
    /// Returns the endpoint at this port of this machine.
    pub(crate) fn local(port: u16) -> Self {
        Self { url: None, metrics_host: "127.0.0.1".into(), metrics_port: port, metrics_auth_token: None }
    }

    pub(crate) fn client(&self) -> Result<Client> {
        self.client_with(TIMEOUT)
    }

    /// Returns a client that waits at most `timeout` for a response.
    pub(crate) fn client_with(&self, timeout: Duration) -> Result<Client> {
        let base = self.address()?;
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(timeout));
        let token = self.metrics_auth_token.clone().filter(|token| !token.is_empty());
        Ok(Client { agent: config.build().into(), base, token })
    }

    /// Returns the URL of the endpoint, without a slash at the end.
    pub(crate) fn address(&self) -> Result<String> {
        match &self.url {
            Some(url) if url.starts_with("http://") => Ok(url.trim_end_matches('/').to_owned()),
            Some(url) => bail!("invalid --url `{url}`: expected http://HOST:PORT"),
            None => Ok(format!("http://{}:{}", bare(&self.metrics_host), self.metrics_port)),
        }
    }
}

/// Returns the host part of a URL: without `http://`, and with an IPv6 address in brackets.
fn bare(host: &str) -> String {
    let host = host.strip_prefix("http://").unwrap_or(host).trim_end_matches('/');
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() }
}

impl Client {
    /// Requests the current report.
    pub(crate) fn report(&self) -> Result<Report> {
        let response = self.get("/report")?;
        match response.status {
            200 => hotpath_analysis::read_report(&response.body)
                .with_context(|| format!("{} returned an invalid report", self.base)),
            status => Err(anyhow!("{} returned status {status}: {}", self.base, response.body.trim())),
        }
    }

    /// Sends a GET request; any status is a response. It asks for the current form of the JSON, because the program may be set to
    /// serve the form of an older interface. Other servers ignore that.
    pub(crate) fn get(&self, path: &str) -> Result<Answer> {
        let mut request = self.agent.get(format!("{}{path}?format={}", self.base, Form::Whole));
        if let Some(token) = &self.token {
            request = request.header("Authorization", token);
        }
        self.read(request.call())
    }

    /// Sends a POST request; any status is a response.
    pub(crate) fn post(&self, path: &str) -> Result<Answer> {
        let mut request = self.agent.post(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("Authorization", token);
        }
        self.read(request.send_empty())
    }

    fn read(&self, response: std::result::Result<Response<ureq::Body>, ureq::Error>) -> Result<Answer> {
        let mut response =
            response.with_context(|| format!("no response from {}: is the program running?", self.base))?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(MAX_RESPONSE).read_to_string()?;
        Ok(Answer { status, body })
    }
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn a_host_may_have_a_scheme_or_be_ipv6() {
        assert_eq!(bare("127.0.0.1"), "127.0.0.1");
        assert_eq!(bare("http://localhost/"), "localhost");
        assert_eq!(bare("::1"), "[::1]");
        assert_eq!(bare("[::1]"), "[::1]");
    }
}
