//! Every format on reports built by hand, and properties that hold for all formats.

use std::collections::BTreeSet;
use std::io::Read;

use hotpath_report::stacks::{self, CpuStacks};
use hotpath_report::{FunctionStats, Meta, Report, Source, Table, Timing, TreeNode};
use proptest::prelude::*;
use prost::Message;
use serde_json::Value;

use super::profile::{Profile, Side};
use super::weight::{Choice, WEIGHTS};
use super::{Format, check, pprof_proto, written};

const TIME: usize = 0;
const BYTES: usize = 2;
const CALLS: usize = 4;

fn node(name: &str, calls: u64, self_ns: u64, children: Vec<TreeNode>) -> TreeNode {
    let total_ns = self_ns + children.iter().map(|child| child.total_ns).sum::<u64>();
    TreeNode { name: name.into(), calls, total_ns, self_ns, children, ..TreeNode::default() }
}

fn with_memory(node: TreeNode, bytes: u64, count: u64) -> TreeNode {
    TreeNode { alloc_bytes: Some(bytes), alloc_count: Some(count), ..node }
}

fn of_tree(call_tree: Vec<TreeNode>) -> Report {
    Report {
        caller_name: "shop::main".into(),
        duration_ns: 12_000_000,
        meta: Meta {
            os: "linux".into(),
            created_at: "2026-11-21T13:44:27Z".into(),
            git_sha: Some("0123456789abcdef".into()),
            ..Meta::default()
        },
        call_tree,
        ..Report::default()
    }
}

/// A program with known times and allocations, and the source location of one function.
fn shop() -> Report {
    let price = with_memory(node("shop::price", 3, 1_500_000, vec![]), 4_096, 12);
    let order = with_memory(node("shop::order", 2, 2_000_001, vec![price]), 100, 1);
    let main = with_memory(node("shop::main", 1, 500_000, vec![order]), 0, 0);
    let worker = with_memory(node("background work", 7, 3_000_000, vec![]), 2_048, 2);
    let source = Source { file: "src/price.rs".into(), line: 12, column: 5 };
    let rows =
        [FunctionStats { name: "shop::price".into(), source: Some(source), ..FunctionStats::default() }];
    Report {
        sections: vec![Table::of::<Timing>(&rows, &(), &[95.0])],
        notes: vec!["3 calls were lost".into()],
        ..of_tree(vec![main, worker])
    }
}

/// A later version of the program: slower in one function, with one path removed and one new.
fn later() -> Report {
    let order = with_memory(node("shop::order", 2, 3_000_000, vec![]), 100, 1);
    let tax = with_memory(node("shop::tax", 2, 250_000, vec![]), 0, 0);
    let main = with_memory(node("shop::main", 1, 500_000, vec![order, tax]), 64, 1);
    let worker = with_memory(node("background work", 7, 3_000_000, vec![]), 2_048, 2);
    of_tree(vec![main, worker])
}

/// Names that could end or start something in one of the formats.
const HOSTILE: [&str; 9] = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<[u8; 4] as core::fmt::Debug>::fmt",
    "say \"it\" 'so' \\ {{data}} {{script}}",
    "two\nlines\r\n\u{2028}and 7",
    "naïve::größe::数える🦀",
    "",
    "\u{0}\u{7}\u{1b}[31mred",
    "ends with a number 42",
];

fn hostile() -> Report {
    let leaves = HOSTILE.iter().map(|name| node(name, 1, 1_000, vec![])).collect();
    of_tree(vec![node(HOSTILE[0], 1, 1_000, leaves)])
}

fn profile(report: &Report) -> Profile {
    Profile::of(report, "head.json").expect("a profile")
}

fn difference() -> Profile {
    Profile::difference((&shop(), "base.json"), (&later(), "head.json")).expect("a difference")
}

fn output(profile: &Profile, format: Format, weight: Choice) -> String {
    String::from_utf8(written(profile, format, weight).expect("an output")).expect("text")
}

fn json(profile: &Profile, format: Format, weight: Choice) -> Value {
    serde_json::from_str(&output(profile, format, weight)).expect("JSON")
}

fn pprof(profile: &Profile, weight: Choice) -> pprof_proto::Profile {
    let gzip = written(profile, Format::Pprof, weight).expect("an output");
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&*gzip).read_to_end(&mut bytes).expect("gzip");
    pprof_proto::Profile::decode(&*bytes).expect("a profile")
}

/// The data in the page.
fn page_data(profile: &Profile, weight: Choice) -> Value {
    let page = output(profile, Format::Flamegraph, weight);
    let (_, data) = page.split_once("<script id=\"data\" type=\"application/json\">").expect("data");
    let (data, _) = data.split_once("</script>").expect("its end");
    serde_json::from_str(data).expect("JSON")
}

fn pretty(value: &Value) -> String {
    unversioned(&serde_json::to_string_pretty(value).expect("JSON"))
}

fn shown(profile: &pprof_proto::Profile) -> String {
    unversioned(&format!("{profile:#?}"))
}

fn unversioned(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn collapsed_stacks() {
    insta::assert_snapshot!(output(&profile(&shop()), Format::Collapsed, Choice::Time));
}

#[test]
fn collapsed_stacks_of_bytes() {
    insta::assert_snapshot!(output(&profile(&shop()), Format::Collapsed, Choice::Bytes));
}

#[test]
fn collapsed_stacks_of_a_difference_have_base_and_head() {
    insta::assert_snapshot!(output(&difference(), Format::Collapsed, Choice::Time));
}

#[test]
fn speedscope_has_a_profile_per_weight() {
    insta::assert_snapshot!(pretty(&json(&profile(&shop()), Format::Speedscope, Choice::Bytes)));
}

#[test]
fn firefox_has_a_thread_per_weight() {
    insta::assert_snapshot!(pretty(&json(&profile(&shop()), Format::Firefox, Choice::Bytes)));
}

#[test]
fn a_trace_is_laid_out_by_total_time() {
    insta::assert_snapshot!(pretty(&json(&profile(&shop()), Format::Trace, Choice::Time)));
}

#[test]
fn pprof_has_all_weights_and_locations() {
    insta::assert_snapshot!(shown(&pprof(&profile(&shop()), Choice::Bytes)));
}

#[test]
fn pprof_of_a_difference_takes_the_base_away() {
    insta::assert_snapshot!(shown(&pprof(&difference(), Choice::Time)));
}

#[test]
fn the_page_holds_the_tree() {
    insta::assert_snapshot!(pretty(&page_data(&profile(&shop()), Choice::SelfTime)));
}

#[test]
fn the_page_of_a_difference_holds_both_sides() {
    insta::assert_snapshot!(pretty(&page_data(&difference(), Choice::Time)));
}

/// The shop with CPU samples, some of them below `shop::price` on the caller's thread.
fn sampled() -> Report {
    let cpu = |node: TreeNode, samples| TreeNode { cpu_samples: Some(samples), ..node };
    let price = cpu(node("shop::price", 3, 1_500_000, vec![]), 9);
    let main = cpu(node("shop::main", 1, 500_000, vec![price]), 1);
    let frame = |name: &str| stacks::Frame { names: vec![name.into()], ..stacks::Frame::default() };
    let stack = |samples, frames: &[u32]| stacks::Stack {
        samples,
        path: vec!["shop::price".into()],
        frames: frames.to_vec(),
    };
    let cpu_stacks = CpuStacks {
        frames: ["main", "shop::price", "core::slice::sort", "memcpy"].map(frame).to_vec(),
        stacks: vec![stack(4, &[2, 1, 0]), stack(2, &[3, 2, 1, 0]), stack(1, &[1, 0])],
        ..CpuStacks::default()
    };
    Report { cpu_stacks: Some(cpu_stacks), ..of_tree(vec![main]) }
}

#[test]
fn native_frames_are_below_the_measured_function_and_change_no_sum() {
    let profile = profile(&sampled());
    let wanted = "\
shop::main 1
shop::main;shop::price 3
shop::main;shop::price;core::slice::sort [native] 4
shop::main;shop::price;core::slice::sort [native];memcpy [native] 2
";
    assert_eq!(output(&profile, Format::Collapsed, Choice::Cpu), wanted);
    assert_eq!(sums::collapsed(&profile, Choice::Time), 2_000_000);
    // A native frame has only samples, so it does not count as a path without time.
    let trace = json(&profile, Format::Trace, Choice::Time);
    assert_eq!(trace["otherData"]["omitted paths without time"], 0);
    assert_eq!(
        page_data(&profile, Choice::Cpu)["own"][0],
        serde_json::json!([500_000, 1_500_000, null, null])
    );
}

#[test]
fn the_same_report_makes_the_same_bytes() {
    for format in formats() {
        let made = || written(&profile(&shop()), format, Choice::Time).expect("an output");
        assert_eq!(made(), made(), "{format:?}");
    }
}

fn formats() -> [Format; 6] {
    use Format::{Collapsed, Firefox, Flamegraph, Pprof, Speedscope, Trace};
    [Flamegraph, Collapsed, Speedscope, Pprof, Firefox, Trace]
}

#[test]
fn names_are_preserved_where_the_format_allows_it() {
    let profile = profile(&hostile());
    let wanted: BTreeSet<&str> = HOSTILE.into_iter().collect();
    let texts = |value: &Value| -> BTreeSet<String> {
        let texts = value.as_array().expect("a list").iter();
        texts.map(|text| text.as_str().expect("a text").to_owned()).collect()
    };
    let names_of = |list: &Value, key: &str| -> BTreeSet<String> {
        let list = list.as_array().expect("a list").iter();
        list.filter(|e| e["ph"] != "M" && e["ph"] != "E")
            .map(|e| e[key].as_str().expect("a name").to_owned())
            .collect()
    };
    let found = [
        names_of(&json(&profile, Format::Speedscope, Choice::Time)["shared"]["frames"], "name"),
        names_of(&json(&profile, Format::Trace, Choice::Time)["traceEvents"], "name"),
        texts(&json(&profile, Format::Firefox, Choice::Time)["threads"][0]["stringArray"]),
    ];
    for found in found {
        assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), wanted);
    }
    let pprof = pprof(&profile, Choice::Time);
    let names = pprof.function.iter().map(|function| &*pprof.string_table[function.name as usize]);
    assert_eq!(names.collect::<BTreeSet<_>>(), wanted);
    let data = page_data(&profile, Choice::Time);
    let frames = data["frames"].as_array().expect("frames").iter();
    assert_eq!(frames.map(|frame| frame[0].as_str().expect("a name")).collect::<BTreeSet<_>>(), wanted);
}

#[test]
fn no_name_ends_a_line_of_collapsed_stacks_or_adds_a_frame() {
    let text = output(&profile(&hostile()), Format::Collapsed, Choice::Time);
    assert_eq!(text.lines().count(), 1 + HOSTILE.len());
    for line in text.lines() {
        let (stack, weight) = line.rsplit_once(' ').expect("a weight");
        assert_eq!(weight, "1000");
        assert!(stack.split(';').count() <= 2, "{line}");
        assert!(stack.split(';').all(|frame| !frame.is_empty()), "{line}");
        assert!(line.chars().all(hotpath_report::render::is_printable), "{line}");
    }
}

#[test]
fn no_name_starts_or_ends_an_element_of_the_page() {
    let harmless = output(&profile(&shop()), Format::Flamegraph, Choice::Time);
    let page = output(
        &profile(&Report { label: Some("<img src=x onerror=alert(1)>".into()), ..hostile() }),
        Format::Flamegraph,
        Choice::Time,
    );
    assert_eq!(page.matches('<').count(), harmless.matches('<').count());
    assert!(page.contains("<title>&lt;img src=x onerror=alert(1)&gt;"));
}

#[test]
fn the_page_loads_nothing() {
    let page = output(&profile(&shop()), Format::Flamegraph, Choice::Time);
    assert!(page.contains("default-src 'none'"));
    for reference in ["http:", "https:", "src=", "href=", "@import", "url("] {
        assert!(!page.contains(reference), "{reference}");
    }
}

#[test]
fn a_missing_weight_is_named() {
    let error = |profile: &Profile, weight| {
        written(profile, Format::Collapsed, weight).expect_err("no such weight").to_string()
    };
    let shop = profile(&shop());
    assert_eq!(
        error(&shop, Choice::Cpu),
        "head.json has no CPU samples: record it with the feature `hotpath-cpu`"
    );
    let untracked = of_tree(vec![node("shop::main", 1, 5, vec![])]);
    assert_eq!(
        error(&profile(&untracked), Choice::Bytes),
        "head.json has no allocated bytes: record it with the feature `hotpath-alloc`"
    );
    let half = Profile::difference((&untracked, "base.json"), (&later(), "head.json")).expect("a difference");
    assert_eq!(
        error(&half, Choice::Count),
        "base.json has no allocations: record it with the feature `hotpath-alloc`"
    );
    let idle = of_tree(vec![node("shop::main", 1, 0, vec![])]);
    assert_eq!(error(&profile(&idle), Choice::Time), "nothing to show: wall time is 0 everywhere");
}

#[test]
fn a_report_without_a_call_tree_is_refused() {
    let error = Profile::of(&Report::default(), "old.json").expect_err("nothing to export").to_string();
    assert!(error.starts_with("old.json has no call tree"), "{error}");
}

#[test]
fn a_format_refuses_what_it_does_not_support() {
    for format in formats() {
        assert_eq!(check(format, None, true).is_ok(), format.has_difference(), "{format:?}");
        assert!(check(format, None, false).is_ok());
        assert!(check(format, Some(Choice::Time), false).is_ok());
        assert_eq!(check(format, Some(Choice::Bytes), false).is_ok(), format != Format::Trace, "{format:?}");
    }
}

#[test]
fn a_difference_matches_paths_not_names() {
    let base = of_tree(vec![node("a", 1, 10, vec![node("x", 1, 1, vec![])])]);
    let head = of_tree(vec![node("a", 1, 10, vec![]), node("b", 1, 5, vec![node("x", 1, 2, vec![])])]);
    let profile = Profile::difference((&base, "base"), (&head, "head")).expect("a difference");
    let sides = profile.nodes.iter().map(|node| {
        let name = profile.frames[node.frame].name.as_str();
        (name, node.self_weight(Side::Base, TIME), node.self_weight(Side::Head, TIME))
    });
    let wanted =
        [("a", Some(10), Some(10)), ("x", Some(1), None), ("b", None, Some(5)), ("x", None, Some(2))];
    assert_eq!(sides.collect::<Vec<_>>(), wanted);
}

/// A library that writes the same format has the same columns, and each of our columns is as long as its table says.
#[test]
fn the_firefox_tables_match_those_of_an_independent_writer() {
    use fxprof_processed_profile as fx;
    let start = fx::ReferenceTimestamp::from_millis_since_unix_epoch(0.0);
    let moment = fx::Timestamp::from_millis_since_reference(0.0);
    let mut theirs = fx::Profile::new("theirs", start, fx::SamplingInterval::from_millis(1));
    let process = theirs.add_process("theirs", 1, moment);
    let thread = theirs.add_thread(process, 1, moment, true);
    let label = fx::Frame::Label(theirs.intern_string("main"));
    let category_pair = fx::CategoryHandle::OTHER.into();
    let frame = fx::FrameInfo { frame: label, category_pair, flags: fx::FrameFlags::empty() };
    let stack = theirs.intern_stack_frames(thread, [frame].into_iter());
    theirs.add_sample(thread, moment, stack, fx::CpuDelta::ZERO, 1);
    let theirs = serde_json::to_value(&theirs).expect("JSON");
    let ours = json(&profile(&shop()), Format::Firefox, Choice::Time);

    let keys = |value: &Value| -> BTreeSet<String> {
        value.as_object().expect("an object").keys().cloned().collect()
    };
    assert_eq!(ours["meta"]["preprocessedProfileVersion"], theirs["meta"]["preprocessedProfileVersion"]);
    assert!(keys(&ours["meta"]).is_superset(&keys(&theirs["meta"])), "{:?}", keys(&theirs["meta"]));
    assert!(keys(&ours).is_superset(&keys(&theirs)), "{:?}", keys(&theirs));
    let (our_thread, their_thread) = (&ours["threads"][0], &theirs["threads"][0]);
    assert_eq!(keys(our_thread), keys(their_thread));
    for key in keys(our_thread) {
        let (our_table, their_table) = (&our_thread[&key], &their_thread[&key]);
        if their_table.is_object() {
            let mut wanted = keys(their_table);
            // May be omitted, which means that the CPU usage is unknown.
            wanted.remove("threadCPUDelta");
            assert_eq!(keys(our_table), wanted, "{key}");
            for column in our_table.as_object().expect("a table").values().filter_map(Value::as_array) {
                assert_eq!(column.len() as u64, our_table["length"], "{key}");
            }
        }
    }
}

/// The sum of each format, per weight.
mod sums {
    use super::{Choice, WEIGHTS};
    use super::{Format, Profile, TIME, Value, json, output, page_data, pprof};

    pub(super) fn numbers(list: &Value) -> Vec<u64> {
        let list = list.as_array().expect("a list").iter();
        list.map(|number| number.as_u64().unwrap_or(0)).collect()
    }

    pub(super) fn collapsed(profile: &Profile, weight: Choice) -> u64 {
        let text = output(profile, Format::Collapsed, weight);
        let weights = text.lines().filter_map(|line| line.rsplit_once(' '));
        weights.map(|(_, weight)| weight.parse::<u64>().expect("a number")).sum()
    }

    pub(super) fn speedscope(profile: &Profile, weight: usize) -> u64 {
        let file = json(profile, Format::Speedscope, Choice::Time);
        let title = WEIGHTS[weight].title;
        let mut profiles = file["profiles"].as_array().expect("profiles").iter();
        let chosen =
            profiles.find(|p| p["name"].as_str().is_some_and(|name| name.starts_with(&format!("{title}:"))));
        let chosen = chosen.expect("the weight");
        let sum = numbers(&chosen["weights"]).iter().sum();
        assert_eq!(chosen["endValue"], sum);
        sum
    }

    pub(super) fn pprof_values(profile: &Profile, at: usize) -> i64 {
        pprof(profile, Choice::Time).sample.iter().map(|sample| sample.value[at]).sum()
    }

    pub(super) fn firefox(profile: &Profile, weight: usize) -> u64 {
        let file = json(profile, Format::Firefox, Choice::Time);
        let mut threads = file["threads"].as_array().expect("threads").iter();
        let thread = threads.find(|t| t["name"] == WEIGHTS[weight].title).expect("the weight");
        let weights = thread["samples"]["weight"].as_array().expect("weights").iter();
        let scale = if weight == TIME { 1e6 } else { 1.0 };
        weights.map(|weight| (weight.as_f64().expect("a number") * scale).round() as u64).sum()
    }

    pub(super) fn page(profile: &Profile, at: usize) -> u64 {
        numbers(&page_data(profile, Choice::Time)["own"][at]).iter().sum()
    }
}

/// The sum of the outermost slices, in nanoseconds. Each end event is that of the innermost open slice, and time never goes back.
fn nested_total(trace: &Value) -> u64 {
    let (mut open, mut total, mut now) = (Vec::new(), 0, 0);
    for event in trace["traceEvents"].as_array().expect("events") {
        let at = (event["ts"].as_f64().expect("microseconds") * 1e3).round() as u64;
        assert!(at >= now, "{event} is before {now}");
        now = at;
        match event["ph"].as_str().expect("a phase") {
            "M" => {}
            "B" => open.push((&event["name"], at)),
            "E" => {
                let (name, start) = open.pop().expect("an open slice");
                assert_eq!(name, &event["name"]);
                assert!(at > start, "{event} has no length");
                total += if open.is_empty() { at - start } else { 0 };
            }
            other => panic!("{other}"),
        }
    }
    assert!(open.is_empty());
    total
}

fn any_tree() -> impl Strategy<Value = Vec<TreeNode>> {
    let name = prop_oneof![
        prop::sample::select(&HOSTILE[..]).prop_map(str::to_owned),
        "[a-c]::[a-c]".prop_map(|name: String| name),
    ];
    let leaf =
        (name.clone(), 1u64..9, 0u64..5_000_000, 0u64..1 << 20).prop_map(|(name, calls, self_ns, bytes)| {
            with_memory(node(&name, calls, self_ns, vec![]), bytes, bytes / 7)
        });
    let tree = leaf.prop_recursive(5, 60, 5, move |inner| {
        (name.clone(), 1u64..9, 0u64..5_000_000, prop::collection::vec(inner, 0..5)).prop_map(
            |(name, calls, self_ns, children)| with_memory(node(&name, calls, self_ns, children), 5, 1),
        )
    });
    prop::collection::vec(tree, 1..4)
}

fn total(nodes: &[TreeNode], weight: usize) -> u64 {
    let own = |node: &TreeNode| (WEIGHTS[weight].of)(node).expect("a known weight");
    nodes.iter().map(|node| own(node) + total(&node.children, weight)).sum()
}

proptest! {
    // Each case makes every format several times.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_sums_of_every_format_are_those_of_the_tree(mut tree in any_tree()) {
        // At least something in every weight.
        tree.push(with_memory(node("something", 1, 1, vec![]), 1, 1));
        let profile = profile(&of_tree(tree.clone()));
        let choices = [Choice::Time, Choice::Bytes, Choice::Count, Choice::Calls];
        for (at, choice) in choices.into_iter().enumerate() {
            let (weight, wanted) = (choice.index(), total(&tree, choice.index()));
            prop_assert_eq!(sums::collapsed(&profile, choice), wanted);
            prop_assert_eq!(sums::speedscope(&profile, weight), wanted);
            prop_assert_eq!(sums::pprof_values(&profile, at), wanted as i64);
            prop_assert_eq!(sums::firefox(&profile, weight), wanted);
            prop_assert_eq!(sums::page(&profile, at), wanted);
        }
        prop_assert_eq!(nested_total(&json(&profile, Format::Trace, Choice::Time)), total(&tree, TIME));
    }

    #[test]
    fn a_difference_adds_up_to_head_less_base(base in any_tree(), mut head in any_tree()) {
        head.push(with_memory(node("something", 1, 1, vec![]), 1, 1));
        let reports = (of_tree(base.clone()), of_tree(head.clone()));
        let profile = Profile::difference((&reports.0, "base"), (&reports.1, "head")).expect("a difference");
        for (at, weight) in [(0, TIME), (1, BYTES), (3, CALLS)] {
            let change = total(&head, weight) as i64 - total(&base, weight) as i64;
            prop_assert_eq!(sums::pprof_values(&profile, at), change);
            let data = page_data(&profile, Choice::Time);
            let sum = |key: &str| sums::numbers(&data[key][at]).iter().sum::<u64>();
            prop_assert_eq!((sum("own"), sum("ownBase")), (total(&head, weight), total(&base, weight)));
        }
        let lines = output(&profile, Format::Collapsed, Choice::Time);
        let base_sum = lines.lines().filter_map(|line| line.rsplit(' ').nth(1)?.parse::<u64>().ok()).sum::<u64>();
        prop_assert_eq!(base_sum, total(&base, TIME));
    }
}
