//! The profiler under another name, behind a facade, and beside crates that are called as the language's own.

use crate::package::{Package, calls, report};

const OTHER: &str = "[package]\nname = \"NAME\"\nversion = \"1.0.0\"\nedition = \"2024\"\n";

/// Every attribute and macro, by the path `PROF`; with the parameter `CRATE` in attributes.
const MODULE: &str = r#"
    pub struct Counter(pub u64);

    #[PROF::measure_all(CRATE)]
    impl Counter {
        pub fn next(&mut self) -> u64 {
            self.0 += 1;
            self.0
        }

        #[PROF::skip]
        pub fn left_out(&self) -> u64 {
            self.0
        }

        #[PROF::measure(label = "own label", CRATE)]
        pub fn labelled(&self) -> u64 {
            self.0
        }
    }

    #[PROF::measure(CRATE)]
    pub fn sync(n: u64) -> u64 {
        n
    }

    #[PROF::measure(log = true, CRATE)]
    pub fn logged(n: u64) -> ::std::option::Option<u64> {
        let n = n.checked_add(1)?;
        ::std::option::Option::Some(n)
    }

    #[PROF::measure(CRATE)]
    pub async fn later(n: u64) -> ::std::result::Result<u64, u8> {
        ::std::result::Result::Ok(n)
    }

    #[PROF::measure(CRATE)]
    pub fn boxed(n: u64) -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = u64>>> {
        ::std::boxed::Box::pin(async move { n })
    }

    #[PROF::future_fn(log = true, CRATE)]
    pub async fn watched(n: u64) -> u64 {
        n
    }

    pub fn macros(n: u64) -> u64 {
        let label = "found at run time";
        let block = PROF::measure_block!("block", n) + PROF::measure_block!(label, n);
        let lock = PROF::mutex!(::std::sync::Mutex::new(block), label = "lock");
        let other = PROF::rw_lock!(::std::sync::RwLock::new(n));
        let (tx, rx) = PROF::channel!(::std::sync::mpsc::channel(), label = "channel");
        tx.send(*lock.lock().unwrap() + *other.read().unwrap()).unwrap();
        PROF::val!("key").set(&n);
        PROF::gauge!("gauge").set(n);
        PROF::dbg!(rx.recv().unwrap())
    }
"#;

const MAIN: &str = r#"
    // Not the crate.
    #[allow(unused)]
    mod hotpath {}

    mod plain {
        MODULE
    }

    mod bare {
        #![no_implicit_prelude]
        MODULE
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        loop {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
                return value;
            }
        }
    }

    macro_rules! all {
        ($module:ident) => {{
            let mut counter = $module::Counter(0);
            let methods = counter.next() + counter.left_out() + counter.labelled();
            let functions = $module::sync(1) + $module::logged(1).unwrap();
            let futures = block_on($module::later(1)).unwrap() + block_on($module::boxed(1));
            methods + functions + futures + block_on($module::watched(1)) + $module::macros(1)
        }};
    }

    #[PROF::main(format = "json", percentiles = [50], timeout = 600_000, CRATE)]
    fn main() {
        println!("{}", all!(plain) + all!(bare));
    }
"#;

/// The program, by that path and with that parameter.
fn program(path: &str, parameter: &str) -> String {
    MAIN.replace("MODULE", MODULE).replace("PROF", path).replace("CRATE", parameter)
}

fn manifest(dependencies: &str) -> String {
    format!("{}\n[workspace]\n\n[features]\non = []\n\n{dependencies}", OTHER.replace("NAME", "app"))
}

#[track_caller]
fn check(lines: &[String]) {
    assert_eq!(lines[0], "24");
    let report = report(lines).expect("a report");
    let mut rows = vec![("app::main".to_owned(), 1)];
    for module in ["plain", "bare"] {
        let names = ["Counter::next", "boxed", "later", "logged", "sync"];
        rows.extend(names.map(|name| (format!("app::{module}::{name}"), 1)));
    }
    // Blocks of one label are one row, and so are functions.
    rows.extend(["block", "found at run time", "own label"].map(|label| (label.to_owned(), 2)));
    rows.sort();
    assert_eq!(calls(&report, "functions_timing"), rows);
    for section in ["channels", "mutexes", "rw_locks", "futures"] {
        assert!(!calls(&report, section).is_empty(), "{section}");
    }
}

#[test]
fn another_name_is_found_also_beside_crates_that_are_called_core_and_alloc() {
    let dependencies = "[dependencies]\nprof = { package = \"hotpath\", HOTPATH, features = [\"hotpath-alloc\"] }\n\
                        core = { package = \"own-core\", path = \"core\" }\n\
                        alloc = { package = \"own-alloc\", path = \"alloc\" }\n";
    let other = |name: &str| OTHER.replace("NAME", name);
    let package = Package::new(&[
        ("Cargo.toml", &manifest(dependencies)),
        ("core/Cargo.toml", &other("own-core")),
        ("core/src/lib.rs", "pub fn own() {}"),
        ("alloc/Cargo.toml", &other("own-alloc")),
        ("alloc/src/lib.rs", "pub fn own() {}"),
        ("src/main.rs", &program("::prof", "")),
        ("src/bin/given.rs", &program("::prof", "crate = \"::prof\"")),
    ]);
    let run = |name: &str| {
        let output = package.cargo(&["run", "--quiet", "--bin", name]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines = String::from_utf8(output.stdout).expect("it is text").replace("given::", "app::");
        lines.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    check(&run("app"));
    check(&run("given"));
}

#[test]
fn a_facade_is_named_by_the_parameter() {
    let facade = OTHER.replace("NAME", "facade")
        + "\n[dependencies]\nhotpath = { HOTPATH, features = [\"hotpath\"] }\n";
    let code = "pub use hotpath;\npub use hotpath::{main, measure, measure_all, future_fn, skip};\n\
                pub use hotpath::{channel, dbg, gauge, measure_block, mutex, rw_lock, val};\n";
    let dependencies = "[dependencies]\nfacade = { path = \"facade\" }\n";
    let package = |main: &str| {
        Package::new(&[
            ("Cargo.toml", &manifest(dependencies)),
            ("facade/Cargo.toml", &facade),
            ("facade/src/lib.rs", code),
            ("src/main.rs", main),
        ])
    };
    check(&package(&program("::facade", "crate = \"::facade::hotpath\"")).run(""));
    check(&package(&program("::facade", "crate = ::facade::hotpath")).run(""));

    // Without it, the error says what to write.
    let without =
        package("#[facade::measure]\nfn work() {}\n\n#[facade::main(limit = 1)]\nfn main() { work() }\n");
    let output = without.cargo(&["check", "--quiet"]);
    assert!(!output.status.success());
    let errors = String::from_utf8(output.stderr).expect("it is text");
    for attribute in ["measure", "main"] {
        let advice = format!("`#[facade::{attribute}(crate = \"facade::hotpath\")]`");
        assert!(errors.contains(&advice), "{errors}");
    }
    let count = errors.lines().filter(|line| line.starts_with("error: this crate")).count();
    assert_eq!(
        count,
        errors.lines().filter(|line| line.starts_with("error")).count() - 1,
        "and the last line: {errors}"
    );

    // The program's own alias is as good as a dependency.
    let alias = "extern crate facade as hotpath_facade;\nextern crate self as own;\nuse facade::hotpath;\n\
                 #[hotpath::measure(crate = \"own::hotpath\")]\nfn work() {}\nfn main() { work() }\n";
    assert_eq!(package(&alias.replace("use facade", "pub use facade")).run(""), Vec::<String>::new());
}
