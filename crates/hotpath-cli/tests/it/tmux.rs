//! The console on a real terminal: the program itself, in tmux, fed by a small stand-in for the endpoint.
//!
//! Needs tmux. Without it there is nothing to see, so the tests say so and pass; where `TMUX_IS_A_MUST` is set, as CI does,
//! they fail.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const SHOP: &str = include_str!("../fixtures/shop.json");
/// A screen that does not come in this time will not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal of its own server, which ends with it.
struct Tmux {
    socket: String,
}

impl Tmux {
    /// Runs a command in a terminal of this size; `None` if there is no tmux.
    fn run(command: &str, width: u16, height: u16) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed); // only a name
        let tmux = Self { socket: format!("hotpath-console-{}-{number}", std::process::id()) };
        let (width, height) = (width.to_string(), height.to_string());
        // The shell outlives the command, to tell how it ended and what the terminal is like then.
        let script = format!(
            "{command}; echo \"ended with $?\"; stty -a | grep -o -- '-*echo\\b' | tail -1; sleep 600"
        );
        let started = tmux.try_command(&["new-session", "-d", "-x", &width, "-y", &height, &script]);
        #[expect(
            clippy::disallowed_methods,
            reason = "tells a machine that must have tmux from one that may"
        )]
        let must = std::env::var("TMUX_IS_A_MUST").is_ok();
        match started {
            Ok(output) if output.status.success() => Some(tmux),
            other if must => panic!("tmux: {other:?}"),
            other => {
                eprintln!("not tested, for want of tmux: {other:?}");
                None
            }
        }
    }

    fn try_command(&self, arguments: &[&str]) -> std::io::Result<Output> {
        let mut command = Command::new("tmux");
        // No settings of whoever runs this, and a locale with more than ASCII.
        command.args(["-u", "-f", "/dev/null", "-L", &self.socket]).args(arguments);
        command.env("LC_ALL", "C.UTF-8").env_remove("TMUX").env_remove("NO_COLOR").output()
    }

    fn command(&self, arguments: &[&str]) -> String {
        let output = self.try_command(arguments).unwrap();
        assert!(output.status.success(), "tmux {arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn keys(&self, keys: &[&str]) {
        self.command(&[&["send-keys"], keys].concat());
    }

    fn screen(&self) -> String {
        self.command(&["capture-pane", "-p"])
    }

    /// The screen, as soon as it has all of these.
    fn shows(&self, wanted: &[&str]) -> String {
        self.comes_to(&format!("{wanted:?}"), |screen| wanted.iter().all(|wanted| screen.contains(wanted)))
    }

    fn comes_to(&self, what: &str, is_there: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if is_there(&screen) {
                return screen;
            }
            assert!(begun.elapsed() < PATIENCE, "no {what} on:\n{screen}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.try_command(&["kill-server"]);
    }
}

/// Answers with a report whose counts rise with every request, until it is reported otherwise.
struct Endpoint {
    port: u16,
    mood: Arc<Mutex<Mood>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Mood {
    /// Process number and session.
    Well(u32, u32),
    /// Takes the request and says nothing.
    Silent,
    Garbage,
    Locked,
}

impl Endpoint {
    fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mood = Arc::new(Mutex::new(mood));
        let shared = Arc::clone(&mood);
        thread::spawn(move || {
            let mut held = Vec::new();
            for (number, stream) in (1..).zip(listener.incoming().flatten()) {
                held.extend(answer(stream, *shared.lock().unwrap(), number));
            }
        });
        Self { port, mood }
    }

    fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

/// Answers a request, or gives the line back, to be held open.
fn answer(mut stream: TcpStream, mood: Mood, number: u64) -> Option<TcpStream> {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    lines.find(String::is_empty);
    let body = match mood {
        Mood::Silent => return Some(stream),
        Mood::Garbage => "<html>what?</html>".to_owned(),
        Mood::Locked => String::new(),
        Mood::Well(pid, session) if request.contains("/profiler_status") => {
            format!(r#"{{"pid": {pid}, "session": {session}, "program": "shop", "uptime": "9 s"}}"#)
        }
        Mood::Well(..) => report(number),
    };
    let status = if mood == Mood::Locked { "401 Unauthorized" } else { "200 OK" };
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
    None
}

/// The report after `number` requests: a second and a hundred calls of `shop::price` later with each.
fn report(number: u64) -> String {
    let duration = format!(r#""duration_ns":{}"#, 9_000_000_000 + number * 1_000_000_000);
    let start = SHOP.find(r#""duration_ns":"#).unwrap();
    let end = start + SHOP[start..].find(',').unwrap();
    let text = format!("{}{duration}{}", &SHOP[..start], &SHOP[end..]);
    let calls = format!(r#""name":"shop::price","calls":{}"#, 176 + number * 100);
    text.replacen(r#""name":"shop::price","calls":176"#, &calls, 1)
}

fn console(options: &str) -> String {
    format!("{} {options}", env!("CARGO_BIN_EXE_hotpath"))
}

fn live(endpoint: &Endpoint, width: u16, height: u16) -> Option<Tmux> {
    let options = format!("console --metrics-port {} --refresh-interval 50", endpoint.port);
    Tmux::run(&console(&options), width, height)
}

#[test]
fn a_live_program_on_a_terminal_until_q() {
    let endpoint = Endpoint::start(Mood::Well(77, 1));
    let Some(tmux) = live(&endpoint, 80, 24) else { return };
    tmux.shows(&["shop · pid 77", "live", "shop::price", "Calls/s", "▁"]);
    tmux.keys(&["2"]);
    tmux.shows(&["orders", "bounded[64]"]);
    tmux.keys(&["?"]);
    tmux.shows(&["Keys", "show a tab"]);
    // Alone, since a terminal tells Escape from the beginning of another key by what comes with it.
    tmux.keys(&["Escape"]);
    tmux.comes_to("screen without the help", |screen| !screen.contains("Keys"));
    tmux.keys(&["1", "/", "p", "r", "i", "c", "e", "Enter"]);
    tmux.shows(&["/price · 2 of 11 rows"]);
    tmux.keys(&["q"]);
    let screen = tmux.shows(&["ended with 0"]);
    // The terminal is as it was: it echoes, and nothing of the screen is left.
    assert!(tmux.shows(&["ended with 0", "echo"]).lines().all(|line| line != "-echo"), "{screen}");
    assert!(!screen.contains("shop"), "{screen}");
}

#[test]
fn the_console_survives_a_tiny_terminal() {
    let endpoint = Endpoint::start(Mood::Well(77, 1));
    let Some(tmux) = live(&endpoint, 80, 24) else { return };
    tmux.shows(&["live"]);
    tmux.command(&["resize-window", "-x", "1", "-y", "1"]);
    tmux.command(&["resize-window", "-x", "120", "-y", "30"]);
    tmux.shows(&["shop::price", "r reset"]);
    tmux.keys(&["q"]);
    tmux.shows(&["ended with 0", "\necho"]);
}

#[test]
fn ctrl_c_and_a_signal_restore_the_terminal() {
    let endpoint = Endpoint::start(Mood::Well(77, 1));
    let Some(tmux) = live(&endpoint, 80, 24) else { return };
    tmux.shows(&["live"]);
    tmux.keys(&["C-c"]);
    tmux.shows(&["ended with 0", "\necho"]);
    let Some(tmux) = live(&endpoint, 80, 24) else { return };
    tmux.shows(&["live"]);
    let shell = tmux.command(&["display-message", "-p", "#{pane_pid}"]);
    let children = format!("/proc/{0}/task/{0}/children", shell.trim());
    // Where the shell has replaced itself by the command, that is the process.
    let child = std::fs::read_to_string(children).unwrap_or_default();
    let pid = child.split_whitespace().next().unwrap_or(shell.trim()).to_owned();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    // As any process that SIGTERM ended.
    tmux.shows(&["ended with 143", "\necho"]);
}

#[test]
fn a_program_stalls_ends_and_restarts() {
    let endpoint = Endpoint::start(Mood::Well(77, 1));
    let Some(tmux) = live(&endpoint, 80, 24) else { return };
    tmux.shows(&["pid 77", "live"]);
    endpoint.becomes(Mood::Silent);
    tmux.shows(&["waiting 2 s", "shop::price"]);
    // Keys go on while nothing comes.
    tmux.keys(&["4"]);
    tmux.shows(&["tokio-rt-worker", "waiting"]);
    drop(tmux);
    endpoint.becomes(Mood::Well(77, 1));
    let Some(tmux) = live(&endpoint, 100, 24) else { return };
    tmux.shows(&["pid 77", "live"]);
    endpoint.becomes(Mood::Garbage);
    tmux.shows(&["invalid report, retrying for"]);
    endpoint.becomes(Mood::Well(78, 2));
    tmux.shows(&["was restarted", "pid 78", "live"]);
    endpoint.becomes(Mood::Well(78, 3));
    tmux.shows(&["counts were reset"]);
}

#[test]
fn without_a_program_or_a_token_the_screen_says_what_to_do() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let Some(tmux) = Tmux::run(&console(&format!("--metrics-port {free}")), 80, 24) else { return };
    tmux.shows(&["No response from http://127.0.0.1", "feature `hotpath`", "retrying for"]);
    let endpoint = Endpoint::start(Mood::Locked);
    let Some(tmux) = live(&endpoint, 80, 24) else { return };
    tmux.shows(&["rejected the token", "HOTPATH_METRICS_AUTH_TOKEN"]);
}

#[test]
fn settings_from_the_environment_reach_the_screen() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/shop.json");
    let command = format!("NO_COLOR=1 HOTPATH_TUI_TAB=6 {}", console(&format!("--report {fixture}")));
    let Some(tmux) = Tmux::run(&command, 80, 24) else { return };
    tmux.shows(&["saved report", "multi_thread"]);
    let coloured = tmux.command(&["capture-pane", "-p", "-e"]);
    // 30 to 37 are colours; 39 is the terminal's own.
    let is_colour = |code: &str| code.len() == 2 && code.starts_with('3') && code != "39";
    let codes = coloured.split("\x1b[").filter_map(|after| after.split_once('m'));
    assert!(!codes.flat_map(|(codes, _)| codes.split(';')).any(is_colour), "{coloured:?}");
    let command = format!("HOTPATH_TUI_TAB=9 {}", console(&format!("--report {fixture}")));
    let Some(tmux) = Tmux::run(&command, 80, 24) else { return };
    tmux.shows(&["invalid HOTPATH_TUI_TAB=`9`", "shop::price"]);
}
