//! The script of the flame graph page, run by Node.js on a small DOM. Without Node.js the test is skipped; `tests/exports` tests
//! the page in a browser.

use std::process::{Command, Stdio};

use crate::common::{Folder, json, report};
use hotpath_report::{Report, TreeNode};

/// A program with known self times.
fn program() -> Report {
    let node = |name: &str, self_ns: u64, children: Vec<TreeNode>| {
        let total_ns = self_ns + children.iter().map(|child| child.total_ns).sum::<u64>();
        TreeNode { name: name.into(), calls: 1, total_ns, self_ns, children, ..TreeNode::default() }
    };
    let load = node("app::load", 5_000_000, vec![node("app::<b>hot</b>", 1_000_000, vec![])]);
    let main = node("app::main", 3_000_000, vec![load, node("app::save", 1_000_000, vec![])]);
    Report { call_tree: vec![main], ..report(10_000_000) }
}

/// The text of the element that starts with `start`.
fn element<'a>(page: &'a str, start: &str) -> &'a str {
    let (_, rest) = page.split_once(start).expect("the element");
    rest.split_once("</script>").expect("its end").0
}

#[test]
fn the_script_of_the_page_draws_zooms_and_searches() {
    let folder = Folder::new();
    folder.write("run.json", &json(&program()));
    let page = folder.says(&["export", "--to", "flamegraph", "--report", "run.json"]);
    let data = element(&page, "<script id=\"data\" type=\"application/json\">");
    let script = element(&page, "<script>").replace("\"use strict\";", "");
    let data = format!("document.getElementById(\"data\").textContent = {};", serde_json::json!(data));
    let dom = include_str!("../page/dom.js");
    folder.write("page.js", &[dom, &data, &script, include_str!("../page/checks.js")].join("\n"));
    let node = Command::new("node").arg(folder.path("page.js")).stdin(Stdio::null()).output();
    let Ok(output) = node else {
        eprintln!("skipped: Node.js is not installed");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "checked\n");
}
