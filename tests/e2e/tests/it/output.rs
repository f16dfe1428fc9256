//! Where a report goes: any path that a shell user would write, treated as they would expect.
#![cfg(unix)]

use std::{
    ffi::OsStr,
    fs::{self, File},
    os::unix::{ffi::OsStrExt, fs::PermissionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
};

use crate::common::{Run, Running, calls, command, ended, reports};
use serde_json::Value;
use tempfile::TempDir;

const WRITES: &str = env!("CARGO_BIN_EXE_writes");

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// The program, which reports as JSON to `path`.
fn writes(arguments: &[&OsStr], path: impl AsRef<OsStr>) -> Command {
    let mut command = command(WRITES);
    command.args(arguments).env("HOTPATH_OUTPUT_FORMAT", "json").env("HOTPATH_OUTPUT_PATH", path);
    command
}

fn run(path: impl AsRef<OsStr>) -> Run {
    ended(&mut writes(&["".as_ref()], path))
}

/// The program in a shell, with `$PROGRAM` for it.
fn shell(folder: &TempDir, line: &str) -> Run {
    let mut command = command("sh");
    command.args(["-c", line]).current_dir(folder.path());
    ended(command.env("PROGRAM", WRITES).env("HOTPATH_OUTPUT_FORMAT", "json"))
}

fn text(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).expect("a file")
}

/// The one report in a file that holds nothing else.
#[track_caller]
fn report(path: impl AsRef<Path>) -> Value {
    let report: Value = serde_json::from_str(&text(path)).expect("it is one report");
    assert_eq!(calls(&report, "::work"), 1);
    report
}

#[track_caller]
fn assert_quiet(run: &Run) {
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("own output\n", ""), "{run:#?}");
    assert!(run.status.success(), "{run:#?}");
}

/// The report is on stderr below one line that names the path, and the program is none the worse.
#[track_caller]
fn assert_on_stderr(run: &Run, path: &str) {
    assert_eq!((run.status.code(), run.stdout.as_str()), (Some(0), "own output\n"), "{run:#?}");
    assert_eq!(run.complaints().len(), 1, "{run:#?}");
    assert!(run.complaints()[0].contains(&format!("cannot write the report to {path} (")), "{run:#?}");
    assert_eq!(reports(&run.stderr).len(), 1, "{run:#?}");
}

#[track_caller]
fn assert_alone(folder: &TempDir, wanted: &[&str]) {
    let mut names: Vec<String> = fs::read_dir(folder.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, wanted, "nothing else was left");
}

#[test]
fn a_relative_path_is_that_of_the_beginning() {
    for how in ["chdir", "chdir-exit"] {
        let (start, other) = (folder(), folder());
        let mut command = writes(&[how.as_ref(), other.path().as_os_str()], "out/report.json");
        let run = ended(command.current_dir(start.path()));
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("own output\n", ""), "{how}: {run:#?}");
        report(start.path().join("out/report.json"));
        assert_alone(&other, &[]);
    }
    for ends in ["TERM", "deadline"] {
        let (start, other) = (folder(), folder());
        let mut command = writes(&["chdir-wait".as_ref(), other.path().as_os_str()], "report.json");
        command.current_dir(start.path());
        if ends == "deadline" {
            command.env("HOTPATH_SHUTDOWN_MS", "500");
        }
        let running = Running::start(&mut command);
        if ends != "deadline" {
            running.signal(ends);
        }
        let run = running.end();
        assert_eq!(run.stderr, "", "{ends}: {run:#?}");
        report(start.path().join("report.json"));
    }
}

#[test]
fn a_folder_that_was_removed_is_not_made_again() {
    let folder = folder();
    let start = folder.path().join("start");
    fs::create_dir(&start).expect("a folder");
    let mut command = writes(&["remove".as_ref(), start.as_os_str()], "out/report.json");
    let run = ended(command.current_dir(&start));
    assert_on_stderr(&run, start.join("out/report.json").to_str().expect("text"));
    assert_alone(&folder, &[]);
}

#[test]
fn the_number_of_the_process_is_filled_in() {
    let folder = folder();
    let mut command = writes(&["".as_ref()], folder.path().join("%p/{pid}-100%%.json"));
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let process = child.id();
    child.wait_with_output().expect("it ends");
    report(folder.path().join(format!("{process}/{process}-100%.json")));
}

/// A reader that polls while three programs write one after another.
#[test]
fn a_reader_finds_a_whole_report_whenever_it_looks() {
    let folder = folder();
    let path = folder.path().join("report.json");
    let (is_over, path) = (AtomicBool::new(false), path.as_path());
    let looks = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut looks = 0;
            while !is_over.load(Ordering::Relaxed) {
                if let Ok(text) = fs::read_to_string(path) {
                    let report: Value = serde_json::from_str(&text).expect("a whole report");
                    assert_eq!(calls(&report, "::work"), 1);
                    looks += 1;
                }
            }
            looks
        });
        let writers: Vec<_> =
            (0..3).map(|_| scope.spawn(|| (0..12).for_each(|_| assert_quiet(&run(path))))).collect();
        let ended: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        is_over.store(true, Ordering::Relaxed);
        ended.into_iter().for_each(|writer| writer.expect("each run was quiet"));
        reader.join().expect("each look found a whole report")
    });
    assert!(looks > 0);
    assert_alone(&folder, &["report.json"]);
}

#[test]
fn an_older_file_keeps_its_permissions() {
    let folder = folder();
    let path = folder.path().join("report.json");
    fs::write(&path, "an older one, longer than the new one\n".repeat(10_000)).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("it is ours");
    assert_quiet(&run(&path));
    report(&path);
    assert_eq!(path.metadata().expect("there").permissions().mode() & 0o7777, 0o640);
    assert_alone(&folder, &["report.json"]);
}

#[test]
fn links_stay_links() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("there")).expect("a folder");
    fs::write(at("there/report.json"), "old").expect("a file");
    std::os::unix::fs::symlink("there/report.json", at("near")).expect("a link");
    std::os::unix::fs::symlink("near", at("far")).expect("a link");
    std::os::unix::fs::symlink("there/new.json", at("dangling")).expect("a link");
    fs::hard_link(at("there/report.json"), at("hard")).expect("a link");
    for (link, file) in
        [("far", "there/report.json"), ("dangling", "there/new.json"), ("hard", "there/report.json")]
    {
        fs::write(at("there/report.json"), "old").expect("a file");
        assert_quiet(&run(at(link)));
        report(at(file));
        assert!(link == "hard" || at(link).symlink_metadata().expect("there").is_symlink(), "{link}");
    }
    assert_eq!(text(at("hard")), text(at("there/report.json")), "both are still names of one file");
    assert_alone(&folder, &["dangling", "far", "hard", "near", "there"]);
}

/// The report is larger than the shell lets a file be.
#[test]
fn a_report_that_does_not_fit_costs_no_older_one() {
    for file in ["old.json", "new.json"] {
        let folder = folder();
        fs::write(folder.path().join("old.json"), "{}").expect("a file");
        let run = shell(
            &folder,
            &format!("ulimit -f 1; HOTPATH_OUTPUT_PATH={file} HOTPATH_REPORT=all exec $PROGRAM big"),
        );
        assert_on_stderr(
            &run,
            folder.path().canonicalize().expect("there").join(file).to_str().expect("text"),
        );
        assert_eq!(text(folder.path().join("old.json")), "{}");
        assert_alone(&folder, &["old.json"]);
    }
}

#[test]
fn what_is_no_file_is_not_replaced_by_one() {
    let folder = folder();
    let (taken, reports) = (folder.path().join("folder"), folder.path().join("reports/"));
    fs::create_dir(&taken).expect("a folder");
    for path in [taken.as_path(), &reports, &taken.join(".."), Path::new("/dev/full")] {
        assert_on_stderr(&run(path), path.to_str().expect("text"));
    }
    assert_quiet(&run("/dev/null"));
    assert_alone(&folder, &["folder"]);
}

#[test]
fn no_folder_is_called_as_the_home_folder_is_in_a_shell() {
    let folder = folder();
    let mut command = writes(&["".as_ref()], "~/report.json");
    let run = ended(command.current_dir(folder.path()));
    assert!(run.stderr.contains("no shell replaced the `~`"), "{run:#?}");
    assert_on_stderr(
        &run,
        folder.path().canonicalize().expect("there").join("~/report.json").to_str().expect("text"),
    );
    assert_alone(&folder, &[]);
}

#[test]
fn the_report_goes_where_the_output_of_the_program_goes() {
    for line in [
        "HOTPATH_OUTPUT_PATH=out.log $PROGRAM - > out.log",
        "HOTPATH_OUTPUT_PATH=$PWD/./out.log $PROGRAM - >> out.log 2>&1",
        "HOTPATH_OUTPUT_PATH=/dev/stdout $PROGRAM - > out.log",
        "HOTPATH_OUTPUT_PATH=/dev/fd/1 $PROGRAM - > out.log",
        "HOTPATH_OUTPUT_PATH=/proc/self/fd/1 $PROGRAM - > out.log",
        "ln -s /dev/stdout link; HOTPATH_OUTPUT_PATH=link $PROGRAM - > out.log",
        "HOTPATH_OUTPUT_PATH=- $PROGRAM - > out.log",
        "HOTPATH_OUTPUT_PATH=stdout $PROGRAM - > out.log",
        "HOTPATH_OUTPUT_PATH=/dev/stdout $PROGRAM - | cat > out.log",
    ] {
        let folder = folder();
        let run = shell(&folder, &format!("{line}; echo after >> out.log"));
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""), "{line}: {run:#?}");
        let text = text(folder.path().join("out.log"));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines.len(), lines[0], lines[2]), (3, "own output", "after"), "{line}: {text}");
        assert_eq!(reports(&text).len(), 1, "{line}: {text}");
    }
}

#[test]
fn standard_error_by_its_names() {
    for path in ["stderr", "/dev/stderr", "/dev/fd/2"] {
        let run = run(path);
        assert_eq!(
            (run.stdout.as_str(), run.stderr.lines().count()),
            ("own output\n", 1),
            "{path}: {run:#?}"
        );
        assert_eq!(reports(&run.stderr).len(), 1, "{path}: {run:#?}");
    }
    let folder = folder();
    let run = shell(&folder, "HOTPATH_OUTPUT_PATH=err.log $PROGRAM - 2> err.log; echo after >> err.log");
    assert_eq!(
        (run.stdout.as_str(), text(folder.path().join("err.log")).lines().count()),
        ("own output\n", 2)
    );
    let run =
        shell(&folder, "for name in ./stderr ./stdout ./-; do HOTPATH_OUTPUT_PATH=$name $PROGRAM -; done");
    assert_eq!(
        (run.stdout.as_str(), run.stderr.as_str()),
        ("own output\n".repeat(3).as_str(), ""),
        "{run:#?}"
    );
    for file in ["stderr", "stdout", "-"] {
        report(folder.path().join(file));
    }
}

#[test]
fn a_program_whose_output_is_data_says_so() {
    let run = ended(command(WRITES).arg("to-stderr"));
    assert_eq!((run.stdout.as_str(), reports(&run.stderr).len()), ("data\n", 1), "{run:#?}");
    let elsewhere = ended(command(WRITES).arg("to-stderr").env("HOTPATH_OUTPUT_PATH", "-"));
    assert_eq!((elsewhere.stderr.as_str(), elsewhere.reports().len()), ("", 1), "{elsewhere:#?}");
}

#[test]
fn a_descriptor_that_the_shell_opened() {
    let folder = folder();
    let line = "exec 3> out.log; echo before >&3; HOTPATH_OUTPUT_PATH=/dev/fd/3 $PROGRAM -; echo after >&3";
    assert_quiet(&shell(&folder, line));
    let text = text(folder.path().join("out.log"));
    assert!(text.starts_with("before\n{") && text.ends_with("}\nafter\n"), "{text}");
    let piped = shell(&folder, "(HOTPATH_OUTPUT_PATH=/proc/self/fd/3 $PROGRAM - > /dev/null) 3>&1 | cat");
    assert_eq!(piped.reports().len(), 1, "{piped:#?}");
    assert_on_stderr(&shell(&folder, "HOTPATH_OUTPUT_PATH=/dev/fd/9 $PROGRAM -"), "descriptor 9");
    // Somebody else's by now.
    let line = "exec 9> taken.log; HOTPATH_OUTPUT_PATH=/dev/fd/9 $PROGRAM close 9";
    assert_on_stderr(&shell(&folder, line), "descriptor 9");
}

#[test]
fn a_named_pipe_is_written_to() {
    let folder = folder();
    let run = shell(&folder, "mkfifo pipe; cat pipe > read.json & HOTPATH_OUTPUT_PATH=pipe $PROGRAM -; wait");
    assert_quiet(&run);
    report(folder.path().join("read.json"));
    assert_alone(&folder, &["pipe", "read.json"]);
}

#[test]
fn the_programs_own_log_loses_nothing() {
    for how in ["log", "log-from-start"] {
        let folder = folder();
        let path = folder.path().join("app.log");
        assert_quiet(&ended(&mut writes(&[how.as_ref(), path.as_os_str()], &path)));
        let text = text(&path);
        assert!(text.starts_with("a line of the log\n{"), "{how}: {text}");
        assert_eq!((text.lines().count(), reports(&text).len()), (2, 1), "{how}: {text}");
    }
    // It waits for what will be in it, so it stays the file that it is.
    let folder = folder();
    let path = folder.path().join("report.json");
    fs::write(&path, "x".repeat(100_000)).expect("a file");
    let mut open = File::open(&path).expect("a file");
    assert_quiet(&ended(&mut writes(&["open-for-later".as_ref(), path.as_os_str()], &path)));
    let mut seen = String::new();
    std::io::Read::read_to_string(&mut open, &mut seen).expect("text");
    assert_eq!(seen, text(&path));
    report(&path);
}

#[test]
fn of_two_sessions_the_later_replaces_the_first() {
    let folder = folder();
    let path = folder.path().join("report.json");
    let run = ended(command(WRITES).args(["sessions".as_ref(), path.as_os_str()]));
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""), "{run:#?}");
    assert_eq!(report(&path)["functions_timing"]["caller_name"], "second");
}

#[test]
fn names_that_are_no_text() {
    let folder = folder();
    let path = folder.path().join(OsStr::from_bytes(b"a\xffb.json"));
    assert_quiet(&run(&path));
    report(&path);
    let mut command = writes(&["".as_ref()], folder.path().join("report.json"));
    command.env("HOTPATH_FOCUS", OsStr::from_bytes(b"wo\xffrk")).env(OsStr::from_bytes(b"HOTPATH_\xff"), "1");
    let run = ended(&mut command);
    let line = "[hotpath] HOTPATH_FOCUS=\"wo\u{fffd}rk\" is not UTF-8: ignored (default: all)\n";
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("own output\n", line), "{run:#?}");
    report(folder.path().join("report.json"));
}

#[test]
fn a_path_is_one_line_of_a_message() {
    let folder = folder();
    fs::write(folder.path().join("file"), "").expect("a file");
    let run = run(folder.path().join("file/\u{1b}[31m\n[hotpath] a lie/\u{202e}x"));
    assert!(run.status.success());
    assert_eq!((run.complaints().len(), run.stderr.lines().count()), (1, 2), "{run:#?}");
    assert!(!run.stderr.contains(['\u{1b}', '\u{202e}']), "{run:#?}");
}

/// A pipe whose reader is gone.
fn broken_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

#[test]
fn a_reader_that_is_gone_does_not_end_the_program() {
    for how in ["-", "sigpipe"] {
        let mut command = command(WRITES);
        // Its own line goes the same way, and it does not look.
        command.arg(how).env("HOTPATH_OUTPUT_FORMAT", "json").env("HOTPATH_OUTPUT_PATH", "/dev/fd/0");
        command.stdin(broken_pipe());
        let run = ended(&mut command);
        assert_eq!((run.status.code(), run.status.signal()), (Some(0), None), "{how}: {run:#?}");
        assert_eq!((run.complaints().len(), reports(&run.stderr).len()), (1, 1), "{how}: {run:#?}");
    }
}

#[test]
fn a_program_that_prints_its_version_and_exits_prints_nothing_else() {
    let version =
        |settings: &[(&str, &str)]| ended(command(WRITES).arg("version").envs(settings.iter().copied()));
    // A run on a busy machine may take long enough to be worth a report.
    let quiet = (0..100).map(|_| version(&[])).find(|run| run.stdout == "writes 1.0\n").expect("a short run");
    assert_eq!(quiet.stderr.lines().count(), 1, "{quiet:#?}");
    assert!(
        quiet.stderr.starts_with("[hotpath] no report: nothing but writes::version was measured"),
        "{quiet:#?}"
    );
    let unseen =
        (0..100).map(|_| version(&[("HOTPATH_DISABLE_HINTS", "1")])).find(|run| run.stdout == "writes 1.0\n");
    assert_eq!(unseen.expect("a short run").stderr, "");
    for asked in [
        ("HOTPATH_OUTPUT_PATH", "stdout"),
        ("HOTPATH_OUTPUT_FORMAT", "table"),
        ("HOTPATH_REPORT", "all"),
        ("HOTPATH_REPORT_LABEL", "x"),
    ] {
        let run = version(&[asked]);
        assert!(run.stdout.contains("[hotpath]") && run.stderr.is_empty(), "{asked:?}: {run:#?}");
    }
}

/// What the program shows on a terminal that is its standard output or standard error.
#[expect(unsafe_code, reason = "there is no safe terminal")]
fn on_terminal(settings: &[(&str, &str)], is_stdout: bool) -> String {
    use std::{
        io::Read,
        os::fd::{FromRawFd, OwnedFd},
    };
    let (mut ours, mut theirs) = (-1, -1);
    // SAFETY: both numbers are places for the answer; the rest may be null.
    let opened = unsafe {
        libc::openpty(
            &raw mut ours,
            &raw mut theirs,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        )
    };
    assert_eq!(opened, 0, "a terminal");
    // SAFETY: it was opened above and is nobody else's.
    let (mut ours, theirs) = unsafe { (File::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)) };
    let mut command = command(WRITES);
    command.arg("-").env("TERM", "xterm").envs(settings.iter().copied());
    let command = match is_stdout {
        true => command.stdout(theirs).stderr(Stdio::null()),
        false => command.stdout(Stdio::null()).stderr(theirs),
    };
    let mut child = command.spawn().expect("it starts");
    // The other end is open as long as the command holds it.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut seen = Vec::new();
    let mut part = [0; 4096];
    // An error is how a terminal ends.
    while let Ok(size @ 1..) = ours.read(&mut part) {
        seen.extend_from_slice(&part[..size]);
    }
    assert!(child.wait().expect("it ends").success());
    String::from_utf8(seen).expect("it is text")
}

#[test]
fn colours_where_the_report_goes_to_a_terminal_that_has_them() {
    const BOLD: &str = "\u{1b}[1m";
    let stderr = ("HOTPATH_OUTPUT_PATH", "stderr");
    assert!(on_terminal(&[], true).contains(BOLD));
    assert!(on_terminal(&[("NO_COLOR", "")], true).contains(BOLD), "an empty one says nothing");
    assert!(on_terminal(&[stderr], false).contains(BOLD), "the stream that was chosen counts");
    let plain: [(&[(&str, &str)], bool); 3] =
        [(&[("NO_COLOR", "1")], true), (&[("TERM", "dumb")], true), (&[stderr, ("TERM", "dumb")], false)];
    for (settings, is_stdout) in plain {
        let seen = on_terminal(settings, is_stdout);
        assert!(seen.contains("[hotpath]") && !seen.contains('\u{1b}'), "{settings:?}: {seen}");
    }
}

#[test]
fn a_file_in_a_folder_that_takes_no_other_is_overwritten() {
    let folder = folder();
    let path: PathBuf = folder.path().join("report.json");
    fs::write(&path, "old".repeat(10_000)).expect("a file");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).expect("it is ours");
    let run = run(&path);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
    assert_quiet(&run);
    report(&path);
    assert_alone(&folder, &["report.json"]);
}
