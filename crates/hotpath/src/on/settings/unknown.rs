//! Variables that no setting reads: misspelt ones, and those of the interface that have no effect here.

use hotpath_report::units::nearest;

use super::{
    env::{Env, SURROUNDINGS},
    table::SETTINGS,
};

impl Env {
    /// Returns a warning for each variable that is unknown.
    pub(crate) fn unknown_variables(&self) -> Vec<String> {
        let known =
            || SETTINGS.iter().map(|setting| setting.name).chain(FOREIGN.iter().map(|(name, _)| *name));
        let is_unknown = |name: &&String| {
            !known().chain(SURROUNDINGS).any(|known| known == *name) && !name.starts_with("HOTPATH_META_")
        };
        let line = |name: &String| match nearest(name, SETTINGS.iter().map(|setting| setting.name)) {
            Some(near) => format!("unknown setting {name} has no effect: did you mean {near}?"),
            None => format!("unknown setting {name} has no effect"),
        };
        self.0.iter().map(|(name, _)| name).filter(is_unknown).map(line).collect()
    }

    /// Returns a warning for each variable that has no effect here.
    pub(crate) fn without_effect(&self) -> impl Iterator<Item = String> {
        let set = FOREIGN.iter().filter(|(name, _)| self.value(name).is_some());
        set.filter_map(|(name, foreign)| match foreign {
            Elsewhere => None,
            WithoutEffect(reason) => Some(format!("{name} has no effect: {reason}")),
        })
    }
}

/// A variable of the interface that no session of this version reads, and that is not misspelt either.
#[derive(Clone, Copy, Debug)]
pub(super) enum Foreign {
    /// Read somewhere else: by a command, or when the program is built. No warning.
    Elsewhere,
    /// Without effect here, for this reason. One warning.
    WithoutEffect(&'static str),
}

use Foreign::{Elsewhere, WithoutEffect};

const NOT_UPLOADED: Foreign =
    WithoutEffect("reports are uploaded nowhere; `hotpath ci` and `hotpath compare` compare them");
const NO_PROMETHEUS: Foreign = WithoutEffect("there is no Prometheus endpoint yet");
const NO_CALLGRIND: Foreign = WithoutEffect("instructions are not counted yet");
const NO_QUEUE: Foreign = WithoutEffect("calls are recorded in place, and nothing is queued");
const NO_SQL: Foreign = WithoutEffect("SQL queries are not recorded yet");
const NO_HTTP: Foreign = WithoutEffect("HTTP requests are not recorded yet");
const NO_IO: Foreign = WithoutEffect("I/O is not recorded yet");

pub(super) const FOREIGN: &[(&str, Foreign)] = &[
    // The commands `hotpath` and `hotpath-samply`.
    ("HOTPATH_DISABLE_SAMPLY_LOAD", Elsewhere),
    ("HOTPATH_METRICS_HOST", Elsewhere),
    ("HOTPATH_SAMPLY_BIN", Elsewhere),
    ("HOTPATH_SAMPLY_WRAPPER_BIN", Elsewhere),
    ("HOTPATH_TUI_AUTO_EXPAND_LOGS", Elsewhere),
    ("HOTPATH_TUI_REFRESH_INTERVAL_MS", Elsewhere),
    ("HOTPATH_TUI_TAB", Elsewhere),
    // Read when a program is built.
    ("HOTPATH_ALLOC_MAX_DEPTH", Elsewhere),
    ("HOTPATH_KEEP_INLINE", Elsewhere),
    ("HOTPATH_RUSTC", Elsewhere),
    // Nothing here does what they set.
    ("HOTPATH_API_TOKEN", NOT_UPLOADED),
    ("HOTPATH_API_URL", NOT_UPLOADED),
    ("HOTPATH_BENCHMARK", NOT_UPLOADED),
    ("HOTPATH_CALLGRIND_OUT_FILE", NO_CALLGRIND),
    ("HOTPATH_CPU_BASELINE_OFF", WithoutEffect("no CPU baseline is taken")),
    ("HOTPATH_CRITERION_ITERATIONS", WithoutEffect("there is no adapter for Criterion yet")),
    ("HOTPATH_DEV_LOG_PATH", WithoutEffect("it is for developers of another implementation")),
    ("HOTPATH_DRAIN_INTERVAL", NO_QUEUE),
    ("HOTPATH_DRAIN_INTERVAL_MS", NO_QUEUE),
    ("HOTPATH_ENTRIES_LIMIT", NO_SQL),
    ("HOTPATH_HTTP_LIMIT", NO_HTTP),
    ("HOTPATH_IO_LIMIT", NO_IO),
    ("HOTPATH_IO_TIME_SAMPLING_RATE", NO_IO),
    ("HOTPATH_MERGE_REPORT", NO_CALLGRIND),
    ("HOTPATH_POLICY_PATH", NOT_UPLOADED),
    ("HOTPATH_PROMETHEUS", NO_PROMETHEUS),
    ("HOTPATH_PROMETHEUS_ADDR", NO_PROMETHEUS),
    ("HOTPATH_PROMETHEUS_AUTH_TOKEN", NO_PROMETHEUS),
    ("HOTPATH_PROMETHEUS_FAST_BUCKETS", NO_PROMETHEUS),
    ("HOTPATH_PROMETHEUS_HOST", NO_PROMETHEUS),
    ("HOTPATH_PROMETHEUS_PORT", NO_PROMETHEUS),
    ("HOTPATH_PROMETHEUS_SLOW_BUCKETS", NO_PROMETHEUS),
    ("HOTPATH_ROUTE_SCOPE", NO_HTTP),
    ("HOTPATH_SERVER_LIMIT", NO_HTTP),
    ("HOTPATH_SQL_LIMIT", NO_SQL),
    ("HOTPATH_SQL_RAW_LOGS", NO_SQL),
    ("HOTPATH_TIME_EXCLUSIVE", WithoutEffect("self time is a column of its own")),
    ("HOTPATH_UPLOAD", NOT_UPLOADED),
    ("HOTPATH_UPLOAD_FAIL_ON_REGRESSION", NOT_UPLOADED),
    ("HOTPATH_UPLOAD_RESPONSE_PATH", NOT_UPLOADED),
    ("HOTPATH_UPLOAD_STRICT", NOT_UPLOADED),
    ("HOTPATH_UPLOAD_URL", NOT_UPLOADED),
];
