
// ---- Checks ---------------------------------------------------------------------------------------------------------

const assert = require("node:assert/strict");
const texts = (id) => byId(id).textContent;
const frame = (name) => byId("graph").children.find((made) => made.attributes["aria-label"].startsWith(`${name}: `));
const width = (name) => Math.round(parseFloat(frame(name).style.width));
const press = (key, target) => listeners.keydown({ key, target, preventDefault() {} });

// Main takes 10 ms, of which 6 are in load and 1 in save.
assert.equal(width("app::main"), 100);
assert.equal(width("app::load"), 60);
assert.equal(texts("status"), "Wall time: 10.00 ms in total.");
assert.equal(frame("app::load").attributes["aria-label"], "app::load: 6.00 ms, 60.00% of total");

// Zoom.
frame("app::load").onclick();
assert.equal(width("app::load"), 100);
assert.match(texts("status"), /Zoomed into app::load: 6\.00 ms, 60\.00%\./);
press("Escape", frame("app::load"));
assert.equal(width("app::load"), 60);

// Keyboard.
frame("app::main").focus();
press("ArrowDown", frame("app::main"));
assert.equal(current.element, frame("app::load"));
press("ArrowRight", current.element);
assert.equal(current.element, frame("app::save"));

// Search: a name of the program is text, not markup.
setSearch("<b>");
assert.match(texts("status"), /Matching names: 1, with 1\.00 ms, 10\.00% of total\./);
assert.ok(frame("app::<b>hot</b>").classes().includes("match"));
setSearch("");

// Functions by self time, and their callers.
assert.match(texts("functions"), /^Functions by self: Wall timeFunctionSelf% SelfTotal% Totalapp::load5\.00 ms50\.00%6\.00 ms60\.00%/);
byId("view").onchange({ target: { value: "callers" } });
assert.equal(width("app::load"), 50);
assert.equal(Math.round(parseFloat(byId("graph").children[0].style.width)), 50);

// Numbers have the format of reports.
for (const [number, unit, text] of [[999, "ns", "999 ns"], [999_999, "ns", "1.00 ms"], [1_536, "bytes", "1.5 KB"], [1_234_567, "count", "1,234,567"]]) {
  assert.equal(format(number, unit), text);
}
console.log("checked");
