//! Allocations: everything is in one row, what is not called has no calls, and peaks do not add.

use crate::fixtures::*;
use hotpath_report::{
    AllocMetric, AllocScope, AllocStats, AllocTotals, FunctionKind, FunctionStats, Heading, Row, Table,
    Value, functions_alloc,
};
use proptest::prelude::*;

fn row_named<'a>(section: &'a Table, name: &str) -> &'a Row {
    let named = |row: &&Row| section.cell(row, "name").as_text() == Some(name);
    section.rows.iter().find(named).unwrap_or_else(|| panic!("no row {name}"))
}

fn merged(a: &Table, b: &Table) -> Table {
    hotpath_analysis::merge(&report(vec![a.clone()]), &report(vec![b.clone()])).sections.remove(0)
}

fn read(section: &Table) -> Table {
    let text = json(&report(vec![section.clone()]));
    hotpath_analysis::read_report(&text).expect("a report").sections.remove(0)
}

#[test]
fn the_outside_row_has_sums_and_no_numbers_per_call() {
    // Whatever else the row says: nothing was called, so nothing is known of calls.
    let mut outside = outside(9, &[], &alloc_totals());
    outside.source = source("src/main.rs", 1);
    outside.sampled_calls = Some(3);
    for (metric, scope) in alloc_readings() {
        let section = functions_alloc(&[outside.clone()], &alloc_totals(), metric, scope, &[95.0]);
        let (row, written) = (&section.rows[0], read(&section));
        assert!(section.is_outside(row) && !section.is_pinned(row));
        for (heading, value) in section.headings.iter().zip(&row.cells) {
            let identity = heading.identity();
            let known = match identity.as_str() {
                "id" | "name" | "kind" | "self_bytes" | "total_bytes" | "self_count" | "total_count" => true,
                "freed_bytes" | "total_freed_bytes" | "freed_count" | "kept_bytes" => true,
                "percent_total" => scope != AllocScope::Peak,
                _ => false,
            };
            assert_eq!(!value.is_nothing(), known, "{metric:?} {scope:?} {identity} is {value}");
            assert_eq!(written.cell(&written.rows[0], &identity), value, "{metric:?} {scope:?} {identity}");
        }
        assert_eq!(section.cell(row, "kept_bytes"), &Value::SignedBytes((4 << 20) - (5 << 20)));
        assert_eq!(section.cell(row, "total_bytes"), section.cell(row, "self_bytes"));
    }
}

#[test]
fn shares_are_of_all_that_the_process_allocated() {
    let share = |metric, scope, name| {
        let section = alloc_section(metric, scope);
        section.cell(row_named(&section, name), "percent_total").to_string()
    };
    let caller = "basic::main";
    assert_eq!(share(AllocMetric::Bytes, AllocScope::Exclusive, caller), "25.00%");
    assert_eq!(share(AllocMetric::Bytes, AllocScope::Cumulative, caller), "25.17%");
    assert_eq!(share(AllocMetric::Count, AllocScope::Exclusive, "<outside>"), "70.00%");
    assert_eq!(share(AllocMetric::Bytes, AllocScope::Peak, caller), "-");
    assert_eq!(share(AllocMetric::Count, AllocScope::Peak, caller), "-");
}

#[test]
fn the_order_is_that_of_the_measure() {
    let names = |metric, scope| {
        let section = alloc_section(metric, scope);
        let names = section.rows.iter().map(|row| section.cell(row, "name").to_string());
        names.collect::<Vec<_>>()
    };
    let (caller, sync, block) = ("basic::main", "basic::sync_function", "custom_block");
    let by_size = [caller, "<outside>", sync, block];
    assert_eq!(names(AllocMetric::Bytes, AllocScope::Exclusive), by_size);
    assert_eq!(names(AllocMetric::Count, AllocScope::Cumulative), by_size);
    assert_eq!(names(AllocMetric::Bytes, AllocScope::Peak), [caller, sync, "<outside>", block]);
}

#[test]
fn of_two_runs_sums_add_and_the_larger_peak_stays() {
    let with_alloc = |total: &[u64]| {
        let mut row = function(1, "f", &[1; 2], 1);
        row.alloc = alloc(total, total);
        row
    };
    let rows = |total: &[u64]| {
        let function = with_alloc(total);
        let outside = outside(2, std::slice::from_ref(&function), &alloc_totals());
        [function, outside]
    };
    let (first, second) = (rows(&[1_000, 6_000]), rows(&[200, 400]));
    for (metric, scope) in alloc_readings() {
        let section = |rows: &[FunctionStats]| functions_alloc(rows, &alloc_totals(), metric, scope, &[50.0]);
        let sum = merged(&section(&first), &section(&second));
        assert_eq!(sum.rows.len(), 2, "the rows of what happened outside are one");
        let f = |key| sum.cell(row_named(&sum, "f"), key).clone();
        assert_eq!((f("total_bytes"), f("self_bytes")), (Value::Bytes(7_600), Value::Bytes(7_600)));
        assert_eq!((f("peak_bytes"), f("peak_count")), (Value::Bytes(3_000), Value::Count(2)));
        assert_eq!((f("freed_count"), f("total_freed_bytes")), (Value::Count(14), Value::Bytes(8_192)));
        assert_eq!(f("kept_bytes"), Value::SignedBytes(7_600 - 8_192));
        let outside = |key| sum.cell(row_named(&sum, "<outside>"), key).clone();
        assert_eq!(outside("self_bytes"), Value::Bytes((8 << 20) - 7_600));
        assert_eq!((outside("calls"), outside("peak_bytes")), (Value::Nothing, Value::Nothing));
    }
    let peaks = |rows| functions_alloc(rows, &alloc_totals(), AllocMetric::Bytes, AllocScope::Peak, &[50.0]);
    let sum = merged(&peaks(&first), &peaks(&second));
    let f = |key| sum.cell(row_named(&sum, "f"), key).clone();
    assert_eq!(
        (f("alloc_peak_bytes.avg"), f("alloc_peak_bytes.max")),
        (Value::Bytes(950), Value::Bytes(3_000))
    );
    assert_eq!(f("percent_total"), Value::Nothing);
}

#[test]
fn merging_what_was_read_is_merging_what_was_made() {
    for (metric, scope) in alloc_readings() {
        let section = alloc_section(metric, scope);
        let written = |section: Table| json(&report(vec![section]));
        let again = read(&section);
        assert_eq!(written(merged(&again, &again)), written(merged(&section, &section)));
    }
}

/// A caller, functions, and what happened outside, which together allocated the totals.
fn any_run() -> impl Strategy<Value = (Vec<FunctionStats>, AllocTotals)> {
    let own = || (0..1u64 << 40, 0..1u64 << 30);
    (own(), prop::collection::vec(own(), 0..8), own()).prop_map(|(caller, functions, outside)| {
        let stats = |(self_bytes, self_count)| AllocStats { self_bytes, self_count, ..AllocStats::default() };
        let row = |(id, own): (u32, (u64, u64))| FunctionStats {
            id,
            name: format!("app::f{id}"),
            alloc: Some(stats(own)),
            ..FunctionStats::default()
        };
        let mut rows: Vec<_> =
            [caller].into_iter().chain(functions).zip(0u32..).map(|(own, id)| row((id, own))).collect();
        rows[0].kind = FunctionKind::Main;
        rows.push(FunctionStats::outside(100, stats(outside)));
        let own = |of: fn(&AllocStats) -> u64| rows.iter().filter_map(|f| f.alloc.as_ref()).map(of).sum();
        let totals = AllocTotals {
            total_bytes: Some(own(|alloc| alloc.self_bytes)),
            total_count: Some(own(|alloc| alloc.self_count)),
            live_bytes: None,
            unattributed_bytes: Some(outside.0),
        };
        (rows, totals)
    })
}

/// Own allocations of all rows are those of the process, and the shares of them are the whole.
fn check_balance(section: &Table, metric: AllocMetric) {
    let number = |row, key| section.cell(row, key).number().expect("a number");
    let field = |key: &str| {
        let named = section.fields.iter().find(|(column, _)| Heading::whole(column).identity() == key);
        named.and_then(|(_, value)| value.number()).expect("a field")
    };
    let sum = |key| section.rows.iter().map(|row| number(row, key)).sum::<u64>();
    assert_eq!(sum("self_bytes"), field("total_allocated_bytes"));
    assert_eq!(sum("self_count"), field("total_allocated_count"));
    assert_eq!(number(row_named(section, "<outside>"), "self_bytes"), field("unattributed_bytes"));
    let share = |row| match section.cell(row, "percent_total") {
        Value::Percent(share) => *share,
        _ => 0.0,
    };
    let all = match metric {
        AllocMetric::Bytes => field("total_allocated_bytes"),
        AllocMetric::Count => field("total_allocated_count"),
    };
    let shares: f64 = section.rows.iter().map(share).sum();
    let whole = if all == 0 { 0.0 } else { 100.0 };
    assert!((shares - whole).abs() < 1e-6, "shares are {shares} % of {all}");
}

proptest! {
    #[test]
    fn all_rows_together_are_all_that_was_allocated(a in any_run(), b in any_run()) {
        for metric in [AllocMetric::Bytes, AllocMetric::Count] {
            let section = |(rows, totals): &(Vec<FunctionStats>, AllocTotals)| {
                functions_alloc(rows, totals, metric, AllocScope::Exclusive, &[50.0])
            };
            let (a, b) = (section(&a), section(&b));
            check_balance(&a, metric);
            check_balance(&merged(&a, &b), metric);
            check_balance(&merged(&read(&a), &b), metric);
        }
    }
}
