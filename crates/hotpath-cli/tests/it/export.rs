//! `hotpath export` as it is typed: where its output goes, and what it refuses.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use std::thread;

use crate::common::{Folder, json, report, stderr, stdout};
use hotpath_report::stacks::{CpuStacks, Frame, Module, Stack};

/// A folder with a report in it.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.report("run.json", 700);
    folder
}

fn export(folder: &Folder, arguments: &[&str]) -> Output {
    folder.run(&[&["export"], arguments].concat())
}

fn failure(folder: &Folder, arguments: &[&str]) -> String {
    folder.failure(&[&["export"], arguments].concat())
}

/// The files in the folder except for the reports.
fn names(folder: &Folder) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path("")).expect("a folder").map(|entry| entry.expect("an entry"));
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| Path::new(name).extension().is_none_or(|extension| extension != "json"));
    names.sort();
    names
}

#[test]
fn stacks_go_to_standard_output_by_default() {
    let output = export(&folder(), &["--to", "collapsed", "--report", "run.json"]);
    assert_eq!((stdout(&output), stderr(&output)), ("app::main 700\n", ""));
    assert!(output.status.success());
}

#[test]
fn several_reports_are_merged() {
    let folder = folder();
    folder.report("again.json", 50);
    for reports in
        [&["--report", "run.json", "again.json"][..], &["--report", "run.json", "--report", "again.json"]]
    {
        let output = export(&folder, &[&["--to", "collapsed"], reports].concat());
        assert_eq!(stdout(&output), "app::main 750\n");
    }
}

#[test]
fn a_file_is_written_atomically_and_replaced_only_with_force() {
    let folder = folder();
    let arguments = ["--to", "collapsed", "--report", "run.json", "--output", "stacks.txt"];
    assert!(export(&folder, &arguments).status.success());
    assert_eq!(folder.read("stacks.txt"), "app::main 700\n");
    folder.write("stacks.txt", "mine");
    assert_eq!(failure(&folder, &arguments), "hotpath: stacks.txt already exists: --force replaces it\n");
    assert_eq!(folder.read("stacks.txt"), "mine");
    assert!(export(&folder, &[&arguments[..], &["--force"]].concat()).status.success());
    assert_eq!(folder.read("stacks.txt"), "app::main 700\n");
    assert_eq!(names(&folder), ["stacks.txt"]);
}

#[test]
fn a_failure_leaves_the_file_as_it_was() {
    let folder = folder();
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
    assert_eq!(names(&folder), ["stacks.txt"]);
}

#[test]
fn a_missing_folder_is_named() {
    let folder = folder();
    let message =
        failure(&folder, &["--to", "collapsed", "--report", "run.json", "-o", "nowhere/stacks.txt"]);
    assert!(message.starts_with("hotpath: cannot write nowhere/stacks.txt: "), "{message}");
}

#[cfg(unix)]
#[test]
fn a_new_file_has_the_permissions_of_any_other_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    assert!(
        export(&folder, &["--to", "collapsed", "--report", "run.json", "-o", "stacks.txt"]).status.success()
    );
    let mode = |name| std::fs::metadata(folder.path(name)).expect("a file").permissions().mode();
    assert_eq!(mode("stacks.txt"), mode("run.json"));
}

#[cfg(unix)]
#[test]
fn a_device_is_written_to_and_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let folder = folder();
    let output = export(&folder, &["--to", "pprof", "--report", "run.json", "--output", "/dev/null"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(std::fs::metadata("/dev/null").expect("it is there").file_type().is_char_device());
}

#[test]
fn a_difference_is_refused_by_formats_without_one() {
    let folder = folder();
    let message = failure(&folder, &["--to", "speedscope", "--report", "run.json", "--diff", "run.json"]);
    assert_eq!(message, "hotpath: speedscope does not support --diff: use flamegraph, collapsed or pprof\n");
}

#[test]
fn a_difference_has_base_before_head() {
    let folder = folder();
    folder.report("base.json", 20);
    let output = export(&folder, &["--to", "collapsed", "--report", "run.json", "--diff", "base.json"]);
    assert_eq!(stdout(&output), "app::main 20 700\n");
}

#[test]
fn a_missing_executable_is_reported_and_the_export_succeeds() {
    let folder = folder();
    let mut report = report(700);
    report.call_tree[0].cpu_samples = Some(3);
    report.cpu_stacks = Some(CpuStacks {
        modules: vec![Module { path: "/nowhere/app".into(), ..Module::default() }],
        frames: vec![Frame { module: Some(0), address: 64, ..Frame::default() }],
        stacks: vec![Stack { samples: 3, path: vec!["app::main".into()], frames: vec![0] }],
        ..CpuStacks::default()
    });
    folder.write("run.json", &json(&report));
    let output = export(&folder, &["--to", "collapsed", "--weight", "cpu", "--report", "run.json"]);
    assert_eq!(stdout(&output), "app::main 3\n");
    assert!(output.status.success());
    let reported = stderr(&output);
    assert!(reported.starts_with("hotpath: /nowhere/app: ") && reported.lines().count() == 1, "{reported}");
}

#[test]
fn without_a_file_the_running_program_is_exported() {
    let folder = folder();
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
    let output = export(&folder, &["--to", "collapsed", "--url", &url]);
    assert_eq!((stdout(&output), stderr(&output)), ("app::main 700\n", ""));
    assert_eq!(program.join().expect("an answer"), "GET /report?format=json HTTP/1.1");
}

#[test]
fn an_unknown_format_is_an_error_that_lists_the_known_ones() {
    let output = export(&folder(), &["--to", "svg", "--report", "run.json"]);
    assert_eq!(output.status.code(), Some(2));
    for format in ["flamegraph", "collapsed", "speedscope", "pprof", "firefox", "trace"] {
        assert!(stderr(&output).contains(format), "{}", stderr(&output));
    }
}
