//! A stand-in for GitHub's API on this machine: a pull request with comments, in pages, and faults as a test orders them.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

use serde_json::{Value as Json, json};

pub const TOKEN: &str = "ghs_16C7e42F292c6912E7710c838347Ae178B4a";
/// The id of the user of the token.
pub const US: u64 = 41898282;
pub const REPOSITORY: &str = "octo/speed";
pub const HEAD_SHA: &str = "6dcb09b5b57875f334f61aebed695e2e4193db5e";

pub struct GitHub {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

pub struct State {
    pub comments: Vec<Json>,
    pub requests: Vec<Request>,
    pub faults: VecDeque<Fault>,
    /// True if answers have the header `Link`.
    pub links: bool,
    /// True if the token is of a user; else of an app, as in a job.
    pub is_user: bool,
    next_id: u64,
}

#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub authorization: Option<String>,
    pub body: String,
}

/// A fault at the next matching request.
pub struct Fault {
    pub method: &'static str,
    /// Part of its path.
    pub path: &'static str,
    pub status: u16,
    pub headers: Vec<String>,
    pub body: String,
    /// True if it is done nevertheless.
    pub done: bool,
    /// True if the answer ends in its middle.
    pub cut: bool,
    /// True if all comments are gone afterwards.
    pub clears: bool,
}

impl Fault {
    pub fn new(method: &'static str, path: &'static str, status: u16) -> Self {
        let body = json!({ "message": "out of order" }).to_string();
        Self { method, path, status, headers: Vec::new(), body, done: false, cut: false, clears: false }
    }

    pub fn header(mut self, line: &str) -> Self {
        self.headers.push(line.to_owned());
        self
    }

    pub fn body(mut self, body: &Json) -> Self {
        self.body = body.to_string();
        self
    }

    pub fn but_done(mut self) -> Self {
        self.done = true;
        self
    }

    pub fn cut(mut self) -> Self {
        self.cut = true;
        self
    }
}

impl GitHub {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = State {
            comments: Vec::new(),
            requests: Vec::new(),
            faults: VecDeque::new(),
            links: true,
            is_user: false,
            next_id: 1,
        };
        let state = Arc::new(Mutex::new(state));
        let ended = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let (state, ended) = (Arc::clone(&state), Arc::clone(&ended));
            move || {
                for stream in listener.incoming() {
                    if ended.load(SeqCst) {
                        break;
                    }
                    // A client that goes away is its own affair.
                    _ = stream.and_then(|stream| serve(stream, &state, address));
                }
            }
        });
        Self { address, state, ended, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic")
    }

    /// A comment of somebody.
    pub fn says(&self, user: u64, kind: &str, body: &str) {
        let mut state = self.state();
        let comment = state.comment(user, kind, body);
        state.comments.push(comment);
    }

    pub fn fails(&self, fault: Fault) {
        self.state().faults.push_back(fault);
    }

    /// The texts of our own comments.
    pub fn ours(&self) -> Vec<String> {
        let state = self.state();
        let ours = state.comments.iter().filter(|comment| comment["user"]["id"] == US);
        ours.map(|comment| comment["body"].as_str().expect("a text").to_owned()).collect()
    }

    /// Method and path of every request.
    pub fn asked(&self) -> Vec<String> {
        self.state().requests.iter().map(|request| format!("{} {}", request.method, request.path)).collect()
    }
}

impl Drop for GitHub {
    fn drop(&mut self) {
        self.ended.store(true, SeqCst);
        _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

impl State {
    fn comment(&mut self, user: u64, kind: &str, body: &str) -> Json {
        let id = self.next_id;
        self.next_id += 1;
        let url = format!("https://example.org/{REPOSITORY}/pull/7#issuecomment-{id}");
        json!({ "id": id, "body": body, "html_url": url, "user": { "id": user, "type": kind } })
    }

    /// The response of the API: status, further headers, body.
    fn answer(&mut self, request: &Request, address: SocketAddr) -> (u16, Vec<String>, String) {
        if request.authorization.as_deref() != Some(&format!("Bearer {TOKEN}")) {
            return (401, Vec::new(), json!({ "message": "Bad credentials" }).to_string());
        }
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let list = format!("/repos/{REPOSITORY}/issues/7/comments");
        let one = format!("/repos/{REPOSITORY}/issues/comments/");
        let text = serde_json::from_str::<Json>(&request.body).unwrap_or_default()["body"].clone();
        let at = path.strip_prefix(&one).and_then(|id| {
            let id: u64 = id.parse().ok()?;
            self.comments.iter().position(|comment| comment["id"] == id)
        });
        let missing = || (404, Vec::new(), json!({ "message": "Not Found" }).to_string());
        match (request.method.as_str(), at) {
            ("GET", _) if path == "/user" && self.is_user => {
                (200, Vec::new(), json!({ "id": US }).to_string())
            }
            ("GET", _) if path == "/user" => {
                (403, Vec::new(), json!({ "message": "Resource not accessible by integration" }).to_string())
            }
            ("GET", _) if path == format!("/repos/{REPOSITORY}/pulls/7") => {
                let head = json!({ "sha": HEAD_SHA, "ref": "faster", "label": "somebody:faster" });
                (200, Vec::new(), json!({ "head": head, "base": { "ref": "main" } }).to_string())
            }
            ("GET", _) if path == list => self.page(&list, query, address),
            ("POST", _) if path == list => {
                let kind = if self.is_user { "User" } else { "Bot" };
                let comment = self.comment(US, kind, text.as_str().expect("a text"));
                self.comments.push(comment.clone());
                (201, Vec::new(), comment.to_string())
            }
            ("PATCH", Some(at)) => {
                self.comments[at]["body"] = text;
                (200, Vec::new(), self.comments[at].to_string())
            }
            ("DELETE", Some(at)) => {
                self.comments.remove(at);
                (204, Vec::new(), String::new())
            }
            _ => missing(),
        }
    }

    fn page(&self, list: &str, query: &str, address: SocketAddr) -> (u16, Vec<String>, String) {
        let number = |key: &str, default: usize| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .into_iter()
                .find(|(name, _)| *name == key)
                .map_or(default, |(_, text)| text.parse().expect("a number"))
        };
        let (size, page) = (number("per_page", 30).min(100), number("page", 1));
        let entries: Vec<_> = self.comments.iter().skip((page - 1) * size).take(size).collect();
        let more = self.comments.len() > page * size;
        let url = |page: usize| format!("http://{address}{list}?per_page={size}&page={page}");
        let link = format!("Link: <{}>; rel=\"last\", <{}>; rel=\"next\"", url(99), url(page + 1));
        let headers = if more && self.links { vec![link] } else { Vec::new() };
        (200, headers, json!(entries).to_string())
    }
}

fn serve(stream: TcpStream, state: &Mutex<State>, address: SocketAddr) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(()) };
    let (mut authorization, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => authorization = Some(value.to_owned()),
            "content-length" => length = value.parse().expect("a number"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request = Request { method, path, authorization, body: String::from_utf8(body).expect("text") };
    let (status, headers, body, cut) = {
        let mut state = state.lock().expect("no panic");
        state.requests.push(request.clone());
        let fits = state
            .faults
            .iter()
            .position(|fault| fault.method == request.method && request.path.contains(fault.path));
        match fits.and_then(|at| state.faults.remove(at)) {
            Some(fault) => {
                if fault.clears {
                    state.comments.clear();
                }
                let done = fault.done.then(|| state.answer(&request, address));
                // An answer that is cut is the right one, as far as it comes.
                let body = done.filter(|_| fault.cut).map_or(fault.body, |(_, _, body)| body);
                (fault.status, fault.headers, body, fault.cut)
            }
            None => {
                let (status, headers, body) = state.answer(&request, address);
                (status, headers, body, false)
            }
        }
    };
    let sent = if cut { &body[..body.len() / 2] } else { &body };
    let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let length = if status == 204 { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let head = format!("HTTP/1.1 {status} Some Reason\r\nConnection: close\r\n{length}{headers}\r\n");
    reader.get_mut().write_all(head.as_bytes())?;
    reader.get_mut().write_all(sent.as_bytes())
}
