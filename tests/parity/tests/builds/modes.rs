//! Off, on, and with all features: the same program, the same output, and when off nothing of hotpath is left.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use regex_lite::Regex;

/// The features of each mode.
const MODES: [(&str, &[&str]); 4] = [
    ("off", &[]),
    ("on", &["--features", "hotpath"]),
    ("on, with the libraries' own channels", &["--features", "hotpath,proxy"]),
    ("all features", &["--all-features"]),
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `cargo` in `folder`, with a target folder that only these tests use.
fn cargo(folder: &Path, arguments: &[&str]) -> Output {
    cargo_with(folder, arguments, &[])
}

#[expect(clippy::disallowed_methods, reason = "removes settings instead of reading them")]
fn cargo_with(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", target());
    let ours = |name: &str| name.starts_with("HOTPATH_") || name.ends_with("RUSTFLAGS");
    std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_str().is_some_and(ours)).for_each(
        |name| {
            command.env_remove(name);
        },
    );
    let output = command.envs(settings.iter().copied()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("modes")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("it is text")
}

#[test]
fn the_program_says_the_same_in_every_mode() {
    let say = |mode: &[&str], word: &str| {
        let mut arguments = vec!["run", "--quiet", "-p", "parity"];
        arguments.extend(mode);
        arguments.extend(["--", word]);
        // `init` takes no format.
        let settings = [("HOTPATH_OUTPUT_FORMAT", "none")];
        let output = cargo_with(&workspace(), &arguments, if word == "init" { &settings } else { &[] });
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        stdout(&output)
    };
    for word in ["", "legacy", "init"] {
        let [off, on, own, all] = MODES.map(|(_, mode)| say(mode, word));
        assert!(off.starts_with("in a session\nfirst "), "{off}");
        assert_eq!(off, on, "off and on");
        let all = all.lines().filter(|line| !line.starts_with("libraries ")).map(|line| format!("{line}\n"));
        assert_eq!(off, all.collect::<String>(), "off and all features");
        assert_eq!(off, own, "off and on with the feature proxy");
    }
    assert!(!workspace().join("never-written.json").exists());
}

#[test]
fn what_is_for_libraries_of_others_hands_through_and_one_line_says_that_it_records_nothing() {
    let say = |features: &str, settings: &[(&str, &str)]| {
        cargo_with(&workspace(), &["run", "--quiet", "-p", "parity", "--features", features], settings)
    };
    let (off, on) = (say("libraries", &[]), say("libraries,hotpath", &[]));
    assert!(stdout(&off).ends_with("libraries service\n"), "{off:?}");
    assert_eq!((stdout(&off), off.stderr.is_empty()), (stdout(&on), true), "off and on");
    let said = "[hotpath] the features axum-0-8, diesel, sqlx, toasty record nothing in this version, and change nothing in \
                the program\n";
    assert_eq!(String::from_utf8_lossy(&on.stderr), said);
    let hushed = say("libraries,hotpath", &[("HOTPATH_DISABLE_HINTS", "1")]);
    assert_eq!(String::from_utf8_lossy(&hushed.stderr), "");
}

/// The packages that a build of this one needs.
fn packages(folder: &Path, package: &str, mode: &[&str]) -> BTreeSet<String> {
    let mut arguments = vec!["tree", "-e", "normal,build", "--prefix", "none", "-p", package];
    arguments.extend(mode);
    let tree = stdout(&cargo(folder, &arguments));
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn off_builds_the_macro_crate_and_nothing_else() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
    assert_eq!(packages(&workspace(), "parity", &[]), names(&["parity", "hotpath", "hotpath-macros"]));
    assert!(packages(&workspace(), "parity", &["--features", "hotpath"]).contains("hotpath-lane"));
    let optional = Source::instrumented(Style::Optional);
    assert_eq!(packages(optional.0.path(), "codegen", &[]), names(&["codegen"]));
}

/// How a program depends on hotpath.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    /// Always, with bare attributes.
    Plain,
    /// Only with the feature, with attributes in `cfg_attr`.
    Optional,
}

/// A package with some functions to look at.
struct Source(tempfile::TempDir);

const CODE: &str = include_str!("../../codegen/code.rs");
const BARE_MANIFEST: &str = r#"[package]
name = "codegen"
version = "1.0.0"
edition = "2021"

[workspace]

[lib]
path = "lib.rs"
"#;

impl Source {
    fn new(manifest: &str, code: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("Cargo.toml"), manifest).expect("it can be written");
        fs::write(folder.path().join("lib.rs"), code).expect("it can be written");
        let lock = fs::read_to_string(workspace().join("Cargo.lock")).expect("there is a lock file");
        fs::write(folder.path().join("Cargo.lock"), lock).expect("it can be written");
        Self(folder)
    }

    fn instrumented(style: Style) -> Self {
        let path = workspace().join("crates/hotpath");
        let (dependency, on) = match style {
            Style::Plain => (format!("{{ path = {path:?} }}"), "[\"hotpath/hotpath\"]"),
            Style::Optional => {
                (format!("{{ path = {path:?}, optional = true }}"), "[\"dep:hotpath\", \"hotpath/hotpath\"]")
            }
        };
        let features = format!("[features]\nhotpath = {on}\nhotpath-off = [\"hotpath/hotpath-off\"]\n");
        let manifest = format!("{BARE_MANIFEST}\n[dependencies]\nhotpath = {dependency}\n\n{features}");
        let code = match style {
            Style::Plain => CODE.to_owned(),
            Style::Optional => optional(CODE),
        };
        Self::new(&manifest, &code)
    }

    /// The same without anything of hotpath: attributes are gone (their lines stay), blocks are their expressions.
    fn bare() -> Self {
        let code = attribute().replace_all(CODE, "");
        let code = block().replace_all(&code, "$expression");
        assert!(!code.contains("hotpath::"), "{code}");
        Self::new(BARE_MANIFEST, &code)
    }

    /// The optimised assembly, without what depends on how the crate was built and not on what is in it.
    fn assembly(&self, mode: &[&str]) -> String {
        let out = self.0.path().join("code.s");
        let emit = format!("asm={}", out.display());
        let mut arguments = vec!["rustc", "--quiet", "--release", "--lib"];
        arguments.extend(mode);
        arguments.extend(["--", "--emit", &emit, "-Ccodegen-units=1", "-Cdebuginfo=0"]);
        cargo(self.0.path(), &arguments);
        let assembly = fs::read_to_string(out).expect("the assembly is there");
        let assembly = pattern(r"17h[0-9a-f]{1,16}E").replace_all(&assembly, "E");
        let assembly = pattern(r"Cs[0-9A-Za-z]*_7codegen").replace_all(&assembly, "Cs_7codegen");
        let assembly = pattern(r"codegen\.[0-9a-f]{1,16}-cgu").replace_all(&assembly, "codegen-cgu");
        pattern(r"anon\.[0-9a-f]{32}\.").replace_all(&assembly, "anon.").into_owned()
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern")
}

fn attribute() -> Regex {
    pattern(r"#\[hotpath::[a-z_]+(\([^)]*\))?\]")
}

/// A measured block on one line.
fn block() -> Regex {
    pattern(r#"hotpath::measure_block!\("[a-z ]+", (?<expression>.*)\)"#)
}

/// The style of 0.7: attributes in `cfg_attr`; a block is a statement that is there or not.
fn optional(code: &str) -> String {
    let within = pattern(r"#\[(?<attribute>hotpath::[a-z_]+(\([^)]*\))?)\]");
    let code = within.replace_all(code, "#[cfg_attr(feature = \"hotpath\", $attribute)]");
    block().replace_all(&code, "$expression").into_owned()
}

#[test]
fn off_is_the_same_machine_code_as_without_attributes() {
    let bare = Source::bare().assembly(&[]);
    for name in ["sums", "parses", "polls", "methods", "recursive"] {
        assert!(bare.contains(&format!("\n{name}:")), "{name} is among the code that is compared");
    }
    let (plain, optional) = (Source::instrumented(Style::Plain), Source::instrumented(Style::Optional));
    let same = |assembly: &str, mode: &str| {
        let differing = bare.lines().zip(assembly.lines()).find(|(a, b)| a != b);
        assert!(bare == assembly, "{mode}: {differing:?}, {} and {} bytes", bare.len(), assembly.len());
    };
    same(&plain.assembly(&[]), "a plain dependency");
    same(&plain.assembly(&["--all-features"]), "a plain dependency, all features");
    same(&optional.assembly(&[]), "an optional dependency");
    same(&optional.assembly(&["--all-features"]), "an optional dependency, all features");
    assert_ne!(bare, plain.assembly(&["--features", "hotpath"]), "on is seen");
}

#[test]
fn what_is_used_when_on_is_used_when_off() {
    let code = "#![deny(warnings)]\n\npub fn f() {\n    let label = \"found at run time\";\n    \
                hotpath::measure_block!(label, ());\n}\n";
    let manifest = fs::read_to_string(Source::instrumented(Style::Plain).0.path().join("Cargo.toml"))
        .expect("it is there");
    let package = Source::new(&manifest, code);
    cargo(package.0.path(), &["check", "--quiet", "--features", "hotpath"]);
    cargo(package.0.path(), &["check", "--quiet"]);
}

#[test]
fn every_public_name_is_used() {
    let read =
        |path: &str| fs::read_to_string(workspace().join(path)).unwrap_or_else(|_| panic!("{path} is there"));
    let used: String = ["main", "api", "forms", "older", "sessions"]
        .map(|name| read(&format!("tests/parity/src/{name}.rs")))
        .concat();
    let used: BTreeSet<&str> = used.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let exported = pattern(r"pub use [^;]+;");
    let lib = read("crates/hotpath/src/lib.rs");
    let mut names = BTreeSet::new();
    for list in exported.find_iter(&lib) {
        let words =
            list.as_str().split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        let paths = [
            "pub",
            "use",
            "allocator",
            "builder",
            "format",
            "hotpath_macros",
            "imp",
            "session",
            "compat",
            "guard_builder",
            "section_guards",
            "options",
            "reporter",
            "section",
            "functions_json",
            "instrument",
            "layers",
            "units",
        ];
        names.extend(words.filter(|word| !paths.contains(word)).map(str::to_owned));
    }
    for path in [
        "crates/hotpath/src/builder.rs",
        "crates/hotpath/src/lists.rs",
        "crates/hotpath/src/compat/guard_builder.rs",
        "crates/hotpath/src/reporter.rs",
    ] {
        let text = read(path);
        // Functions, and those that a macro makes of a list.
        for found in pattern(r#"fn (?<name>[a-z_]+)|    (?<setter>[a-z_]+)(?: \| (?<older>[a-z_]+))? = ""#)
            .captures_iter(&text)
        {
            let named = ["name", "setter", "older"].into_iter().filter_map(|name| found.name(name));
            names.extend(named.map(|name| name.as_str().to_owned()));
        }
    }
    let public = pattern(r"\bpub (?:const )?(?:fn|struct|enum|trait|type|const|mod) (?<name>\w+)");
    for path in [
        "lib",
        "alloc",
        "allocator",
        "channels",
        "data",
        "data/flows",
        "functions",
        "functions_json",
        "futures",
        "instrument",
        "io",
        "layers",
        "mutexes",
        "rw_locks",
        "streams",
        "units",
    ] {
        let text = read(&format!("crates/hotpath/src/{path}.rs"));
        names.extend(public.captures_iter(&text).map(|found| found["name"].to_owned()));
    }
    names.remove("fmt"); // by `Display`
    names.remove("with"); // private, among setters that a macro makes public
    // Not for people.
    for hidden in ["private", "attributes", "caller_at", "flows"] {
        names.remove(hidden);
    }
    assert!(
        names.len() > 60 && names.contains("io_limit") && names.contains("has_unsupported_async"),
        "{names:?}"
    );
    let unused: Vec<&String> = names.iter().filter(|name| !used.contains(name.as_str())).collect();
    assert!(unused.is_empty(), "{unused:?}");
}
