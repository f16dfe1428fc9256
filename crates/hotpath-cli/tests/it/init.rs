//! `hotpath init` on crates of all sorts: what it proposes, what it writes, and what it leaves alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{Outcome, hotpath};

/// A crate in a folder of its own.
struct Sandbox(tempfile::TempDir);

impl Sandbox {
    fn new(files: &[(&str, &str)]) -> Self {
        let sandbox = Self(tempfile::tempdir().expect("a folder"));
        for (path, text) in files {
            sandbox.write(path, text);
        }
        sandbox
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    fn init(&self, words: &[&str]) -> Outcome {
        hotpath(&[&["init"], words].concat(), self.0.path())
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("a file")
    }

    /// Every file and its text.
    fn everything(&self) -> BTreeMap<PathBuf, String> {
        fn collect(folder: &Path, root: &Path, found: &mut BTreeMap<PathBuf, String>) {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    collect(&path, root, found);
                } else {
                    let text = fs::read_to_string(&path).expect("a text");
                    found.insert(path.strip_prefix(root).expect("inside").to_owned(), text);
                }
            }
        }
        let mut found = BTreeMap::new();
        collect(self.0.path(), self.0.path(), &mut found);
        found
    }
}

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

const MAIN: &str = "\
fn main() {
    println!(\"{}\", count(\"ä b\"));
}

fn count(text: &str) -> usize {
    let mut words = 0;
    for word in text.split(' ') {
        words += word.len();
    }
    words
}
";

fn app(main: &str) -> Sandbox {
    Sandbox::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", main)])
}

const WORKSPACE: &str = r#"[workspace]
members = ["app", "parts", "tool"]
resolver = "3"

# kept
[workspace.dependencies]
alpha = "1"
zzz = "1" # kept too
"#;

const PROGRAM: &str = r#"[package]
name = "app"
version = "0.1.0"
edition = "2024"

[dependencies]
parts = { path = "../parts" }   # ours

[lints]
"#;

const DEEP: &str = "\
//! Ünicode, so that bytes are not characters.
pub fn load(count: u64) -> u64 {
    let mut all = 0;
    for n in 0..count {
        all += n;
    }
    all
}
";

fn workspace() -> Sandbox {
    let member = |name: &str| MANIFEST.replace("app", name);
    Sandbox::new(&[
        ("Cargo.toml", WORKSPACE),
        ("app/Cargo.toml", PROGRAM),
        ("app/src/main.rs", "fn main() {\n    parts::load(3);\n}\n"),
        ("parts/Cargo.toml", &member("parts")),
        ("parts/src/lib.rs", "mod deep;\npub use deep::load;\n"),
        ("parts/src/deep.rs", DEEP),
        ("tool/Cargo.toml", &member("tool")),
        ("tool/src/main.rs", "fn main() {}\n"),
    ])
}

#[test]
fn without_write_no_file_changes_and_the_patch_equals_write() {
    for words in [&["-p", "app"][..], &["-p", "app", "--optional"]] {
        let sandbox = workspace();
        let before = sandbox.everything();
        let shown = sandbox.init(words);
        assert_eq!(shown.status, 0, "{shown:?}");
        assert_eq!(sandbox.everything(), before);

        let written = workspace();
        let outcome = written.init(&[words, &["--write"]].concat());
        assert_eq!(outcome.status, 0, "{outcome:?}");
        sandbox.write("all.patch", &shown.stdout);
        let mut git = std::process::Command::new("git");
        let applied = git.args(["apply", "all.patch"]).current_dir(sandbox.0.path()).status().expect("git");
        assert!(applied.success(), "{}", shown.stdout);
        fs::remove_file(sandbox.path("all.patch")).expect("the patch");
        assert_ne!(sandbox.everything(), before);
        assert_eq!(sandbox.everything(), written.everything());
    }
}

#[test]
fn a_second_run_has_nothing_to_do() {
    for words in [&["-p", "app"][..], &["-p", "app", "--optional"]] {
        let sandbox = workspace();
        assert_eq!(sandbox.init(&[words, &["--write"]].concat()).status, 0);
        let once = sandbox.everything();
        // Said or not, the form that is there is kept.
        for again in [words, &["-p", "app"]] {
            let outcome = sandbox.init(&[again, &["--write"]].concat());
            assert!(outcome.stdout.contains("nothing to do"), "{outcome:?}");
            assert_eq!(sandbox.everything(), once);
        }
    }
}

#[test]
fn in_a_workspace_one_feature_of_the_program_enables_members() {
    let sandbox = workspace();
    assert_eq!(sandbox.init(&["-p", "app", "--write"]).status, 0);
    let root = sandbox.read("Cargo.toml");
    let kept =
        "# kept\n[workspace.dependencies]\nalpha = \"1\"\nhotpath = \"0.16\"\nzzz = \"1\" # kept too\n";
    assert!(root.contains(kept), "{root}");
    let program = sandbox.read("app/Cargo.toml");
    let kept = "hotpath = { workspace = true }\nparts = { path = \"../parts\" }   # ours";
    assert!(program.contains(kept), "{program}");
    assert!(program.contains("hotpath = [\"hotpath/hotpath\"]"), "{program}");
    let member = sandbox.read("parts/Cargo.toml");
    assert!(member.contains("hotpath = { workspace = true }") && !member.contains("[features]"), "{member}");
    assert!(sandbox.read("parts/src/deep.rs").contains("#[hotpath::measure]\npub fn load("));
    assert_eq!(sandbox.read("tool/src/main.rs"), "fn main() {}\n");
}

#[test]
fn optional_members_are_enabled_by_name() {
    let sandbox = workspace();
    assert_eq!(sandbox.init(&["-p", "app", "--optional", "--write"]).status, 0);
    let program = sandbox.read("app/Cargo.toml");
    let feature = "hotpath = [\"dep:hotpath\", \"hotpath/hotpath\", \"parts/hotpath\"]";
    assert!(program.contains(feature), "{program}");
    let member = sandbox.read("parts/Cargo.toml");
    assert!(member.contains("hotpath = [\"dep:hotpath\", \"hotpath/hotpath\"]"), "{member}");
    let main = sandbox.read("app/src/main.rs");
    assert!(main.starts_with("#[cfg_attr(feature = \"hotpath\", hotpath::main)]\nfn main()"), "{main}");
}

#[test]
fn of_several_packages_one_must_be_chosen() {
    let sandbox = workspace();
    let outcome = sandbox.init(&[]);
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("--package: app, tool"), "{outcome:?}");
    let outcome = sandbox.init(&["-p", "nobody"]);
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("app, parts, tool"), "{outcome:?}");
    let outcome = sandbox.init(&["--manifest-path", "tool"]);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("+++ b/tool/src/main.rs"), "{outcome:?}");
}

#[test]
fn line_endings_byte_order_marks_and_shebangs_are_preserved() {
    let main = format!("\u{feff}{}", MAIN.replace('\n', "\r\n"));
    let sandbox = Sandbox::new(&[("Cargo.toml", &MANIFEST.replace('\n', "\r\n")), ("src/main.rs", &main)]);
    assert_eq!(sandbox.init(&["--write"]).status, 0);
    let after = sandbox.read("src/main.rs");
    assert!(after.starts_with("\u{feff}#[hotpath::main]\r\nfn main()"), "{after:?}");
    assert!(after.contains("#[hotpath::measure]\r\nfn count("), "{after:?}");
    let manifest = sandbox.read("Cargo.toml");
    assert_eq!(manifest.matches('\n').count(), manifest.matches("\r\n").count(), "{manifest:?}");

    let sandbox = app(&format!("#!/usr/bin/env run-cargo-script\n{MAIN}"));
    assert_eq!(sandbox.init(&["--write"]).status, 0);
    let after = sandbox.read("src/main.rs");
    assert!(after.starts_with("#!/usr/bin/env run-cargo-script\n#[hotpath::main]\nfn main()"), "{after}");
}

#[test]
fn main_gets_its_attribute_below_the_runtime_and_in_every_program() {
    let sandbox = app("/// Runs.\n#[tokio::main]\nasync fn main() {}\n");
    sandbox.write("src/bin/other.rs", "pub(crate) fn main() {}\n");
    assert_eq!(sandbox.init(&["--write", "--bin", "app"]).status, 0);
    let main = sandbox.read("src/main.rs");
    assert_eq!(main, "/// Runs.\n#[tokio::main]\n#[hotpath::main]\nasync fn main() {}\n");
    assert_eq!(sandbox.read("src/bin/other.rs"), "pub(crate) fn main() {}\n");
    assert_eq!(sandbox.init(&["--write"]).status, 0);
    assert_eq!(sandbox.read("src/bin/other.rs"), "#[hotpath::main]\npub(crate) fn main() {}\n");
    let outcome = sandbox.init(&["--bin", "nobody"]);
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("app, other"), "{outcome:?}");
}

#[test]
fn existing_instrumentation_is_kept() {
    let builder = "fn main() {\n    let _guard = hotpath::HotpathGuardBuilder::new(\"app\").build();\n}\n";
    let inner =
        "fn main() {\n    inner();\n}\n\n#[cfg_attr(feature = \"hotpath\", hotpath::main)]\nfn inner() {}\n";
    let marked = "#[hotpath::main(limit = 3)]\nfn main() {}\n";
    for main in [builder, inner, marked] {
        let sandbox = app(main);
        assert_eq!(sandbox.init(&["--write"]).status, 0);
        assert_eq!(sandbox.read("src/main.rs"), main);
    }

    let manifest = r#"
[dependencies]
hotpath = { version = "0.16", optional = true }

[features]
profiling = ["dep:hotpath", "hotpath/hotpath"]
hotpath = ["profiling"]
hotpath-alloc = ["hotpath/hotpath-alloc"]
hotpath-cpu = []
hotpath-mcp = []
# end
"#;
    let manifest = format!("{MANIFEST}{manifest}");
    let sandbox = Sandbox::new(&[("Cargo.toml", &manifest), ("src/lib.rs", "pub struct S;\n")]);
    assert_eq!(sandbox.init(&["--write"]).status, 0);
    assert_eq!(sandbox.read("Cargo.toml"), manifest);

    // The profiler is always on: no feature is needed.
    let manifest =
        format!("{MANIFEST}\n[dependencies]\nhotpath = {{ version = \"0.16\", features = [\"hotpath\"] }}\n");
    let sandbox = Sandbox::new(&[("Cargo.toml", &manifest), ("src/main.rs", marked)]);
    assert!(sandbox.init(&["--write"]).stdout.contains("Then: cargo run --release\n"));
    assert_eq!(sandbox.read("Cargo.toml"), manifest);

    let manifest =
        format!("{MANIFEST}\n[dependencies]\nhp = {{ package = \"hotpath\", version = \"0.16\" }}\n");
    let sandbox = Sandbox::new(&[("Cargo.toml", &manifest), ("src/main.rs", MAIN)]);
    let outcome = sandbox.init(&["--write"]);
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("renames hotpath to `hp`"), "{outcome:?}");
}

#[test]
fn functions_that_do_not_compile_or_are_trivial_are_not_proposed() {
    let sources = [
        "const fn a() { LOOP }",
        "extern \"C\" fn a() { LOOP }",
        "#[wasm_bindgen] pub fn a() { LOOP }",
        "#[inline(always)] pub fn a() { LOOP }",
        "#[hotpath::skip] pub fn a() { LOOP }",
        "#[cfg(test)] mod tests { pub fn a() { LOOP } }",
        "#[test] fn a() { LOOP }",
        "#[tokio::test(flavor = \"current_thread\")] async fn a() { LOOP }",
        "struct S; impl Iterator for S { type Item = u8; fn next(&mut self) -> Option<u8> { LOOP None } }",
        "struct S; #[hotpath::measure_all] impl S { fn a() { LOOP } }",
        "#[cfg_attr(feature = \"hotpath\", hotpath::measure_all)] mod m { pub fn a() { LOOP } }",
        "struct S(u8); impl S { pub fn a(&self) -> u8 { self.0 } }",
    ];
    for source in sources {
        let source = format!("fn main() {{ a(); }}\n{}\n", source.replace("LOOP", "for _ in 0..3 {} "));
        let sandbox = app(&source);
        assert_eq!(sandbox.init(&["--write"]).status, 0, "{source}");
        assert_eq!(sandbox.read("src/main.rs"), format!("#[hotpath::main]\n{source}"));
    }
}

#[test]
fn functions_called_from_main_come_first_and_methods_have_their_type() {
    let main = "\
struct Store;

impl Store {
    async fn fill(&self) {
        wait().await;
    }
}

pub fn far() {
    for _ in 0..3 {}
}

fn main() {
    println!(\"{}\", near());
    run(Store.fill());
}

fn near() -> u8 {
    let all = [1, 2, 3].iter().sum();
    all
}
";
    let sandbox = app(main);
    let outcome = sandbox.init(&["--functions", "2", "--write"]);
    let after = sandbox.read("src/main.rs");
    assert!(after.contains("    #[hotpath::measure(impl_type = \"Store\")]\n    async fn fill("), "{after}");
    // Seen inside `println!`, too.
    assert!(after.contains("#[hotpath::measure]\nfn near("), "{after}");
    assert!(!after.contains("#[hotpath::measure]\npub fn far("), "{after}");
    assert!(outcome.stdout.contains("Store::fill (src/main.rs:4): called from main, async"), "{outcome:?}");
}

#[test]
fn a_library_gets_a_note_about_the_guard() {
    let sandbox =
        Sandbox::new(&[("Cargo.toml", MANIFEST), ("src/lib.rs", "pub fn work() {\n    loop {}\n}\n")]);
    let outcome = sandbox.init(&["--write"]);
    assert!(outcome.stdout.contains("HotpathGuardBuilder::new(\"app\")"), "{outcome:?}");
    assert!(outcome.stdout.contains("cargo test --features hotpath"), "{outcome:?}");
    assert!(sandbox.read("src/lib.rs").starts_with("#[hotpath::measure]\npub fn work("));
}

#[test]
fn a_custom_allocator_is_kept() {
    let sandbox =
        app("#[global_allocator]\nstatic A: jemalloc::Jemalloc = jemalloc::Jemalloc;\nfn main() {}\n");
    let outcome = sandbox.init(&["--write"]);
    assert!(outcome.stdout.contains("its own global allocator"), "{outcome:?}");
    let manifest = sandbox.read("Cargo.toml");
    assert!(manifest.contains("hotpath-cpu") && !manifest.contains("hotpath-alloc"), "{manifest}");
}

#[test]
fn modules_are_found_where_the_compiler_finds_them() {
    let looping = |name: &str| format!("pub fn {name}() {{\n    loop {{}}\n}}\n");
    let sandbox = Sandbox::new(&[
        ("Cargo.toml", MANIFEST),
        (
            "src/lib.rs",
            "mod a;\nmod b;\nmod inline { mod c; }\n#[path = \"odd/place.rs\"]\nmod d;\nmod gone;\n",
        ),
        ("src/a.rs", &format!("mod deep;\n{}", looping("in_a"))),
        ("src/a/deep.rs", &looping("in_deep")),
        ("src/b/mod.rs", &looping("in_b")),
        ("src/inline/c.rs", &looping("in_c")),
        ("src/odd/place.rs", &looping("in_d")),
        ("src/unused.rs", &looping("in_nothing")),
    ]);
    assert_eq!(sandbox.init(&["--functions", "9", "--write"]).status, 0);
    for file in ["src/a.rs", "src/a/deep.rs", "src/b/mod.rs", "src/inline/c.rs", "src/odd/place.rs"] {
        assert!(sandbox.read(file).contains("#[hotpath::measure]\npub fn in_"), "{file}");
    }
    assert_eq!(sandbox.read("src/unused.rs"), looping("in_nothing"));
}

#[test]
fn unreadable_sources_are_named_and_nothing_is_written() {
    let sandbox = app("fn main( {");
    let before = sandbox.everything();
    let outcome = sandbox.init(&["--write"]);
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("main.rs"), "{outcome:?}");
    assert_eq!(sandbox.everything(), before);

    // Another file of the crate is left out, and printed.
    let sandbox = app(&format!("mod broken;\n{MAIN}"));
    sandbox.write("src/broken.rs", "fn (");
    let outcome = sandbox.init(&["--write"]);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("broken.rs"), "{outcome:?}");
    assert!(sandbox.read("src/main.rs").contains("#[hotpath::measure]\nfn count("));

    let sandbox = Sandbox::new(&[("Cargo.toml", "[package\n")]);
    let outcome = sandbox.init(&[]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{outcome:?}");
}

#[test]
fn a_no_std_crate_is_skipped() {
    let sandbox = Sandbox::new(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", "#![no_std]\npub fn work() {\n    loop {}\n}\n"),
        ("src/main.rs", "fn main() {\n    app::work();\n}\n"),
    ]);
    let outcome = sandbox.init(&["--write"]);
    assert!(outcome.stdout.contains("src/lib.rs is `no_std`"), "{outcome:?}");
    assert!(sandbox.read("src/lib.rs").starts_with("#![no_std]\npub fn work("));
    assert!(sandbox.read("src/main.rs").starts_with("#[hotpath::main]\n"));
}

#[test]
fn hotpath_may_come_from_git_or_a_folder() {
    let sandbox = app(MAIN);
    assert_eq!(sandbox.init(&["--git", "https://example.org/hotpath", "--write"]).status, 0);
    let manifest = sandbox.read("Cargo.toml");
    assert!(manifest.contains("hotpath = { git = \"https://example.org/hotpath\" }"), "{manifest}");

    let sandbox = app(MAIN);
    let ours = crate::program::root();
    assert_eq!(sandbox.init(&["--path", ours.to_str().expect("text"), "--optional", "--write"]).status, 0);
    let manifest = sandbox.read("Cargo.toml");
    assert!(manifest.contains("/crates/hotpath\", optional = true }"), "{manifest}");
    assert_eq!(app(MAIN).init(&["--path", "src"]).status, 2);
}

#[test]
fn the_feature_for_agents_is_added_on_request_only() {
    let sandbox = app(MAIN);
    assert_eq!(sandbox.init(&["--write"]).status, 0);
    let manifest = sandbox.read("Cargo.toml");
    assert!(manifest.contains("hotpath-cpu = ") && !manifest.contains("hotpath-mcp"), "{manifest}");
    // Also for a crate that is instrumented already.
    assert_eq!(sandbox.init(&["--mcp", "--write"]).status, 0);
    let manifest = sandbox.read("Cargo.toml");
    assert!(manifest.contains("hotpath-mcp = [\"hotpath\", \"hotpath/hotpath-mcp\"]\n"), "{manifest}");
    assert!(sandbox.init(&["--mcp", "--write"]).stdout.contains("nothing to do"));
    assert_eq!(sandbox.init(&["basic", "--mcp"]).status, 2);
}

#[test]
fn the_plan_is_available_as_json() {
    let sandbox = app(MAIN);
    let plan: serde_json::Value = serde_json::from_str(&sandbox.init(&["--json"]).stdout).expect("JSON");
    assert_eq!(plan["files"], serde_json::json!(["Cargo.toml", "src/main.rs"]));
    assert_eq!(plan["written"], false);
    assert_eq!(plan["command"], "cargo run --release --features hotpath");
    let plan = sandbox.init(&["--json", "--write"]).stdout;
    assert!(plan.contains("\"written\": true"), "{plan}");
}
