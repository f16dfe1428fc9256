//! The artifact that the measuring job hands to the commenting one: a folder with `base/*.json`, `head/*.json` and
//! `pull-request.json`.
//!
//! It is untrusted, because a job of a pull request from a fork can write anything into it: its number is used only if that pull
//! request is at the commit that GitHub says was measured.

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

    /// Returns the folder of the reports of a side.
    pub(super) fn side(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// Reads the number of the pull request.
    pub(super) fn pull_request(&self) -> Result<u64> {
        let path = self.0.join("pull-request.json");
        let name = file::shown(&path);
        let json: Json =
            serde_json::from_str(&file::text(&path)?).with_context(|| format!("{name}: invalid JSON"))?;
        json["number"].as_u64().ok_or_else(|| anyhow!("{name}: missing key `number`"))
    }
}
