//! `hotpath history` from the command line: saving, listing and pruning, with concurrent and with killed processes.
#![cfg(feature = "history")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::common::{Folder, json, report, stderr, stdout};
use hotpath_report::{
    AllocMetric, AllocScope, AllocStats, AllocTotals, FunctionStats, Meta, Report, functions_alloc,
};
use rusqlite::Connection;

/// The history of the tests, outside of any repository.
const DB: [&str; 2] = ["--db", "history.db"];
/// The facts that depend on the environment of the tests.
const HERE: [&str; 6] = ["--commit", "0123456789abcdef", "--branch", "main", "--machine", "tests"];

fn history(arguments: &[&str]) -> Vec<String> {
    [&["history"], &DB[..], arguments].concat().into_iter().map(str::to_owned).collect()
}

fn says(folder: &Folder, arguments: &[&str]) -> String {
    let arguments = history(arguments);
    folder.says(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn failure(folder: &Folder, arguments: &[&str]) -> String {
    let arguments = history(arguments);
    folder.failure(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn save(folder: &Folder, more: &[&str]) -> String {
    says(folder, &[&["save"], &HERE[..], more].concat())
}

/// A report of this moment, at this commit.
fn dated(folder: &Folder, name: &str, self_ns: u64, created_at: &str, sha: &str) {
    let meta = Meta { created_at: created_at.into(), git_sha: Some(sha.into()), ..Meta::default() };
    folder.write(name, &json(&Report { meta, ..report(self_ns) }));
}

/// Three runs of three days.
fn three_days() -> Folder {
    let folder = Folder::new();
    for (day, self_ns) in [(20, 2_000_000), (22, 1_000_000), (21, 4_000_000)] {
        let (name, sha) = (format!("{day}.json"), format!("{day}{day}{day}{day}{day}"));
        dated(&folder, &name, self_ns, &format!("2026-11-{day}T12:00:00Z"), &sha);
        says(&folder, &["save", "--branch", "main", "--machine", "tests", "--report", &name]);
    }
    folder
}

fn connection(folder: &Folder) -> Connection {
    Connection::open(folder.path("history.db")).expect("a database")
}

/// The runs in the database, which must be whole.
fn runs(folder: &Folder) -> BTreeSet<i64> {
    let connection = connection(folder);
    let check: String =
        connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check");
    assert_eq!(check, "ok");
    let mut query = connection.prepare("SELECT id FROM runs").expect("the table");
    query.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("numbers")
}

#[test]
fn a_saved_run_is_listed_with_its_facts() {
    let folder = Folder::new();
    folder.report("run.json", 1_500_000);
    assert_eq!(save(&folder, &["--report", "run.json", "--label", "nightly"]), "saved run.json as run 1\n");
    let wanted = "\
+-----+----------------------+------------+--------+---------+---------+-----------+----------+
| Run | Created              | Commit     | Branch | Label   | Machine | Program   | Duration |
+-----+----------------------+------------+--------+---------+---------+-----------+----------+
| 1   | 2026-11-21T13:44:27Z | 0123456789 | main   | nightly | tests   | app::main | 1.50 ms  |
+-----+----------------------+------------+--------+---------+---------+-----------+----------+
";
    assert_eq!(says(&folder, &["list"]), wanted);
    let wanted = "\
run,created_at,commit,branch,label,machine,program,duration_ns
1,2026-11-21T13:44:27Z,0123456789abcdef,main,nightly,tests,app::main,1500000
";
    assert_eq!(says(&folder, &["list", "--csv"]), wanted);
    assert_eq!(says(&folder, &["list", "--csv", "--branch", "other"]).lines().count(), 1);
}

#[test]
fn the_same_report_is_saved_once() {
    let folder = Folder::new();
    folder.report("run.json", 700);
    folder.report("other.json", 800);
    save(&folder, &["--report", "run.json"]);
    let again = save(&folder, &["--report", "run.json", "other.json"]);
    assert_eq!(again, "run.json was already saved as run 1\nsaved other.json as run 2\n");
    assert_eq!(runs(&folder).len(), 2);
}

#[test]
fn a_trend_goes_from_the_oldest_run_to_the_newest() {
    let folder = three_days();
    let wanted = "\
total of app::main in functions_timing
▃█▁  1.00 ms to 4.00 ms

+-----+----------------------+------------+--------+-------+---------+---------+---------+
| Run | Created              | Commit     | Branch | Label | Machine | Value   | Change  |
+-----+----------------------+------------+--------+-------+---------+---------+---------+
| 1   | 2026-11-20T12:00:00Z | 2020202020 | main   | -     | tests   | 2.00 ms | -       |
+-----+----------------------+------------+--------+-------+---------+---------+---------+
| 3   | 2026-11-21T12:00:00Z | 2121212121 | main   | -     | tests   | 4.00 ms | +100.0% |
+-----+----------------------+------------+--------+-------+---------+---------+---------+
| 2   | 2026-11-22T12:00:00Z | 2222222222 | main   | -     | tests   | 1.00 ms | -75.0%  |
+-----+----------------------+------------+--------+-------+---------+---------+---------+
";
    assert_eq!(says(&folder, &["trend", "main"]), wanted);
    let wanted = "\
run,created_at,commit,branch,label,machine,value
3,2026-11-21T12:00:00Z,2121212121,main,,tests,4000000
2,2026-11-22T12:00:00Z,2222222222,main,,tests,1000000
";
    assert_eq!(says(&folder, &["trend", "app::main", "--metric", "self_ns", "--last", "2", "--csv"]), wanted);
}

#[test]
fn names_cannot_control_the_terminal() {
    let folder = Folder::new();
    folder.report("a.json", 1_000);
    folder.write("a.json", &folder.read("a.json").replace("app::main", "app::\\u001b[1mmain"));
    says(&folder, &["save", "--report", "a.json"]);
    let shown = says(&folder, &["trend", "app::\u{1b}[1mmain"]);
    assert!(shown.contains("main in functions_timing") && !shown.contains('\u{1b}'), "{shown:?}");
}

#[test]
fn a_trend_of_an_unknown_metric_lists_the_available_ones() {
    let folder = three_days();
    let unknown = failure(&folder, &["trend", "app::other"]);
    assert_eq!(unknown, "hotpath: none of these runs has `app::other` in functions_timing\n");
    assert!(
        failure(&folder, &["trend", "main", "--metric", "weight"])
            .contains("unknown metric `weight`; available: calls, ")
    );
}

#[test]
fn an_exported_run_equals_the_saved_report() {
    let folder = three_days();
    for name in ["1", "2020", "last", "2222222"] {
        let day = if ["1", "2020"].contains(&name) { "20.json" } else { "22.json" };
        if name == "2020" {
            // Short numbers are those of runs, not of commits.
            assert!(failure(&folder, &["export", name]).starts_with("hotpath: unknown run `2020`"));
            continue;
        }
        let report = hotpath_analysis::read_report(&says(&folder, &["export", name])).expect("a report");
        assert_eq!(report, hotpath_analysis::read_report(&folder.read(day)).expect("a report"), "{name}");
    }
    folder.write("mine.json", "mine");
    assert!(failure(&folder, &["export", "1", "-o", "mine.json"]).contains("already exists"));
    assert_eq!(folder.read("mine.json"), "mine");
}

#[test]
fn runs_are_compared_as_files_are() {
    let folder = Folder::new();
    for (i, (sha, mebibytes)) in [("aaaaaaa1", 1), ("aaaaaaa1", 1), ("bbbbbbb2", 50)].into_iter().enumerate()
    {
        let name = format!("{i}.json");
        let report = Report { label: Some(i.to_string()), ..allocated(mebibytes) };
        let meta = Meta { git_sha: Some(sha.into()), ..report.meta.clone() };
        folder.write(&name, &json(&Report { meta, ..report }));
        save_here(&folder, &name);
    }
    let files = folder.says(&["compare", "0.json", "2.json", "--base", "1.json", "--format", "json"]);
    // A commit is all its runs.
    assert_eq!(says(&folder, &["compare", "aaaaaaa", "bbbbbbb", "--format", "json"]), files);
    assert_eq!(says(&folder, &["compare", "aaaaaaa1", "last", "--format", "json"]), files);
    assert_ne!(says(&folder, &["compare", "1", "3", "--format", "json"]), files);
    let arguments = history(&["compare", "aaaaaaa", "bbbbbbb", "--fail-on", "regression"]);
    let output = folder.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(failure(&folder, &["compare", "aaaaaaa", "ccccccc"]).contains("unknown run `ccccccc`"));
}

/// A report whose function allocated so many mebibytes.
fn allocated(mebibytes: u64) -> Report {
    let bytes = mebibytes << 20;
    let alloc = AllocStats { total_bytes: bytes, self_bytes: bytes, ..AllocStats::default() };
    let row =
        FunctionStats { name: "app::load".into(), calls: 1, alloc: Some(alloc), ..FunctionStats::default() };
    let totals = AllocTotals { total_bytes: Some(bytes), ..AllocTotals::default() };
    let section = functions_alloc(&[row], &totals, AllocMetric::Bytes, AllocScope::Exclusive, &[]);
    Report { sections: vec![section], ..report(700) }
}

fn save_here(folder: &Folder, name: &str) {
    says(folder, &["save", "--branch", "main", "--machine", "tests", "--report", name]);
}

#[test]
fn an_ambiguous_commit_is_refused() {
    let folder = Folder::new();
    for (name, sha, self_ns) in [("a.json", "abcdef01", 1), ("b.json", "abcdef02", 2)] {
        dated(&folder, name, self_ns, "2026-11-21T00:00:00Z", sha);
        save_here(&folder, name);
    }
    let message = failure(&folder, &["export", "abcdef"]);
    assert_eq!(message, "hotpath: `abcdef` is ambiguous: commit abcdef01 or abcdef02\n");
    says(&folder, &["export", "abcdef02"]);
}

#[test]
fn old_runs_are_pruned() {
    let folder = Folder::new();
    for (name, day) in [("a.json", "2001-01-01"), ("b.json", "2001-01-02"), ("c.json", "2999-01-01")] {
        dated(&folder, name, 700, &format!("{day}T00:00:00Z"), "ab");
        save(&folder, &["--report", name]);
    }
    let would = says(&folder, &["prune", "--older-than", "1y", "--dry-run"]);
    assert!(would.contains("would delete 2 runs from before 20"), "{would}");
    assert_eq!(runs(&folder).len(), 3);
    assert!(says(&folder, &["prune", "--older-than", "1y", "--keep", "2"]).starts_with("deleted 1 run from"));
    assert_eq!(runs(&folder), BTreeSet::from([2, 3]));
    assert!(says(&folder, &["prune", "--older-than", "1y"]).starts_with("deleted 1 run from"));
    assert_eq!(runs(&folder), BTreeSet::from([3]));
    // A number is never given again.
    folder.report("d.json", 900);
    assert_eq!(save(&folder, &["--report", "d.json"]), "saved d.json as run 4\n");
}

#[test]
fn many_processes_save_at_once_and_nothing_is_lost() {
    const PROCESSES: u64 = 8;
    const EACH: u64 = 12;
    let folder = Folder::new();
    let children: Vec<_> = (0..PROCESSES)
        .map(|process| {
            let names: Vec<String> = (0..EACH).map(|i| format!("{process}-{i}.json")).collect();
            for (name, i) in names.iter().zip(0..) {
                folder.report(name, 1 + process * EACH + i);
            }
            let mut arguments = history(&["save", "--report"]);
            arguments.extend(names);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let mut command = folder.command(&arguments);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(stderr(&output), "");
        assert_eq!(stdout(&output).lines().count() as u64, EACH);
    }
    assert_eq!(runs(&folder).len() as u64, PROCESSES * EACH);
    let durations = says(&folder, &["list", "--csv", "--last", "0"]);
    let durations: BTreeSet<u64> = durations
        .lines()
        .skip(1)
        .map(|line| line.rsplit(',').next().expect("a cell").parse().expect("ns"))
        .collect();
    assert_eq!(durations, (1..=PROCESSES * EACH).collect());
}

#[test]
fn a_reported_save_survives_a_kill() {
    const REPORTS: usize = 60;
    let folder = Folder::new();
    let names: Vec<String> = (0..REPORTS).map(|i| format!("{i}.json")).collect();
    for (i, name) in names.iter().enumerate() {
        folder.report(name, 1 + i as u64);
    }
    let mut reported = BTreeSet::new();
    // Killed after so many lines, each time somewhere in the saving of what comes next.
    for lines in [1, 2, 5, 9, 14] {
        let mut arguments = history(&["save", "--report"]);
        arguments.extend(names.clone());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut child = folder.command(&arguments).stdout(Stdio::piped()).spawn().expect("it runs");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut output = output.lines();
        for line in output.by_ref().take(lines) {
            let line = line.expect("a line");
            let words: Vec<&str> = line.split(' ').collect();
            let at = words.iter().position(|word| *word == "run").expect("a run");
            reported.insert(words[at + 1].parse::<i64>().expect("its number"));
        }
        child.kill().expect("it was alive");
        child.wait().expect("it ended");
        assert!(runs(&folder).is_superset(&reported));
    }
    assert!(!reported.is_empty());
    // The next one finds all as it should be, and finishes the work.
    save_all(&folder, &names);
    assert_eq!(runs(&folder).len(), REPORTS);
}

fn save_all(folder: &Folder, names: &[String]) {
    let mut arguments = vec!["save", "--report"];
    arguments.extend(names.iter().map(String::as_str));
    assert_eq!(says(folder, &arguments).lines().count(), names.len());
}

#[test]
fn a_process_killed_while_waiting_leaves_no_lock() {
    let folder = Folder::new();
    folder.report("first.json", 1);
    folder.report("second.json", 2);
    save(&folder, &["--report", "first.json"]);
    let writer = connection(&folder);
    writer.execute_batch("BEGIN IMMEDIATE").expect("the turn");
    let arguments = history(&["save", "--report", "second.json"]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut child = folder.command(&arguments).stdout(Stdio::piped()).spawn().expect("it runs");
    child.kill().expect("it was alive");
    child.wait().expect("it ended");
    writer.execute_batch("COMMIT").expect("the end of the turn");
    assert_eq!(runs(&folder), BTreeSet::from([1]));
    assert_eq!(save(&folder, &["--report", "second.json"]), "saved second.json as run 2\n");
}

#[test]
fn a_reader_does_not_wait_for_a_writer() {
    let folder = three_days();
    let writer = connection(&folder);
    writer.execute_batch("BEGIN IMMEDIATE; DELETE FROM runs").expect("the turn");
    assert_eq!(says(&folder, &["list", "--csv"]).lines().count(), 4);
}

#[test]
fn another_database_is_never_modified() {
    let folder = Folder::new();
    folder.report("run.json", 700);
    let save = ["save", "--report", "run.json"];
    folder.write("history.db", "something else, and long enough to be taken for the head of a database file, which has a hundred bytes or so");
    let before = folder.read("history.db");
    assert_eq!(failure(&folder, &save), "hotpath: cannot open history.db: not a database\n");
    assert_eq!(folder.read("history.db"), before);

    std::fs::remove_file(folder.path("history.db")).expect("it was there");
    connection(&folder).execute_batch("CREATE TABLE recipes (name TEXT)").expect("a table");
    let before = std::fs::read(folder.path("history.db")).expect("a file");
    assert_eq!(
        failure(&folder, &save),
        "hotpath: cannot open history.db: it is the database of another program\n"
    );
    assert_eq!(std::fs::read(folder.path("history.db")).expect("a file"), before);
}

#[test]
fn the_history_of_a_later_version_is_never_modified() {
    let folder = three_days();
    connection(&folder).execute_batch("PRAGMA user_version = 2").expect("a later form");
    let message = failure(&folder, &["list"]);
    assert!(message.contains("another version of hotpath wrote this history"), "{message}");
    assert_eq!(runs(&folder).len(), 3);
}

#[test]
fn nothing_is_created_without_a_save() {
    let folder = Folder::new();
    let message = failure(&folder, &["list"]);
    assert_eq!(message, "hotpath: no history at history.db: `hotpath history save` starts one\n");
    folder.write("broken.json", "{");
    assert!(failure(&folder, &["save", "--report", "broken.json"]).contains("broken.json"));
    assert!(!folder.path("history.db").exists());
}

#[test]
fn the_history_is_in_the_repository_and_records_the_checkout() {
    let folder = Folder::new();
    let sha = "89abcdef0123456789abcdef0123456789abcdef";
    for path in [".git/objects", ".git/refs/heads", "below/it"] {
        std::fs::create_dir_all(folder.path(path)).expect("a folder");
    }
    folder.write(".git/HEAD", "ref: refs/heads/topic\n");
    folder.write(".git/refs/heads/topic", &format!("{sha}\n"));
    folder.report("below/it/run.json", 700);
    dated(&folder, "below/it/older.json", 700, "2026-01-01T00:00:00Z", "1111111111");
    let mut command =
        folder.command(&["history", "save", "--machine", "tests", "--report", "run.json", "older.json"]);
    let output = command.current_dir(folder.path("below/it")).output().expect("it runs");
    assert_eq!((stderr(&output), output.status.code()), ("", Some(0)));
    assert_eq!(folder.read(".hotpath/.gitignore"), ".gitignore\nhistory.db*\n");
    let list = folder.says(&["history", "list", "--csv"]);
    assert!(list.contains(&format!(",{sha},topic,,tests,")), "{list}");
    // Which branch an older commit was on is not known.
    assert!(list.contains(",1111111111,,,tests,"), "{list}");
}

#[test]
fn outside_of_a_repository_a_file_must_be_named() {
    let message = Folder::new().failure(&["history", "list"]);
    assert!(message.ends_with("is not in a Git repository: name a file with --db\n"), "{message}");
}
