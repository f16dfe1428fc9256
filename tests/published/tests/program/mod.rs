//! The program that runs, and what it answers.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
    time::Duration,
};

/// The program, waiting for its end.
pub struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    _stderr: BufReader<ChildStderr>,
    address: SocketAddr,
}

impl Program {
    /// Starts it with these settings; it has done all its work when this returns.
    #[expect(clippy::disallowed_methods, reason = "removes settings instead of reading them")]
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_published"));
        let names = std::env::vars_os().map(|(name, _)| name);
        names.filter(|name| name.to_string_lossy().starts_with("HOTPATH_")).for_each(|name| {
            command.env_remove(name);
        });
        command
            .env_remove("GITHUB_ACTIONS")
            .env("HOTPATH_METRICS_PORT", "0")
            .env("HOTPATH_OUTPUT_FORMAT", "json")
            .env("HOTPATH_REPORT_LABEL", "nightly")
            .env("HOTPATH_USER_METADATA", "branch=main")
            .envs(settings.iter().copied());
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("the program starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let address = line(&mut stderr).rsplit("http://").next().and_then(|address| address.parse().ok());
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        while line(&mut stdout) != "ready" {}
        Self { child, stdout, _stderr: stderr, address: address.expect("an address") }
    }

    /// The body of what it answers; it must be a success.
    #[track_caller]
    pub fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout"); // for a test that fails
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("it is text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {text}");
        body.to_owned()
    }

    /// Ends it; what it prints then.
    pub fn end(mut self) -> String {
        drop(self.child.stdin.take());
        let mut text = String::new();
        self.stdout.read_to_string(&mut text).expect("it is text");
        text
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _it_has_ended = self.child.kill();
        let _it_is_gone = self.child.wait();
    }
}

#[track_caller]
fn line(from: &mut impl BufRead) -> String {
    let mut line = String::new();
    assert_ne!(from.read_line(&mut line).expect("it is text"), 0, "the program has ended");
    line.trim().to_owned()
}
