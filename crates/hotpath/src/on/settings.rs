//! Everything that can be set, in one table: name, default, meaning. Read once, when a session begins.
//!
//! A value that makes no sense becomes one line on stderr and the default; a name nobody knows is reported with the nearest
//! one that is known.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    net::{IpAddr, Ipv4Addr},
    num::NonZeroU64,
    path::PathBuf,
    time::Duration,
};

use hotpath_lane::Interest;
use hotpath_report::{AllocMetric, AllocScope, CpuScope, Spec, units::nearest};
use regex_lite::Regex;

use super::{
    kind::{self, RESOURCES},
    output::target::Target,
    select::Selection,
};
use crate::{
    Format,
    builder::{SessionOptions, Wanted},
};

/// One environment variable.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What holds without it.
    pub default: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

macro_rules! settings {
    ($($name:literal, $default:literal, $meaning:literal;)+) => {
        /// Every setting of this version. The table in the README is made from it.
        pub const SETTINGS: &[Setting] = &[$(Setting { name: $name, default: $default, meaning: $meaning }),+];
    };
}

settings! {
    "HOTPATH_OUTPUT_FORMAT", "table", "`table`, `json`, `json-pretty`, `none`; `json-compat` or `json-compat-0.16` for types of the published crates 0.30 or 0.16, also what the endpoint answers then";
    "HOTPATH_OUTPUT_PATH", "standard output", "where the report goes: a file, `stdout`, `stderr`, or a path such as `/dev/fd/3`; `%p` is the process id, folders are made, an older file is replaced";
    "HOTPATH_REPORT", "auto", "sections: `all`, `auto`, or names separated by commas, `-name` to leave one out";
    "HOTPATH_REPORT_LABEL", "none", "a name for this run, shown in the report's head";
    "HOTPATH_FOCUS", "all", "records only functions whose name contains this text, or matches it as `/regex/`";
    "HOTPATH_EXCLUDE_WRAPPER", "false", "leaves out the caller's own row; shares are then of the measured functions' sum";
    "HOTPATH_FUNCTIONS_NAME_DEPTH", "2", "path segments of a function's name in tables; 0 shows the whole path";
    "HOTPATH_LIMIT", "per section", "rows of every section; 0 shows all";
    "HOTPATH_FUNCTIONS_LIMIT", "15", "rows of the function sections; 0 shows all";
    "HOTPATH_CHANNELS_LIMIT", "0", "rows of the channels section; 0 shows all";
    "HOTPATH_FUTURES_LIMIT", "0", "rows of the futures section; 0 shows all";
    "HOTPATH_STREAMS_LIMIT", "0", "rows of the streams section; 0 shows all";
    "HOTPATH_MUTEXES_LIMIT", "0", "rows of the mutexes section; 0 shows all";
    "HOTPATH_RW_LOCKS_LIMIT", "0", "rows of the reader-writer locks section; 0 shows all";
    "HOTPATH_ALLOC_METRIC", "bytes", "what the allocation section shows and sorts by: `bytes` or `count`; JSON has both";
    "HOTPATH_ALLOC_CUMULATIVE", "false", "the allocation section shows functions with what their measured callees allocate; JSON has both";
    "HOTPATH_ALLOC_SELF", "true", "as 0.7 had it: without callees, which is the default now";
    "HOTPATH_CPU_HZ", "1000", "CPU samples per second of a thread's processor time, 1 to 10000 (feature `hotpath-cpu`)";
    "HOTPATH_CPU_INCLUSIVE", "false", "the CPU section shows functions with the samples of their measured callees; JSON has both";
    "HOTPATH_CPU_STACKS", "false", "CPU samples keep native stacks too, for `hotpath report --symbolize`; the program needs frame pointers";
    "HOTPATH_THREADS_LIMIT", "5", "rows of the threads section; 0 shows all";
    "HOTPATH_THREADS_INTERVAL_MS", "250", "milliseconds between two looks at the threads";
    "HOTPATH_SHOW_INTERNAL_THREADS", "false", "shows the profiler's own threads too";
    "HOTPATH_BLOCKING_POLL_MS", "10", "polls of watched futures that take so long are counted as blocking; 0 counts none";
    "HOTPATH_TOKIO_RUNTIME_INTERVAL_MS", "1000", "milliseconds between two looks at the runtimes of `tokio_runtime!`";
    "HOTPATH_SHUTDOWN_MS", "none", "reports and exits with status 0 after so many milliseconds; 0 is no deadline";
    "HOTPATH_SIGNALS", "auto", "`false` leaves Ctrl-C, SIGTERM and SIGABRT alone, `true` watches them from the first moment; without it from the first measured call on, or after 100 ms";
    "HOTPATH_USER_METADATA", "none", "`key=value,key=value`: shown in the report";
    "HOTPATH_TIME_SAMPLING_RATE", "1", "share of calls whose time is taken, 0 to 1; all calls are counted";
    "HOTPATH_FUNCTIONS_TIME_SAMPLING_RATE", "1", "the same for functions only";
    "HOTPATH_CHANNELS_TIME_SAMPLING_RATE", "1", "the same for messages in channels only";
    "HOTPATH_FUTURES_TIME_SAMPLING_RATE", "1", "the same for polls of watched futures, and items of streams";
    "HOTPATH_MUTEXES_TIME_SAMPLING_RATE", "1", "the same for waits and holds of mutexes";
    "HOTPATH_RW_LOCKS_TIME_SAMPLING_RATE", "1", "the same for waits and holds of reader-writer locks";
    "HOTPATH_LOGS_LIMIT", "50", "recent calls to remember per function (at most 1000)";
    "HOTPATH_MAX_LOG_LEN", "1536", "characters of a value kept by `log = true`";
    "HOTPATH_SOURCE_ROOT", "none", "folder that the report's source places are relative to, as `meta.source_root` in JSON";
    "HOTPATH_DISABLE_HINTS", "false", "leaves out the lines that say what to do when nothing was measured";
    "HOTPATH_METRICS_PORT", "6770", "port of the metrics endpoint; without it the next free one is tried, 0 takes any";
    "HOTPATH_METRICS_BIND", "127.0.0.1", "address that the metrics endpoint listens at; `0.0.0.0` lets other machines in";
    "HOTPATH_METRICS_AUTH_TOKEN", "none", "what a request to the metrics endpoint must hold as `Authorization`, with or without `Bearer`";
    "HOTPATH_METRICS_SERVER_OFF", "false", "no metrics endpoint; so it is on GitHub Actions and under Valgrind";
    "HOTPATH_METRICS_SERVER_ON", "false", "a metrics endpoint there too";
    "HOTPATH_DISABLE_HTTP", "false", "the same as `HOTPATH_METRICS_SERVER_OFF`";
    "HOTPATH_FINDINGS", "true", "`false` leaves out the lines at the end of the table that say what stands out; JSON has them always";
    "HOTPATH_MCP_PORT", "6771", "port of this machine at which AI agents ask, with the feature `hotpath-mcp`; 0 takes any";
    "HOTPATH_MCP_AUTH_TOKEN", "none", "what a request of an agent must hold as `Authorization`, with or without `Bearer`";
    "NO_COLOR", "unset", "any value but an empty one: no colours; so it is with `TERM=dumb` and where the output is no terminal";
    "HOTPATH_JSON", "false", "as 0.7 had it: `true` is `HOTPATH_OUTPUT_FORMAT=json`";
    "HOTPATH_RECENT_LOGS", "50", "as 0.7 had it: `HOTPATH_LOGS_LIMIT`";
    "HOTPATH_HTTP_PORT", "6770", "as 0.7 had it: `HOTPATH_METRICS_PORT`";
    "HOTPATH_THREADS_INTERVAL", "250", "as 0.9 had it: `HOTPATH_THREADS_INTERVAL_MS`";
}

/// A name of the interface that is no setting of a session here, and is not misspelt either.
#[derive(Clone, Copy, Debug)]
enum Foreign {
    /// Has its effect somewhere else: in a command, or when the program is built. Nothing is said of it.
    Elsewhere,
    /// Has no effect here, for this reason. That is one line.
    WithoutEffect(&'static str),
}

use Foreign::{Elsewhere, WithoutEffect};

const NOT_UPLOADED: Foreign =
    WithoutEffect("reports are uploaded nowhere; `hotpath ci` and `hotpath compare` judge them");
const NO_PROMETHEUS: Foreign = WithoutEffect("there is no Prometheus endpoint yet");
const NO_CALLGRIND: Foreign = WithoutEffect("instructions are not counted yet");
const NO_QUEUE: Foreign = WithoutEffect("calls are recorded in place, and nothing is queued");
const NO_SQL: Foreign = WithoutEffect("SQL queries are not recorded yet");
const NO_HTTP: Foreign = WithoutEffect("HTTP requests are not recorded yet");
const NO_IO: Foreign = WithoutEffect("I/O is not recorded yet");

const FOREIGN: &[(&str, Foreign)] = &[
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

/// What tells where a program runs.
const SURROUNDINGS: [&str; 4] = ["GITHUB_ACTIONS", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "TERM"];

/// Who sets one of these wants a report, whatever was measured.
const ASKS_FOR_REPORT: [&str; 8] = [
    "HOTPATH_OUTPUT_FORMAT",
    "HOTPATH_OUTPUT_PATH",
    "HOTPATH_REPORT",
    "HOTPATH_REPORT_LABEL",
    "HOTPATH_FOCUS",
    "HOTPATH_EXCLUDE_WRAPPER",
    "HOTPATH_USER_METADATA",
    "HOTPATH_JSON",
];

/// Which functions are recorded.
#[derive(Debug, Default)]
pub(crate) enum Focus {
    #[default]
    All,
    Containing(String),
    Matching(Regex),
}

impl Focus {
    fn covers(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Containing(text) => name.contains(text),
            Self::Matching(regex) => regex.is_match(name),
        }
    }
}

/// What one session goes by.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) format: Format,
    /// The format, if the environment says it.
    pub(crate) env_format: Option<Format>,
    /// Where the report goes.
    pub(crate) target: Target,
    /// Whether somebody said something of the report, and so wants one.
    pub(crate) is_report_asked_for: bool,
    pub(crate) selection: Selection,
    pub(crate) label: Option<String>,
    pub(crate) exclude_wrapper: bool,
    pub(crate) name_depth: usize,
    /// Rows per section, by the stem of its settings; what is not here has the section's default.
    limits: BTreeMap<&'static str, usize>,
    pub(crate) alloc_metric: AllocMetric,
    pub(crate) alloc_scope: AllocScope,
    /// Processor time from one CPU sample of a thread to the next.
    pub(crate) cpu_period: Duration,
    pub(crate) cpu_scope: CpuScope,
    pub(crate) cpu_stacks: bool,
    pub(crate) threads_interval: Duration,
    pub(crate) show_internal_threads: bool,
    /// Between two looks at tokio runtimes.
    #[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "told to be wrong in every build"))]
    pub(crate) runtime_interval: Duration,
    pub(crate) percentiles: Vec<f64>,
    pub(crate) shutdown: Option<Duration>,
    /// Whether signals are watched, if that was said.
    pub(crate) signals: Option<bool>,
    /// From here on a poll is counted as blocking, if any is.
    pub(crate) blocking_poll: Option<Duration>,
    /// Shares of what is timed, by resource; what is not here is timed always.
    rates: BTreeMap<&'static str, f64>,
    pub(crate) user_metadata: BTreeMap<String, String>,
    pub(crate) logs_limit: usize,
    pub(crate) max_log_len: usize,
    pub(crate) no_color: bool,
    pub(crate) no_hints: bool,
    /// Whether the table says what stands out.
    pub(crate) findings: bool,
    pub(crate) source_root: Option<String>,
    /// The metrics endpoint; `None` if there is to be none.
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "told to be wrong in every build"))]
    pub(crate) endpoint: Option<Endpoint>,
    /// The same for agents.
    #[cfg_attr(not(feature = "hotpath-mcp"), allow(dead_code, reason = "told to be wrong in every build"))]
    pub(crate) mcp: Option<Endpoint>,
    focus: Focus,
}

/// Where the metrics endpoint is, and who may ask it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "told to be wrong in every build"))]
pub(crate) struct Endpoint {
    pub(crate) address: IpAddr,
    /// The port, if it was given.
    pub(crate) port: Option<u16>,
    pub(crate) token: Option<String>,
}

/// What the allocation section is about, as the features of 0.2 choose it.
const ALLOC_VIEW: (AllocMetric, AllocScope) = if cfg!(feature = "hotpath-alloc-bytes-total") {
    (AllocMetric::Bytes, AllocScope::Cumulative)
} else if cfg!(feature = "hotpath-alloc-bytes-max") {
    (AllocMetric::Bytes, AllocScope::Peak)
} else if cfg!(feature = "hotpath-alloc-count-total") {
    (AllocMetric::Count, AllocScope::Cumulative)
} else if cfg!(feature = "hotpath-alloc-count-max") {
    (AllocMetric::Count, AllocScope::Peak)
} else {
    (AllocMetric::Bytes, AllocScope::Exclusive)
};

/// The sections with a limit of their own: stem and variable.
const LIMITS: &[(&str, &str)] = &[
    ("functions", "HOTPATH_FUNCTIONS_LIMIT"),
    ("channels", "HOTPATH_CHANNELS_LIMIT"),
    ("streams", "HOTPATH_STREAMS_LIMIT"),
    ("futures", "HOTPATH_FUTURES_LIMIT"),
    ("mutexes", "HOTPATH_MUTEXES_LIMIT"),
    ("rw_locks", "HOTPATH_RW_LOCKS_LIMIT"),
    ("threads", "HOTPATH_THREADS_LIMIT"),
];

/// The resources with a sampling rate of their own: name and variable.
const RATES: &[(&str, &str)] = &[
    ("functions", "HOTPATH_FUNCTIONS_TIME_SAMPLING_RATE"),
    ("channels", "HOTPATH_CHANNELS_TIME_SAMPLING_RATE"),
    ("futures", "HOTPATH_FUTURES_TIME_SAMPLING_RATE"),
    ("mutexes", "HOTPATH_MUTEXES_TIME_SAMPLING_RATE"),
    ("rw_locks", "HOTPATH_RW_LOCKS_TIME_SAMPLING_RATE"),
];

const RATE: &str = "a number between 0 and 1";

/// So long may a poll keep others waiting before it is counted.
const BLOCKING_POLL: Duration = Duration::from_millis(10);

/// CPU samples per second of processor time: so many unless said otherwise, and at most.
const CPU_HZ: u32 = 1000;
const MAX_CPU_HZ: u32 = 10_000;

/// The most percentiles a report shows.
const MAX_PERCENTILES: usize = 10;

impl Settings {
    /// Rows of a section; 0 is all.
    pub(crate) fn limit(&self, spec: &Spec) -> usize {
        self.limits.get(spec.stem).copied().unwrap_or(spec.default_limit)
    }

    /// The share of a resource's times that is taken, if it was set.
    pub(crate) fn rate(&self, resource: &str) -> Option<f64> {
        self.rates.get(resource).copied()
    }

    /// The rates that were set, by resource.
    pub(crate) fn rates(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.rates.iter().map(|(resource, rate)| (*resource, *rate))
    }

    /// What decides about sites.
    pub(crate) fn judge(&mut self) -> impl Fn(&hotpath_lane::Site) -> Interest + Send + Sync + 'static {
        let focus = std::mem::take(&mut self.focus);
        let is_sampled = |resource: &str| self.rate(resource).is_some_and(|rate| rate < 1.0);
        let sampled: Vec<u8> = RESOURCES
            .iter()
            .filter(|(resource, _)| is_sampled(resource))
            .flat_map(|(_, kinds)| kinds.iter().copied())
            .collect();
        move |site| {
            let is_function = kind::is_function(site.kind());
            if is_function && !focus.covers(site.name()) {
                Interest::Ignore
            } else if sampled.contains(&site.kind()) {
                Interest::Sample
            } else {
                Interest::Record
            }
        }
    }

    /// Environment over wishes over defaults. What is wrong goes to `warn`, a line each.
    pub(crate) fn resolve(options: &mut SessionOptions, env: &Env, warn: &mut Vec<String>) -> Self {
        let mut from = Source { env, warn };
        let env_format = from.format();
        let is_report_asked_for = from.is_report_asked_for(options);
        Self {
            limits: from.limits(options),
            threads_interval: from
                .interval("HOTPATH_THREADS_INTERVAL_MS")
                .or_else(|| from.interval("HOTPATH_THREADS_INTERVAL"))
                .unwrap_or(Duration::from_millis(250)),
            show_internal_threads: from.flag("HOTPATH_SHOW_INTERNAL_THREADS"),
            env_format,
            format: env_format.or(options.format).unwrap_or_default(),
            target: from.target(options.output_path.take()),
            is_report_asked_for,
            selection: from.selection(options.sections.take()),
            label: from.text("HOTPATH_REPORT_LABEL"),
            exclude_wrapper: from.flag("HOTPATH_EXCLUDE_WRAPPER"),
            name_depth: from.parsed("HOTPATH_FUNCTIONS_NAME_DEPTH", "a whole number").unwrap_or(2),
            alloc_metric: from.alloc_metric().unwrap_or(ALLOC_VIEW.0),
            alloc_scope: from.alloc_scope().unwrap_or(ALLOC_VIEW.1),
            cpu_period: from.cpu_period(),
            cpu_scope: match from.flag("HOTPATH_CPU_INCLUSIVE") {
                true => CpuScope::Inclusive,
                false => CpuScope::Exclusive,
            },
            cpu_stacks: from.flag("HOTPATH_CPU_STACKS"),
            runtime_interval: from
                .interval("HOTPATH_TOKIO_RUNTIME_INTERVAL_MS")
                .unwrap_or(Duration::from_secs(1)),
            percentiles: from.percentiles(options.percentiles.take()),
            shutdown: from
                .parsed("HOTPATH_SHUTDOWN_MS", "a whole number of milliseconds")
                .map(Duration::from_millis)
                .or(options.timeout)
                .filter(|time| !time.is_zero()),
            signals: from.optional_flag("HOTPATH_SIGNALS").or(options.signals),
            blocking_poll: Some(
                from.parsed("HOTPATH_BLOCKING_POLL_MS", "a whole number of milliseconds")
                    .map_or(BLOCKING_POLL, Duration::from_millis),
            )
            .filter(|time| !time.is_zero()),
            rates: from.rates(&options.sampling),
            user_metadata: from.metadata(std::mem::take(&mut options.user_metadata)),
            logs_limit: from
                .parsed("HOTPATH_LOGS_LIMIT", "a whole number")
                .or_else(|| from.parsed("HOTPATH_RECENT_LOGS", "a whole number"))
                .unwrap_or(50),
            max_log_len: from.parsed("HOTPATH_MAX_LOG_LEN", "a whole number").unwrap_or(1536),
            no_color: from.env.get("NO_COLOR").is_some_and(|value| !value.is_empty())
                || from.env.surroundings("TERM").is_some_and(|terminal| terminal == "dumb"),
            no_hints: from.flag("HOTPATH_DISABLE_HINTS"),
            findings: from.flag_or("HOTPATH_FINDINGS", true),
            source_root: from.text("HOTPATH_SOURCE_ROOT"),
            endpoint: from.endpoint(),
            mcp: from.mcp(),
            focus: from.focus(),
        }
    }
}

/// The environment, as it was when the session began.
#[derive(Debug, Default)]
pub(crate) struct Env(BTreeMap<String, OsString>);

impl Env {
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    pub(crate) fn read() -> Self {
        let is_ours =
            |name: &str| name.starts_with("HOTPATH_") || name == "NO_COLOR" || SURROUNDINGS.contains(&name);
        // A name that is no text is none of ours.
        let named = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
        Self(std::env::vars_os().filter_map(named).filter(|(name, _)| is_ours(name)).collect())
    }

    fn get(&self, name: &'static str) -> Option<&OsStr> {
        debug_assert!(SETTINGS.iter().any(|knob| knob.name == name), "{name} is missing in SETTINGS");
        self.0.get(name).map(OsString::as_os_str)
    }

    /// A variable that is no setting and says where the program runs.
    fn surroundings(&self, name: &'static str) -> Option<&OsStr> {
        debug_assert!(SURROUNDINGS.contains(&name));
        self.0.get(name).map(OsString::as_os_str)
    }

    /// Nobody looks at programs that run there.
    fn is_unattended(&self) -> bool {
        let is_in_actions = self.surroundings("GITHUB_ACTIONS").is_some_and(|text| text == "true");
        let has_valgrind =
            |name| self.surroundings(name).is_some_and(|text| text.to_string_lossy().contains("vgpreload"));
        is_in_actions || has_valgrind("LD_PRELOAD") || has_valgrind("DYLD_INSERT_LIBRARIES")
    }

    /// A line for each name that nobody knows.
    pub(crate) fn unknown_variables(&self) -> Vec<String> {
        let known = || SETTINGS.iter().map(|knob| knob.name).chain(FOREIGN.iter().map(|(name, _)| *name));
        let is_strange = |name: &&String| {
            !known().chain(SURROUNDINGS).any(|known| known == *name) && !name.starts_with("HOTPATH_META_")
        };
        let line = |name: &String| match nearest(name, SETTINGS.iter().map(|knob| knob.name)) {
            Some(near) => format!("{name} is not a setting and has no effect: did you mean {near}?"),
            None => format!("{name} is not a setting and has no effect"),
        };
        self.0.keys().filter(is_strange).map(line).collect()
    }

    /// A line for each name that has no effect here.
    pub(crate) fn without_effect(&self) -> impl Iterator<Item = String> {
        let set = FOREIGN.iter().filter(|(name, _)| self.0.contains_key(*name));
        set.filter_map(|(name, foreign)| match foreign {
            Elsewhere => None,
            WithoutEffect(reason) => Some(format!("{name} has no effect: {reason}")),
        })
    }
}

/// Settings on their way from text to values.
struct Source<'a> {
    env: &'a Env,
    warn: &'a mut Vec<String>,
}

impl Source<'_> {
    fn text(&mut self, name: &'static str) -> Option<String> {
        let value = self.env.get(name)?;
        let Some(text) = value.to_str() else {
            self.ignored(name, &value.to_string_lossy(), "is not UTF-8");
            return None;
        };
        Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A path is taken as it is, blanks and bytes that are no text included.
    fn target(&mut self, wished: Option<PathBuf>) -> Target {
        let set = self.env.get("HOTPATH_OUTPUT_PATH").filter(|path| !path.is_empty()).map(PathBuf::from);
        match set.or(wished) {
            Some(path) if path.as_os_str().is_empty() => {
                self.warn.push("output_path is empty: the report goes to standard output".to_owned());
                Target::Stdout
            }
            path => path.map_or_else(Target::default, Target::new),
        }
    }

    fn is_report_asked_for(&self, options: &SessionOptions) -> bool {
        ASKS_FOR_REPORT.iter().any(|name| self.env.get(name).is_some_and(|value| !value.is_empty()))
            || options.output_path.is_some()
            || options.sections.is_some()
            || options.format.is_some_and(|format| format != Format::Table)
            || !options.user_metadata.is_empty()
    }

    fn flag(&mut self, name: &'static str) -> bool {
        self.flag_or(name, false)
    }

    fn flag_or(&mut self, name: &'static str, default: bool) -> bool {
        self.optional_flag(name).unwrap_or(default)
    }

    fn optional_flag(&mut self, name: &'static str) -> Option<bool> {
        let text = self.text(name)?;
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => {
                self.ignored(name, &text, "is not true or false");
                None
            }
        }
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &'static str, what: &str) -> Option<T> {
        let text = self.text(name)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.ignored(name, &text, &format!("is not {what}"));
        }
        value
    }

    /// One line: name, value, what is used instead.
    fn ignored(&mut self, name: &str, value: &str, why: &str) {
        let default =
            SETTINGS.iter().find(|knob| knob.name == name).map_or("the default", |knob| knob.default);
        let line = format!("{name}={value:?} {why}: ignored (without it: {default})");
        if !self.warn.contains(&line) {
            self.warn.push(line);
        }
    }

    fn interval(&mut self, name: &'static str) -> Option<Duration> {
        let millis: Option<NonZeroU64> = self.parsed(name, "a whole number of milliseconds above 0");
        millis.map(|millis| Duration::from_millis(millis.get()))
    }

    fn format(&mut self) -> Option<Format> {
        self.parsed("HOTPATH_OUTPUT_FORMAT", Format::LISTED)
            .or_else(|| self.flag("HOTPATH_JSON").then_some(Format::Json))
    }

    fn alloc_metric(&mut self) -> Option<AllocMetric> {
        const NAME: &str = "HOTPATH_ALLOC_METRIC";
        let text = self.text(NAME)?;
        match text.to_ascii_lowercase().as_str() {
            "bytes" => Some(AllocMetric::Bytes),
            "count" => Some(AllocMetric::Count),
            _ => {
                self.ignored(NAME, &text, "is not bytes or count");
                None
            }
        }
    }

    fn alloc_scope(&mut self) -> Option<AllocScope> {
        match (self.flag("HOTPATH_ALLOC_SELF"), self.flag("HOTPATH_ALLOC_CUMULATIVE")) {
            (false, false) => None,
            (true, false) => Some(AllocScope::Exclusive),
            (false, true) => Some(AllocScope::Cumulative),
            (true, true) => {
                self.ignored("HOTPATH_ALLOC_CUMULATIVE", "true", "contradicts HOTPATH_ALLOC_SELF=true");
                Some(AllocScope::Exclusive)
            }
        }
    }

    fn cpu_period(&mut self) -> Duration {
        const NAME: &str = "HOTPATH_CPU_HZ";
        const WHAT: &str = "a whole number from 1 to 10000";
        let hz: u32 = self.parsed(NAME, WHAT).unwrap_or(CPU_HZ);
        let is_good = (1..=MAX_CPU_HZ).contains(&hz);
        if !is_good {
            self.ignored(NAME, &hz.to_string(), &format!("is not {WHAT}"));
        }
        Duration::from_secs(1) / if is_good { hz } else { CPU_HZ }
    }

    fn selection(&mut self, wanted: Option<Wanted>) -> Selection {
        let (spec, origin) = match (self.text("HOTPATH_REPORT"), wanted) {
            (Some(spec), _) => (spec, "HOTPATH_REPORT"),
            (None, Some(Wanted::Spec(spec))) => (spec, "report"),
            (None, Some(Wanted::These(sections))) => return Selection::these(sections),
            (None, Some(Wanted::AllBut(sections))) => return Selection::all_but(sections),
            (None, None) => return Selection::default(),
        };
        let (selection, unknown) = Selection::parse(&spec);
        for name in unknown {
            let bare = name.trim_start_matches('-');
            let near = nearest(bare, crate::Section::all().iter().map(|section| section.name()));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
            self.warn.push(format!(
                "Unknown report section {name:?} in {origin}: ignored, the rest is kept{hint}"
            ));
        }
        selection
    }

    fn percentiles(&mut self, wished: Option<Vec<f64>>) -> Vec<f64> {
        let wished = wished.unwrap_or_else(|| vec![95.0]);
        let (mut good, bad): (Vec<f64>, Vec<f64>) = wished.iter().partition(|p| (0.0..=100.0).contains(*p));
        for p in bad {
            self.warn.push(format!("percentile {p} is not between 0 and 100: ignored"));
        }
        good.sort_by(f64::total_cmp);
        good.dedup();
        if good.len() > MAX_PERCENTILES {
            self.warn.push(format!(
                "{} percentiles are too many: the first {MAX_PERCENTILES} are used",
                good.len()
            ));
            good.truncate(MAX_PERCENTILES);
        }
        if good.is_empty() {
            self.warn.push("no percentile is left: 95 is used".to_owned());
            good.push(95.0);
        }
        good
    }

    /// The section's variable, the global one, the section's setter, the global one.
    fn limits(&mut self, options: &SessionOptions) -> BTreeMap<&'static str, usize> {
        let all: Option<usize> = self.parsed("HOTPATH_LIMIT", "a whole number");
        let mut limits = BTreeMap::new();
        for (stem, name) in LIMITS {
            let own = self.parsed(name, "a whole number").or(all);
            if let Some(limit) = own.or(options.limits.get(stem).copied()).or(options.limit) {
                limits.insert(*stem, limit);
            }
        }
        limits
    }

    /// The resource's variable, the global one, the resource's setter, the global one.
    fn rates(&mut self, wished: &BTreeMap<&'static str, f64>) -> BTreeMap<&'static str, f64> {
        let all = self.rate("HOTPATH_TIME_SAMPLING_RATE");
        let all_wished = self.wished_rate(wished, "");
        let mut rates = BTreeMap::new();
        for (resource, name) in RATES {
            let own = self.rate(name).or(all);
            let wish = self.wished_rate(wished, resource);
            if let Some(rate) = own.or(wish).or(all_wished) {
                rates.insert(*resource, rate);
            }
        }
        rates
    }

    fn rate(&mut self, name: &'static str) -> Option<f64> {
        let rate: f64 = self.parsed(name, RATE)?;
        let is_rate = (0.0..=1.0).contains(&rate);
        if !is_rate {
            self.ignored(name, &rate.to_string(), &format!("is not {RATE}"));
        }
        is_rate.then_some(rate)
    }

    fn wished_rate(&mut self, wished: &BTreeMap<&'static str, f64>, resource: &str) -> Option<f64> {
        let wish = wished.get(resource).copied()?;
        let is_rate = (0.0..=1.0).contains(&wish);
        if !is_rate {
            let line = format!("time sampling rate {wish} is not {RATE}: ignored, every call is timed");
            self.warn.push(line);
        }
        is_rate.then_some(wish)
    }

    fn metadata(&mut self, mut pairs: BTreeMap<String, String>) -> BTreeMap<String, String> {
        const NAME: &str = "HOTPATH_USER_METADATA";
        let text = self.text(NAME).unwrap_or_default();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some((key, value)) if !key.trim().is_empty() => {
                    pairs.insert(key.trim().to_owned(), value.trim().to_owned());
                }
                _ => self.ignored(NAME, pair, "is not key=value"),
            }
        }
        pairs
    }

    fn endpoint(&mut self) -> Option<Endpoint> {
        let offs = ["HOTPATH_METRICS_SERVER_OFF", "HOTPATH_DISABLE_HTTP"].map(|name| (name, self.flag(name)));
        let off = offs.into_iter().find(|(_, is_set)| *is_set).map(|(name, _)| name);
        let on = self.flag("HOTPATH_METRICS_SERVER_ON");
        if let Some(off) = off.filter(|_| on) {
            self.ignored("HOTPATH_METRICS_SERVER_ON", "true", &format!("contradicts {off}=true"));
        }
        let port = |from: &mut Self, name| from.parsed(name, "a port, 0 to 65535");
        let older = port(self, "HOTPATH_HTTP_PORT");
        let port = port(self, "HOTPATH_METRICS_PORT").or(older);
        let address = self.parsed("HOTPATH_METRICS_BIND", "an address").unwrap_or(Ipv4Addr::LOCALHOST.into());
        let token = self.token("HOTPATH_METRICS_AUTH_TOKEN", "there is no metrics endpoint")?;
        let is_wanted = off.is_none() && (on || !self.env.is_unattended());
        is_wanted.then_some(Endpoint { address, port, token })
    }

    /// Always of this machine only: an agent elsewhere asks through the command `hotpath mcp`.
    fn mcp(&mut self) -> Option<Endpoint> {
        let port = self.parsed("HOTPATH_MCP_PORT", "a port, 0 to 65535");
        let token = self.token("HOTPATH_MCP_AUTH_TOKEN", "agents cannot ask")?;
        Some(Endpoint { address: Ipv4Addr::LOCALHOST.into(), port, token })
    }

    /// A token, if one is set; `None` for one that no header can hold. Then nobody may come in, as the user asked.
    fn token(&mut self, name: &'static str, then: &str) -> Option<Option<String>> {
        // One that is no text is as wrong as any other.
        let token = self.env.get(name).map(|token| token.to_string_lossy().trim().to_owned());
        let token = token.filter(|token| !token.is_empty());
        if token.as_ref().is_some_and(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
            // Not told what it is: it is a secret.
            self.warn.push(format!("{name} is not visible ASCII: {then}"));
            return None;
        }
        Some(token)
    }

    fn focus(&mut self) -> Focus {
        const NAME: &str = "HOTPATH_FOCUS";
        let Some(text) = self.text(NAME) else { return Focus::All };
        let Some(pattern) = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) else {
            return Focus::Containing(text);
        };
        match Regex::new(pattern) {
            Ok(regex) => Focus::Matching(regex),
            Err(error) => {
                let reason = error.to_string().replace('\n', " ");
                self.ignored(NAME, &text, &format!("is not a regular expression ({reason})"));
                Focus::All
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Section;
    use hotpath_report::{Futures, SectionSchema, Threads, Timing};

    fn resolve(env: &[(&str, &str)], mut options: SessionOptions) -> (Settings, Vec<String>) {
        let env = Env(env.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect());
        let mut warn = Vec::new();
        (Settings::resolve(&mut options, &env, &mut warn), warn)
    }

    #[test]
    fn the_environment_wins_over_wishes_and_wishes_over_defaults() {
        let options =
            || SessionOptions { limit: Some(3), format: Some(Format::None), ..SessionOptions::default() };
        let (settings, warnings) = resolve(&[], options());
        assert_eq!((settings.limit(Timing::SPEC), settings.format, warnings.len()), (3, Format::None, 0));
        let (settings, _) = resolve(&[("HOTPATH_LIMIT", "7"), ("HOTPATH_OUTPUT_FORMAT", "JSON")], options());
        assert_eq!(
            (settings.limit(Timing::SPEC), settings.limit(Futures::SPEC), settings.format),
            (7, 7, Format::Json)
        );
        let (settings, _) = resolve(&[("HOTPATH_LIMIT", "7"), ("HOTPATH_FUNCTIONS_LIMIT", "0")], options());
        assert_eq!((settings.limit(Timing::SPEC), settings.limit(Futures::SPEC)), (0, 7));
        assert_eq!(resolve(&[], SessionOptions::default()).0.limit(Timing::SPEC), 15);
    }

    #[test]
    fn bad_values_are_one_line_each_with_name_value_and_what_is_used() {
        let bad = [
            ("HOTPATH_OUTPUT_FORMAT", "yaml"),
            ("HOTPATH_LIMIT", "-1"),
            ("HOTPATH_FUNCTIONS_NAME_DEPTH", "two"),
            ("HOTPATH_FOCUS", "/(/"),
            ("HOTPATH_SHUTDOWN_MS", "soon"),
            ("HOTPATH_TIME_SAMPLING_RATE", "1.5"),
            ("HOTPATH_USER_METADATA", "a=1,b"),
            ("HOTPATH_LOGS_LIMIT", "x"),
            ("HOTPATH_BLOCKING_POLL_MS", "long"),
            ("HOTPATH_EXCLUDE_WRAPPER", "maybe"),
            ("HOTPATH_JSON", "perhaps"),
            ("HOTPATH_THREADS_INTERVAL_MS", "0"),
            ("HOTPATH_THREADS_LIMIT", "few"),
            ("HOTPATH_SHOW_INTERNAL_THREADS", "some"),
            ("HOTPATH_TOKIO_RUNTIME_INTERVAL_MS", "0"),
            ("HOTPATH_CPU_HZ", "10001"),
            ("HOTPATH_CPU_INCLUSIVE", "partly"),
            ("HOTPATH_CPU_STACKS", "some"),
            ("HOTPATH_METRICS_PORT", "67700"),
            ("HOTPATH_HTTP_PORT", "http"),
            ("HOTPATH_METRICS_BIND", "here"),
            ("HOTPATH_METRICS_SERVER_OFF", "please"),
            ("HOTPATH_DISABLE_HTTP", "perhaps"),
            ("HOTPATH_MCP_PORT", "mcp"),
            ("HOTPATH_FINDINGS", "few"),
        ];
        let (settings, warnings) = resolve(&bad, SessionOptions::default());
        assert_eq!(warnings.len(), bad.len(), "{warnings:#?}");
        for (name, _) in bad {
            assert_eq!(
                warnings.iter().filter(|line| line.starts_with(name) && !line.contains('\n')).count(),
                1,
                "{name}"
            );
        }
        assert_eq!(
            (settings.format, settings.limit(Timing::SPEC), settings.name_depth),
            (Format::Table, 15, 2)
        );
        assert_eq!((settings.shutdown, settings.rate("functions"), settings.logs_limit), (None, None, 50));
        assert_eq!((settings.threads_interval.as_millis(), settings.limit(Threads::SPEC)), (250, 5));
        assert_eq!(settings.blocking_poll, Some(BLOCKING_POLL));
        assert_eq!(settings.runtime_interval, Duration::from_secs(1));
        assert_eq!((settings.cpu_period, settings.cpu_stacks), (Duration::from_millis(1), false));
        assert_eq!(settings.user_metadata, BTreeMap::from([("a".to_owned(), "1".to_owned())]));
        assert!(settings.findings && settings.focus.covers("anything"));
        assert_eq!(settings.endpoint, Some(ENDPOINT));
        assert_eq!(settings.mcp, Some(ENDPOINT));
    }

    #[test]
    fn where_agents_ask() {
        let mcp = |env: &[(&str, &str)]| resolve(env, SessionOptions::default());
        let set = [("HOTPATH_MCP_PORT", "7771"), ("HOTPATH_MCP_AUTH_TOKEN", "secret123")];
        let endpoint = mcp(&set).0.mcp.expect("one");
        assert_eq!((endpoint.port, endpoint.token.as_deref()), (Some(7771), Some("secret123")));
        assert!(endpoint.address.is_loopback());
        let elsewhere = mcp(&[("HOTPATH_METRICS_BIND", "0.0.0.0")]).0.mcp.expect("one");
        assert!(
            elsewhere.address.is_loopback(),
            "the metrics endpoint may be open to others, this one is not"
        );
        let (settings, warnings) = mcp(&[("HOTPATH_MCP_AUTH_TOKEN", "se cret")]);
        assert_eq!((settings.mcp, warnings.len()), (None, 1), "not open to all for a misspelt token");
        assert!(!warnings[0].contains("cret"), "{warnings:?}");
    }

    const ENDPOINT: Endpoint = Endpoint { address: IpAddr::V4(Ipv4Addr::LOCALHOST), port: None, token: None };

    #[test]
    fn the_endpoint_is_off_where_nobody_looks_unless_asked_for() {
        let endpoint = |env: &[(&str, &str)]| resolve(env, SessionOptions::default()).0.endpoint;
        assert_eq!(endpoint(&[]), Some(ENDPOINT));
        assert_eq!(endpoint(&[("HOTPATH_METRICS_SERVER_OFF", "1")]), None);
        assert_eq!(endpoint(&[("HOTPATH_DISABLE_HTTP", "true"), ("HOTPATH_HTTP_PORT", "6776")]), None);
        let valgrind = ("LD_PRELOAD", "/usr/libexec/valgrind/vgpreload_core-amd64-linux.so");
        for nobody_looks in [("GITHUB_ACTIONS", "true"), valgrind] {
            assert_eq!(endpoint(&[nobody_looks]), None);
            assert_eq!(endpoint(&[nobody_looks, ("HOTPATH_METRICS_SERVER_ON", "1")]), Some(ENDPOINT));
        }
        for off in ["HOTPATH_METRICS_SERVER_OFF", "HOTPATH_DISABLE_HTTP"] {
            let both = [("HOTPATH_METRICS_SERVER_ON", "1"), (off, "1")];
            let (settings, warnings) = resolve(&both, SessionOptions::default());
            assert_eq!((settings.endpoint, warnings.len()), (None, 1));
            assert!(warnings[0].contains(off), "{warnings:?}");
        }
    }

    #[test]
    fn where_the_endpoint_is_and_who_may_ask() {
        let endpoint =
            |env: &[(&str, &str)]| resolve(env, SessionOptions::default()).0.endpoint.expect("one");
        let ports = [("HOTPATH_HTTP_PORT", "7000"), ("HOTPATH_METRICS_PORT", "7001")];
        assert_eq!((endpoint(&ports[..1]).port, endpoint(&ports).port), (Some(7000), Some(7001)));
        let everywhere =
            endpoint(&[("HOTPATH_METRICS_BIND", "::"), ("HOTPATH_METRICS_AUTH_TOKEN", " t0ken ")]);
        assert_eq!((everywhere.address.is_unspecified(), everywhere.token.as_deref()), (true, Some("t0ken")));
        assert_eq!(endpoint(&[("HOTPATH_METRICS_AUTH_TOKEN", "")]).token, None);
        let (settings, warnings) =
            resolve(&[("HOTPATH_METRICS_AUTH_TOKEN", "se cret")], SessionOptions::default());
        assert_eq!((settings.endpoint, warnings.len()), (None, 1), "not open to all for a misspelt token");
        assert!(!warnings[0].contains("cret"), "{warnings:?}");
    }

    #[test]
    fn older_names_still_work_and_newer_ones_win() {
        assert_eq!(resolve(&[("HOTPATH_JSON", "TRUE")], SessionOptions::default()).0.format, Format::Json);
        let both = [("HOTPATH_JSON", "1"), ("HOTPATH_OUTPUT_FORMAT", "table")];
        assert_eq!(resolve(&both, SessionOptions::default()).0.format, Format::Table);
        assert_eq!(resolve(&[("HOTPATH_RECENT_LOGS", "9")], SessionOptions::default()).0.logs_limit, 9);
        let interval = |env: &[_]| resolve(env, SessionOptions::default()).0.threads_interval.as_millis();
        let both = [("HOTPATH_THREADS_INTERVAL", "900"), ("HOTPATH_THREADS_INTERVAL_MS", "20")];
        assert_eq!((interval(&both[..1]), interval(&both)), (900, 20));
    }

    #[test]
    fn where_the_report_goes() {
        let target = |env: &[(&str, &str)], path: Option<&str>| {
            let (settings, warnings) = resolve(
                env,
                SessionOptions { output_path: path.map(PathBuf::from), ..SessionOptions::default() },
            );
            (settings.target, warnings.len())
        };
        let set = |path| [("HOTPATH_OUTPUT_PATH", path)];
        assert_eq!(target(&[], None), (Target::Stdout, 0));
        assert_eq!(target(&[], Some("stderr")), (Target::Stderr, 0));
        assert_eq!(target(&set("-"), Some("stderr")), (Target::Stdout, 0), "the environment wins");
        assert_eq!(target(&set(""), Some("stderr")), (Target::Stderr, 0), "an empty one says nothing");
        assert_eq!(target(&[], Some("")), (Target::Stdout, 1));
        let blanks = Target::new(" a ".into());
        assert_eq!(target(&set(" a "), None), (blanks, 0), "a name may have blanks at its ends");
    }

    #[test]
    fn who_asks_for_a_report() {
        let asks =
            |env: &[(&str, &str)], options: SessionOptions| resolve(env, options).0.is_report_asked_for;
        assert!(!asks(
            &[("HOTPATH_METRICS_SERVER_OFF", "1"), ("HOTPATH_LIMIT", "3")],
            SessionOptions::default()
        ));
        assert!(!asks(
            &[("HOTPATH_REPORT", "")],
            SessionOptions { format: Some(Format::Table), ..SessionOptions::default() }
        ));
        for name in ASKS_FOR_REPORT {
            assert!(asks(&[(name, "json")], SessionOptions::default()), "{name}");
        }
        assert!(asks(&[], SessionOptions { format: Some(Format::Json), ..SessionOptions::default() }));
        assert!(asks(
            &[],
            SessionOptions { output_path: Some("stdout".into()), ..SessionOptions::default() }
        ));
        assert!(asks(
            &[],
            SessionOptions { sections: Some(Wanted::Spec("all".to_owned())), ..SessionOptions::default() }
        ));
    }

    #[test]
    fn colours_unless_the_terminal_has_none_or_nobody_wants_them() {
        let no_color = |env: &[(&str, &str)]| resolve(env, SessionOptions::default()).0.no_color;
        assert!(!no_color(&[]) && !no_color(&[("NO_COLOR", ""), ("TERM", "xterm")]));
        assert!(no_color(&[("NO_COLOR", "0")]) && no_color(&[("TERM", "dumb")]));
    }

    #[cfg(unix)]
    #[test]
    fn values_that_are_no_text_are_one_line_each_and_paths_are_taken() {
        use std::os::unix::ffi::OsStrExt;
        let bytes = OsStr::from_bytes(b"a\xffb");
        let env =
            |names: &[&str]| Env(names.iter().map(|name| ((*name).to_owned(), bytes.to_owned())).collect());
        let mut warn = Vec::new();
        let wrong = [
            "HOTPATH_FOCUS",
            "HOTPATH_LIMIT",
            "HOTPATH_REPORT_LABEL",
            "HOTPATH_USER_METADATA",
            "HOTPATH_FINDINGS",
        ];
        let settings = Settings::resolve(&mut SessionOptions::default(), &env(&wrong), &mut warn);
        assert!(settings.focus.covers("anything") && settings.label.is_none() && settings.findings);
        for name in wrong {
            let lines = warn.iter().filter(|line| line.starts_with(name) && line.contains("is not UTF-8"));
            assert_eq!(lines.count(), 1, "{name}: {warn:?}");
        }
        assert_eq!(warn.len(), wrong.len(), "{warn:?}");
        let mut warn = Vec::new();
        let taken = env(&["HOTPATH_OUTPUT_PATH", "NO_COLOR", "LD_PRELOAD", "GITHUB_ACTIONS"]);
        let settings = Settings::resolve(&mut SessionOptions::default(), &taken, &mut warn);
        assert_eq!((settings.target, warn.len()), (Target::new(bytes.into()), 0));
        assert!(settings.no_color && settings.endpoint.is_some());
        let tokens = ["HOTPATH_METRICS_AUTH_TOKEN", "HOTPATH_MCP_AUTH_TOKEN"];
        let settings = Settings::resolve(&mut SessionOptions::default(), &env(&tokens), &mut warn);
        assert_eq!(
            (settings.endpoint, settings.mcp, warn.len()),
            (None, None, 2),
            "not open to all: {warn:?}"
        );
    }

    #[test]
    fn focus_is_a_substring_or_a_regex() {
        let covers = |focus, name| {
            resolve(&[("HOTPATH_FOCUS", focus)], SessionOptions::default()).0.focus.covers(name)
        };
        assert!(covers("load", "app::load_user") && !covers("load", "app::save"));
        assert!(
            covers("/^(compute|process)/", "compute::x") && !covers("/^(compute|process)/", "app::compute")
        );
    }

    #[test]
    fn percentiles_are_sorted_once_each_and_never_none() {
        let percentiles = |wished: &[f64]| {
            resolve(&[], SessionOptions { percentiles: Some(wished.to_vec()), ..SessionOptions::default() })
                .0
                .percentiles
        };
        assert_eq!(percentiles(&[99.0, 50.0, 99.0]), [50.0, 99.0]);
        assert_eq!(percentiles(&[f64::NAN, -1.0, 101.0]), [95.0]);
        assert_eq!(percentiles(&[]), [95.0]);
    }

    #[test]
    fn rates_go_by_resource_then_by_place() {
        let rate = |env: &[(&str, &str)], wished: &[(&'static str, f64)]| {
            resolve(
                env,
                SessionOptions { sampling: wished.iter().copied().collect(), ..SessionOptions::default() },
            )
            .0
            .rate("functions")
        };
        let wished = [("functions", 0.3), ("", 0.4)];
        let both = [("HOTPATH_TIME_SAMPLING_RATE", "0.2"), ("HOTPATH_FUNCTIONS_TIME_SAMPLING_RATE", "0.1")];
        assert_eq!(rate(&both, &wished), Some(0.1));
        assert_eq!(rate(&both[..1], &wished), Some(0.2));
        assert_eq!(rate(&[], &wished), Some(0.3));
        assert_eq!(rate(&[], &wished[1..]), Some(0.4));
        assert_eq!(rate(&[], &[]), None);
    }

    #[test]
    fn settings_without_effect_are_told_and_those_of_others_are_not() {
        let set = [
            "HOTPATH_SQL_LIMIT",
            "HOTPATH_UPLOAD",
            "HOTPATH_TUI_TAB",
            "HOTPATH_KEEP_INLINE",
            "HOTPATH_LIMIT",
        ];
        let env = Env(set.map(|name| (name.to_owned(), "1".into())).into());
        assert_eq!(env.unknown_variables(), [""; 0]);
        let lines: Vec<String> = env.without_effect().collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0] == "HOTPATH_SQL_LIMIT has no effect: SQL queries are not recorded yet", "{lines:?}");
        let names = || FOREIGN.iter().map(|(name, _)| *name);
        assert!(names().all(|name| names().filter(|other| *other == name).count() == 1), "each once");
        assert!(names().all(|name| SETTINGS.iter().all(|knob| knob.name != name)), "a setting has an effect");
    }

    #[test]
    fn unknown_sections_and_names_are_told_with_the_nearest() {
        let (settings, warnings) =
            resolve(&[("HOTPATH_REPORT", "thraeds,call_tree")], SessionOptions::default());
        assert_eq!(settings.selection, Selection::these(vec![Section::CallTree]));
        assert!(warnings[0].contains("thraeds") && warnings[0].contains("threads"), "{warnings:?}");
        let env = Env(BTreeMap::from(
            [("HOTPATH_FOCSU", ""), ("HOTPATH_METRICS_HOST", ""), ("HOTPATH_META_X", ""), ("LD_PRELOAD", "")]
                .map(|(name, value)| (name.to_owned(), OsString::from(value))),
        ));
        assert_eq!(
            env.unknown_variables(),
            ["HOTPATH_FOCSU is not a setting and has no effect: did you mean HOTPATH_FOCUS?"]
        );
    }
}
