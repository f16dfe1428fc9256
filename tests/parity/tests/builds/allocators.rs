//! A program has one global allocator: whose it is, `#[hotpath::main]` is told.

use crate::package::{Package, report};

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
                        [dependencies]\nhotpath = { HOTPATH, features = [\"hotpath-alloc\"] }\n";

const BY_HAND: &str = r#"
    #[global_allocator]
    static ALLOCATOR: hotpath::CountingAllocator<std::alloc::System> =
        hotpath::CountingAllocator::with(std::alloc::System);
"#;

const MAINS: &str = r#"
    #[hotpath::main(format = "json", report = "functions-alloc" FIRST)]
    fn one() {
        drop(std::hint::black_box(vec![1_u8; 1000]));
    }

    #[hotpath::main(format = "none" SECOND)]
    fn other() {}

    fn main() {
        one();
        other();
    }
"#;

fn package(by_hand: &str, first: &str, second: &str) -> Package {
    let main = by_hand.to_owned() + &MAINS.replace("FIRST", first).replace("SECOND", second);
    Package::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", &main)])
}

#[test]
fn of_two_mains_one_or_none_declares_it() {
    let none = ", allocator = none";
    for package in [package("", "", none), package(BY_HAND, none, ", allocator = own")] {
        let report = report(&package.run("")).expect("a report");
        let row = &report["functions_alloc"]["data"][0];
        assert!(row["self_bytes"].as_u64().is_some_and(|bytes| bytes >= 1000), "{report:#}");
    }
}

#[test]
fn the_error_about_two_of_them_names_the_parameter() {
    for package in [package("", "", ""), package(BY_HAND, "", ", allocator = none")] {
        let output = package.cargo(&["check", "--quiet"]);
        let errors = String::from_utf8(output.stderr).expect("it is text");
        assert!(errors.contains("cannot define multiple global allocators"), "{errors}");
        assert!(errors.contains("global_allocator_unless_allocator_is_none"), "{errors}");
    }
}
