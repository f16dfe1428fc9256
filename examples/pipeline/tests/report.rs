//! Runs the program on texts whose words are known, with profiling off or on as it was built.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

use serde_json::Value;

/// Many more than fit between the stages.
const TEXTS: usize = 60;
/// `ROOM` of the stages.
const ROOM: u64 = 16;

/// A directory of its own for one test.
struct Tree {
    root: PathBuf,
}

impl Tree {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("in/deep")).expect("a temporary directory");
        Self { root }
    }

    /// With texts that have one word in common, and each many of its own; the last is a copy of the first.
    fn with_texts(self) -> Self {
        for number in 0..TEXTS {
            let of = number % (TEXTS - 1);
            let words: String = (0..400).map(|word| format!("common w{of}x{word}\n")).collect();
            let folder = if number % 2 == 0 { "in" } else { "in/deep" };
            self.write(&format!("{folder}/{number:03}.txt"), words);
        }
        self
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        fs::write(self.root.join(path), content).expect("a file");
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_pipeline"))
            .current_dir(&self.root)
            .args(arguments)
            .env("HOTPATH_METRICS_SERVER_OFF", "true")
            .env("HOTPATH_OUTPUT_FORMAT", "json")
            .env("HOTPATH_OUTPUT_PATH", "profile.json")
            .env("HOTPATH_REPORT", "all")
            .output()
            .expect("the program runs")
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).expect("the program wrote it")
    }

    /// The report; `None` when the profiler is not built in.
    fn report(&self) -> Option<Value> {
        IS_PROFILED.then(|| serde_json::from_str(&self.text("profile.json")).expect("valid JSON"))
    }
}

/// Whether the profiler is built in: also when another package of the workspace turned it on. Asked once, because the tests
/// run side by side and a process may have one guard at a time.
static IS_PROFILED: LazyLock<bool> = LazyLock::new(|| {
    let _guard = hotpath::HotpathGuardBuilder::new("probe").format(hotpath::Format::None).build();
    hotpath::is_recording()
});

fn row<'a>(report: &'a Value, section: &str, label: &str) -> &'a Value {
    let rows = report[section]["data"].as_array().unwrap_or_else(|| panic!("no rows of {section}"));
    rows.iter().find(|row| row["label"] == label).unwrap_or_else(|| panic!("no {label} in {rows:?}"))
}

#[test]
fn the_result_is_the_same_with_any_number_of_workers() {
    let tree = Tree::new("result").with_texts();
    for (workers, out) in [("1", "one.txt"), ("3", "three.txt")] {
        let output = tree.run(&["in", "--workers", workers, "--out", out]);
        assert!(output.status.success(), "{output:?}");
    }
    let text = tree.text("one.txt");
    let words = (TEXTS - 1) * 400 + 1;
    assert!(text.starts_with(&format!("{TEXTS} texts, {words} distinct words\n")), "{text}");
    assert!(text.contains(&format!("common: {} times in {TEXTS} texts\n", TEXTS * 400)), "{text}");
    assert!(text.contains("w0x0: 2 times in 2 texts\n"), "{text}");
    assert_eq!(text.lines().last(), Some("in/000.txt is 100 % in/deep/059.txt"));
    assert_eq!(text, tree.text("three.txt"));
}

#[test]
fn the_report_names_the_slow_stage() {
    let tree = Tree::new("bottleneck").with_texts();
    assert!(tree.run(&["in", "--out", "out.txt"]).status.success());
    let Some(report) = tree.report() else { return };
    let (texts, digests) = (row(&report, "channels", "texts"), row(&report, "channels", "digests"));
    for channel in [texts, digests] {
        assert_eq!(channel["sent_count"], TEXTS);
        assert_eq!(channel["received_count"], TEXTS);
        assert_eq!(channel["capacity"], ROOM);
        assert_eq!(channel["state"], "closed");
    }
    // Digesting is slow: what it takes from is full, who sends there waits, and messages are long on their way.
    assert_eq!(texts["queue_max"], ROOM);
    let number = |channel: &Value, key: &str| channel[key].as_u64().unwrap_or(0);
    assert!(number(texts, "send_wait_ns") > number(digests, "send_wait_ns"), "{texts:#} {digests:#}");
    assert!(number(texts, "delay_avg_ns") > number(digests, "delay_avg_ns"), "{texts:#} {digests:#}");
}

#[test]
fn the_other_instruments_count_what_happened() {
    let tree = Tree::new("instruments").with_texts();
    assert!(tree.run(&["in", "--out", "out.txt"]).status.success());
    let Some(report) = tree.report() else { return };
    let stream = row(&report, "streams", "files read");
    assert_eq!(stream["items_yielded"], TEXTS);
    assert_eq!(stream["state"], "closed");
    let write = row(&report, "futures", "write result");
    assert_eq!(write["completed"], 1);
    // Once for each text, and once at the end.
    assert_eq!(row(&report, "mutexes", "index")["count"], TEXTS + 1);
    assert!(report["tokio_runtime"].is_object(), "{report:#}");
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_done() {
    let tree = Tree::new("problems");
    tree.write("in/good.md", "one two three");
    tree.write("in/latin.txt", b"caf\xe9");
    let output = tree.run(&["in", "missing", "--out", "out.txt"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        errors.contains("pipeline: in/latin.txt: ") && errors.contains("pipeline: missing: "),
        "{errors}"
    );
    assert!(tree.text("out.txt").starts_with("1 texts, 3 distinct words\n"));
}

#[test]
fn without_a_path_there_is_no_result() {
    let tree = Tree::new("nothing");
    assert_eq!(tree.run(&[]).status.code(), Some(2));
    assert_eq!(tree.run(&["in", "--workers", "0"]).status.code(), Some(2));
}
