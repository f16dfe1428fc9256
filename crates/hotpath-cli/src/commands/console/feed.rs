//! The feed: polls the endpoint on its own thread, so that a slow endpoint never blocks the screen.
//!
//! The screen sends a [`Request`], the feed an [`Update`]. Invariants: at most one HTTP request is pending, and a poll starts one
//! refresh interval after the previous one started, or when that ends.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use anyhow::Result;
use hotpath_report::Report;
use serde_json::Value as Json;

use super::Event;
use super::settings::Refresh;
use crate::client::{Answer, Client};

/// A request of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Get a report now.
    Refresh,
    /// Pause or resume the reports.
    Pause(bool),
    /// Get the events at this path with every report; `None` for no events.
    Logs(Option<String>),
    /// Send a POST request to this path.
    Post(&'static str),
}

/// An update for the screen.
#[derive(Debug)]
pub(crate) enum Update {
    /// A report was requested.
    Asking,
    /// The report.
    Report(Box<Report>, Option<Status>),
    /// The events at a path.
    Logs(String, Result<String, String>),
    /// There was no report.
    Lost(Problem),
    /// The result of a POST request to this path.
    Posted(&'static str, Result<(), String>),
}

/// The reason that there is no report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Nothing listens there, or the connection was closed.
    NoResponse,
    /// The response did not arrive in time.
    Timeout,
    /// The token was rejected.
    Token,
    /// It has no `/report`: an older version, or another program.
    NoReport,
    /// The report is invalid, for this reason.
    InvalidReport(String),
}

/// The response of `/profiler_status`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) pid: Option<u64>,
    pub(crate) program: String,
    pub(crate) uptime: String,
    pub(crate) version: String,
    /// Rises at every reset.
    pub(crate) session: Option<u64>,
    /// True if recording is paused.
    pub(crate) is_paused: bool,
}

impl Status {
    fn from_json(text: &str) -> Option<Self> {
        let json: Json = serde_json::from_str(text).ok()?;
        let text = |key: &str| json.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        let number = |key: &str| json.get(key).and_then(Json::as_u64);
        Some(Self {
            pid: number("pid"),
            program: text("program"),
            uptime: text("uptime"),
            version: text("version"),
            session: number("session"),
            is_paused: json.get("paused").and_then(Json::as_bool).unwrap_or(false),
        })
    }
}

/// Polls until the screen is gone.
pub(crate) fn run(client: &Client, refresh: Refresh, requests: &Receiver<Request>, events: &Sender<Event>) {
    let mut feed = Feed { client, logs: None, is_paused: false, events };
    loop {
        let start = Instant::now();
        if feed.refresh().is_none() {
            return;
        }
        if feed.wait(start + refresh.after(start.elapsed()), requests).is_none() {
            return;
        }
    }
}

/// A running feed. Its methods return `None` when the screen is gone.
struct Feed<'a> {
    client: &'a Client,
    logs: Option<String>,
    is_paused: bool,
    events: &'a Sender<Event>,
}

impl Feed<'_> {
    fn send(&self, update: Update) -> Option<()> {
        self.events.send(Event::Update(update)).ok()
    }

    fn refresh(&self) -> Option<()> {
        self.send(Update::Asking)?;
        let update = match self.report() {
            Ok((report, status)) => Update::Report(report, status),
            Err(problem) => Update::Lost(problem),
        };
        let has_report = matches!(update, Update::Report(..));
        self.send(update)?;
        if has_report { self.send_logs() } else { Some(()) }
    }

    fn report(&self) -> Result<(Box<Report>, Option<Status>), Problem> {
        let answer = self.client.get("/report").map_err(|error| problem(&error))?;
        match answer.status {
            200 => {}
            401 | 403 => return Err(Problem::Token),
            404 | 405 => return Err(Problem::NoReport),
            status => return Err(Problem::InvalidReport(format!("status {status}"))),
        }
        let report = hotpath_analysis::read_report(&answer.body)
            .map_err(|error| Problem::InvalidReport(error.to_string()))?;
        let status = self.client.get("/profiler_status").ok().filter(|answer| answer.status == 200);
        Ok((Box::new(report), status.and_then(|answer| Status::from_json(&answer.body))))
    }

    fn send_logs(&self) -> Option<()> {
        let Some(path) = &self.logs else { return Some(()) };
        let text = self.client.get(path).map_err(|error| format!("{error:#}")).and_then(body);
        self.send(Update::Logs(path.clone(), text))
    }

    /// Handles requests until the next report is due.
    fn wait(&mut self, due: Instant, requests: &Receiver<Request>) -> Option<()> {
        loop {
            // A paused feed sleeps until the next request.
            let timeout =
                if self.is_paused { Duration::MAX } else { due.saturating_duration_since(Instant::now()) };
            match requests.recv_timeout(timeout) {
                Ok(Request::Refresh) => return Some(()),
                Ok(Request::Pause(is_paused)) => {
                    self.is_paused = is_paused;
                    if !is_paused {
                        return Some(());
                    }
                }
                Ok(Request::Logs(path)) => {
                    self.logs = path;
                    self.send_logs()?;
                }
                Ok(Request::Post(path)) => {
                    let done = self.client.post(path).map_err(|error| format!("{error:#}")).and_then(body);
                    self.send(Update::Posted(path, done.map(|_| ())))?;
                    return Some(());
                }
                Err(RecvTimeoutError::Timeout) => return Some(()),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }
}

/// Returns the body of a successful response, or the reason of a failure.
fn body(answer: Answer) -> Result<String, String> {
    if (200..300).contains(&answer.status) {
        return Ok(answer.body);
    }
    let json: Option<Json> = serde_json::from_str(&answer.body).ok();
    let reason = json.as_ref().and_then(|json| json.get("error")).and_then(Json::as_str);
    Err(reason.map_or_else(|| format!("status {}", answer.status), str::to_owned))
}

fn problem(error: &anyhow::Error) -> Problem {
    use std::io::ErrorKind::{InvalidData, TimedOut};
    match error.downcast_ref::<ureq::Error>() {
        Some(ureq::Error::Timeout(_)) => Problem::Timeout,
        Some(ureq::Error::Io(error)) if error.kind() == TimedOut => Problem::Timeout,
        Some(ureq::Error::Io(error)) if error.kind() != InvalidData => Problem::NoResponse,
        Some(ureq::Error::HostNotFound | ureq::Error::ConnectionFailed) => Problem::NoResponse,
        _ => Problem::InvalidReport(error.root_cause().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::EndpointArguments;
    use std::io::{BufRead, BufReader, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc::channel;
    use std::thread;

    const REPORT: &str = r#"{"type": "hotpath_report", "schema_version": 1, "duration_ns": 5}"#;

    /// An endpoint that answers each request with `answer`; `None` closes the connection.
    fn endpoint(answer: impl Fn(&str) -> Option<String> + Send + 'static) -> EndpointArguments {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = Some(format!("http://{}", listener.local_addr().unwrap()));
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| serve(stream, &answer)));
        EndpointArguments { url, metrics_host: String::new(), metrics_port: 0, metrics_auth_token: None }
    }

    /// Serves one request per connection.
    fn serve(mut stream: TcpStream, answer: &impl Fn(&str) -> Option<String>) {
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        let Some(first) = lines.next() else { return };
        lines.find(String::is_empty);
        if let Some(answer) = answer(&first) {
            let _ = stream.write_all(answer.as_bytes());
        }
    }

    fn ok(body: &str) -> Option<String> {
        with_status("200 OK", body)
    }

    fn with_status(status: &str, body: &str) -> Option<String> {
        let length = body.len();
        Some(format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"))
    }

    /// The first update of a feed, which runs until the channels are dropped.
    fn first_update(endpoint: &EndpointArguments, timeout: Duration) -> Update {
        let client = endpoint.client_with(timeout).unwrap();
        let (events, inbox) = channel();
        let (_wishes, outbox) = channel();
        thread::spawn(move || run(&client, every(Duration::from_millis(1)), &outbox, &events));
        let mut updates = inbox.iter().map(|event| match event {
            Event::Update(update) => update,
            other => panic!("{other:?}"),
        });
        assert!(matches!(updates.next(), Some(Update::Asking)));
        updates.next().unwrap()
    }

    fn problem_of(answer: impl Fn(&str) -> Option<String> + Send + 'static) -> Problem {
        match first_update(&endpoint(answer), PATIENT) {
            Update::Lost(problem) => problem,
            other => panic!("{other:?}"),
        }
    }

    fn every(interval: Duration) -> Refresh {
        Refresh { interval, may_be_longer: false }
    }

    const PATIENT: Duration = Duration::from_secs(60);

    #[test]
    fn a_report_comes_with_the_status() {
        let endpoint = endpoint(|request| match request.split([' ', '?']).nth(1) {
            Some("/report") => ok(REPORT),
            Some("/profiler_status") => ok(r#"{"uptime": "5 s", "pid": 7, "session": 3, "paused": true}"#),
            _ => None,
        });
        let Update::Report(report, status) = first_update(&endpoint, PATIENT) else { panic!("a report") };
        assert_eq!(report.duration_ns, 5);
        let expected = Status {
            uptime: "5 s".into(),
            pid: Some(7),
            session: Some(3),
            is_paused: true,
            ..Status::default()
        };
        assert_eq!(status, Some(expected));
    }

    #[test]
    fn a_report_without_a_status_is_a_report() {
        let endpoint = endpoint(|request| {
            if request.contains("/report") { ok(REPORT) } else { with_status("404 Not Found", "{}") }
        });
        assert!(matches!(first_update(&endpoint, PATIENT), Update::Report(_, None)));
    }

    #[test]
    fn problems_are_distinguished() {
        assert_eq!(problem_of(|_| with_status("401 Unauthorized", "{}")), Problem::Token);
        assert_eq!(problem_of(|_| with_status("404 Not Found", "{}")), Problem::NoReport);
        assert!(
            matches!(problem_of(|_| ok("<html>")), Problem::InvalidReport(why) if why.contains("not JSON"))
        );
        assert!(
            matches!(problem_of(|_| ok("{}")), Problem::InvalidReport(why) if why.contains("not a report"))
        );
        assert!(matches!(problem_of(|_| Some("garbage\r\n\r\n".into())), Problem::InvalidReport(_)));
        assert_eq!(problem_of(|_| with_status("500 Oops", "")), Problem::InvalidReport("status 500".into()));
        assert_eq!(problem_of(|_| None), Problem::NoResponse);
    }

    #[test]
    fn a_refused_connection_is_no_response() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = Some(format!("http://{free}"));
        let gone =
            EndpointArguments { url, metrics_host: String::new(), metrics_port: 0, metrics_auth_token: None };
        assert!(matches!(first_update(&gone, PATIENT), Update::Lost(Problem::NoResponse)));
    }

    #[test]
    fn an_endpoint_that_never_responds_times_out() {
        // Nothing is accepted: the connection stays open without data.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = Some(format!("http://{}", listener.local_addr().unwrap()));
        let silent =
            EndpointArguments { url, metrics_host: String::new(), metrics_port: 0, metrics_auth_token: None };
        assert!(matches!(first_update(&silent, Duration::from_millis(50)), Update::Lost(Problem::Timeout)));
    }

    #[test]
    fn requests_are_handled_while_reports_are_paused() {
        let endpoint = endpoint(|request| {
            match request.rsplit_once(' ').and_then(|(request, _)| request.split('?').next()) {
                Some("GET /report") => ok(REPORT),
                Some("GET /channels/1/logs") => ok("events"),
                Some("GET /channels/2/logs") => with_status("404 Not Found", r#"{"error": "no such row"}"#),
                Some("POST /reset") => ok("{}"),
                _ => with_status("404 Not Found", "{}"),
            }
        });
        let client = endpoint.client_with(PATIENT).unwrap();
        let (events, inbox) = channel();
        let (requests, outbox) = channel();
        // Paused before the first report, and with an endless interval: only requests remain.
        requests.send(Request::Pause(true)).unwrap();
        requests.send(Request::Logs(Some("/channels/1/logs".into()))).unwrap();
        requests.send(Request::Logs(Some("/channels/2/logs".into()))).unwrap();
        requests.send(Request::Logs(None)).unwrap();
        requests.send(Request::Post("/reset")).unwrap();
        let feed = thread::spawn(move || run(&client, every(Duration::MAX / 4), &outbox, &events));
        let updates: Vec<String> = inbox
            .iter()
            .take(7)
            .map(|event| match event {
                Event::Update(Update::Asking) => "asking".into(),
                Event::Update(Update::Report(..)) => "report".into(),
                Event::Update(Update::Logs(path, answer)) => format!("{path} {answer:?}"),
                Event::Update(Update::Posted(path, done)) => format!("{path} {done:?}"),
                other => panic!("{other:?}"),
            })
            .collect();
        let logs = [r#"/channels/1/logs Ok("events")"#, r#"/channels/2/logs Err("no such row")"#];
        // A reset is followed by a report at once.
        assert_eq!(updates, ["asking", "report", logs[0], logs[1], "/reset Ok(())", "asking", "report"]);
        drop((requests, inbox));
        feed.join().unwrap();
    }
}
