//! What functions are called, and which of them share a row.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use common::session;

trait Speaks {
    fn speak(&self) -> u32;
}

struct Cat;
struct Dog;

impl Speaks for Cat {
    #[hotpath::measure]
    fn speak(&self) -> u32 {
        1
    }
}

impl Speaks for Dog {
    #[hotpath::measure]
    fn speak(&self) -> u32 {
        2
    }
}

#[test]
fn implementations_of_one_trait_have_rows_of_their_own() {
    let session = session();
    let all: [&dyn Speaks; 3] = [&Cat, &Dog, &Dog];
    assert_eq!(all.iter().map(|one| one.speak()).sum::<u32>(), 5);
    let report = session.report();
    let rows: Vec<_> =
        report.functions().into_iter().filter(|row| row.text("name").contains("speak")).collect();
    assert_eq!(rows.len(), 2, "{:?}", report.names());
    assert_ne!(rows[0].text("name"), rows[1].text("name"));
    let mut calls: Vec<u64> = rows.iter().map(|row| row.calls()).collect();
    calls.sort_unstable();
    assert_eq!(calls, [1, 2]);
}

struct Left;
struct Right;

#[hotpath::measure_all]
impl Speaks for Left {
    fn speak(&self) -> u32 {
        3
    }
}

#[hotpath::measure_all]
impl Speaks for Right {
    fn speak(&self) -> u32 {
        4
    }
}

#[hotpath::measure_all]
impl Left {
    fn make() -> Self {
        Self
    }

    #[hotpath::skip]
    fn unmeasured(&self) {}
}

#[hotpath::measure_all]
mod module {
    pub fn direct() {}

    pub async fn direct_async() {}

    #[hotpath::skip]
    pub fn left_out() {}
}

#[test]
fn measure_all_names_by_type_and_module() {
    let session = session();
    let left = Left::make();
    assert_eq!(left.speak() + Right.speak(), 7);
    left.unmeasured();
    module::direct();
    smol::block_on(module::direct_async());
    module::left_out();
    let mut names: Vec<String> =
        session.report().functions().iter().map(|row| row.text("name").to_owned()).collect();
    names.sort_unstable();
    let wanted = ["Left::make", "Left::speak", "Right::speak", "module::direct", "module::direct_async"];
    assert_eq!(names, wanted.map(|name| format!("names::{name}")));
}

#[hotpath::measure(label = "shared")]
fn one() {}

#[hotpath::measure(label = "shared")]
fn two() {}

#[test]
fn equal_labels_are_one_row() {
    let session = session();
    one();
    two();
    for label in ["block", "block"] {
        hotpath::measure_block!(label, ());
    }
    hotpath::measure_block!("block", ());
    hotpath::measure_block!("other", ());
    let report = session.report();
    assert_eq!(report.row("shared").calls(), 2);
    assert_eq!((report.row("block").calls(), report.row("other").calls()), (3, 1));
    assert_eq!(report.row("block").text("kind"), "block");
}

#[hotpath::measure]
fn generic<T: Default>() -> T {
    T::default()
}

#[hotpath::measure(impl_type = "Named")]
fn of_a_type() {}

#[hotpath::measure]
fn r#match() {}

#[test]
fn generic_functions_are_one_row_and_names_are_paths() {
    let session = session();
    let _: (u8, String, Vec<u8>) = (generic(), generic(), generic());
    of_a_type();
    r#match();
    let report = session.report();
    assert_eq!(report.row("generic").calls(), 3);
    let row = report.row("generic");
    assert_eq!(row.text("name"), "names::generic");
    assert!(row.0["source"]["file"].as_str().is_some_and(|file| file.ends_with("names.rs")), "{row:#?}");
    assert!(row.0["source"]["line"].as_u64().is_some_and(|line| line > 1));
    assert_eq!(report.row("of_a_type").text("name"), "names::Named::of_a_type");
    assert_eq!(report.row("match").calls(), 1);
}

#[test]
fn the_caller_may_be_called_like_a_measured_function() {
    let session = common::session_with(|_| {
        hotpath::HotpathGuardBuilder::new("names::generic").format(hotpath::Format::None)
    });
    let _: u8 = generic();
    let report = session.report();
    assert_eq!(report.rows()[0].text("kind"), "main");
    assert_eq!(report.functions()[0].calls(), 1);
}
