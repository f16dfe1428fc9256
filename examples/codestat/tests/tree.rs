//! Runs the program on small trees whose numbers are known, with profiling off or on as it was built.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};

const SHAPES: &str = "\
//! Shapes.

/// A square.
pub fn square(side: u32) -> u32 {
    // Not negative.
    side * side
}

pub fn rows(count: u32) -> Vec<u32> {
    let mut rows = Vec::new();
    for row in 0..count {
        if row % 2 == 0 {
            rows.push(square(row));
        }
    }
    rows
}
";

/// A directory of its own for one test.
struct Tree {
    root: PathBuf,
}

impl Tree {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).expect("a temporary directory");
        Self { root }
    }

    fn with(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.root.join("in").join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("a file");
        self
    }

    fn run(&self, out: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_codestat"))
            .arg(self.root.join("in"))
            .arg("--out")
            .arg(self.root.join(out))
            .env("HOTPATH_METRICS_SERVER_OFF", "true")
            .env("HOTPATH_OUTPUT_FORMAT", "json")
            .env("HOTPATH_OUTPUT_PATH", self.root.join("profile.json"))
            .env("HOTPATH_REPORT", "functions-timing")
            .env("HOTPATH_FUNCTIONS_LIMIT", "0")
            .output()
            .expect("the program runs")
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).expect("the program wrote it")
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path)).expect("valid JSON")
    }
}

fn sample(name: &str) -> Tree {
    Tree::new(name)
        .with("shapes.rs", SHAPES)
        .with("copy/shapes.rs", SHAPES.replace("Shapes", "The same shapes, said in other words"))
        .with("copy/deep/empty.rs", "")
        .with("target/built.rs", "fn never_read() {}")
        .with(".hidden/secret.rs", "fn never_read() {}")
        .with("notes.txt", "fn not_rust() {}")
}

#[test]
fn numbers_of_a_known_tree() {
    let tree = sample("numbers");
    let output = tree.run("out.json");
    assert!(output.status.success(), "{output:?}");
    let result = tree.json("out.json");
    for (field, expected) in [
        ("files", json!(3)),
        ("directories_walked", json!(3)),
        ("code", json!(24)),
        ("comment", json!(6)),
        ("blank", json!(4)),
        ("functions", json!(4)),
        ("longest_function", json!({ "name": "rows", "file": "copy/shapes.rs", "lines": 9 })),
        ("depth", json!(3)),
        ("identifiers", json!(44)),
        ("distinct_identifiers", json!(9)),
        ("twins", json!([["copy/shapes.rs", "shapes.rs", 100]])),
        (
            "directories",
            json!([
                { "name": "", "files": 1, "code": 12, "functions": 2 },
                { "name": "copy", "files": 1, "code": 12, "functions": 2 },
                { "name": "copy/deep", "files": 1, "code": 0, "functions": 0 },
            ]),
        ),
        ("problems", json!([])),
    ] {
        assert_eq!(result[field], expected, "{field}");
    }
    assert_eq!(result["top_identifiers"][0], json!(["rows", 8]));
    assert_eq!(tree.text("out.json.d/copy/summary.txt"), "files 1\ncode 12\nfunctions 2\n");
}

#[test]
fn equal_trees_give_equal_files() {
    let tree = sample("equal");
    tree.run("first.json");
    tree.run("second.json");
    assert_eq!(tree.text("first.json"), tree.text("second.json"));
}

#[test]
fn what_cannot_be_read_is_counted_and_the_rest_is_done() {
    let tree = sample("problems").with("latin.rs", b"// caf\xe9\n").with("deep.rs", "[".repeat(1_000));
    let output = tree.run("out.json");
    assert_eq!(output.status.code(), Some(1));
    let result = tree.json("out.json");
    assert_eq!(result["files"], 3);
    let reasons = [("deep.rs", "brackets nest deeper than 256"), ("latin.rs", "not valid UTF-8")];
    assert_eq!(result["problems"], json!(reasons));
    let errors = String::from_utf8_lossy(&output.stderr);
    for (path, reason) in reasons {
        assert!(errors.contains(&format!("codestat: {path}: {reason}")), "{errors}");
    }
}

#[test]
fn without_a_directory_there_is_no_result() {
    let tree = Tree::new("missing");
    let output = tree.run("out.json");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not a directory"));
    assert!(!tree.root.join("out.json").exists());
}

/// Whether the profiler is built in: also when another package of the workspace turned it on.
fn is_on() -> bool {
    let _guard = hotpath::HotpathGuardBuilder::new("probe").format(hotpath::Format::None).build();
    hotpath::is_recording()
}

#[test]
fn without_the_feature_there_is_no_report() {
    if is_on() {
        return; // then `the_report_counts_what_the_program_counted` has something to say
    }
    let tree = sample("off");
    let output = tree.run("out.json");
    assert!(!tree.root.join("profile.json").exists());
    assert!(!String::from_utf8_lossy(&output.stdout).contains("hotpath"));
}

#[test]
fn the_report_counts_what_the_program_counted() {
    if !is_on() {
        return;
    }
    let tree = sample("on").with("latin.rs", b"// caf\xe9\n");
    tree.run("out.json");
    let (result, profile) = (tree.json("out.json"), tree.json("profile.json"));
    let rows = profile["functions_timing"]["data"].as_array().expect("a list of functions");
    let calls = |name: &str| {
        let row = rows.iter().find(|row| row["name"].as_str().is_some_and(|found| found.ends_with(name)));
        row.unwrap_or_else(|| panic!("no row {name}: {rows:#?}"))["calls"].clone()
    };
    let tried = json!(3 + result["problems"].as_array().expect("a list").len());
    let directories = json!(result["directories"].as_array().expect("a list").len());
    assert_eq!(calls("walk::visit"), result["directories_walked"]);
    assert_eq!(calls("source::read"), tried);
    assert_eq!(calls("Lexer::scan"), result["files"]);
    assert_eq!(calls("survey::count_identifiers"), result["files"]);
    assert_eq!(calls("sketch"), result["files"]);
    assert_eq!(calls("find twins"), 1);
    assert_eq!(calls("rank identifiers"), 1);
    assert_eq!(calls("directories::publish"), 1);
    assert_eq!(calls("write summary"), directories);
    assert_eq!(calls("verify summary"), directories);
    assert_eq!(calls("main"), 1);
}
