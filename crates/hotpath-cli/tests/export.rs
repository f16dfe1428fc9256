//! `hotpath export` as it is typed: where its output goes, and what it refuses.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use hotpath_report::{Report, TreeNode, render};
use tempfile::TempDir;

/// A folder with the report of a run whose only function took so long.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(TempDir::new().expect("a folder"));
        folder.report("run.json", 700);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn report(&self, name: &str, self_ns: u64) {
        let main = TreeNode {
            name: "app::main".into(),
            calls: 1,
            total_ns: self_ns,
            self_ns,
            ..TreeNode::default()
        };
        let report = Report {
            caller_name: "app::main".into(),
            duration_ns: self_ns,
            call_tree: vec![main],
            ..Report::default()
        };
        let mut text = String::new();
        render::json(&report, &render::Options::default(), &mut text).expect("JSON");
        self.write(name, &text);
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }

    fn export(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotpath"));
        command.arg("export").args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command.output().expect("it runs")
    }

    /// What is there beside the reports.
    fn names(&self) -> Vec<String> {
        let entries =
            std::fs::read_dir(self.0.path()).expect("a folder").map(|entry| entry.expect("an entry"));
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| Path::new(name).extension().is_none_or(|extension| extension != "json"));
        names.sort();
        names
    }
}

fn stdout(output: &Output) -> &str {
    str::from_utf8(&output.stdout).expect("text")
}

fn stderr(output: &Output) -> &str {
    str::from_utf8(&output.stderr).expect("text")
}

/// The message of a command that failed and wrote nothing.
fn failure(folder: &Folder, arguments: &[&str]) -> String {
    let output = folder.export(arguments);
    assert!(!output.status.success(), "{arguments:?}");
    assert_eq!(stdout(&output), "", "{arguments:?}");
    stderr(&output).to_owned()
}

#[test]
fn stacks_go_to_standard_output_by_default() {
    let output = Folder::new().export(&["--to", "collapsed", "--report", "run.json"]);
    assert_eq!((stdout(&output), stderr(&output)), ("app::main 700\n", ""));
    assert!(output.status.success());
}

#[test]
fn several_reports_are_one() {
    let folder = Folder::new();
    folder.report("again.json", 50);
    for reports in
        [&["--report", "run.json", "again.json"][..], &["--report", "run.json", "--report", "again.json"]]
    {
        let output = folder.export(&[&["--to", "collapsed"], reports].concat());
        assert_eq!(stdout(&output), "app::main 750\n");
    }
}

#[test]
fn a_file_is_written_whole_and_never_over_another_unless_told_to() {
    let folder = Folder::new();
    let arguments = ["--to", "collapsed", "--report", "run.json", "--output", "stacks.txt"];
    assert!(folder.export(&arguments).status.success());
    assert_eq!(folder.read("stacks.txt"), "app::main 700\n");
    folder.write("stacks.txt", "mine");
    assert_eq!(failure(&folder, &arguments), "hotpath: stacks.txt is there already: --force replaces it\n");
    assert_eq!(folder.read("stacks.txt"), "mine");
    assert!(folder.export(&[&arguments[..], &["--force"]].concat()).status.success());
    assert_eq!(folder.read("stacks.txt"), "app::main 700\n");
    assert_eq!(folder.names(), ["stacks.txt"]);
}

#[test]
fn a_failure_leaves_the_file_as_it_was() {
    let folder = Folder::new();
    folder.write("stacks.txt", "mine");
    folder.write("broken.json", "{\"type\": \"hotpath_rep");
    let to = ["--to", "collapsed", "--output", "stacks.txt", "--force"];
    for report in ["missing.json", "broken.json"] {
        let message = failure(&folder, &[&to[..], &["--report", report]].concat());
        assert!(message.starts_with("hotpath: ") && message.contains(report), "{message}");
    }
    let message = failure(&folder, &[&to[..], &["--report", "run.json", "--weight", "bytes"]].concat());
    assert!(message.contains("run.json has no allocated bytes"), "{message}");
    assert_eq!(folder.read("stacks.txt"), "mine");
    assert_eq!(folder.names(), ["stacks.txt"]);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = Folder::new();
    let message =
        failure(&folder, &["--to", "collapsed", "--report", "run.json", "-o", "nowhere/stacks.txt"]);
    assert!(message.starts_with("hotpath: cannot write nowhere/stacks.txt: "), "{message}");
}

#[cfg(unix)]
#[test]
fn a_new_file_has_the_permissions_of_any_other_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    assert!(
        folder.export(&["--to", "collapsed", "--report", "run.json", "-o", "stacks.txt"]).status.success()
    );
    let mode = |name| std::fs::metadata(folder.path(name)).expect("a file").permissions().mode();
    assert_eq!(mode("stacks.txt"), mode("run.json"));
}

#[cfg(unix)]
#[test]
fn a_device_is_written_to_and_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let folder = Folder::new();
    let output = folder.export(&["--to", "pprof", "--report", "run.json", "--output", "/dev/null"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(std::fs::metadata("/dev/null").expect("it is there").file_type().is_char_device());
}

#[test]
fn a_difference_is_refused_where_the_format_has_none() {
    let folder = Folder::new();
    let message = failure(&folder, &["--to", "speedscope", "--report", "run.json", "--diff", "run.json"]);
    assert_eq!(
        message,
        "hotpath: speedscope cannot hold a difference: flamegraph, collapsed and pprof can\n"
    );
}

#[test]
fn a_difference_has_base_before_head() {
    let folder = Folder::new();
    folder.report("base.json", 20);
    let output = folder.export(&["--to", "collapsed", "--report", "run.json", "--diff", "base.json"]);
    assert_eq!(stdout(&output), "app::main 20 700\n");
}

#[test]
fn a_running_program_is_asked_when_no_file_is_named() {
    let folder = Folder::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let report = folder.read("run.json");
    let program = thread::spawn(move || {
        let (mut connection, _) = listener.accept().expect("a connection");
        let mut request = BufReader::new(connection.try_clone().expect("a connection")).lines();
        let first = request.next().expect("a line").expect("a line");
        while !request.next().expect("a line").expect("a line").is_empty() {}
        write!(connection, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{report}", report.len())
            .expect("an answer");
        first
    });
    let output = folder.export(&["--to", "collapsed", "--url", &url]);
    assert_eq!((stdout(&output), stderr(&output)), ("app::main 700\n", ""));
    assert_eq!(program.join().expect("an answer"), "GET /report HTTP/1.1");
}

#[test]
fn an_unknown_format_is_a_wrong_argument_and_the_known_ones_are_told() {
    let output = Folder::new().export(&["--to", "svg", "--report", "run.json"]);
    assert_eq!(output.status.code(), Some(2));
    for format in ["flamegraph", "collapsed", "speedscope", "pprof", "firefox", "trace"] {
        assert!(stderr(&output).contains(format), "{}", stderr(&output));
    }
}
