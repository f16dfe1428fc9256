//! Agents cannot ask: the feature `hotpath-mcp` is off.

use super::settings::Settings;

pub(crate) fn start(_: &Settings) {}
