//! The table of settings. Each is declared once: field, type, parser, default, variable, meaning.
//!
//! A default is text that goes through the setting's own parser, so that documents and code cannot differ. A field of type `Option`
//! has no default: its text says what happens without the setting.

use std::{collections::BTreeMap, net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use hotpath_report::AllocMetric;

use super::{
    env::Env,
    parse::{self, Exclusion, Focus, Port, Token},
    resources::{LIMITS, RATES},
    setting::Setting,
};
use crate::{Format, options::SessionOptions};

/// Declares settings that have one value each:
///
/// `field: Type = parser("default") [or builder_option] [older "NAME" of "version"] [asks for report] => "NAME", "meaning";`
macro_rules! values {
    ($(
        $field:ident: $type:ty = $parse:ident($default:literal)
            $(or $option:ident)? $(older $older:literal of $version:literal)? $(asks_for_report = $asks:literal)?
            => $name:literal, $meaning:literal;
    )+) => {
        /// The values of settings: that of the environment, else that of the builder, else the default.
        #[derive(Debug)]
        #[allow(dead_code, reason = "some are read by one feature only")]
        pub(crate) struct Values {
            $(#[doc = $meaning] pub(crate) $field: $type,)+
        }

        impl Values {
            pub(super) fn resolve(options: &mut SessionOptions, env: &Env, warnings: &mut Vec<String>) -> Self {
                Self {
                    $($field: {
                        let setting = &NAMED.$field;
                        let set = env.parse(setting, parse::$parse, warnings);
                        $(
                            let older = Setting { name: $older, ..*setting };
                            let set = set.or_else(|| env.parse(&older, parse::$parse, warnings));
                        )?
                        $(let set = set.or(options.$option.take());)?
                        Field::or_default(set, setting, parse::$parse)
                    },)+
                }
            }
        }

        /// Settings by the names of their fields.
        pub(crate) struct Named {
            $(pub(crate) $field: Setting,)+
        }

        /// The settings that have one value each.
        pub(crate) const NAMED: Named = Named {
            $($field: Setting {
                name: $name,
                default: $default,
                meaning: $meaning,
                asks_for_report: false $(|| $asks)?,
            },)+
        };

        const VALUES: &[Setting] = &[
            $(NAMED.$field,)+
            $($(Setting {
                name: $older,
                meaning: concat!("the name of `", $name, "` in ", $version),
                ..NAMED.$field
            },)?)+
        ];
    };
}

/// A field of [`Values`]: a value, or an option that is `None` unless it is set.
trait Field<T> {
    fn or_default(set: Option<T>, setting: &Setting, parse: parse::Parser<T>) -> Self;
}

impl<T: Default> Field<T> for T {
    fn or_default(set: Option<T>, setting: &Setting, parse: parse::Parser<T>) -> Self {
        set.or_else(|| parse::default_of(setting, parse)).unwrap_or_default()
    }
}

impl<T> Field<T> for Option<T> {
    fn or_default(set: Self, _: &Setting, _: parse::Parser<T>) -> Self {
        set
    }
}

values! {
    env_format: Option<Format> = format("table") asks_for_report = true
        => "HOTPATH_OUTPUT_FORMAT", "the format of the report: `table`, `json`, `json-pretty`, `none`; `json-compat` and `json-compat-0.16` write what the types of the published crates 0.30 and 0.16 decode, and the endpoint then answers in that form too";
    output_path: Option<PathBuf> = path("standard output") or output_path asks_for_report = true
        => "HOTPATH_OUTPUT_PATH", "the destination of the report: a file, `stdout`, `stderr`, or a path such as `/dev/fd/3`; `%p` stands for the process id, missing folders are created, an existing file is replaced";
    report: Option<String> = text("auto") asks_for_report = true
        => "HOTPATH_REPORT", "the sections of the report: `all`, `auto`, or names separated by commas; `-name` leaves one out";
    label: Option<String> = text("none") asks_for_report = true
        => "HOTPATH_REPORT_LABEL", "a name for this run, shown in the head of the report";
    focus: Option<Arc<Focus>> = focus("all") asks_for_report = true
        => "HOTPATH_FOCUS", "records only functions whose name contains this text, or matches it as `/regex/`";
    exclude: Option<Exclusion> = exclusion("none") asks_for_report = true
        => "HOTPATH_EXCLUDE", "leaves out these functions: names separated by commas, each a whole path or its last segments, such as `Lexer::word`";
    exclude_wrapper: bool = flag("false") asks_for_report = true
        => "HOTPATH_EXCLUDE_WRAPPER", "leaves out the caller's own row; shares are then relative to the sum of the measured functions";
    name_depth: usize = number("2")
        => "HOTPATH_FUNCTIONS_NAME_DEPTH", "path segments of function names in tables; 0 shows the whole path";
    alloc_metric: Option<AllocMetric> = alloc_metric("bytes")
        => "HOTPATH_ALLOC_METRIC", "the metric that the allocation section shows and sorts by: `bytes` or `count`; JSON has both";
    alloc_cumulative: bool = flag("false")
        => "HOTPATH_ALLOC_CUMULATIVE", "the allocation section includes what measured callees allocate (inclusive); JSON has both";
    alloc_self: Option<bool> = flag("true")
        => "HOTPATH_ALLOC_SELF", "the form of 0.7: excludes what measured callees allocate, which is the default now";
    cpu_hz: u32 = cpu_hz("1000")
        => "HOTPATH_CPU_HZ", "CPU samples per second of a thread's CPU time, 1 to 10000 (feature `hotpath-cpu`)";
    cpu_inclusive: bool = flag("false")
        => "HOTPATH_CPU_INCLUSIVE", "the CPU section includes the samples of measured callees; JSON has both";
    cpu_stacks: bool = flag("false")
        => "HOTPATH_CPU_STACKS", "CPU samples keep native stacks too, for `hotpath report --symbolize`; the program needs frame pointers";
    threads_interval: Duration = interval("250") older "HOTPATH_THREADS_INTERVAL" of "0.9"
        => "HOTPATH_THREADS_INTERVAL_MS", "milliseconds between two polls of the threads";
    show_internal_threads: bool = flag("false")
        => "HOTPATH_SHOW_INTERNAL_THREADS", "shows the profiler's own threads too";
    blocking_poll: Option<Duration> = millis_or_never("10")
        => "HOTPATH_BLOCKING_POLL_MS", "polls of watched futures that take at least this long count as blocking; 0 counts none";
    runtime_interval: Duration = interval("1000")
        => "HOTPATH_TOKIO_RUNTIME_INTERVAL_MS", "milliseconds between two polls of the runtimes of `tokio_runtime!`";
    shutdown: Option<Duration> = millis("none") or timeout
        => "HOTPATH_SHUTDOWN_MS", "reports and exits with status 0 after this many milliseconds; 0 sets no deadline";
    signals: Option<bool> = flag("auto") or signals
        => "HOTPATH_SIGNALS", "`false` leaves Ctrl-C, SIGTERM and SIGABRT alone, `true` handles them from the start; `auto` handles them from the first measured call on, and at the latest after 100 ms";
    user_metadata: BTreeMap<String, String> = pairs("none") asks_for_report = true
        => "HOTPATH_USER_METADATA", "`key=value,key=value`, shown in the report";
    logs_limit: usize = number("50") older "HOTPATH_RECENT_LOGS" of "0.7"
        => "HOTPATH_LOGS_LIMIT", "recent calls to keep per function (at most 1000)";
    memory_limit: usize = memory_size("256 MB")
        => "HOTPATH_MEMORY_LIMIT", "the memory for recording, over all threads: a size such as `64 MB`, or a number of MB; beyond it counts stay exact, but calls from new places in the call tree count under `<other>`, and histograms and recent calls stop growing";
    max_log_len: usize = number("1536")
        => "HOTPATH_MAX_LOG_LEN", "characters to keep of a value with `log = true`";
    source_root: Option<String> = text("none")
        => "HOTPATH_SOURCE_ROOT", "the folder that source locations in the report are relative to, as `meta.source_root` in JSON";
    no_hints: bool = flag("false")
        => "HOTPATH_DISABLE_HINTS", "leaves out the lines that explain what to do when nothing was measured";
    metrics_port: Port = port("6770") older "HOTPATH_HTTP_PORT" of "0.7"
        => "HOTPATH_METRICS_PORT", "the port of the metrics endpoint; by default the next free one is used if it is taken; 0 takes any";
    metrics_bind: Option<IpAddr> = address("127.0.0.1")
        => "HOTPATH_METRICS_BIND", "the address that the metrics endpoint binds to; `0.0.0.0` makes it reachable from other machines";
    metrics_token: Option<Token> = token("none")
        => "HOTPATH_METRICS_AUTH_TOKEN", "the token that requests to the metrics endpoint must send in `Authorization`, with or without `Bearer`";
    metrics_off: bool = flag("false")
        => "HOTPATH_METRICS_SERVER_OFF", "turns the metrics endpoint off, which is the default on GitHub Actions and under Valgrind";
    metrics_on: bool = flag("false")
        => "HOTPATH_METRICS_SERVER_ON", "turns the metrics endpoint on there too";
    no_http: bool = flag("false")
        => "HOTPATH_DISABLE_HTTP", "another name of `HOTPATH_METRICS_SERVER_OFF`";
    findings: bool = flag("true")
        => "HOTPATH_FINDINGS", "`false` leaves out the findings at the end of the table; JSON always has them";
    mcp_port: Port = port("6771")
        => "HOTPATH_MCP_PORT", "the port for AI agents on this machine, with the feature `hotpath-mcp`; 0 takes any";
    mcp_token: Option<Token> = token("none")
        => "HOTPATH_MCP_AUTH_TOKEN", "the token that requests of agents must send in `Authorization`, with or without `Bearer`";
    without_color: Option<bool> = is_set("unset")
        => "NO_COLOR", "any value that is not empty turns colours off; they are off with `TERM=dumb` and where the output is no terminal, too";
    json: bool = flag("false") asks_for_report = true
        => "HOTPATH_JSON", "the form of 0.7: `true` means `HOTPATH_OUTPUT_FORMAT=json`";
    limit: Option<usize> = number("per section")
        => "HOTPATH_LIMIT", "rows of every section; 0 shows all";
    budget: Option<f64> = budget("none") or budget
        => "HOTPATH_BUDGET", "the share of the program's CPU time that measuring functions may take, such as `2%` (0.1 to 100): calls that are too short to be timed within it are counted, and their times are estimates; a sampling rate of functions wins over it";
    compensate: bool = flag("true") or compensate
        => "HOTPATH_COMPENSATE", "`false` shows times as the clock measured them, with what the profiler itself took between its clock readings";
    sampling_rate: Option<f64> = rate("1")
        => "HOTPATH_TIME_SAMPLING_RATE", "the share of calls that are timed, 0 to 1; all calls are counted";
}

/// Every setting of this version, for documents.
pub const SETTINGS: &[Setting] = &ALL;

const ALL: [Setting; VALUES.len() + LIMITS.len() + RATES.len()] = {
    let mut all = [VALUES[0]; VALUES.len() + LIMITS.len() + RATES.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < VALUES.len() {
            VALUES[at]
        } else if at < VALUES.len() + LIMITS.len() {
            LIMITS[at - VALUES.len()].1
        } else {
            RATES[at - VALUES.len() - LIMITS.len()].1
        };
        at += 1;
    }
    all
};
