//! Options of sessions and section guards, as their builders collect them: plain data in both modes.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use crate::{Format, Section, reporter::Reporter};

/// A callback that runs before the report is made.
pub(crate) type BeforeShutdown = Box<dyn FnOnce() + Send>;

/// The source location of the function that holds the guard.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(all(feature = "hotpath", not(feature = "hotpath-off"))),
    allow(dead_code, reason = "no report has it")
)]
pub(crate) struct CallerLocation {
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// The options that a program sets on the builder. Environment variables override them later.
#[derive(Default)]
#[cfg_attr(
    not(all(feature = "hotpath", not(feature = "hotpath-off"))),
    expect(dead_code, reason = "read when on")
)]
pub(crate) struct SessionOptions {
    pub(crate) caller_name: &'static str,
    /// The location of the builder.
    pub(crate) caller_location: Option<CallerLocation>,
    pub(crate) percentiles: Option<Vec<f64>>,
    pub(crate) format: Option<Format>,
    pub(crate) limit: Option<usize>,
    /// Row limits by the stem of the setting: `functions`, `channels`, …
    pub(crate) limits: ByName<usize>,
    pub(crate) output_path: Option<PathBuf>,
    pub(crate) sections: Option<Wanted>,
    /// Sampling rates by resource; the empty name stands for all of them.
    pub(crate) sampling: ByName<f64>,
    /// The share of CPU time that measuring may take, in percent.
    pub(crate) budget: Option<f64>,
    pub(crate) compensate: Option<bool>,
    pub(crate) user_metadata: BTreeMap<String, String>,
    pub(crate) before_shutdown: Option<BeforeShutdown>,
    pub(crate) reporter: Option<Box<dyn Reporter>>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) signals: Option<bool>,
}

/// Numbers by name; the one given last counts. A list, since there are few of them, and every program that is profiled compiles the code of a
/// map for each type in it.
#[derive(Clone, Debug)]
pub(crate) struct ByName<T>(Vec<(&'static str, T)>);

impl<T> Default for ByName<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> ByName<T> {
    pub(crate) fn insert(&mut self, name: &'static str, number: T) {
        self.0.retain(|(other, _)| *other != name);
        self.0.push((name, number));
    }
}

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
impl<T: Copy> ByName<T> {
    pub(crate) fn get(&self, name: &str) -> Option<T> {
        self.iter().find(|(other, _)| *other == name).map(|(_, number)| number)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, T)> {
        self.0.iter().copied()
    }
}

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
impl<T> FromIterator<(&'static str, T)> for ByName<T> {
    fn from_iter<I: IntoIterator<Item = (&'static str, T)>>(numbers: I) -> Self {
        Self(numbers.into_iter().collect())
    }
}

/// A selection of sections: the last of `report`, `sections` and `sections_exclude`.
#[cfg_attr(
    not(all(feature = "hotpath", not(feature = "hotpath-off"))),
    expect(dead_code, reason = "read when on")
)]
pub(crate) enum Wanted {
    Spec(String),
    These(Vec<Section>),
    AllBut(Vec<Section>),
}

/// The options of the builder of a section guard.
#[derive(Clone, Debug, Default)]
pub(crate) struct SectionGuardOptions {
    pub(crate) format: Option<Format>,
    pub(crate) output_path: Option<PathBuf>,
}
