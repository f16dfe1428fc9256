//! The environment, as it was when the session started.

use std::ffi::{OsStr, OsString};

use hotpath_report::sort_by;

use super::{
    parse::{Input, Parser},
    setting::Setting,
};

/// The environment at the start of a session, sorted by name.
#[derive(Debug, Default)]
pub(crate) struct Env(pub(super) Vec<(String, OsString)>);

/// Variables that are no settings and say where a program runs.
pub(super) const SURROUNDINGS: [&str; 4] = ["GITHUB_ACTIONS", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "TERM"];

impl Env {
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    pub(crate) fn read() -> Self {
        let is_ours =
            |name: &str| name.starts_with("HOTPATH_") || name == "NO_COLOR" || SURROUNDINGS.contains(&name);
        // A name that is not UTF-8 is none of ours.
        let named = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
        let mut ours: Vec<(String, OsString)> =
            std::env::vars_os().filter_map(named).filter(|(name, _)| is_ours(name)).collect();
        sort_by(&mut ours, |a, b| a.0.cmp(&b.0)); // warnings come in this order
        Self(ours)
    }

    /// Parses a setting. `None` if it is not set, empty, or wrong, which is a warning.
    pub(super) fn parse<T>(
        &self,
        setting: &Setting,
        parse: Parser<T>,
        warnings: &mut Vec<String>,
    ) -> Option<T> {
        let value = self.value(setting.name)?;
        parse(&mut Input::new(setting, value, warnings))
    }

    pub(super) fn has_dumb_terminal(&self) -> bool {
        self.surroundings("TERM").is_some_and(|terminal| terminal == "dumb")
    }

    pub(super) fn is_set(&self, setting: &Setting) -> bool {
        self.value(setting.name).is_some_and(|value| !value.is_empty())
    }

    pub(super) fn value(&self, name: &str) -> Option<&OsStr> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_os_str())
    }

    fn surroundings(&self, name: &'static str) -> Option<&OsStr> {
        debug_assert!(SURROUNDINGS.contains(&name));
        self.value(name)
    }

    /// Returns true in unattended runs: on GitHub Actions and under Valgrind.
    pub(super) fn is_unattended(&self) -> bool {
        let is_in_actions = self.surroundings("GITHUB_ACTIONS").is_some_and(|text| text == "true");
        let has_valgrind =
            |name| self.surroundings(name).is_some_and(|text| text.to_string_lossy().contains("vgpreload"));
        is_in_actions || has_valgrind("LD_PRELOAD") || has_valgrind("DYLD_INSERT_LIBRARIES")
    }
}
