//! `dbg!`, `val!` and `gauge!` show the values that the program gave them.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use common::{Row, Session, session};

fn entries(session: &Session, kind: &str) -> Vec<Row> {
    let report = session.report();
    let entries = report.0["debug"]["entries"].as_array().cloned().unwrap_or_default();
    entries.into_iter().map(Row).filter(|row| row.text("entry_type") == kind).collect()
}

#[track_caller]
fn entry(session: &Session, kind: &str, expression: &str) -> Row {
    let mut found = entries(session, kind);
    found.retain(|row| row.text("expression") == expression);
    assert_eq!(found.len(), 1, "{kind} {expression}: {found:#?}");
    found.remove(0)
}

#[derive(Debug, PartialEq)]
struct Moved(u32);

#[test]
fn dbg_gives_its_values_back_and_keeps_the_last() {
    let session = session();
    let mut line = 0;
    for n in 0..3 {
        let value = Moved(n);
        line = line!() + 1;
        assert_eq!(hotpath::dbg!(value), Moved(n)); // moved in, and out again
    }
    let (a, b, c) = hotpath::dbg!(1 + 1, "two", vec![Moved(3)],);
    assert_eq!((a, b, &c[..]), (2, "two", &[Moved(3)][..]));
    let borrowed = hotpath::dbg!(&c);
    assert_eq!(borrowed.len(), 1);
    hotpath::dbg!();
    let row = entry(&session, "dbg", "value");
    assert_eq!((row.text("last_value"), row.number("log_count")), ("Moved(2)", 3));
    assert!(row.text("source").ends_with(&format!("debug_values.rs:{line}")), "{row:?}");
    assert!(row.text("source_display").starts_with("debug_values.rs:"));
    assert!(row.is_unknown("value") && row.is_unknown("min"));
    assert_eq!(entry(&session, "dbg", "\"two\"").text("last_value"), "\"two\"");
    assert_eq!(entry(&session, "dbg", "&c").text("last_value"), "[Moved(3)]");
}

#[test]
fn a_key_is_the_same_everywhere_whatever_it_is_made_of() {
    let session = session();
    hotpath::val!("user").set(&1);
    hotpath::val!(String::from("user")).set("text");
    hotpath::val!("user").set(&[2]);
    let shard = 7;
    hotpath::val!(shard).set(&"by number");
    hotpath::val!(7).set(&"again");
    std::thread::spawn(|| hotpath::val!("user").set(&Some(3))).join().expect("it ends");
    let row = entry(&session, "val", "user");
    assert_eq!((row.text("last_value"), row.number("log_count")), ("Some(3)", 4));
    assert_eq!(entry(&session, "val", "7").number("log_count"), 2);
    assert!(entries(&session, "gauge").iter().all(|row| row.text("expression") != "user"));
}

#[test]
fn long_values_are_cut() {
    let session = session();
    hotpath::val!("long").set(&"x".repeat(5_000));
    let row = entry(&session, "val", "long");
    assert!((1_500..1_600).contains(&row.text("last_value").chars().count()));
}

#[test]
fn a_gauge_goes_up_and_down_and_has_its_extremes() {
    let session = session();
    hotpath::gauge!("queue").set(10).inc(5_u8).dec(0.5_f32).dec(-1_i64);
    let row = entry(&session, "gauge", "queue");
    assert_eq!((row.text("last_value"), row.number("log_count")), ("15.5", 4));
    let floats = ["value", "min", "max"].map(|key| row.0[key].as_f64().expect("a number"));
    assert_eq!(floats, [15.5, 10.0, 15.5]);
    hotpath::gauge!("strange").set(f64::NAN);
    let row = entry(&session, "gauge", "strange");
    assert_eq!(row.text("last_value"), "NaN");
    assert!(row.is_unknown("value") && row.is_unknown("min") && row.is_unknown("max"));
    hotpath::gauge!("strange").set(f64::INFINITY).set(-2);
    assert_eq!(entry(&session, "gauge", "strange").0["min"], -2.0);
}

#[test]
fn threads_lose_no_change_of_a_gauge() {
    let session = session();
    let work = || {
        (0..5_000).for_each(|n| {
            hotpath::gauge!("steps").inc(2);
            hotpath::gauge!(format!("ste{}", "ps")).dec(i32::from(n % 2 == 0));
        });
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));
    let row = entry(&session, "gauge", "steps");
    assert_eq!((row.text("last_value"), row.number("log_count")), ("30000", 40_000));
    let max = row.0["max"].as_f64().expect("a number");
    assert!((30_000.0..=40_000.0).contains(&max), "{max}");
}

#[test]
fn a_gauge_outlives_sessions_and_its_extremes_do_not() {
    {
        let _first = session();
        hotpath::gauge!("alive").set(100);
    }
    hotpath::gauge!("alive").dec(60); // what goes up comes down, also now
    hotpath::val!("alive").set(&1); // nobody looks
    let second = session();
    assert!(entries(&second, "gauge").iter().all(|row| row.text("expression") != "alive"));
    hotpath::gauge!("alive").inc(1);
    let row = entry(&second, "gauge", "alive");
    assert_eq!((row.text("last_value"), row.number("log_count")), ("41", 1));
    assert_eq!((&row.0["min"], &row.0["max"]), (&41.0.into(), &41.0.into()));
    assert!(entries(&second, "val").iter().all(|row| row.text("expression") != "alive"));
    hotpath::reset();
    hotpath::gauge!("alive").inc(1);
    assert_eq!(entry(&second, "gauge", "alive").0["min"], 42.0);
}
