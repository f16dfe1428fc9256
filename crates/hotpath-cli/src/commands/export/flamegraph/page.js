"use strict";
// Draws the tree in #data. Only visible frames are elements, so that ten thousand nodes cost no more than a screen of them.
// Names of the profiled program are rendered as text, never as HTML.

const ROW = 20;
const MIN_PIXELS = 1;
const LIST_LIMIT = 200;
const HEAD = 1, BASE = 2;
// Smaller relative changes are not coloured.
const SAME = 0.01;

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const isDifference = data.base !== null;
const count = data.parents.length;
const own = (side, weight, node) => (side === HEAD ? data.own : data.ownBase)[weight][node] ?? 0;

const state = { weight: data.chosen, view: data.callers ? "callers" : "callees", width: "both", zoom: null, search: "" };
let tree = null; // the drawn tree, with one root above all roots
let drawn = [];  // the visible items, by row and from left to right
let current = null;

// ---- Trees ----------------------------------------------------------------------------------------------------------
// An item is { frame, parent, depth, head, base, width, sides, kids() }. Its numbers are totals of its subtree.

function widthOf(head, base) {
  if (!isDifference || state.width === "head") return head;
  return state.width === "base" ? base : Math.max(head, base);
}

// Callees below their callers.
function calleeTree() {
  const items = data.parents.map((_, node) => {
    const head = own(HEAD, state.weight, node);
    const base = isDifference ? own(BASE, state.weight, node) : 0;
    return { frame: data.frameOf[node], parent: null, depth: 0, head, base, width: widthOf(head, base), sides: data.sides[node],
      ownHead: head, ownBase: base, list: [] };
  });
  const root = newRoot();
  // Parents precede their children, so the sums of a node are complete when it is added to its parent.
  for (let node = count - 1; node >= 0; node--) {
    const item = items[node], parent = data.parents[node];
    const above = parent === null ? root : items[parent];
    above.head += item.head;
    above.base += item.base;
    above.width += item.width;
    above.list.push(item);
    item.parent = above;
  }
  for (const item of items) item.depth = item.parent.depth + 1;
  for (const item of [root, ...items]) item.kids = () => item.sorted ??= item.list.sort(wider);
  return root;
}

// Callers below functions with a self weight. Expanded on demand.
function callerTree() {
  const sources = [];
  for (let node = 0; node < count; node++) {
    const head = own(HEAD, state.weight, node);
    const base = isDifference ? own(BASE, state.weight, node) : 0;
    if (head || base) sources.push({ at: node, head, base, width: widthOf(head, base), sides: data.sides[node] });
  }
  const root = newRoot();
  const grouped = (parent, stacks) => {
    const kids = new Map();
    for (const stack of stacks) {
      if (stack.at === null) continue;
      const frame = data.frameOf[stack.at];
      let item = kids.get(frame);
      if (!item) {
        item = { frame, parent, depth: parent.depth + 1, head: 0, base: 0, width: 0, sides: 0, stacks: [] };
        item.kids = () => item.sorted ??= grouped(item, item.stacks.map((s) => ({ ...s, at: data.parents[s.at] })));
        kids.set(frame, item);
      }
      item.head += stack.head;
      item.base += stack.base;
      item.width += stack.width;
      item.sides |= stack.sides;
      item.stacks.push(stack);
    }
    return [...kids.values()].sort(wider);
  };
  for (const source of sources) {
    root.head += source.head;
    root.base += source.base;
    root.width += source.width;
  }
  root.kids = () => root.sorted ??= grouped(root, sources);
  return root;
}

function newRoot() {
  return { frame: null, parent: null, depth: 0, head: 0, base: 0, width: 0, sides: HEAD | BASE, list: [] };
}

function wider(a, b) {
  return b.width - a.width || data.frames[a.frame][0].localeCompare(data.frames[b.frame][0]);
}

// ---- Numbers, formatted as in reports -------------------------------------------------------------------------------

function scaled(value, units, step, digits) {
  let text = "";
  for (const [name, scale] of units) {
    text = `${(value / scale).toFixed(digits)} ${name}`;
    if (Number((value / scale).toFixed(digits)) < step) break;
  }
  return text;
}

function format(value, unit = data.weights[state.weight].unit) {
  if (value < 0) return "−" + format(-value, unit);
  if (unit === "ns") return value < 1e3 ? `${value} ns` : scaled(value, [["µs", 1e3], ["ms", 1e6], ["s", 1e9]], 1000, 2);
  if (unit === "bytes") {
    const units = [["KB", 2 ** 10], ["MB", 2 ** 20], ["GB", 2 ** 30], ["TB", 2 ** 40]];
    return value < 1024 ? `${value} B` : scaled(value, units, 1024, 1);
  }
  return value.toLocaleString("en");
}

const signed = (value) => (value > 0 ? "+" : "") + format(value);
const percent = (part, whole) => whole ? `${(part / whole * 100).toFixed(2)}%` : "-";

// From −1 (only in the base) to 1 (only in the head).
function change(item) {
  const larger = Math.max(item.head, item.base);
  return larger ? (item.head - item.base) / larger : 0;
}

function changeText(item) {
  if (item.head === item.base) return "unchanged";
  if (!item.base) return "new";
  if (!item.head) return "removed";
  const share = (item.head - item.base) / item.base * 100;
  const text = `${share > 0 ? "+" : "−"}${Math.abs(share).toFixed(Math.abs(share) < 10 ? 1 : 0)}%`;
  return Math.abs(change(item)) < SAME ? text : `${share > 0 ? "▲" : "▼"} ${text}`;
}

// The direction comes first, so that a narrow frame shows it.
function changeLabel(item, name) {
  const [first, ...rest] = changeText(item).split(" ");
  return rest.length ? `${first} ${name} ${rest.join(" ")}` : `${name} (${first})`;
}

// ---- Drawing --------------------------------------------------------------------------------------------------------

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function rebuild() {
  tree = state.view === "callers" ? callerTree() : calleeTree();
  state.zoom = tree;
  draw();
  drawFunctions();
  if (isDifference) drawChanges();
}

function draw(focus = null) {
  const graph = byId("graph");
  const pixels = graph.clientWidth || 1;
  const zoom = state.zoom;
  drawn = [];
  let narrow = 0, depth = 0;
  const layOut = (item, left, width) => {
    if (width * pixels < MIN_PIXELS) {
      narrow += 1;
      return;
    }
    if (item.frame !== null) drawn.push({ item, left, width });
    depth = Math.max(depth, item.depth);
    let next = left;
    for (const kid of item.kids()) {
      if (!kid.width) continue;
      const share = item.width ? kid.width / item.width * width : 0;
      layOut(kid, next, share);
      next += share;
    }
  };
  for (let above = zoom.parent; above && above.frame !== null; above = above.parent) {
    drawn.push({ item: above, left: 0, width: 1 });
  }
  layOut(zoom, 0, 1);
  drawn.sort((a, b) => a.item.depth - b.item.depth || a.left - b.left);
  graph.style.height = `${depth * ROW}px`;
  graph.classList.toggle("difference", isDifference);
  const matching = matches();
  graph.classList.toggle("searching", matching !== null);
  graph.replaceChildren(...drawn.map((box) => frameElement(box, pixels, matching)));
  byId("out").disabled = zoom === tree;
  drawStatus(narrow, matching);
  setCurrent(drawn.find((box) => box.item === focus) ?? drawn.find((box) => box.item === zoom) ?? drawn[0], focus !== null);
}

function frameElement(box, pixels, matching) {
  const { item, left, width } = box;
  const [name, short] = data.frames[item.frame];
  const made = element("div", { class: "frame", role: "treeitem", tabindex: "-1", "aria-level": item.depth, "aria-label": label(item, name) });
  made.style.left = `${left * 100}%`;
  made.style.width = `${width * 100}%`;
  made.style.top = `${(item.depth - 1) * ROW}px`;
  if (width * pixels > 28) made.textContent = isDifference ? changeLabel(item, short) : short;
  else made.classList.add("narrow");
  if (item.depth < state.zoom.depth) made.classList.add("outer");
  if (matching?.has(item.frame)) made.classList.add("match");
  if (isDifference) colourChange(made, item);
  else colourName(made, name);
  made.onclick = () => zoomTo(item);
  made.onfocus = () => { setCurrent(box, false); showTip(box, made.getBoundingClientRect()); };
  made.onblur = hideTip;
  made.onmousemove = (event) => showTip(box, { left: event.clientX + 12, bottom: event.clientY + 12, top: event.clientY });
  made.onmouseleave = hideTip;
  box.element = made;
  return made;
}

function label(item, name) {
  const numbers = `${format(item.head)}, ${percent(item.head, tree.head)} of total`;
  return isDifference ? `${name}: ${changeText(item)}, base ${format(item.base)}, head ${format(item.head)}` : `${name}: ${numbers}`;
}

// One hue per module or label, one shade per function.
function colourName(made, name) {
  const first = name.includes("::") ? name.slice(0, name.lastIndexOf("::")) : name;
  const hash = (text) => { let h = 7; for (const c of text) h = (h * 31 + c.codePointAt(0)) >>> 0; return h; };
  const shade = hash(name) % 5;
  made.style.setProperty("--hue", (hash(first) * 137) % 360);
  made.style.setProperty("--light", `${76 + shade * 3}%`);
  made.style.setProperty("--dark", `${20 + shade * 3}%`);
}

function colourChange(made, item) {
  const much = change(item);
  if (Math.abs(much) >= SAME) made.classList.add(much > 0 ? "more" : "less");
  made.style.setProperty("--much", Math.sqrt(Math.abs(much)).toFixed(3));
  if (item.sides === HEAD) made.classList.add("new");
  if (item.sides === BASE) made.classList.add("removed");
}

function drawStatus(narrow, matching) {
  const parts = [];
  const weight = data.weights[state.weight];
  parts.push(isDifference
    ? `${weight.title}: base ${format(tree.base)}, head ${format(tree.head)} (${signed(tree.head - tree.base)}).`
    : `${weight.title}: ${format(tree.head)} in total.`);
  if (state.zoom !== tree) {
    const zoom = state.zoom;
    parts.push(`Zoomed into ${data.frames[zoom.frame][1]}: ${format(zoom.head)}, ${percent(zoom.head, tree.head)}.`);
  }
  if (matching) {
    const found = topmost(tree, (item) => matching.has(item.frame));
    const sum = found.reduce((sum, item) => sum + item.head, 0);
    parts.push(`Matching names: ${matching.size}, with ${format(sum)}, ${percent(sum, tree.head)} of total.`);
  }
  if (narrow) parts.push(`Too narrow to draw: ${narrow.toLocaleString("en")} frames and their callees. Zoom in to see them.`);
  byId("status").textContent = parts.join(" ");
}

// The outermost items of the tree that match. The tree of callers is searched only as far as it is expanded.
function topmost(item, is, found = []) {
  for (const kid of (state.view === "callees" || item === tree ? item.kids() : item.sorted ?? [])) {
    if (is(kid)) found.push(kid);
    else topmost(kid, is, found);
  }
  return found;
}

// ---- Moving ---------------------------------------------------------------------------------------------------------

function zoomTo(item) {
  state.zoom = item;
  hideTip();
  draw(item.frame === null ? null : item);
}

function setCurrent(box, withFocus) {
  if (current?.element) current.element.tabIndex = -1;
  current = box ?? null;
  if (!current) return;
  current.element.tabIndex = 0;
  if (withFocus) current.element.focus({ preventScroll: false });
}

function sibling(box, step) {
  const row = drawn.filter((other) => other.item.depth === box.item.depth);
  return row[row.indexOf(box) + step];
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = ["INPUT", "SELECT"].includes(event.target.tagName);
  if (event.key === "Escape") {
    if (!byId("tip").hidden && isTyping) hideTip();
    if (isTyping && state.search) setSearch("");
    else if (state.zoom !== tree) zoomTo(tree);
    hideTip();
    return;
  }
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    byId("search").focus();
    return;
  }
  if (!current || event.target.getAttribute?.("role") !== "treeitem") return;
  const moves = {
    ArrowUp: () => drawn.find((box) => box.item === current.item.parent),
    ArrowDown: () => drawn.find((box) => box.item.parent === current.item),
    ArrowLeft: () => sibling(current, -1),
    ArrowRight: () => sibling(current, 1),
    Home: () => drawn[0],
    End: () => drawn[drawn.length - 1],
  };
  if (moves[event.key]) {
    event.preventDefault();
    const next = moves[event.key]();
    if (next) setCurrent(next, true);
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    zoomTo(current.item);
  } else if (event.key === "Backspace" && state.zoom !== tree) {
    event.preventDefault();
    zoomTo(state.zoom.parent);
  }
}

// ---- Search ---------------------------------------------------------------------------------------------------------

function matches() {
  const wanted = state.search.trim().toLowerCase();
  if (!wanted) return null;
  const found = new Set();
  data.frames.forEach(([name], frame) => { if (name.toLowerCase().includes(wanted)) found.add(frame); });
  return found;
}

function setSearch(text) {
  state.search = text;
  byId("search").value = text;
  lastMatch = -1;
  draw();
}

let lastMatch = -1;
function nextMatch() {
  const matching = matches();
  const found = matching ? topmost(tree, (item) => matching.has(item.frame)).sort((a, b) => b.width - a.width) : [];
  if (!found.length) return;
  lastMatch = (lastMatch + 1) % found.length;
  const item = found[lastMatch];
  if (!drawn.some((box) => box.item === item)) state.zoom = item;
  draw();
  setCurrent(drawn.find((box) => box.item === item), false);
  current?.element.scrollIntoView({ block: "nearest" });
  if (current) showTip(current, current.element.getBoundingClientRect());
}

// ---- Tooltip --------------------------------------------------------------------------------------------------------

function showTip(box, at) {
  const { item } = box;
  const [name, , source] = data.frames[item.frame];
  const rows = isDifference
    ? [["Base", format(item.base)], ["Head", format(item.head)], ["Change", `${signed(item.head - item.base)} (${changeText(item)})`]]
    : [["Total", `${format(item.head)} (${percent(item.head, tree.head)} of total)`]];
  if (!isDifference && item.ownHead !== undefined) rows.push(["Self", `${format(item.ownHead)} (${percent(item.ownHead, tree.head)})`]);
  if (!isDifference && item.parent.frame !== null) {
    rows.push([state.view === "callees" ? "Of caller" : "Of frame above", percent(item.head, item.parent.head)]);
  }
  if (source) rows.push(["Source", source]);
  const body = rows.map(([key, value]) => element("tr", {}, element("th", {}, key), element("td", {}, value)));
  const tip = byId("tip");
  tip.replaceChildren(element("div", { class: "name" }, name), element("table", {}, element("tbody", {}, ...body)));
  tip.hidden = false;
  box.element.setAttribute("aria-describedby", "tip");
  const size = tip.getBoundingClientRect();
  const top = at.bottom + 4 + size.height > innerHeight ? at.top - size.height - 8 : at.bottom + 4;
  tip.style.left = `${Math.max(4, Math.min(at.left, innerWidth - size.width - 8))}px`;
  tip.style.top = `${Math.max(4, top)}px`;
}

function hideTip() {
  byId("tip").hidden = true;
}

// ---- Lists: the same numbers as tables ------------------------------------------------------------------------------

function table(headers, rows) {
  const cell = (kind, text, isNumber) => element(kind, isNumber ? { class: "number" } : { class: "name" }, text);
  const head = element("tr", {}, ...headers.map((text, i) => cell("th", text, i > 0)));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((content, i) => cell("td", content, i > 0))));
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
}

function elided(all, what) {
  return all > LIST_LIMIT ? [element("p", {}, `${(all - LIST_LIMIT).toLocaleString("en")} more ${what} are not listed.`)] : [];
}

// Each function once: its self weight, and the total of its outermost calls.
function functions() {
  const sums = data.frames.map((_, frame) => ({ frame, ownHead: 0, ownBase: 0, head: 0, base: 0 }));
  const callees = state.view === "callees" ? tree : calleeTree();
  const visit = (item, open) => {
    const sum = sums[item.frame];
    sum.ownHead += item.ownHead;
    sum.ownBase += item.ownBase;
    const isOutermost = !open.has(item.frame);
    if (isOutermost) {
      sum.head += item.head;
      sum.base += item.base;
      open.add(item.frame);
    }
    for (const kid of item.list) visit(kid, open);
    if (isOutermost) open.delete(item.frame);
  };
  for (const item of callees.list) visit(item, new Set());
  return sums;
}

function drawFunctions() {
  const rank = (sum) => isDifference ? Math.abs(sum.ownHead - sum.ownBase) : sum.ownHead;
  const all = functions().filter((sum) => sum.head || sum.base).sort((a, b) => rank(b) - rank(a) || b.head - a.head);
  const name = (frame) => element("button", { type: "button", title: "Search for this name", onclick: () => setSearch(data.frames[frame][0]) }, data.frames[frame][0]);
  const change = (value) => element("span", { class: value > 0 ? "more-text" : value < 0 ? "less-text" : "" }, signed(value));
  const rows = all.slice(0, LIST_LIMIT).map((sum) => isDifference
    ? [name(sum.frame), change(sum.ownHead - sum.ownBase), format(sum.ownBase), format(sum.ownHead), change(sum.head - sum.base)]
    : [name(sum.frame), format(sum.ownHead), percent(sum.ownHead, tree.head), format(sum.head), percent(sum.head, tree.head)]);
  const headers = isDifference
    ? ["Function", "Self change", "Base self", "Head self", "Total change"]
    : ["Function", "Self", "% Self", "Total", "% Total"];
  byId("functions").replaceChildren(
    element("h2", {}, `Functions by ${isDifference ? "self change" : "self"}: ${data.weights[state.weight].title}`),
    table(headers, rows), ...elided(all.length, "functions"));
}

// Paths that only one side has; of nested ones the outermost.
function drawChanges() {
  const list = (title, side, value) => {
    const found = [];
    for (let node = 0; node < count; node++) {
      const parent = data.parents[node];
      if (data.sides[node] === side && (parent === null || data.sides[parent] !== side)) found.push(node);
    }
    const totals = new Map();
    const items = callees();
    for (const node of found) totals.set(node, items[node]);
    found.sort((a, b) => value(totals.get(b)) - value(totals.get(a)));
    const rows = found.slice(0, LIST_LIMIT).map((node) => [path(node), format(value(totals.get(node)))]);
    const content = found.length ? [table(["Path", data.weights[state.weight].title], rows)] : [element("p", {}, "None.")];
    return [element("h2", {}, `${title}: ${found.length.toLocaleString("en")}`), ...content, ...elided(found.length, "paths")];
  };
  byId("changes").replaceChildren(
    ...list("Removed paths (only in base)", BASE, (sum) => sum.base),
    ...list("New paths (only in head)", HEAD, (sum) => sum.head));
}

// Totals of each node of the data, by its position.
function callees() {
  const sums = data.parents.map((_, node) => ({ head: own(HEAD, state.weight, node), base: own(BASE, state.weight, node) }));
  for (let node = count - 1; node >= 0; node--) {
    const parent = data.parents[node];
    if (parent !== null) {
      sums[parent].head += sums[node].head;
      sums[parent].base += sums[node].base;
    }
  }
  return sums;
}

function path(node) {
  const names = [];
  for (let at = node; at !== null; at = data.parents[at]) names.unshift(data.frames[data.frameOf[at]][1]);
  return names.join(" › ");
}

// ---- Start ----------------------------------------------------------------------------------------------------------

function about(run) {
  const parts = [run.from, run.durationNs ? format(run.durationNs, "ns") : "", run.createdAt, run.commit ? `commit ${run.commit.slice(0, 12)}` : ""];
  return parts.filter(Boolean).join(" · ");
}

function start() {
  byId("about").textContent = isDifference ? `base: ${about(data.base)} → head: ${about(data.head)}` : about(data.head);
  byId("measure").append(...data.weights.map((weight, i) => element("option", { value: i }, weight.title)));
  byId("measure").value = state.weight;
  byId("view").value = state.view;
  if (isDifference) {
    byId("width-label").hidden = false;
    byId("changes").hidden = false;
    const legend = byId("legend");
    legend.hidden = false;
    legend.append(
      element("span", { class: "more" }, "red ▲: more in head than in base"),
      element("span", { class: "less" }, "blue ▼: less in head than in base"),
      element("span", { class: "new" }, "new: only in head"),
      element("span", { class: "removed" }, "removed: only in base"),
      element("span", {}, "grey: within 1 %"));
  }
  const notes = [...(data.base?.notes ?? []), ...data.head.notes];
  if (notes.length) {
    byId("notes").hidden = false;
    byId("notes").append(element("h2", {}, "Notes"), element("ul", {}, ...notes.map((note) => element("li", {}, note))));
  }
  byId("measure").onchange = (event) => { state.weight = Number(event.target.value); rebuild(); };
  byId("view").onchange = (event) => { state.view = event.target.value; rebuild(); };
  byId("width").onchange = (event) => { state.width = event.target.value; rebuild(); };
  byId("search").oninput = (event) => setSearch(event.target.value);
  byId("search").onkeydown = (event) => { if (event.key === "Enter") nextMatch(); };
  byId("out").onclick = () => zoomTo(tree);
  byId("theme").onchange = (event) => {
    if (event.target.value) document.documentElement.dataset.theme = event.target.value;
    else delete document.documentElement.dataset.theme;
  };
  addEventListener("keydown", onKey);
  let width = byId("graph").clientWidth;
  addEventListener("resize", () => {
    if (byId("graph").clientWidth === width) return;
    width = byId("graph").clientWidth;
    draw();
  });
  rebuild();
}

start();
