//! No metrics endpoint: the feature `serve` is off.

use super::settings::Settings;

pub(crate) fn start(_: &Settings) {}
