//! Runs programs and reads what they leave behind.

#![allow(dead_code, reason = "not every test binary needs all of it")]

pub mod served;

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Once,
        atomic::AtomicBool,
        mpsc::{self, Receiver},
    },
    time::{Duration, Instant},
};

use serde_json::Value;

/// A program that has ended.
#[derive(Debug)]
pub struct Run {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

/// A command without settings from this process's environment.
#[expect(clippy::disallowed_methods, reason = "removes settings instead of reading them")]
pub fn command(program: &str) -> Command {
    heed_ctrl_c();
    let mut command = Command::new(program);
    let settings = std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name.to_string_lossy().starts_with("HOTPATH_"));
    settings.for_each(|name| {
        command.env_remove(name);
    });
    // Many programs run at once here, and nobody looks at them.
    command.env("HOTPATH_METRICS_SERVER_OFF", "true");
    command.env_remove("NO_COLOR").env_remove("RUST_BACKTRACE").stdin(Stdio::null());
    command
}

/// What a shell starts in the background ignores Ctrl-C, and below `nohup` SIGHUP, and so would all that is started from here. A
/// signal that this process handles means again what it should in a program that it starts; here it still ends the tests.
fn heed_ctrl_c() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGHUP] {
            let always = Arc::new(AtomicBool::new(true));
            signal_hook::flag::register_conditional_default(signal, always).expect("it can be handled");
        }
    });
}

/// The program's end, with a report as JSON on standard output unless the command says otherwise.
pub fn run(program: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Run {
    let mut command = command(program);
    command.args(arguments).env("HOTPATH_OUTPUT_FORMAT", "json").envs(settings.iter().copied());
    ended(&mut command)
}

/// The same, with everything as it is by default.
pub fn run_plain(program: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Run {
    ended(command(program).args(arguments).envs(settings.iter().copied()))
}

pub fn ended(command: &mut Command) -> Run {
    let output = command.output().expect("the program starts");
    Run { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The same for a program that could hang: it is killed then.
pub fn ended_in_time(command: &mut Command) -> Run {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    ended_before(child, Instant::now() + LONGEST)
}

/// No program here takes so long, on however busy a machine.
const LONGEST: Duration = Duration::from_secs(100);

fn ended_before(mut child: Child, deadline: Instant) -> Run {
    let (stdout, stderr) = (read(child.stdout.take()), read(child.stderr.take()));
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be asked") {
            break status;
        }
        if Instant::now() >= deadline {
            child.kill().expect("it can be killed");
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    // What it forked may hold these open.
    let told = |text: Receiver<String>| {
        text.recv_timeout(deadline.saturating_duration_since(Instant::now())).expect("all of it ends in time")
    };
    Run { status, stdout: told(stdout), stderr: told(stderr) }
}

fn read(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_string(&mut text).expect("it is text");
        }
        tell.send(text)
    });
    told
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("it is text")
}

impl Run {
    /// The reports among the lines of standard output.
    pub fn reports(&self) -> Vec<Value> {
        reports(&self.stdout)
    }

    /// The only report.
    #[track_caller]
    pub fn report(&self) -> Value {
        let mut reports = self.reports();
        assert_eq!(reports.len(), 1, "{self:#?}");
        reports.remove(0)
    }

    /// The lines of standard output that are no report.
    pub fn own_lines(&self) -> Vec<&str> {
        self.stdout.lines().filter(|line| !line.starts_with('{')).collect()
    }

    /// The lines that hotpath wrote to standard error.
    pub fn complaints(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with("[hotpath]")).collect()
    }
}

/// The reports among these lines.
pub fn reports(text: &str) -> Vec<Value> {
    let lines = text.lines().filter(|line| line.starts_with('{'));
    lines.map(|line| serde_json::from_str(line).expect("a report is JSON")).collect()
}

/// The calls that a report tells of the function whose name ends so.
#[track_caller]
pub fn calls(report: &Value, name: &str) -> u64 {
    let rows = report["functions_timing"]["data"].as_array().expect("functions");
    let is_it = |row: &&Value| row["name"].as_str().is_some_and(|own| own.ends_with(name));
    let row = rows.iter().find(is_it).unwrap_or_else(|| panic!("no {name} in {report:#}"));
    row["calls"].as_u64().expect("a number")
}

/// A program that runs and has said that it is ready.
pub struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    so_far: String,
}

impl Running {
    /// Starts it and waits for the line `ready`.
    pub fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut so_far = String::new();
        while !so_far.ends_with("ready\n") {
            assert_ne!(stdout.read_line(&mut so_far).expect("it is text"), 0, "it ended early: {so_far}");
        }
        Self { child, stdout, so_far }
    }

    /// Sends a signal, by the name without `SIG`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Sends it twice at once, as `timeout` and some supervisors do: to the process, and to its group.
    pub fn signal_twice(&self, name: &str) {
        let process = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &process, &process]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Sends a line to its standard input.
    pub fn line(&mut self) {
        let stdin = self.child.stdin.as_mut().expect("it is piped");
        stdin.write_all(b"\n").expect("it reads");
    }

    /// Waits for its end.
    pub fn end(mut self) -> Run {
        self.stdout.read_to_string(&mut self.so_far).expect("it is text");
        let mut stderr = String::new();
        self.child.stderr.take().expect("it is piped").read_to_string(&mut stderr).expect("it is text");
        let status = self.child.wait().expect("it ends");
        Run { status, stdout: self.so_far, stderr }
    }
}
