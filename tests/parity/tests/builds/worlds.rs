//! Host and target are two worlds: cargo builds `hotpath` for each with the features that are asked for there, and the macro
//! crate once, with the union. Each world is profiled or not as its own features say.

use crate::package::{Package, calls, report};

const SHARED: [(&str, &str); 2] = [
    (
        "shared/Cargo.toml",
        "[package]\nname = \"shared\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[dependencies]\nhotpath = { HOTPATH }\n",
    ),
    (
        "shared/src/lib.rs",
        r#"
        #[hotpath::measure]
        pub fn helper(n: u8) -> u8 {
            hotpath::measure_block!("block", n + 1)
        }

        #[hotpath::measure(log = true)]
        pub async fn later(n: u8) -> u8 {
            n
        }

        #[hotpath::future_fn]
        pub async fn watched(n: u8) -> u8 {
            n
        }

        pub struct Counter(pub u8);

        #[hotpath::measure_all]
        impl Counter {
            pub fn next(&mut self) -> u8 {
                self.0 += 1;
                self.left_out()
            }

            #[hotpath::skip]
            pub fn left_out(&self) -> u8 {
                self.0
            }
        }

        #[hotpath::main(format = "json")]
        pub fn session(n: u8) -> u8 {
            helper(n)
        }
        "#,
    ),
];

const MAIN: &str = r#"
    #[hotpath::main(format = "json")]
    fn main() {
        println!("{}", shared::helper(1) + shared::Counter(3).next());
    }
"#;

/// What a build script or a macro does with the library.
const USED: &str = "assert_eq!(shared::helper(1) + shared::Counter(3).next(), 6);";

fn package(manifest: &str, files: &[(&str, &str)]) -> Package {
    let manifest = format!(
        "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n{manifest}"
    );
    Package::new(&[&SHARED[..], &[("Cargo.toml", &manifest), ("src/main.rs", MAIN)], files].concat())
}

fn measured(rows: &[(&str, u64)]) -> Vec<(String, u64)> {
    rows.iter().map(|(name, calls)| ((*name).to_owned(), *calls)).collect()
}

/// What the program records.
fn of_the_program() -> Vec<(String, u64)> {
    measured(&[("app::main", 1), ("block", 1), ("shared::Counter::next", 1), ("shared::helper", 1)])
}

#[test]
fn a_build_script_without_and_a_program_with_profiling() {
    let package = package(
        "[features]\nhotpath = [\"hotpath/hotpath\"]\n\n\
         [dependencies]\nhotpath = { HOTPATH }\nshared = { path = \"shared\" }\n\n\
         [build-dependencies]\nshared = { path = \"shared\" }\n",
        &[("build.rs", &format!("fn main() {{ {USED} }}"))],
    );
    assert_eq!(package.run(""), ["6"]);
    let lines = package.run("hotpath");
    assert_eq!(lines[0], "6");
    assert_eq!(calls(&report(&lines).expect("a report"), "functions_timing"), of_the_program());
}

#[test]
fn a_macro_with_and_a_program_without_profiling() {
    let maker = "[package]\nname = \"maker\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[lib]\nproc-macro = true\n\n\
                 [dependencies]\nhotpath = { HOTPATH, features = [\"hotpath\"] }\nshared = { path = \"../shared\" }\n";
    // That it is measured is seen in the program, which prints the report that was made when it was compiled.
    let code = r#"
        #[hotpath::measure]
        fn made() -> String {
            shared::helper(1).to_string()
        }

        #[proc_macro]
        pub fn report(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
            let guard = hotpath::HotpathGuardBuilder::new("maker").format(hotpath::Format::None).build();
            let made = made();
            let calls = hotpath::report_json().map_or(0, |report| report.matches("maker::made").count());
            drop(guard);
            format!("({made}, {})", calls > 0).parse().unwrap()
        }
    "#;
    let main = r#"
        #[hotpath::main(format = "json")]
        fn main() {
            println!("{:?} {}", maker::report!(), shared::helper(1));
        }
    "#;
    let package = package(
        "[features]\nhotpath = [\"hotpath/hotpath\"]\n\n\
         [dependencies]\nhotpath = { HOTPATH }\nshared = { path = \"shared\" }\nmaker = { path = \"maker\" }\n",
        &[("maker/Cargo.toml", maker), ("maker/src/lib.rs", code), ("src/main.rs", main)],
    );
    assert_eq!(package.run(""), ["(2, true) 2"]);
    let lines = package.run("hotpath");
    assert_eq!(lines[0], "(2, true) 2");
    let rows = measured(&[("app::main", 1), ("block", 1), ("shared::helper", 1)]);
    assert_eq!(calls(&report(&lines).expect("a report"), "functions_timing"), rows);
}

#[test]
fn off_in_one_world_is_not_off_in_the_other() {
    let build = "#[hotpath::measure]\nfn main() {}";
    let worlds = |host: &str, target: &str| {
        let manifest = format!(
            "[dependencies]\nhotpath = {{ HOTPATH, features = [{target}] }}\nshared = {{ path = \"shared\" }}\n\n\
             [build-dependencies]\nhotpath = {{ HOTPATH, features = [{host}] }}\n"
        );
        package(&manifest, &[("build.rs", build)]).run("")
    };
    let lines = worlds("\"hotpath-off\"", "\"hotpath\"");
    assert_eq!(calls(&report(&lines).expect("a report"), "functions_timing"), of_the_program());
    assert_eq!(worlds("\"hotpath\"", "\"hotpath\", \"hotpath-off\""), ["6"]);
}
