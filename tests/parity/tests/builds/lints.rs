//! The lints of a program are those it has without profiling: the same ones at the same places, by rustc and by clippy's default
//! groups, for every form of attribute.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use regex_lite::{Captures, Regex};
use serde_json::Value;

const FUNCTIONS: &str = include_str!("../../lints/functions.rs");

/// Those that ask what a function's parameters are used for: with `log = true` its body is a closure, which takes them away.
const NOT_IN_CLOSURES: [&str; 2] = ["clippy::boxed_local", "clippy::not_unsafe_ptr_arg_deref"];

/// What must be among what is compared.
const EXPECTED: [&str; 17] = [
    "clippy::async_yields_async",
    "clippy::let_and_return",
    "clippy::missing_safety_doc",
    "clippy::needless_question_mark",
    "clippy::needless_return",
    "clippy::ptr_arg",
    "clippy::result_unit_err",
    "clippy::too_many_arguments",
    "clippy::uninlined_format_args",
    "clippy::unused_unit",
    "clippy::useless_format",
    "dead_code",
    "deprecated",
    "non_snake_case",
    "unused_braces",
    "unused_must_use",
    "unused_variables",
];

#[test]
fn lints_are_the_same_off_and_on() {
    for edition in ["2021", "2024"] {
        let program = Program::new(edition);
        let (off, on) = (program.lints(&[]), program.lints(&["--features", "hotpath"]));
        for expected in EXPECTED {
            assert!(off.iter().any(|lint| lint.name == expected), "{expected} is seen without profiling");
        }
        let hidden: Vec<&Lint> = off.difference(&on).filter(|lint| !program.may_differ(lint)).collect();
        let added: Vec<&Lint> = on.difference(&off).collect();
        assert!(
            hidden.is_empty() && added.is_empty(),
            "edition {edition}: hidden {hidden:#?}, added {added:#?}"
        );
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Lint {
    line: u64,
    /// First and last column, and the last line.
    columns: (u64, u64, u64),
    name: String,
}

/// A package with the functions in each form.
struct Program {
    folder: tempfile::TempDir,
    /// The lines of the functions with `log = true`, one range per form.
    logged: Vec<std::ops::Range<u64>>,
}

impl Program {
    fn new(edition: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let write =
            |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("it can be written");
        let hotpath = workspace().join("crates/hotpath");
        write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"lints\"\nversion = \"1.0.0\"\nedition = \"{edition}\"\n\n[workspace]\n\n\
                 [lib]\npath = \"lib.rs\"\n\n[features]\nhotpath = [\"hotpath/hotpath\"]\n\n\
                 [dependencies]\nhotpath = {{ path = {hotpath:?}, default-features = false }}\n"
            ),
        );
        let lock = fs::read_to_string(workspace().join("Cargo.lock")).expect("there is a lock file");
        write("Cargo.lock", &lock);
        // One that was in a default group until 1.88.
        let (mut source, mut logged) = ("#![warn(clippy::uninlined_format_args)]\n".to_owned(), Vec::new());
        for (name, functions) in forms() {
            let before = if name.starts_with("all") { "#[hotpath::measure_all]\n" } else { "" };
            let start = source.lines().count() as u64;
            source += &format!("{before}pub mod {name} {{\n{functions}\n}}\n");
            if name.contains("logged") {
                logged.push(start..source.lines().count() as u64);
            }
        }
        write("lib.rs", &source);
        Self { folder, logged }
    }

    fn may_differ(&self, lint: &Lint) -> bool {
        NOT_IN_CLOSURES.contains(&lint.name.as_str())
            && self.logged.iter().any(|lines| lines.contains(&lint.line))
    }

    fn lints(&self, mode: &[&str]) -> BTreeSet<Lint> {
        let mut command = Command::new(env!("CARGO"));
        command
            .args(["clippy", "--quiet", "--message-format=json"])
            .args(mode)
            .current_dir(self.folder.path());
        command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("lints"));
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        let output = command.output().expect("cargo runs");
        let lines = String::from_utf8(output.stdout).expect("it is text");
        let messages = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"));
        let own = messages.filter(|message| {
            message["reason"] == "compiler-message" && message["target"]["name"] == "lints"
        });
        let lints: BTreeSet<Lint> = own.flat_map(|message| lints_of(&message["message"])).collect();
        assert!(!lints.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        lints
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The lint at each of its places.
fn lints_of(message: &Value) -> Vec<Lint> {
    let Some(name) = message["code"]["code"].as_str() else {
        // "7 warnings emitted"
        assert!(message["spans"].as_array().is_none_or(Vec::is_empty), "not a lint: {message:#}");
        return Vec::new();
    };
    assert!(!name.starts_with("E0"), "an error of the compiler: {}", message["rendered"]);
    let spans = message["spans"].as_array().expect("a list");
    let number = |span: &Value, field: &str| span[field].as_u64().expect("a number");
    let lint = |span: &Value| Lint {
        line: number(span, "line_start"),
        columns: (number(span, "column_start"), number(span, "line_end"), number(span, "column_end")),
        name: name.to_owned(),
    };
    spans.iter().filter(|span| span["is_primary"] == true).map(lint).collect()
}

/// The functions with each of the attributes that they may have.
fn forms() -> Vec<(&'static str, String)> {
    let sync = FUNCTIONS.split_once("\n\n").expect("a head").1;
    let later = later(sync);
    vec![
        ("sync", sync.to_owned()),
        ("logged", measured(sync, "log = true")),
        ("all", by_measure_all(sync)),
        ("later", later.clone()),
        ("later_logged", measured(&later, "log = true")),
        ("later_watched", measured(&later, "future = true")),
        ("only_watched", attribute().replace_all(&later, "#[hotpath::future_fn]").into_owned()),
        ("all_later", by_measure_all(&later)),
    ]
}

fn attribute() -> Regex {
    Regex::new(r"#\[hotpath::measure(?:\((?<parameters>[^)]*)\))?\]").expect("a pattern")
}

fn measured(functions: &str, parameter: &str) -> String {
    let with = |found: &Captures| {
        let own = found.name("parameters").map(|own| format!("{}, ", own.as_str())).unwrap_or_default();
        format!("#[hotpath::measure({own}{parameter})]")
    };
    attribute().replace_all(functions, with).into_owned()
}

/// All measured functions as `async fn`s.
fn later(functions: &str) -> String {
    let start =
        r"(?<before>#\[hotpath::measure[^\]]*\]\n(?:\s*#\[[^\n]*\]\n)*\s*(?:pub )?)(?<rest>(?:unsafe )?fn )";
    let start = Regex::new(start).expect("a pattern");
    start.replace_all(functions, "${before}async ${rest}").into_owned()
}

fn by_measure_all(functions: &str) -> String {
    let line = Regex::new(r"#\[hotpath::measure(?:\([^)]*\))?\]\n *").expect("a pattern");
    let functions = line.replace_all(functions, "");
    functions.replace("\nimpl ", "\n#[hotpath::measure_all]\nimpl ")
}
