//! The cost of a call is not measured while calls are not recorded. In a process of its own: it is measured once.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

#[test]
fn a_report_while_paused_does_not_say_that_calls_cost_nothing() {
    let _guard = hotpath::HotpathGuardBuilder::new("paused").format(hotpath::Format::None).build();
    let overhead = || {
        let report = hotpath::report_json().expect("a session is running");
        serde_json::from_str::<serde_json::Value>(&report).expect("JSON")["overhead"].clone()
    };
    hotpath::pause();
    assert!(overhead().is_null());
    hotpath::resume();
    assert!(overhead()["per_call_ns"].as_f64().is_some_and(|cost| cost > 0.0));
}
