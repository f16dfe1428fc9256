use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
};

use hotpath_report::{Futures, SectionSchema, Threads, Timing};

use super::{unknown::FOREIGN, *};

fn resolve(env: &[(&str, &str)], mut options: SessionOptions) -> (Settings, Vec<String>) {
    let env = Env(env.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect());
    let mut warn = Vec::new();
    (Settings::resolve(&mut options, &env, &mut warn), warn)
}

#[test]
fn the_environment_overrides_options_and_options_override_defaults() {
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
fn a_memory_limit_is_a_size_or_a_number_of_megabytes() {
    for (text, bytes) in
        [("64", 64 << 20), ("1.5", 3 << 19), ("2 GB", 2 << 30), ("300kb", 300 << 10), ("4096B", 4096)]
    {
        let (settings, warnings) = resolve(&[("HOTPATH_MEMORY_LIMIT", text)], SessionOptions::default());
        assert_eq!((settings.memory_limit, warnings.len()), (bytes, 0), "{text}");
    }
    for text in ["much", "-5", "0 MB", "5 apples"] {
        let (settings, warnings) = resolve(&[("HOTPATH_MEMORY_LIMIT", text)], SessionOptions::default());
        assert_eq!((settings.memory_limit, warnings.len()), (256 << 20, 1), "{text}");
    }
}

#[test]
fn an_invalid_value_is_one_warning_and_the_default_holds() {
    let bad = [
        ("HOTPATH_OUTPUT_FORMAT", "yaml"),
        ("HOTPATH_LIMIT", "-1"),
        ("HOTPATH_FUNCTIONS_NAME_DEPTH", "two"),
        ("HOTPATH_FOCUS", "/(/"),
        ("HOTPATH_SHUTDOWN_MS", "soon"),
        ("HOTPATH_TIME_SAMPLING_RATE", "1.5"),
        ("HOTPATH_USER_METADATA", "a=1,b"),
        ("HOTPATH_LOGS_LIMIT", "x"),
        ("HOTPATH_MEMORY_LIMIT", "0"),
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
        ("HOTPATH_BUDGET", "much"),
        ("HOTPATH_COMPENSATE", "perhaps"),
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
    assert_eq!((settings.format, settings.limit(Timing::SPEC), settings.name_depth), (Format::Table, 15, 2));
    assert_eq!((settings.shutdown, settings.rate("functions"), settings.logs_limit), (None, None, 50));
    assert_eq!((settings.threads_interval.as_millis(), settings.limit(Threads::SPEC)), (250, 5));
    assert_eq!(settings.blocking_poll, Some(Duration::from_millis(10)));
    assert_eq!(settings.runtime_interval, Duration::from_secs(1));
    assert_eq!(settings.memory_limit, 256 << 20);
    assert_eq!((settings.cpu_period(), settings.cpu_stacks), (Duration::from_millis(1), false));
    assert_eq!(settings.user_metadata, BTreeMap::from([("a".to_owned(), "1".to_owned())]));
    assert!(settings.findings && settings.focus.is_none());
    assert!(settings.compensate && settings.budget.is_none());
    assert_eq!(settings.endpoint, Some(ENDPOINT));
    assert_eq!(settings.mcp.map(|mcp| mcp.port), Some(port(6771, false)));
}

#[test]
fn the_mcp_endpoint_binds_to_this_machine_only() {
    let mcp = |env: &[(&str, &str)]| resolve(env, SessionOptions::default());
    let set = [("HOTPATH_MCP_PORT", "7771"), ("HOTPATH_MCP_AUTH_TOKEN", "secret123")];
    let endpoint = mcp(&set).0.mcp.expect("one");
    assert_eq!((endpoint.port, endpoint.token.as_deref()), (port(7771, true), Some("secret123")));
    assert!(endpoint.address.is_loopback());
    let elsewhere = mcp(&[("HOTPATH_METRICS_BIND", "0.0.0.0")]).0.mcp.expect("one");
    assert!(elsewhere.address.is_loopback(), "the metrics endpoint may be open to others, this one is not");
    let (settings, warnings) = mcp(&[("HOTPATH_MCP_AUTH_TOKEN", "se cret")]);
    assert_eq!((settings.mcp, warnings.len()), (None, 1), "not open to all for a misspelt token");
    assert!(!warnings[0].contains("cret"), "{warnings:?}");
}

const ENDPOINT: Endpoint = Endpoint {
    address: IpAddr::V4(Ipv4Addr::LOCALHOST),
    port: port(6770, false),
    token: None,
    port_setting: "HOTPATH_METRICS_PORT",
    token_setting: "HOTPATH_METRICS_AUTH_TOKEN",
};

const fn port(number: u16, is_chosen: bool) -> Port {
    Port { number, is_chosen }
}

#[test]
fn the_metrics_endpoint_is_off_in_unattended_runs_unless_turned_on() {
    let endpoint = |env: &[(&str, &str)]| resolve(env, SessionOptions::default()).0.endpoint;
    assert_eq!(endpoint(&[]), Some(ENDPOINT));
    assert_eq!(endpoint(&[("HOTPATH_METRICS_SERVER_OFF", "1")]), None);
    assert_eq!(endpoint(&[("HOTPATH_DISABLE_HTTP", "true"), ("HOTPATH_HTTP_PORT", "6776")]), None);
    let valgrind = ("LD_PRELOAD", "/usr/libexec/valgrind/vgpreload_core-amd64-linux.so");
    for unattended in [("GITHUB_ACTIONS", "true"), valgrind] {
        assert_eq!(endpoint(&[unattended]), None);
        assert_eq!(endpoint(&[unattended, ("HOTPATH_METRICS_SERVER_ON", "1")]), Some(ENDPOINT));
    }
    for off in ["HOTPATH_METRICS_SERVER_OFF", "HOTPATH_DISABLE_HTTP"] {
        let both = [("HOTPATH_METRICS_SERVER_ON", "1"), (off, "1")];
        let (settings, warnings) = resolve(&both, SessionOptions::default());
        assert_eq!((settings.endpoint, warnings.len()), (None, 1));
        assert!(warnings[0].contains(off), "{warnings:?}");
    }
}

#[test]
fn port_address_and_token_of_the_metrics_endpoint() {
    let endpoint = |env: &[(&str, &str)]| resolve(env, SessionOptions::default()).0.endpoint.expect("one");
    let ports = [("HOTPATH_HTTP_PORT", "7000"), ("HOTPATH_METRICS_PORT", "7001")];
    assert_eq!((endpoint(&ports[..1]).port, endpoint(&ports).port), (port(7000, true), port(7001, true)));
    let everywhere = endpoint(&[("HOTPATH_METRICS_BIND", "::"), ("HOTPATH_METRICS_AUTH_TOKEN", " t0ken ")]);
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
fn the_destination_of_the_report() {
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
fn settings_and_options_that_ask_for_a_report() {
    let asks = |env: &[(&str, &str)], options: SessionOptions| resolve(env, options).0.is_report_asked_for;
    assert!(!asks(&[("HOTPATH_METRICS_SERVER_OFF", "1"), ("HOTPATH_LIMIT", "3")], SessionOptions::default()));
    assert!(!asks(
        &[("HOTPATH_REPORT", "")],
        SessionOptions { format: Some(Format::Table), ..SessionOptions::default() }
    ));
    let asking: BTreeSet<&str> = SETTINGS
        .iter()
        .map(|setting| setting.name)
        .filter(|name| asks(&[(name, "json")], SessionOptions::default()))
        .collect();
    let expected = [
        "HOTPATH_EXCLUDE",
        "HOTPATH_EXCLUDE_WRAPPER",
        "HOTPATH_FOCUS",
        "HOTPATH_JSON",
        "HOTPATH_OUTPUT_FORMAT",
        "HOTPATH_OUTPUT_PATH",
        "HOTPATH_REPORT",
        "HOTPATH_REPORT_LABEL",
        "HOTPATH_USER_METADATA",
    ];
    assert_eq!(asking, BTreeSet::from(expected));
    assert!(asks(&[], SessionOptions { format: Some(Format::Json), ..SessionOptions::default() }));
    assert!(asks(&[], SessionOptions { output_path: Some("stdout".into()), ..SessionOptions::default() }));
    assert!(asks(
        &[],
        SessionOptions { sections: Some(Wanted::Spec("all".to_owned())), ..SessionOptions::default() }
    ));
}

#[test]
fn colours_unless_the_terminal_or_the_user_says_no() {
    let no_color = |env: &[(&str, &str)]| !resolve(env, SessionOptions::default()).0.has_color;
    assert!(!no_color(&[]) && !no_color(&[("NO_COLOR", ""), ("TERM", "xterm")]));
    assert!(no_color(&[("NO_COLOR", "0")]) && no_color(&[("TERM", "dumb")]));
}

#[cfg(unix)]
#[test]
fn values_that_are_not_utf8_are_one_warning_each_and_paths_are_taken() {
    use std::os::unix::ffi::OsStrExt;
    let bytes = OsStr::from_bytes(b"a\xffb");
    let env = |names: &[&str]| Env(names.iter().map(|name| ((*name).to_owned(), bytes.to_owned())).collect());
    let mut warn = Vec::new();
    let wrong = [
        "HOTPATH_FOCUS",
        "HOTPATH_LIMIT",
        "HOTPATH_REPORT_LABEL",
        "HOTPATH_USER_METADATA",
        "HOTPATH_FINDINGS",
    ];
    let settings = Settings::resolve(&mut SessionOptions::default(), &env(&wrong), &mut warn);
    assert!(settings.focus.is_none() && settings.label.is_none() && settings.findings);
    for name in wrong {
        let lines = warn.iter().filter(|line| line.starts_with(name) && line.contains("is not UTF-8"));
        assert_eq!(lines.count(), 1, "{name}: {warn:?}");
    }
    assert_eq!(warn.len(), wrong.len(), "{warn:?}");
    let mut warn = Vec::new();
    let taken = env(&["HOTPATH_OUTPUT_PATH", "NO_COLOR", "LD_PRELOAD", "GITHUB_ACTIONS"]);
    let settings = Settings::resolve(&mut SessionOptions::default(), &taken, &mut warn);
    assert_eq!((settings.target, warn.len()), (Target::new(bytes.into()), 0));
    assert!(!settings.has_color && settings.endpoint.is_some());
    let tokens = ["HOTPATH_METRICS_AUTH_TOKEN", "HOTPATH_MCP_AUTH_TOKEN"];
    let settings = Settings::resolve(&mut SessionOptions::default(), &env(&tokens), &mut warn);
    assert_eq!((settings.endpoint, settings.mcp, warn.len()), (None, None, 2), "not open to all: {warn:?}");
}

#[test]
fn focus_is_a_substring_or_a_regex() {
    let covers = |focus, name| {
        resolve(&[("HOTPATH_FOCUS", focus)], SessionOptions::default())
            .0
            .focus
            .as_ref()
            .expect("a focus")
            .covers(name)
    };
    assert!(covers("load", "app::load_user") && !covers("load", "app::save"));
    assert!(covers("/^(compute|process)/", "compute::x") && !covers("/^(compute|process)/", "app::compute"));
}

#[test]
fn an_exclusion_covers_whole_paths_and_their_last_segments() {
    let covers = |text, name| {
        let (settings, warnings) = resolve(&[("HOTPATH_EXCLUDE", text)], SessionOptions::default());
        assert_eq!(warnings, [""; 0]);
        settings.exclude.as_ref().expect("an exclusion").covers(name)
    };
    assert!(covers("app::Lexer::word", "app::Lexer::word") && covers("Lexer::word", "app::Lexer::word"));
    assert!(covers("a, word ,b", "app::Lexer::word") && covers("find twins", "find twins"));
    for other in ["app::Lexer::words", "app::sword", "word::app", "app::word::inner"] {
        assert!(!covers("word", other), "{other}");
    }
    assert!(!covers(",", "app::word"), "no name covers nothing");
}

#[test]
fn percentiles_are_sorted_and_unique_and_never_empty() {
    let percentiles = |set: &[f64]| {
        resolve(&[], SessionOptions { percentiles: Some(set.to_vec()), ..SessionOptions::default() })
            .0
            .percentiles
    };
    assert_eq!(percentiles(&[99.0, 50.0, 99.0]), [50.0, 99.0]);
    assert_eq!(percentiles(&[f64::NAN, -1.0, 101.0]), [95.0]);
    assert_eq!(percentiles(&[]), [95.0]);
}

#[test]
fn the_sampling_rate_of_a_resource_overrides_that_of_all() {
    let rate = |env: &[(&str, &str)], set: &[(&'static str, f64)]| {
        resolve(env, SessionOptions { sampling: set.iter().copied().collect(), ..SessionOptions::default() })
            .0
            .rate("functions")
    };
    let set = [("functions", 0.3), ("", 0.4)];
    let both = [("HOTPATH_TIME_SAMPLING_RATE", "0.2"), ("HOTPATH_FUNCTIONS_TIME_SAMPLING_RATE", "0.1")];
    assert_eq!(rate(&both, &set), Some(0.1));
    assert_eq!(rate(&both[..1], &set), Some(0.2));
    assert_eq!(rate(&[], &set), Some(0.3));
    assert_eq!(rate(&[], &set[1..]), Some(0.4));
    assert_eq!(rate(&[], &[]), None);
}

#[test]
fn a_budget_is_a_share_from_a_tenth_to_a_hundred_percent() {
    let budget = |env: &[(&str, &str)], set: Option<f64>| {
        let (settings, warnings) = resolve(env, SessionOptions { budget: set, ..SessionOptions::default() });
        (settings.budget, warnings.len())
    };
    for (text, percent) in
        [("2%", 2.0), ("2 %", 2.0), (" 2 ", 2.0), ("0.5%", 0.5), ("0.1", 0.1), ("100%", 100.0)]
    {
        assert_eq!(budget(&[("HOTPATH_BUDGET", text)], Some(7.0)), (Some(percent), 0), "{text}");
    }
    for text in ["0", "0.09%", "100.1", "-2%", "NaN", "inf", "%", "2%%", "a lot"] {
        assert_eq!(budget(&[("HOTPATH_BUDGET", text)], None), (None, 1), "{text}");
    }
    assert_eq!(budget(&[("HOTPATH_BUDGET", "")], Some(7.0)), (Some(7.0), 0));
    for percent in [0.0, -1.0, 101.0, f64::NAN] {
        assert_eq!(budget(&[], Some(percent)), (None, 1), "{percent}");
    }
}

#[test]
fn a_sampling_rate_of_functions_wins_over_a_budget_in_one_line() {
    let of_others = [("HOTPATH_BUDGET", "2%"), ("HOTPATH_MUTEXES_TIME_SAMPLING_RATE", "0.5")];
    let (settings, warnings) = resolve(&of_others, SessionOptions::default());
    assert_eq!((settings.budget, warnings.len()), (Some(2.0), 0), "{warnings:?}");
    for rate in ["HOTPATH_TIME_SAMPLING_RATE", "HOTPATH_FUNCTIONS_TIME_SAMPLING_RATE"] {
        let (settings, warnings) =
            resolve(&[("HOTPATH_BUDGET", "2%"), (rate, "0.1")], SessionOptions::default());
        assert_eq!((settings.budget, settings.rate(FUNCTIONS)), (None, Some(0.1)));
        assert_eq!(warnings, ["budget 2 %: ignored, since functions have the sampling rate 0.1"]);
    }
}

#[test]
fn what_is_timed_at_a_site_follows_from_its_own_rate_then_the_resource_then_the_budget() {
    const fn site(kind: u8) -> Site {
        Site::new("app::f", "f.rs", 1, 1, kind)
    }
    static PLAIN: Site = site(kind::FN);
    static ASYNC: Site = site(kind::ASYNC_FN);
    static MUTEX: Site = site(kind::MUTEX);
    static SOME: Site = site(kind::FN).sampled(0.01);
    static ALL: Site = site(kind::FN).sampled(1.0);
    let interests = |env: &[(&str, &str)]| {
        let filter = resolve(env, SessionOptions::default()).0.site_filter();
        [&PLAIN, &ASYNC, &MUTEX, &SOME, &ALL].map(filter)
    };
    use Interest::{Budget, Ignore, Record, Sample};
    assert_eq!(interests(&[]), [Record, Record, Record, Sample, Record]);
    assert_eq!(interests(&[("HOTPATH_BUDGET", "2")]), [Budget, Budget, Record, Sample, Record]);
    let rate = ("HOTPATH_TIME_SAMPLING_RATE", "0.5");
    assert_eq!(interests(&[rate, ("HOTPATH_BUDGET", "2")]), [Sample, Record, Sample, Sample, Record]);
    let elsewhere = [("HOTPATH_FOCUS", "other"), ("HOTPATH_BUDGET", "2")];
    assert_eq!(interests(&elsewhere), [Ignore, Ignore, Record, Ignore, Ignore]);
    assert_eq!(interests(&[("HOTPATH_EXCLUDE", "app::f")]), [Ignore, Ignore, Record, Ignore, Ignore]);
}

#[test]
fn settings_without_effect_are_warnings_and_those_of_commands_are_not() {
    let set =
        ["HOTPATH_SQL_LIMIT", "HOTPATH_UPLOAD", "HOTPATH_TUI_TAB", "HOTPATH_KEEP_INLINE", "HOTPATH_LIMIT"];
    let env = Env(set.map(|name| (name.to_owned(), "1".into())).into());
    assert_eq!(env.unknown_variables(), [""; 0]);
    let lines: Vec<String> = env.without_effect().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0] == "HOTPATH_SQL_LIMIT has no effect: SQL queries are not recorded yet", "{lines:?}");
    let names = || FOREIGN.iter().map(|(name, _)| *name);
    assert!(names().all(|name| names().filter(|other| *other == name).count() == 1), "each once");
    assert!(
        names().all(|name| SETTINGS.iter().all(|setting| setting.name != name)),
        "a setting has an effect"
    );
}

#[test]
fn unknown_sections_and_settings_are_warnings_with_the_nearest_name() {
    let (settings, warnings) = resolve(&[("HOTPATH_REPORT", "thraeds,call_tree")], SessionOptions::default());
    assert_eq!(settings.selection, Selection::these(vec![Section::CallTree]));
    assert!(warnings[0].contains("thraeds") && warnings[0].contains("threads"), "{warnings:?}");
    let env = Env(Vec::from(
        [("HOTPATH_FOCSU", ""), ("HOTPATH_METRICS_HOST", ""), ("HOTPATH_META_X", ""), ("LD_PRELOAD", "")]
            .map(|(name, value)| (name.to_owned(), OsString::from(value))),
    ));
    assert_eq!(
        env.unknown_variables(),
        ["unknown setting HOTPATH_FOCSU has no effect: did you mean HOTPATH_FOCUS?"]
    );
}

#[test]
fn the_text_of_every_default_is_the_default() {
    let (settings, warnings) = resolve(&[], SessionOptions::default());
    assert_eq!(warnings, [""; 0]);
    let text = |name: &str| SETTINGS.iter().find(|setting| setting.name == name).expect(name).default;
    assert_eq!(text("HOTPATH_OUTPUT_FORMAT").parse(), Ok(settings.format));
    assert_eq!(
        text("HOTPATH_METRICS_BIND").parse().ok(),
        settings.endpoint.as_ref().map(|endpoint| endpoint.address)
    );
    assert_eq!((settings.threads_interval.as_millis(), settings.cpu_hz), (250, 1000));
    for (spec, setting) in LIMITS {
        assert_eq!(setting.default, settings.limit(spec).to_string(), "{}", setting.name);
    }
    let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "each setting once: {names:?}");
}
