//! What the macros accept (`pass`), and what they say to wrong use (`fail`, with the messages beside each program).

#[test]
fn programs() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*.rs");
}
