//! The metrics endpoint of a whole program: every path in its documented shape, and that what it says is true.

use std::{
    io::Write,
    net::{TcpListener, TcpStream},
};

use serde_json::{Value, json};

use crate::common::{
    self, calls, command, reports,
    served::{SERVED, Served, ask, ask_as, has, id, row},
};

#[test]
fn sections_are_as_documented_and_count_what_the_program_did() {
    let mut served = Served::start();
    served.tell("work");
    let functions = served.get("/functions_timing");
    has(&functions, &["profiling_mode", "time_elapsed", "total_elapsed_ns", "description", "percentiles"]);
    assert_eq!(functions["caller_name"], "first");
    has(
        row(&functions["data"], "name", "::parse"),
        &["id", "avg", "p95", "total", "percent_total", "total_ns"],
    );
    let counted = |name| row(&functions["data"], "name", name)["calls"].clone();
    assert_eq!(
        [counted("::parse"), counted("::inner"), counted("::fetch")],
        [json!(10), json!(10), json!(1)]
    );
    let channels = served.get("/channels");
    let jobs = row(&channels["data"], "label", "jobs");
    has(
        jobs,
        &["id", "source", "has_custom_label", "channel_type", "state", "type_name", "type_size", "iter"],
    );
    assert_eq!((&jobs["sent_count"], &jobs["received_count"]), (&json!(3), &json!(2)));
    let streams = served.get("/streams");
    assert_eq!(row(&streams["data"], "label", "items")["items_yielded"], 2);
    let futures = served.get("/futures");
    has(row(&futures["data"], "label", "answer"), &["call_count", "total_polls", "total_poll_duration_ns"]);
    assert_eq!(row(&served.get("/mutexes")["data"], "label", "state")["count"], 1);
    assert_eq!(row(&served.get("/rw_locks")["data"], "label", "table")["read_count"], 1);
    let debug = served.get("/debug");
    has(&debug, &["current_elapsed_ns", "entries"]);
    assert_eq!(row(&debug["entries"], "expression", "level")["last_value"], "3.5");
    let threads = served.get("/threads");
    has(&threads, &["sample_interval_ms", "thread_count", "rss_bytes", "data"]);
    has(&threads["data"][0], &["os_tid", "name", "status", "status_code", "cpu_percent"]);
    let report = served.get("/report");
    assert_eq!((&report["type"], &report["schema_version"]), (&json!("hotpath_report"), &json!(1)));
    assert_eq!(calls(&report, "::inner"), 10);
    let tree = served.get("/call_tree");
    assert_eq!((&tree["call_tree"][0]["name"], tree["current_elapsed_ns"].is_u64()), (&json!("first"), true));
    assert_eq!(served.get("/schema")["title"], "hotpath report");
    assert_eq!(
        served.get("/metrics")["data"].as_array().map(Vec::len),
        functions["data"].as_array().map(Vec::len)
    );
}

#[test]
fn logs_are_as_documented() {
    let mut served = Served::start();
    served.tell("work");
    let parse = served.log("functions_timing", "name", "::parse");
    assert!(parse["function_name"].as_str().is_some_and(|name| name.ends_with("::parse")), "{parse}");
    let logs = parse["logs"].as_array().expect("logs");
    assert_eq!((&parse["total_invocations"], logs.len()), (&json!(10), 10));
    let told: Vec<_> = logs.iter().map(|log| (log["invocation"].clone(), log["result"].clone())).collect();
    assert_eq!((&told[0], &told[9]), (&(json!(10), json!("20")), &(json!(1), json!("2"))), "newest first");
    has(&logs[0], &["duration", "duration_ns", "timestamp", "timestamp_ns", "ago", "ago_ns"]);
    assert_eq!(logs[0]["thread_id"], served.child.id(), "the main thread");
    let jobs = served.log("channels", "label", "jobs");
    assert!(jobs["id"].is_string());
    let (sent, received) = (&jobs["sent_logs"], &jobs["received_logs"]);
    let indices = |logs: &Value| {
        logs.as_array().expect("logs").iter().map(|log| log["index"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        (indices(sent), indices(received)),
        (vec![json!(3), json!(2), json!(1)], vec![json!(2), json!(1)])
    );
    assert_eq!((&sent[0]["message"], &received[0]["message"]), (&json!("2"), &json!("1")));
    assert_eq!((&sent[0]["delay"], sent[1]["delay"].is_string()), (&Value::Null, true), "{sent:#}");
    let silent = served.log("channels", "label", "silent");
    assert_eq!(
        (indices(&silent["sent_logs"]), &silent["sent_logs"][0]["message"]),
        (vec![json!(1)], &Value::Null)
    );
    let items = served.log("streams", "label", "items");
    assert_eq!(
        (&items["logs"][0]["message"], &items["logs"][1]["message"]),
        (&json!("\"b\""), &json!("\"a\""))
    );
    let answer = served.log("futures", "label", "answer");
    assert_eq!((&answer["call_count"], &answer["calls"][0]["state"]), (&json!(1), &json!("ready")));
    assert_eq!(
        (&answer["calls"][0]["result"], &answer["total_poll_alloc_bytes"]),
        (&json!("42"), &Value::Null)
    );
    let older = format!("/futures/{}/calls", answer["id"].as_str().expect("a text"));
    assert_eq!(served.get(&older)["calls"], answer["calls"]);
}

#[test]
fn values_have_a_log_by_their_macro() {
    let mut served = Served::start();
    served.tell("work");
    served.tell("work");
    let entries = &served.get("/debug")["entries"];
    let log = |kind, name| served.get(&format!("/debug/{kind}/{}/logs", id(entries, "expression", name)));
    let dbg = log("dbg", "round + 1");
    assert_eq!((&dbg["expression"], &dbg["total_logs"]), (&json!("round + 1"), &json!(2)));
    assert_eq!((&dbg["logs"][0]["value"], &dbg["logs"][1]["value"]), (&json!("2"), &json!("1")));
    assert!(dbg["source"].as_str().is_some_and(|place| place.contains("served.rs:")), "{dbg}");
    assert_eq!(
        (&log("val", "user")["key"], &log("val", "user")["logs"][0]["value"]),
        (&json!("user"), &json!("\"ann\""))
    );
    let level = log("gauge", "level");
    assert_eq!(
        (&level["total_logs"], &level["logs"][0]["value"], &level["logs"][0]["index"]),
        (&json!(4), &json!("3.5"), &json!(4))
    );
    let of_another_macro = format!("/debug/val/{}/logs", id(entries, "expression", "level"));
    assert_eq!(served.status_of(&of_another_macro), 404);
}

#[test]
fn logs_by_name_as_older_versions_had_them() {
    let mut served = Served::start();
    served.tell("work");
    let functions = served.get("/functions_timing");
    let name = row(&functions["data"], "name", "::parse")["name"].as_str().expect("a name");
    assert_eq!(name, "served::parse");
    for path in
        ["/functions/c2VydmVkOjpwYXJzZQ==/logs", "/functions_timing/c2VydmVkOjpwYXJzZQ%3D%3D/logs?x=1"]
    {
        assert_eq!(served.get(path)["function_name"], name, "{path}");
    }
}

#[test]
fn what_is_not_there_is_404_and_says_why() {
    let served = Served::start();
    let not_there = [
        ("/nothing", "/ lists the paths"),
        ("/functions_timing/999999/logs", "no row 999999"),
        ("/channels/abc/logs", "no row abc"),
        ("/debug/val/1/logs", "no row 1"),
        ("/tokio_runtime", "tokio_runtime!()"),
        ("/functions_alloc", "hotpath-alloc"),
    ];
    for (path, why) in not_there {
        let answer = served.ask("GET", path, "");
        let error = answer.json()["error"].as_str().map(str::to_owned);
        assert!(answer.status == 404 && error.is_some_and(|error| error.contains(why)), "{path}: {answer:?}");
    }
    let wrong = served.ask("POST", "/report", "Content-Length: 0\r\n");
    assert!(wrong.status == 405 && wrong.head.to_ascii_lowercase().contains("allow: get, head"), "{wrong:?}");
    let index = served.ask("GET", "/", "");
    assert!(index.body.contains("/channels/{id}/logs") && index.head.contains("text/plain"), "{index:?}");
}

#[test]
fn a_watched_runtime_is_there() {
    let mut served = Served::start();
    served.tell("runtime");
    let runtime = served.get("/tokio_runtime");
    has(&runtime, &["num_workers", "num_alive_tasks", "global_queue_depth", "workers"]);
}

#[test]
fn reset_begins_a_window_and_pause_leaves_out() {
    let mut served = Served::start();
    let post = |served: &Served, path| served.ask("POST", path, "Content-Length: 0\r\n").json();
    served.tell("work");
    let window = served.get("/profiler_status")["session"].as_u64().expect("a number");
    assert_eq!(post(&served, "/reset"), json!({ "status": "ok", "paused": false, "session": window + 1 }));
    assert_eq!(served.get("/functions_timing")["data"].as_array().map(Vec::len), Some(1), "the caller alone");
    served.tell("work");
    assert_eq!(calls(&served.get("/report"), "::parse"), 10);
    assert_eq!(post(&served, "/pause")["paused"], true);
    assert_eq!(served.get("/profiler_status")["paused"], true);
    served.tell("work");
    assert_eq!(calls(&served.get("/report"), "::parse"), 10);
    assert_eq!(post(&served, "/resume")["paused"], false);
    served.tell("work");
    let report = served.get("/report");
    assert_eq!((calls(&report, "::parse"), calls(&report, "::inner")), (20, 20));
}

#[test]
fn a_budget_is_set_and_removed_while_the_program_runs() {
    let mut served = Served::start();
    let post = |served: &Served, path: &str| served.ask("POST", path, "Content-Length: 0\r\n");
    served.tell("work");
    assert!(served.get("/report").get("budget").is_none());
    let set = post(&served, "/budget?percent=2.5%25");
    assert_eq!((set.status, &set.json()["budget_percent"]), (200, &json!(2.5)), "{set:?}");
    served.tell("work");
    let report = served.get("/report");
    assert_eq!((&report["budget"]["percent"], calls(&report, "::parse")), (&json!(2.5), 20));
    for bad in ["/budget", "/budget?percent=0", "/budget?percent=lots"] {
        let answer = post(&served, bad);
        let says_how = answer.json()["error"].as_str().is_some_and(|error| error.contains("?percent=2"));
        assert!(answer.status == 400 && says_how, "{answer:?}");
    }
    assert_eq!(served.get("/report")["budget"]["percent"], 2.5, "as before");
    assert_eq!(post(&served, "/budget?percent=off").json()["budget_percent"], Value::Null);
    served.tell("work");
    let report = served.get("/report");
    assert_eq!((report.get("budget"), calls(&report, "::parse")), (None, 30));
}

#[test]
fn a_sampling_rate_wins_over_a_budget() {
    let rate = ("HOTPATH_FUNCTIONS_TIME_SAMPLING_RATE", "0.5");
    let served = Served::start_with(&[("HOTPATH_METRICS_PORT", "0"), rate]);
    let answer = served.ask("POST", "/budget?percent=2", "Content-Length: 0\r\n");
    assert_eq!(answer.status, 409, "{answer:?}");
    assert!(served.get("/report").get("budget").is_none());
}

#[test]
fn what_is_said_before_the_end_and_after_it_is_the_report() {
    let mut served = Served::start_with(&[("HOTPATH_METRICS_PORT", "0"), ("HOTPATH_REPORT", "-futures")]);
    served.tell("work");
    served.say("end");
    served.wait_for("closing"); // inside `before_shutdown`
    let before = served.get("/report");
    served.say("");
    let written = served.wait_for("ended");
    let written = reports(&written).remove(0);
    let after = served.get("/report");
    assert_eq!(without_times(&after), without_times(&written));
    assert_eq!(without_times(&before), without_times(&written));
    assert!(written.get("futures").is_none() && served.get("/futures")["total_count"] == 1);
    let status = served.get("/profiler_status");
    assert_eq!(
        (&status["running"], &status["caller_name"], &status["session"]),
        (&json!(false), &Value::Null, &json!(1))
    );
    assert_eq!(served.ask("POST", "/reset", "Content-Length: 0\r\n").status, 503);
    served.say("");
    served.wait_for("ready");
    let status = served.get("/profiler_status");
    assert_eq!(
        (&status["running"], &status["caller_name"], &status["session"]),
        (&json!(true), &json!("second"), &json!(2))
    );
    assert_eq!(served.get("/functions_timing")["data"].as_array().map(Vec::len), Some(1), "a new session");
}

/// Counts and values; times go on until the very end.
fn without_times(report: &Value) -> Value {
    let counts = [
        "calls",
        "sent_count",
        "received_count",
        "queue_len",
        "items_yielded",
        "count",
        "last_value",
        "log_count",
    ];
    let mut kept = serde_json::Map::new();
    for (name, section) in report.as_object().expect("an object") {
        let rows = section.get("data").or(section.get("entries")).and_then(Value::as_array);
        let mut rows: Vec<String> = rows
            .into_iter()
            .flatten()
            .map(|row| {
                let own = counts.map(|key| row.get(key).cloned());
                format!("{} {} {own:?}", row["name"], row["label"])
            })
            .collect();
        rows.sort();
        if name != "threads" && !rows.is_empty() {
            kept.insert(name.clone(), json!(rows));
        }
    }
    assert!(kept.len() >= 5, "{report:#}");
    kept.into()
}

#[test]
fn many_ask_at_once_while_the_program_works() {
    let mut served = Served::start();
    served.tell("work");
    std::thread::scope(|scope| {
        let served = &served;
        let ask = |path| move || (0..20).map(|_| calls(&served.get(path), "::parse")).collect::<Vec<_>>();
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(ask("/report"))).collect();
        for counts in asked.into_iter().map(|asked| asked.join().expect("no panic")) {
            assert_eq!(counts, [10; 20]);
        }
    });
    (0..5).for_each(|_| served.tell("work"));
    assert_eq!(calls(&served.get("/report"), "::parse"), 60);
}

#[test]
fn with_a_token_nobody_else_comes_in() {
    let served =
        Served::start_with(&[("HOTPATH_METRICS_PORT", "0"), ("HOTPATH_METRICS_AUTH_TOKEN", "s3cret")]);
    let status = |headers| served.ask("GET", "/report", headers).status;
    assert_eq!([status(""), status("Authorization: wrong\r\n")], [401, 401]);
    assert_eq!([status("Authorization: s3cret\r\n"), status("Authorization: Bearer s3cret\r\n")], [200, 200]);
    assert_eq!(status("Authorization: s3cret\r\nOrigin: http://evil.example\r\n"), 403);
    let as_app = |headers: &str| ask_as(served.address, "app:6770", "GET", "/report", headers);
    assert_eq!(as_app("Authorization: Bearer s3cret\r\n").status, 200, "by any name, as between containers");
    assert_eq!(as_app("Authorization: Bearer other\r\n").status, 401);
}

#[test]
fn by_another_name_one_is_told_to_set_a_token() {
    let served = Served::start();
    let refused = ask_as(served.address, "host.docker.internal:6770", "GET", "/report", "");
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(refused.body.contains("set HOTPATH_METRICS_AUTH_TOKEN"), "{refused:?}");
}

#[test]
fn half_open_slow_and_garbage_connections_stop_neither_program_nor_endpoint() {
    let mut served = Served::start();
    let open: Vec<TcpStream> = (0..200)
        .map(|n| {
            let mut stream = TcpStream::connect(served.address).expect("it listens");
            let said: &[u8] =
                [b"".as_slice(), b"GET /repo", b"\x00\xff\r\n\r\n", b"POST /reset HTTP/1.1\r\n"][n % 4];
            let _driven_out = stream.write_all(said);
            stream
        })
        .collect();
    served.tell("work");
    assert_eq!(calls(&served.get("/report"), "::parse"), 10);
    drop(open);
    assert_eq!(calls(&served.get("/report"), "::parse"), 10);
}

#[test]
fn a_fork_neither_serves_nor_keeps_the_port() {
    let mut served = Served::start();
    served.tell("fork");
    assert_eq!(served.get("/profiler_status")["pid"], served.child.id());
    // The fork lives as long as the standard input that both read.
    let stdin = served.child.stdin.take();
    served.child.kill().expect("it runs");
    served.child.wait().expect("it ends");
    // What the dead parent had accepted may linger; the fork does not listen.
    assert!(TcpStream::connect(served.address).is_err(), "somebody still listens at {}", served.address);
    drop(stdin);
}

#[test]
fn no_fork_hangs_while_the_endpoint_answers() {
    let mut served = Served::start();
    served.tell("work");
    served.say("forks");
    let (address, is_over) = (served.address, std::sync::atomic::AtomicBool::new(false));
    let said = std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    assert_eq!(ask(address, "GET", "/report", "").status, 200);
                }
            });
        }
        let said = served.wait_for("done");
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        said
    });
    assert_eq!(said, "100 forks ended\n");
}

#[test]
fn a_busy_port_is_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let mut program = command(SERVED);
    program
        .env_remove("HOTPATH_METRICS_SERVER_OFF")
        .env_remove("GITHUB_ACTIONS")
        .env("HOTPATH_METRICS_PORT", &port);
    let run = common::ended(&mut program); // standard input is empty: it ends by itself
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    assert_eq!(run.complaints().len(), 1, "{run:?}");
    assert!(run.complaints()[0].contains(&format!("cannot bind port {port} of 127.0.0.1")), "{run:?}");
}

#[test]
fn it_is_off_when_told_so_and_on_github() {
    for setting in
        [("HOTPATH_METRICS_SERVER_OFF", "true"), ("HOTPATH_DISABLE_HTTP", "true"), ("GITHUB_ACTIONS", "true")]
    {
        let mut program = command(SERVED);
        program.env_remove("HOTPATH_METRICS_SERVER_OFF").env_remove("GITHUB_ACTIONS");
        // It would say where it is.
        let run = common::ended(program.env("HOTPATH_METRICS_PORT", "0").env(setting.0, setting.1));
        assert_eq!((run.status.code(), run.complaints()), (Some(0), vec![]), "{setting:?}");
    }
    let on = Served::start_with(&[
        ("GITHUB_ACTIONS", "true"),
        ("HOTPATH_METRICS_SERVER_ON", "true"),
        ("HOTPATH_METRICS_PORT", "0"),
    ]);
    assert!(on.notice.starts_with("[hotpath] the metrics endpoint is http://127.0.0.1:"), "{}", on.notice);
}
