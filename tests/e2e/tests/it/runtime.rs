//! The runtime of a program, as its report tells of it.

use crate::common::{command, ended};

const PROGRAM: &str = env!("CARGO_BIN_EXE_runtime");

#[test]
fn the_report_has_the_runtime_with_its_history_and_the_channel() {
    let settings = [("HOTPATH_OUTPUT_FORMAT", "json"), ("HOTPATH_TOKIO_RUNTIME_INTERVAL_MS", "2")];
    let run = ended(command(PROGRAM).envs(settings));
    let report = run.report();
    let runtime = &report["tokio_runtime"];
    assert_eq!((&runtime["num_workers"], &runtime["sample_interval_ms"]), (&2.into(), &2.into()), "{run:#?}");
    let len = |key: &str| runtime[key].as_array().map_or(0, Vec::len);
    assert_eq!((len("runtimes"), len("workers")), (1, 2));
    assert!(len("history") > 2, "{runtime:#}");
    let channel = &report["channels"]["data"][0];
    assert_eq!((&channel["label"], &channel["channel_type"]), (&"jobs".into(), &"bounded[128]".into()));
    assert_eq!((&channel["sent_count"], &channel["received_count"]), (&1000.into(), &1000.into()));
    assert!(run.stdout.starts_with("499500\n"), "{run:#?}");
}

#[test]
fn a_table_has_a_line_for_each_runtime_and_each_worker() {
    let run = ended(command(PROGRAM).envs([("HOTPATH_TOKIO_RUNTIME_INTERVAL_MS", "2")]));
    for wanted in ["| Runtime | Flavor ", "| 1       | multi_thread ", "| Worker | Busy ", "| jobs "] {
        assert!(run.stdout.contains(wanted), "{wanted}: {run:#?}");
    }
}

#[test]
fn an_interval_of_nothing_is_told_and_the_program_goes_on() {
    let settings = [
        ("HOTPATH_OUTPUT_FORMAT", "json"),
        ("HOTPATH_TOKIO_RUNTIME_INTERVAL_MS", "-1"),
        ("HOTPATH_SHUTDOWN_MS", "50"),
    ];
    let run = ended(command(PROGRAM).envs(settings));
    assert!(run.stderr.contains("HOTPATH_TOKIO_RUNTIME_INTERVAL_MS=\"-1\""), "{run:#?}");
    assert_eq!(run.report()["tokio_runtime"]["sample_interval_ms"], 1000, "{run:#?}");
}
