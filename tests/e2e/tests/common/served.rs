//! A running program whose metrics endpoint is asked.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, ChildStderr, ChildStdout, Stdio},
    time::Duration,
};

use serde_json::Value;

use super::command;

/// The program that most tests ask.
pub const SERVED: &str = env!("CARGO_BIN_EXE_served");

/// A running program and the address of its endpoint.
pub struct Served {
    pub child: Child,
    pub stdout: BufReader<ChildStdout>,
    pub _stderr: BufReader<ChildStderr>,
    pub address: SocketAddr,
    pub notice: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

impl Served {
    pub fn start() -> Self {
        Self::start_with(&[("HOTPATH_METRICS_PORT", "0")])
    }

    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::of(SERVED, settings)
    }

    /// Any program that says `ready`.
    pub fn of(program: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = command(program);
        command.env_remove("HOTPATH_METRICS_SERVER_OFF").env_remove("GITHUB_ACTIONS");
        command.env("HOTPATH_OUTPUT_FORMAT", "json").envs(settings.iter().copied());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut notice = String::new();
        stderr.read_line(&mut notice).expect("it is text");
        let address =
            notice.trim().rsplit("http://").next().expect("an address").parse().expect("an address");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut served = Self { child, stdout, _stderr: stderr, address, notice };
        served.wait_for("ready");
        served
    }

    pub fn wait_for(&mut self, expected: &str) -> String {
        let mut before = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.stdout.read_line(&mut line).expect("it is text"), 0, "it ended: {before}");
            if line.trim() == expected {
                return before;
            }
            before.push_str(&line);
        }
    }

    pub fn say(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("it is piped");
        stdin.write_all(format!("{line}\n").as_bytes()).expect("it reads");
    }

    pub fn tell(&mut self, line: &str) {
        self.say(line);
        self.wait_for("done");
    }

    pub fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        ask(self.address, method, path, headers)
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, "");
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    pub fn status_of(&self, path: &str) -> u16 {
        self.ask("GET", path, "").status
    }

    /// The log of the row of this section whose `key` says `name`.
    #[track_caller]
    pub fn log(&self, section: &str, key: &str, name: &str) -> Value {
        let list = self.get(&format!("/{section}"));
        self.get(&format!("/{section}/{}/logs", id(&list["data"], key, name)))
    }
}

pub fn ask(address: SocketAddr, method: &str, path: &str, headers: &str) -> Answer {
    ask_as(address, &address.to_string(), method, path, headers)
}

/// Asks like a client that knows the endpoint by the name `host`.
pub fn ask_as(address: SocketAddr, host: &str, method: &str, path: &str, headers: &str) -> Answer {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout"); // for a test that fails
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("it is text");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let status = head[9..12].parse().expect("a status");
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _it_has_ended = self.child.kill();
        let _it_is_gone = self.child.wait();
    }
}

#[track_caller]
pub fn row<'a>(rows: &'a Value, key: &str, name: &str) -> &'a Value {
    let is_it = |row: &&Value| row[key].as_str().is_some_and(|own| own.ends_with(name));
    rows.as_array().expect("rows").iter().find(is_it).unwrap_or_else(|| panic!("no {name} in {rows:#}"))
}

#[track_caller]
pub fn id(rows: &Value, key: &str, name: &str) -> u64 {
    row(rows, key, name)["id"].as_u64().expect("a number")
}

#[track_caller]
pub fn has(object: &Value, keys: &[&str]) {
    for key in keys {
        assert!(object.get(key).is_some(), "no {key} in {object:#}");
    }
}
