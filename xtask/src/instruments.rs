//! The table of instruments: every name, limit, rate and page of a section, declared once. `cargo xtask gen` writes the lists of
//! the crates from it.

/// An instrument, in the order of the report.
pub struct Instrument {
    /// Its sections.
    pub sections: &'static [Section],
    /// The row limit that its sections share; `None` where all rows are shown always.
    pub limit: Option<Limit>,
    /// The sampling of its times.
    pub sampled: Option<Sampled>,
    /// The kinds of its sites: name of the constant, and meaning.
    pub kinds: &'static [(&'static str, &'static str)],
    /// The macros of the form `name!(expression, option = value, ..)`.
    pub macros: &'static [Macro],
}

/// A macro that instruments a value.
pub struct Macro {
    /// Its name, which is also that of its module among the hooks of `instruments/mod.rs`.
    pub name: &'static str,
    /// The options that it takes.
    pub options: &'static [&'static str],
    /// Its documentation in Markdown; `None` if it is written by hand in `macros.rs`.
    pub docs: Option<&'static str>,
}

/// A section of the report.
pub struct Section {
    /// The variant of `hotpath::Section`.
    pub variant: &'static str,
    /// The name in settings.
    pub name: &'static str,
    /// The name in headings.
    pub short: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// The pages of the console.
    pub pages: &'static [Page],
}

/// The row limit of sections: `HOTPATH_…_LIMIT`, `…_limit` of the builder and of `#[hotpath::main]`.
pub struct Limit {
    /// The stem of the names, such as `channels`.
    pub stem: &'static str,
    /// The rows that are limited, as a noun.
    pub of: &'static str,
    /// The rows shown by default, as documents say it.
    pub default: &'static str,
    /// The type in `hotpath-report` that has the section's `SPEC`; `None` while nothing is recorded.
    pub spec: Option<&'static str>,
    /// True if versions 0.11 to 0.14 had `with_…_limit`.
    pub has_older_setter: bool,
}

/// Sampling of times: `HOTPATH_…_TIME_SAMPLING_RATE`, `…_time_sampling_rate` of the builder.
pub struct Sampled {
    /// The name of the resource, such as `channels`.
    pub resource: &'static str,
    /// The sampled things, as a noun.
    pub of: &'static str,
    /// The kinds of sites; none while nothing is recorded.
    pub kinds: &'static [&'static str],
}

/// A page of the console.
pub struct Page {
    /// The tab, one of [`TABS`].
    pub tab: &'static str,
    /// The title of the page.
    pub title: &'static str,
    /// The source of its lines, a `Shows` of the console.
    pub shows: &'static str,
    /// The text while there are no rows.
    pub hint: &'static str,
}

/// The tabs of the console, by number.
pub const TABS: &[&str] = &["Functions", "Data flow", "I/O", "Threads", "Debug", "Tokio"];

const MEASURE: &str =
    "No measured function was called yet: put #[hotpath::measure] on functions of interest.";
const RW_LOCKS: &str = "No instrumented RwLock yet: wrap one in hotpath::rw_lock!(…, label = \"prices\").";
const TOKIO: &str = "No monitored runtime yet: call hotpath::tokio_runtime!() inside one (feature `tokio`).";

const fn page(tab: &'static str, title: &'static str, shows: &'static str, hint: &'static str) -> Page {
    Page { tab, title, shows, hint }
}

const fn limit(stem: &'static str, of: &'static str, spec: Option<&'static str>) -> Limit {
    Limit { stem, of, default: "all", spec, has_older_setter: false }
}

const fn by_hand(name: &'static str, options: &'static [&'static str]) -> Macro {
    Macro { name, options, docs: None }
}

/// All instruments.
#[rustfmt::skip]
pub const INSTRUMENTS: &[Instrument] = &[
    Instrument {
        sections: &[
            Section {
                variant: "FunctionsTiming", name: "functions-timing", short: "timing", about: "Time per function.",
                pages: &[page("Functions", "Timing", "Table(\"functions_timing\", 0)", MEASURE)],
            },
            Section {
                variant: "FunctionsAlloc", name: "functions-alloc", short: "alloc", about: "Allocations per function.",
                pages: &[page("Functions", "Memory", "Table(\"functions_alloc\", 0)",
                    "To track allocations, build the program with the feature `hotpath-alloc`.")],
            },
            Section {
                variant: "FunctionsCpu", name: "functions-cpu", short: "cpu", about: "CPU samples per function.",
                pages: &[page("Functions", "CPU", "Table(\"functions_cpu\", 0)",
                    "To sample CPU time, build the program with the feature `hotpath-cpu`.")],
            },
            Section {
                variant: "FunctionsIcount", name: "functions-icount", short: "icount", about: "Instructions per function.",
                pages: &[],
            },
        ],
        limit: Some(Limit {
            stem: "functions", of: "the function sections", default: "15", spec: Some("Timing"), has_older_setter: true,
        }),
        sampled: Some(Sampled { resource: "functions", of: "function calls", kinds: &["FN", "BLOCK"] }),
        kinds: &[("FN", "A function."), ("ASYNC_FN", "An async function."), ("BLOCK", "A block of code.")],
        macros: &[],
    },
    Instrument {
        sections: &[Section {
            variant: "Channels", name: "channels", short: "channels", about: "Channels.",
            pages: &[page("Data flow", "Channels", "Table(\"channels\", 0)",
                "No instrumented channel yet: wrap one in hotpath::channel!(…, label = \"jobs\").")],
        }],
        limit: Some(Limit { has_older_setter: true, ..limit("channels", "the channels section", Some("Channels")) }),
        sampled: Some(Sampled { resource: "channels", of: "messages in channels", kinds: &["CHANNEL"] }),
        kinds: &[("CHANNEL", "A channel.")],
        macros: &[by_hand("channel", &["label", "log", "iter", "capacity", "proxy", "wrap"])],
    },
    Instrument {
        sections: &[Section {
            variant: "Streams", name: "streams", short: "streams", about: "Streams.",
            pages: &[page("Data flow", "Streams", "Table(\"streams\", 0)",
                "No instrumented stream yet: wrap one in hotpath::stream!(…, label = \"pages\").")],
        }],
        limit: Some(Limit { has_older_setter: true, ..limit("streams", "the streams section", Some("Streams")) }),
        sampled: None, // with the futures
        kinds: &[("STREAM", "A stream.")],
        macros: &[by_hand("stream", &["label", "log", "iter"])],
    },
    Instrument {
        sections: &[Section {
            variant: "Futures", name: "futures", short: "futures", about: "Futures.",
            pages: &[page("Data flow", "Futures", "Table(\"futures\", 0)",
                "No instrumented future yet: use hotpath::future!(…) or #[hotpath::future_fn].")],
        }],
        limit: Some(Limit { has_older_setter: true, ..limit("futures", "the futures section", Some("Futures")) }),
        sampled: Some(Sampled {
            resource: "futures", of: "polls of instrumented futures, and of items of streams,", kinds: &["FUTURE", "STREAM"],
        }),
        kinds: &[("FUTURE", "A future that is shown among futures only.")],
        macros: &[by_hand("future", &["label", "log"])],
    },
    Instrument {
        sections: &[Section {
            variant: "Mutexes", name: "mutexes", short: "mutexes", about: "Mutexes.",
            pages: &[page("Data flow", "Mutexes", "Table(\"mutexes\", 0)",
                "No instrumented mutex yet: wrap one in hotpath::mutex!(…, label = \"cache\").")],
        }],
        limit: Some(limit("mutexes", "the mutexes section", Some("Mutexes"))),
        sampled: Some(Sampled { resource: "mutexes", of: "waits and holds of mutexes", kinds: &["MUTEX"] }),
        kinds: &[("MUTEX", "A mutex.")],
        macros: &[by_hand("mutex", &["label"])],
    },
    Instrument {
        sections: &[Section {
            variant: "RwLocks", name: "rw_locks", short: "rw_locks", about: "Reader-writer locks.",
            pages: &[
                page("Data flow", "RwLock reads", "Table(\"rw_locks\", 1)", RW_LOCKS),
                page("Data flow", "RwLock writes", "Table(\"rw_locks\", 2)", RW_LOCKS),
            ],
        }],
        limit: Some(limit("rw_locks", "the reader-writer locks section", Some("RwLocks"))),
        sampled: Some(Sampled {
            resource: "rw_locks", of: "waits and holds of reader-writer locks", kinds: &["RW_LOCK"],
        }),
        kinds: &[("RW_LOCK", "A reader-writer lock.")],
        macros: &[by_hand("rw_lock", &["label"])],
    },
    Instrument {
        sections: &[Section { variant: "Sql", name: "sql", short: "sql", about: "SQL queries.", pages: &[] }],
        limit: Some(limit("sql", "the SQL section", None)),
        sampled: None,
        kinds: &[],
        macros: &[],
    },
    Instrument {
        sections: &[Section { variant: "Http", name: "http", short: "http", about: "HTTP requests sent.", pages: &[] }],
        limit: Some(limit("http", "the HTTP section", None)),
        sampled: None,
        kinds: &[],
        macros: &[],
    },
    Instrument {
        sections: &[Section { variant: "Server", name: "server", short: "server", about: "HTTP requests served.", pages: &[] }],
        limit: Some(limit("server", "the server section", None)),
        sampled: None,
        kinds: &[],
        macros: &[],
    },
    Instrument {
        sections: &[Section {
            variant: "Io", name: "io", short: "io", about: "Byte streams.",
            pages: &[page("I/O", "I/O", "Table(\"io\", 0)",
                "This program records no queries, requests, or bytes read and written.")],
        }],
        limit: Some(limit("io", "the I/O section", None)),
        sampled: Some(Sampled { resource: "io", of: "I/O operations", kinds: &[] }),
        kinds: &[],
        macros: &[],
    },
    Instrument {
        sections: &[Section {
            variant: "Threads", name: "threads", short: "threads", about: "Threads of the process.",
            pages: &[page("Threads", "Threads", "Table(\"threads\", 0)",
                "To show threads, build the program with the feature `threads` (on by default).")],
        }],
        limit: Some(Limit {
            stem: "threads", of: "the threads section", default: "5", spec: Some("Threads"), has_older_setter: true,
        }),
        sampled: None,
        kinds: &[],
        macros: &[],
    },
    Instrument {
        sections: &[Section {
            variant: "TokioRuntime", name: "tokio_runtime", short: "tokio_runtime", about: "The tokio runtime.",
            pages: &[
                page("Tokio", "Runtimes", "Table(\"tokio_runtime\", 0)", TOKIO),
                page("Tokio", "Workers", "List(\"tokio_runtime\", \"workers\")", TOKIO),
            ],
        }],
        limit: None,
        sampled: None,
        kinds: &[],
        macros: &[],
    },
    Instrument {
        sections: &[Section {
            variant: "Debug", name: "debug", short: "debug", about: "Values of `dbg!`, `val!` and `gauge!`.",
            pages: &[page("Debug", "Values", "Table(\"debug\", 0)",
                "No values yet: use hotpath::dbg!, hotpath::val! or hotpath::gauge!.")],
        }],
        limit: None,
        sampled: None,
        kinds: &[("DBG", "An expression of `dbg!`."), ("VAL", "A key of `val!`."), ("GAUGE", "A key of `gauge!`.")],
        macros: &[],
    },
    Instrument {
        sections: &[Section {
            variant: "CallTree", name: "call_tree", short: "call_tree", about: "Who called whom, and where the time went.",
            pages: &[page("Functions", "Tree", "Tree", MEASURE)],
        }],
        limit: None,
        sampled: None,
        kinds: &[],
        macros: &[],
    },
];
