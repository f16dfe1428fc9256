//! The service under load: what the profiler says is what the load generator counted.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
};

use serde_json::Value;

/// Whether the profiler is built in: also when another package of the workspace turned it on. Asked once, because tests run
/// side by side and a process may have one guard at a time.
static IS_PROFILED: LazyLock<bool> = LazyLock::new(|| {
    let _guard = hotpath::HotpathGuardBuilder::new("probe").format(hotpath::Format::None).build();
    hotpath::is_recording()
});

const REQUESTS: u64 = 400;

struct Service {
    process: Child,
    url: String,
    /// The metrics endpoint; `None` without the profiler.
    endpoint: Option<String>,
    report: PathBuf,
}

impl Service {
    fn start(name: &str) -> Self {
        let report = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
        let _old = std::fs::remove_file(&report);
        let mut process = Command::new(env!("CARGO_BIN_EXE_shop"))
            .args(["--port", "0"])
            .env_remove("HOTPATH_METRICS_SERVER_OFF")
            .env("HOTPATH_METRICS_SERVER_ON", "true")
            .env("HOTPATH_METRICS_PORT", "0")
            .env("HOTPATH_OUTPUT_FORMAT", "json")
            .env("HOTPATH_OUTPUT_PATH", &report)
            .env("HOTPATH_REPORT", "all")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the service starts");
        // The line of the profiler says which port it took; it comes before the service begins.
        let line = IS_PROFILED.then(|| first_line(process.stderr.take().expect("a pipe")));
        let endpoint = line.map(|line| line.trim().rsplit(' ').next().expect("an address").to_owned());
        let url = first_line(process.stdout.take().expect("a pipe")).trim().to_owned();
        Self { process, url, endpoint, report }
    }

    /// What the endpoint says of a section at this moment.
    fn asked(&self, section: &str) -> Value {
        let endpoint = self.endpoint.as_ref().expect("the profiler is built in");
        let mut answer = ureq::get(format!("{endpoint}/{section}")).call().expect("an answer");
        serde_json::from_str(&answer.body_mut().read_to_string().expect("a body")).expect("JSON")
    }

    /// What the load generator sent.
    fn load(&self) -> Value {
        let requests = REQUESTS.to_string();
        let arguments = [&self.url, "--requests", &requests, "--connections", "8"];
        let output = Command::new(env!("CARGO_BIN_EXE_load")).args(arguments).output().expect("load runs");
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).expect("a line of JSON")
    }

    /// The report, once the service has ended as a service manager ends it.
    fn end(mut self) -> Value {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
        assert!(self.process.wait().expect("it ends").success());
        serde_json::from_str(&std::fs::read_to_string(&self.report).expect("a report")).expect("valid JSON")
    }
}

fn first_line(from: impl Read) -> String {
    let mut line = String::new();
    BufReader::new(from).read_line(&mut line).expect("a line");
    line
}

fn row<'a>(report: &'a Value, section: &str, key: &str, name: &str) -> &'a Value {
    find(&report[section], key, name)
}

fn find<'a>(section: &'a Value, key: &str, name: &str) -> &'a Value {
    let rows = section["data"].as_array().unwrap_or_else(|| panic!("no rows in {section}"));
    rows.iter().find(|row| row[key] == name).unwrap_or_else(|| panic!("no {name} in {rows:?}"))
}

#[test]
fn every_request_is_in_the_report() {
    if !*IS_PROFILED {
        return;
    }
    let service = Service::start("requests");
    let sent = service.load();
    // While it runs the endpoint says the same as the report does in the end.
    let functions = service.asked("functions_timing");
    for (function, requests) in [("product", "products"), ("search", "searches"), ("order", "orders")] {
        assert_eq!(find(&functions, "name", &format!("shop::{function}"))["calls"], sent[requests]);
    }
    assert_eq!(find(&service.asked("channels"), "label", "orders")["received_count"], sent["orders"]);
    let report = service.end();
    assert_eq!(
        sent["products"].as_u64().zip(sent["orders"].as_u64()),
        Some((REQUESTS * 7 / 10, REQUESTS / 5))
    );
    for (function, requests) in [("product", "products"), ("search", "searches"), ("order", "orders")] {
        let row = row(&report, "functions_timing", "name", &format!("shop::{function}"));
        assert_eq!((&row["calls"], &row["completed"]), (&sent[requests], &sent[requests]), "{row:#}");
    }
    for channel in ["orders", "confirmation"] {
        let row = row(&report, "channels", "label", channel);
        assert_eq!(
            (&row["sent_count"], &row["received_count"]),
            (&sent["orders"], &sent["orders"]),
            "{row:#}"
        );
    }
    assert_eq!(row(&report, "mutexes", "label", "ledger")["count"], sent["orders"]);
    // A product's page writes; searching and ordering read.
    let locks = row(&report, "rw_locks", "label", "catalogue");
    assert_eq!(locks["write_count"], sent["products"]);
    assert_eq!(locks["read_count"].as_u64(), Some(REQUESTS / 10 + REQUESTS / 5));
}
