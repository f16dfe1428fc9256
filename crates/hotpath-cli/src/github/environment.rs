//! The environment of a job on GitHub Actions.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use hotpath_report::render::printable;
use serde_json::Value as Json;

use crate::file;

/// The context of a job. Each variable has a flag as well.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Environment {
    /// Repository of the pull request, OWNER/NAME
    #[arg(long, value_name = "OWNER/NAME", env = "GITHUB_REPOSITORY")]
    repository: Option<String>,
    /// URL of the API
    #[arg(long, value_name = "URL", env = "GITHUB_API_URL", default_value = "https://api.github.com")]
    pub(super) api_url: String,
    #[arg(long, hide = true, env = "GITHUB_EVENT_PATH")]
    event_path: Option<PathBuf>,
    /// File to which the summary of the job is appended
    #[arg(long, value_name = "FILE", env = "GITHUB_STEP_SUMMARY")]
    pub(crate) step_summary: Option<PathBuf>,
    #[arg(long, hide = true, env = "GITHUB_BASE_REF")]
    base_ref: Option<String>,
    #[arg(long, hide = true, env = "GITHUB_HEAD_REF")]
    head_ref: Option<String>,
}

impl Environment {
    /// Returns the repository, OWNER/NAME.
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
            _ => bail!("invalid repository `{}`: expected OWNER/NAME", printable(name)),
        }
    }

    /// Returns the number of the pull request that started the job.
    pub(crate) fn pull_request(&self) -> Result<u64> {
        let event = self.event()?;
        let number = event.as_ref().and_then(|event| event["pull_request"]["number"].as_u64());
        number.ok_or_else(|| anyhow!("no pull request: this job was not started by one; use --pr-number"))
    }

    fn event(&self) -> Result<Option<Json>> {
        let Some(path) = self.event_path.as_ref().filter(|path| !path.as_os_str().is_empty()) else {
            return Ok(None);
        };
        let event = serde_json::from_str(&file::text(path)?);
        Ok(Some(event.with_context(|| format!("{}: invalid JSON", file::shown(path)))?))
    }

    /// Returns the names of base and head, if a pull request started the job.
    pub(crate) fn refs(&self) -> Option<(String, String)> {
        let given = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
        Some((given(&self.base_ref)?, given(&self.head_ref)?))
    }
}
