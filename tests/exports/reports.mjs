// Reports to export: small ones made here, the given real one, and what must be true of them.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

export const node = (name, calls, self_ns, children = [], memory = {}) => ({
  name, calls, self_ns, ...memory, children, total_ns: children.reduce((sum, child) => sum + child.total_ns, self_ns),
});

export const report = (call_tree) => ({ type: "hotpath_report", schema_version: 1, duration_ns: 1e9, version: "0", call_tree });

const memory = (alloc_bytes, alloc_count) => ({ alloc_bytes, alloc_count });

/** Names that end or begin something in HTML, JSON, or a line of text. */
export const HOSTILE = [
  "</script><script>globalThis.broken = 1</script>", "<img src=x onerror=\"globalThis.broken = 1\">", "<!--", "a;b;c",
  "quotes \" ' ` \\", "two\nlines", "größe::数える🦀", "{{data}} ${1} %s 42",
];

export const hostile = report([node("<b>main</b>", 1, 1_000_000, HOSTILE.map((name) => node(name, 1, 1_000_000)))]);

export const shop = report([
  node("shop::main", 1, 1_000_000, [
    node("shop::order", 4, 5_000_000, [node("shop::price", 8, 10_000_000, [], memory(1 << 20, 64))], memory(1024, 4)),
    node("shop::log", 4, 4_000_000, [], memory(0, 0)),
  ], memory(512, 1)),
  node("background", 2, 20_000_000, [], memory(2048, 2)),
]);

/** The same shop later: `price` twice as slow, `log` gone, `tax` new. */
export const later = report([
  node("shop::main", 1, 1_000_000, [
    node("shop::order", 4, 5_000_000, [
      node("shop::price", 8, 20_000_000, [], memory(1 << 20, 64)),
      node("shop::tax", 4, 3_000_000, [], memory(0, 0)),
    ], memory(1024, 4)),
  ], memory(512, 1)),
  node("background", 2, 20_000_000, [], memory(2048, 2)),
]);

/** Ten thousand nodes: a hundred functions that each call ninety-nine others. */
export const large = report(Array.from({ length: 100 }, (_, i) => node(`large::m${i}::caller`, 1, 1_000,
  Array.from({ length: 99 }, (_, j) => node(`large::m${i}::f${j}`, 1, 1_000 + i * 99 + j)))));

export const real = JSON.parse(readFileSync(process.env.REPORT, "utf8"));

/** Runs `hotpath export` on these reports; the bytes it writes. */
export function exported(to, head, { base, weight } = {}) {
  const file = (name, report) => { writeFileSync(name, JSON.stringify(report)); return name; };
  const more = [...(base ? ["--diff", file("base.json", base)] : []), ...(weight ? ["--weight", weight] : [])];
  const args = ["export", "--to", to, "--report", file("head.json", head), ...more];
  return execFileSync(process.env.HOTPATH, args, { maxBuffer: 1 << 30 });
}

/** What each name has itself, over all its paths. */
export function own(report, key) {
  const sums = new Map();
  const visit = (node) => {
    if (node[key]) sums.set(node.name, (sums.get(node.name) ?? 0) + node[key]);
    node.children.forEach(visit);
  };
  report.call_tree.forEach(visit);
  return sums;
}

export const total = (report, key) => [...own(report, key).values()].reduce((a, b) => a + b, 0);
