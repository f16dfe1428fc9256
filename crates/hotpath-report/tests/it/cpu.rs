//! CPU samples of functions, and native stacks.

use crate::fixtures::*;
use hotpath_report::render::Options;
use hotpath_report::stacks::{CpuStacks, Frame, Module, Stack};
use hotpath_report::{
    CpuScope, CpuStats, CpuTotals, FunctionKind, FunctionStats, Report, Table, Timing, Value, functions_cpu,
};
use insta::assert_snapshot;

fn rows() -> Vec<FunctionStats> {
    let mut rows = sync_functions();
    let samples = |own, total| {
        Some(CpuStats { self_samples: own, total_samples: Some(total), period_ns: Some(1_000_000) })
    };
    rows[0].cpu = samples(40, 70);
    rows[1].cpu = samples(5, 75);
    rows[2].cpu = samples(0, 0);
    let own = |samples| CpuStats::own(samples, 1_000_000);
    rows.push(FunctionStats::not_measured(8, FunctionStats::OUTSIDE, own(10)));
    rows.push(FunctionStats::not_measured(9, FunctionStats::UNMEASURED_THREADS, own(45)));
    rows
}

fn totals() -> CpuTotals {
    CpuTotals {
        total_samples: 100,
        attributed_samples: 45,
        period_ns: Some(1_000_000),
        polls: Some(25),
        longest_step_ns: Some(8_000_000),
        process_cpu_ns: Some(104_000_000),
    }
}

fn section(scope: CpuScope) -> Table {
    functions_cpu(&rows(), &totals(), scope)
}

#[test]
fn samples_of_functions_themselves() {
    assert_snapshot!(table(&report(vec![section(CpuScope::Exclusive)]), &Options::default()));
}

#[test]
fn samples_with_callees() {
    assert_snapshot!(table(&report(vec![section(CpuScope::Inclusive)]), &Options::default()));
}

#[test]
fn samples_for_machines() {
    let mut report = report(vec![section(CpuScope::Exclusive)]);
    report.cpu_stacks = Some(stacks("/bin/app", "ab01", [(3, &[7, 8]), (1, &[7])]));
    assert_snapshot!(json_pretty(&report));
}

#[test]
fn what_is_written_is_read() {
    for scope in [CpuScope::Exclusive, CpuScope::Inclusive] {
        let mut report = report(vec![section(scope)]);
        report.cpu_stacks = Some(stacks("/bin/app", "", [(3, &[7, 8]), (1, &[7])]));
        let text = json(&report);
        assert_eq!(json(&hotpath_analysis::read_report(&text).expect("a report")), text);
    }
}

#[test]
fn a_function_that_nobody_sampled_is_not_there_and_one_that_got_none_is() {
    let mut rows = rows();
    rows[0].cpu = None;
    let section = functions_cpu(&rows, &totals(), CpuScope::Exclusive);
    let names: Vec<_> = section.rows.iter().map(|row| section.cell(row, "name").to_string()).collect();
    assert_eq!(names.len(), rows.len() - 1, "{names:?}");
    let none = section.rows.iter().find(|row| section.cell(row, "self_samples") == &Value::Count(0));
    assert_eq!(section.cell(none.expect("a row"), "percent"), &Value::Percent(0.0));
}

#[test]
fn merged_runs_add_samples_and_times_and_shares_follow() {
    let merged = |a, b| {
        let merged = hotpath_analysis::merge(&report(vec![section(a)]), &report(vec![section(b)]));
        let section = merged.section("functions_cpu").expect("a section").clone();
        let row =
            section.rows.iter().find(|row| section.cell(row, "name").to_string().ends_with("sync_function"));
        let row = row.expect("a row").clone();
        let cell = |key| section.cell(&row, key).clone();
        [cell("samples"), cell("self_samples"), cell("total_samples"), cell("self_cpu_ns"), cell("percent")]
    };
    let [samples, own, total, cpu, percent] = merged(CpuScope::Exclusive, CpuScope::Exclusive);
    assert_eq!([samples, own, total], [80, 80, 140].map(Value::Count));
    assert_eq!((cpu, percent), (Value::Nanos(80_000_000), Value::Percent(40.0)));
    // Of two readings the first declared stays; its numbers are never mixed with the other's.
    let both = [(CpuScope::Exclusive, CpuScope::Inclusive), (CpuScope::Inclusive, CpuScope::Exclusive)];
    for (a, b) in both {
        assert_eq!(merged(a, b)[..3], [80, 80, 140].map(Value::Count));
    }
}

#[test]
fn plain_reports_are_read_in_either_scope_and_without_samples() {
    let text = |scope: &str| {
        format!(
            r#"{{"type": "hotpath_report", "functions_cpu": {{"time_elapsed": "1.00 s", "total_elapsed_ns": 1000000000,
            "total_samples": 200, "attributed_samples": 150, "caller_name": "app::main", "profile_path": "/tmp/x.json.gz",
            "description": "CPU sampling attribution per function ({scope}).",
            "data": [{{"id": 1, "name": "app::f", "samples": 150, "percent": "75.00%"}}]}}}}"#
        )
    };
    for scope in ["exclusive", "inclusive"] {
        let report = hotpath_analysis::read_report(&text(scope)).expect("a report");
        let section = report.section("functions_cpu").expect("a section");
        assert_eq!(section.spec.scope, Some(scope));
        let cell = |key| section.cell(&section.rows[0], key);
        assert_eq!((cell("samples"), cell("percent")), (&Value::Count(150), &Value::Percent(75.0)));
        assert_eq!((cell("self_cpu_ns"), cell("kind")), (&Value::Nothing, &Value::Nothing));
    }
    let failed = r#"{"type": "hotpath_report", "functions_cpu": {"message": "samply is missing"}}"#;
    let report = hotpath_analysis::read_report(failed).expect("a report");
    assert_eq!(report.notes, ["section `functions_cpu`: samply is missing"]);
}

#[test]
fn off_cpu_time_is_a_column_when_a_function_has_it() {
    let mut rows = sync_functions();
    let without = table(&report(vec![Table::of::<Timing>(&rows, &(), &[95.0])]), &Options::default());
    assert!(!without.contains("Off CPU"));
    rows[0].off_cpu_ns = Some(30_000);
    let with = table(&report(vec![Table::of::<Timing>(&rows, &(), &[95.0])]), &Options::default());
    assert!(with.contains("| Off CPU ") && with.contains("30.00 µs"), "{with}");
}

#[test]
fn the_caller_alone_is_no_measurement() {
    let main =
        rows().into_iter().filter(|row| row.kind == FunctionKind::Main || row.kind == FunctionKind::Outside);
    let section = functions_cpu(&main.collect::<Vec<_>>(), &totals(), CpuScope::Exclusive);
    assert!(!report(vec![section]).has_measurements());
}

/// Stacks of one module, with addresses for frames.
fn stacks<const N: usize>(path: &str, build_id: &str, stacks: [(u64, &[u64]); N]) -> CpuStacks {
    let mut sum = CpuStacks { period_ns: Some(1_000_000), ..CpuStacks::default() };
    for (samples, addresses) in stacks {
        let frame = |address: &u64| Frame { module: Some(0), address: *address, names: Vec::new() };
        sum.add(&CpuStacks {
            period_ns: Some(1_000_000),
            lost_samples: 1,
            modules: vec![Module { path: path.into(), build_id: build_id.into() }],
            frames: addresses.iter().map(frame).collect(),
            stacks: vec![Stack {
                samples,
                path: vec!["app::main".into()],
                frames: (0..addresses.len() as u32).collect(),
            }],
        });
    }
    sum
}

fn by_samples(stacks: &CpuStacks) -> Vec<(u64, Vec<String>)> {
    stacks.stacks.iter().map(|stack| (stack.samples, stacks.names(stack))).collect()
}

#[test]
fn equal_stacks_add_whatever_the_order_of_merging() {
    let a = stacks("/bin/app", "1", [(3, &[7, 8]), (1, &[7]), (2, &[7, 8])]);
    assert_eq!(
        by_samples(&a),
        [(5, vec!["app+0x8".to_owned(), "app+0x7".into()]), (1, vec!["app+0x7".into()])]
    );
    assert_eq!((a.lost_samples, a.frames.len(), a.modules.len()), (3, 2, 1));
    let b = stacks("/bin/app", "2", [(9, &[1]), (4, &[7])]);
    let merged = |first: &CpuStacks, second: &CpuStacks| {
        let of = |stacks: &CpuStacks| Report { cpu_stacks: Some(stacks.clone()), ..Report::default() };
        hotpath_analysis::merge(&of(first), &of(second)).cpu_stacks.expect("stacks")
    };
    assert_eq!(merged(&a, &b), merged(&b, &a));
    assert_eq!(merged(&a, &b).stacks.iter().map(|stack| stack.samples).sum::<u64>(), 19);
    assert_eq!(merged(&a, &b).modules.len(), 2, "another build is another module");
    let other = CpuStacks { period_ns: Some(7), ..b.clone() };
    assert_eq!((merged(&a, &other).period_ns, merged(&a, &b).period_ns), (None, Some(1_000_000)));
    assert_eq!(merged(&a, &CpuStacks::default()).period_ns, Some(1_000_000));
}

#[test]
fn a_stack_with_an_unknown_index_is_an_error() {
    let text = |stacks: &str| format!(r#"{{"type": "hotpath_report", "cpu_stacks": {stacks}}}"#);
    for (stacks, place) in [
        (r#"{"frames": [], "stacks": [{"samples": 1, "frames": [0]}]}"#, "cpu_stacks.stacks[0].frames[0]"),
        (r#"{"modules": [], "frames": [{"module": 0, "address": 1}]}"#, "cpu_stacks.frames[0].module"),
    ] {
        let error = hotpath_analysis::read_report(&text(stacks)).expect_err("it points nowhere").to_string();
        assert!(error.starts_with(&format!("{place}: expected an index into the list")), "{error}");
    }
}
