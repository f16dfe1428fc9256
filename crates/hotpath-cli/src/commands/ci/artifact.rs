//! What the measuring job hands to the commenting one: a folder with `base/*.json`, `head/*.json` and `pull-request.json`.
//!
//! A job of a pull request from a fork can put into it what it likes, so nothing in it is believed that the API can tell: the number
//! counts only if that pull request is at the commit that GitHub says was measured.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use serde_json::Value as Json;

use crate::file;

#[derive(Debug)]
pub(super) struct Artifact(PathBuf);

impl Artifact {
    pub(super) fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Where the reports of a side are.
    pub(super) fn side(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// The pull request that it says it is of.
    pub(super) fn pull_request(&self) -> Result<u64> {
        let path = self.0.join("pull-request.json");
        let name = file::shown(&path);
        let json: Json =
            serde_json::from_str(&file::text(&path)?).with_context(|| format!("{name} is no JSON"))?;
        json["number"].as_u64().ok_or_else(|| anyhow!("{name} has no `number`"))
    }
}
