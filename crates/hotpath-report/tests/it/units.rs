//! Units: what is written, and that it can be read back.

use hotpath_report::units::*;
use proptest::prelude::*;

#[test]
fn durations() {
    let check = |ns, text: &str| assert_eq!(format_duration(ns), text);
    check(0, "0 ns");
    check(999, "999 ns");
    check(1_000, "1.00 µs");
    check(67_040, "67.04 µs");
    check(999_994, "999.99 µs");
    check(999_995, "1.00 ms");
    check(999_999, "1.00 ms");
    check(999_999_999, "1.00 s");
    check(122_130_000, "122.13 ms");
    check(3_600_000_000_000, "3600.00 s");
    check(u64::MAX, "18446744073.71 s");
}

#[test]
fn durations_are_read_in_every_spelling() {
    let check = |text, ns| assert_eq!(parse_duration(text), ns, "{text}");
    check("1.16 ms", Some(1_160_000));
    check("1.16ms", Some(1_160_000));
    check(" 125.00ns ", Some(125));
    check("67.04µs", Some(67_040));
    check("67.04\u{3bc}s", Some(67_040));
    check("67.04us", Some(67_040));
    check(".5 s", Some(500_000_000));
    check("0.123456789 s", Some(123_456_789));
    check("18446744073.71 s", Some(u64::MAX));
    check("99999999999999999999999 s", Some(u64::MAX));
    for wrong in ["", "ms", "1.2.3 ms", "-1 ms", "5", "5 h", ". s", "1e3 ns"] {
        check(wrong, None);
    }
}

#[test]
fn sizes() {
    let check = |bytes, text: &str| assert_eq!(format_bytes(bytes), text);
    check(0, "0 B");
    check(1_023, "1023 B");
    check(1_024, "1.0 KB");
    check((1 << 20) - 1, "1.0 MB");
    check(3 << 30, "3.0 GB");
    check(u64::MAX, "16777216.0 TB");
    assert_eq!(parse_bytes("16777216.0 TB"), Some(u64::MAX));
    assert_eq!(parse_bytes("1.5MB"), Some(1_572_864));
    assert_eq!(parse_bytes("1.5 XB"), None);
}

#[test]
fn differences_of_sizes_and_loads() {
    let check = |bytes, text: &str| {
        assert_eq!(format_signed_bytes(bytes), text);
        assert_eq!(parse_signed_bytes(text), Some(bytes));
    };
    check(0, "0 B");
    check(-1, "-1 B");
    check(-(3 << 30), "-3.0 GB");
    check(i64::MIN, "-8388608.0 TB");
    check(i64::MAX, "8388608.0 TB");
    assert_eq!(parse_signed_bytes("16777216.0 TB"), Some(i64::MAX));
    for wrong in ["-", "--1 B", "- 1", ""] {
        assert_eq!(parse_signed_bytes(wrong), None, "{wrong}");
    }
    assert_eq!((format_load(0), format_load(1_000)), ("0.0%".to_owned(), "100.0%".to_owned()));
    for load in [0, 1, 9, 10, 999, 1_000] {
        assert_eq!(parse_load(&format_load(load)), Some(load));
    }
}

#[test]
fn counts_shares_and_rates() {
    assert_eq!(format_count(0), "0");
    assert_eq!(format_count(999), "999");
    assert_eq!(format_count(1_000), "1,000");
    assert_eq!(format_count(u64::MAX), "18,446,744,073,709,551,615");
    assert_eq!(parse_count(""), None);
    assert_eq!(parse_count("-1"), None);
    assert_eq!(format_percent(0.0), "0.00%");
    assert_eq!(parse_percent("100.00 %"), Some(100.0));
    assert_eq!(parse_percent("NaN%"), None);
    assert_eq!(format_rate(999.999), "1,000/s");
    assert_eq!(format_rate(0.0), "0.00/s");
}

#[test]
fn percentile_names() {
    assert_eq!(format_percentile_key(95.0), "p95");
    assert_eq!(format_percentile_header(99.9), "P99.9");
    assert_eq!(parse_percentile_key("p99.9"), Some(99.9));
    for other in ["p", "p101", "percent_total", "polls", "95"] {
        assert_eq!(parse_percentile_key(other), None, "{other}");
    }
}

#[test]
fn function_names_keep_the_suffix_that_distinguishes_them() {
    let check = |name, depth, short: &str| assert_eq!(shorten_function_name(name, depth), short, "{name}");
    check("a::b::c::d", 2, "c::d");
    check("a::b::c::d", 1, "d");
    check("a::b::c::d", 0, "a::b::c::d");
    check("a::b", 9, "a::b");
    check("custom_block", 2, "custom_block");
    check("load users", 2, "load users");
    check("", 2, "");
    check("a::b::Map<x::K, y::V>::get", 2, "Map<x::K, y::V>::get");
    check("<a::b::T as c::d::Trait>::run", 2, "<a::b::T as c::d::Trait>::run");
    check("a::b::<T as c::Trait>::run", 1, "run");
    check("a::apply<fn(b::X) -> c::Y>::run", 2, "apply<fn(b::X) -> c::Y>::run");
    check("a::b::{{closure}}", 2, "b::{{closure}}");
    check("a::b::c (src/a::b.rs:12)", 2, "b::c (src/a::b.rs:12)");
    check("größe::計算::する", 2, "計算::する");
    check("a::", 1, "");
    check("::", 2, "::");
}

#[test]
fn text_is_cut_between_characters() {
    let text = "aé計";
    assert_eq!((0..8).map(|i| floor_char_boundary(text, i)).collect::<Vec<_>>(), [0, 1, 1, 3, 3, 3, 6, 6]);
    assert_eq!((0..8).map(|i| ceil_char_boundary(text, i)).collect::<Vec<_>>(), [0, 1, 3, 3, 6, 6, 6, 6]);
    assert_eq!(format_debug_truncated("日本語", 5), "\"日...");
    assert_eq!(format_debug_truncated(&(0..1_000_000).collect::<Vec<u32>>(), 10), "[0, 1, 2, ...");
}

proptest! {
    #[test]
    fn what_is_written_is_read_and_written_the_same(n in prop_oneof![0..10_000_000u64, any::<u64>()]) {
        let duration = format_duration(n);
        prop_assert_eq!(format_duration(parse_duration(&duration).expect("a duration")), duration);
        let size = format_bytes(n);
        prop_assert_eq!(format_bytes(parse_bytes(&size).expect("a size")), size);
        let difference = format_signed_bytes(n.cast_signed());
        prop_assert_eq!(format_signed_bytes(parse_signed_bytes(&difference).expect("a size")), difference);
        prop_assert_eq!(parse_count(&format_count(n)), Some(n));
    }

    #[test]
    fn reading_loses_no_more_than_the_last_digit(n in any::<u64>()) {
        let read = parse_duration(&format_duration(n)).expect("a duration");
        prop_assert!(read.abs_diff(n) <= n / 100 / 2 + 1);
    }

    #[test]
    fn no_text_makes_a_reader_or_a_cut_panic(text in any::<String>(), depth in 0usize..4, at in 0usize..40) {
        let _ = (parse_duration(&text), parse_bytes(&text), parse_signed_bytes(&text));
        let _ = (parse_count(&text), parse_percent(&text));
        prop_assert!(text.ends_with(&shorten_function_name(&text, depth)));
        prop_assert!(floor_char_boundary(&text, at) <= ceil_char_boundary(&text, at));
    }
}
