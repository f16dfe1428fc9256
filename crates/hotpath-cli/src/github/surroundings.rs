//! What GitHub Actions says in the environment of a job.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value as Json;

/// Where the job runs. Everything can be said by a flag as well.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Surroundings {
    /// Repository of the pull request, OWNER/NAME
    #[arg(long, value_name = "OWNER/NAME", env = "GITHUB_REPOSITORY")]
    repository: Option<String>,
    /// Address of the API
    #[arg(long, value_name = "URL", env = "GITHUB_API_URL", default_value = "https://api.github.com")]
    pub(super) api_url: String,
    #[arg(long, hide = true, env = "GITHUB_EVENT_PATH")]
    event_path: Option<PathBuf>,
    /// File that the summary of the job is added to
    #[arg(long, value_name = "FILE", env = "GITHUB_STEP_SUMMARY")]
    pub(crate) step_summary: Option<PathBuf>,
    #[arg(long, hide = true, env = "GITHUB_BASE_REF")]
    base_ref: Option<String>,
    #[arg(long, hide = true, env = "GITHUB_HEAD_REF")]
    head_ref: Option<String>,
}

impl Surroundings {
    pub(crate) fn repository(&self) -> Result<&str> {
        let name = self.repository.as_deref().filter(|name| !name.is_empty());
        let name =
            name.ok_or_else(|| anyhow!("no repository: set GITHUB_REPOSITORY or --repository OWNER/NAME"))?;
        let is_part = |part: &str| {
            !part.is_empty()
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        match name.split_once('/') {
            Some((owner, repository)) if is_part(owner) && is_part(repository) => Ok(name),
            _ => bail!("{name} is no repository: expected OWNER/NAME"),
        }
    }

    /// The pull request that started the job.
    pub(crate) fn pull_request(&self) -> Result<u64> {
        let event = self.event()?;
        let number = event.as_ref().and_then(|event| event["pull_request"]["number"].as_u64());
        number.ok_or_else(|| {
            anyhow!("no pull request: the event that started this job has none; give --pr-number")
        })
    }

    fn event(&self) -> Result<Option<Json>> {
        let Some(path) = self.event_path.as_ref().filter(|path| !path.as_os_str().is_empty()) else {
            return Ok(None);
        };
        let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Some(serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", path.display()))?))
    }

    /// Names of base and head, if the job is of a pull request.
    pub(crate) fn refs(&self) -> Option<(String, String)> {
        let said = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
        Some((said(&self.base_ref)?, said(&self.head_ref)?))
    }
}
