// The flame graph in a browser, as one uses it.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { check } from "./harness.mjs";
import { HOSTILE, exported, hostile, large, later, real, shop, total } from "./reports.mjs";

const HEADLESS = { width: 1200, height: 700 };

/** Opens the flame graph of a report, and hands it to `use`; nothing may be asked of the network, and no error appear. */
async function opened(browser, head, options, use) {
  writeFileSync("page.html", exported("flamegraph", head, options));
  const page = await browser.newPage();
  const problems = [], requests = [];
  page.on("console", (message) => problems.push(message.text()));
  page.on("pageerror", (problem) => problems.push(problem.message));
  page.on("dialog", (dialog) => { problems.push(dialog.message()); dialog.dismiss(); });
  page.on("request", (request) => requests.push(request.url()));
  try {
    await page.setViewport(HEADLESS);
    const address = pathToFileURL("page.html").href;
    await page.goto(address);
    await use(page);
    assert.deepEqual(problems, []);
    assert.deepEqual(requests, [address]);
  } finally {
    await page.close();
  }
}

/** The frames on the screen: name as it is told, share of the width, row, classes. */
const frames = (page) => page.$$eval(".frame", (all) => all.map((frame) => ({
  label: frame.ariaLabel,
  text: frame.textContent,
  share: parseFloat(frame.style.width) / 100,
  row: parseFloat(frame.style.top) / 20,
  classes: [...frame.classList],
})));
const named = async (page, name) => (await frames(page)).filter((frame) => frame.label.startsWith(`${name}: `));
const status = (page) => page.$eval("#status", (element) => element.textContent);
const focused = (page) => page.evaluate(() => document.activeElement.ariaLabel);
const click = (page, name) => page.evaluate((name) => {
  [...document.querySelectorAll(".frame")].find((frame) => frame.ariaLabel.startsWith(`${name}: `)).click();
}, name);
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

async function share(page, name) {
  const [frame, ...more] = await named(page, name);
  assert.equal(more.length, 0, name);
  return frame.share;
}

export async function pageChecks(browser) {
  await check("page: widths are shares of the time, callees below their callers", () => opened(browser, shop, {}, async (page) => {
    near(await share(page, "shop::main"), 0.5);
    near(await share(page, "background"), 0.5);
    near(await share(page, "shop::price"), 0.25);
    assert.deepEqual((await named(page, "shop::price")).map((frame) => frame.row), [2]);
    assert.equal(await status(page), "Wall time: 40.00 ms in total.");
  }));
  await check("page: a real program", () => opened(browser, real, {}, async (page) => {
    const all = total(real, "self_ns");
    for (const root of real.call_tree) {
      if (root.total_ns / all > 0.01) near(await share(page, root.name), root.total_ns / all);
    }
  }));
  await check("page: zooms with the mouse, and back with Escape", () => opened(browser, shop, {}, async (page) => {
    await click(page, "shop::order");
    near(await share(page, "shop::main"), 1);
    near(await share(page, "shop::price"), 10 / 15);
    assert.equal((await named(page, "background")).length, 0);
    assert.match(await status(page), /Zoomed into shop::order: 15\.00 ms, 37\.50%\./);
    await page.keyboard.press("Escape");
    near(await share(page, "background"), 0.5);
  }));
  await check("page: is used with the keyboard alone", () => opened(browser, shop, {}, async (page) => {
    for (let i = 0; i < 20 && !(await focused(page))?.includes("of total"); i++) await page.keyboard.press("Tab");
    assert.match(await focused(page), /^(background|shop::main): 20\.00 ms, 50\.00% of total$/);
    await page.keyboard.press("End");
    assert.match(await focused(page), /^shop::price: 10\.00 ms/);
    await page.keyboard.press("ArrowUp");
    assert.match(await focused(page), /^shop::order: 15\.00 ms/);
    await page.keyboard.press("ArrowRight");
    assert.match(await focused(page), /^shop::log: 4\.00 ms/);
    const tip = await page.$eval("#tip", (tip) => [tip.hidden, tip.textContent]);
    assert.equal(tip[0], false);
    assert.match(tip[1], /^shop::log.*Total4\.00 ms \(10\.00% of total\)/);
    await page.keyboard.press("Enter");
    near(await share(page, "shop::log"), 1);
    assert.match(await focused(page), /^shop::log/);
    await page.keyboard.press("Backspace");
    near(await share(page, "shop::main"), 1);
    await page.keyboard.press("Escape");
    near(await share(page, "background"), 0.5);
  }));
  await check("page: exposes the tree to assistive technology", () => opened(browser, shop, {}, async (page) => {
    const tree = await page.accessibility.snapshot({ root: await page.$("#graph"), interestingOnly: false });
    assert.equal(tree.role, "tree");
    const items = tree.children.filter((item) => item.role === "treeitem");
    assert.ok(items.some((item) => item.name === "shop::price: 10.00 ms, 25.00% of total" && item.level === 3));
  }));
  await check("page: searches, and reports the share of the matches", () => opened(browser, shop, {}, async (page) => {
    await page.keyboard.press("/");
    await page.keyboard.type("PRICE");
    const found = (await frames(page)).filter((frame) => frame.classes.includes("match"));
    assert.deepEqual(found.map((frame) => frame.label.split(": ")[0]), ["shop::price"]);
    assert.match(await status(page), /Matching names: 1, with 10\.00 ms, 25\.00% of total\./);
    await page.keyboard.press("Escape");
    assert.equal((await frames(page)).filter((frame) => frame.classes.includes("match")).length, 0);
  }));
  await check("page: every weight, and functions by self time", () => opened(browser, shop, { weight: "self" }, async (page) => {
    assert.equal(await page.$eval("#view", (view) => view.value), "callers");
    const top = (await frames(page)).filter((frame) => frame.row === 0).map((frame) => frame.label.split(": ")[0]);
    assert.deepEqual(top, ["background", "shop::price", "shop::order", "shop::log", "shop::main"]);
    near((await named(page, "shop::price"))[0].share, 0.25);
    await page.select("#view", "callees");
    const measures = await page.$$eval("#measure option", (all) => all.map((option) => option.textContent));
    assert.deepEqual(measures, ["Wall time", "Allocated bytes", "Allocations", "Calls"]);
    await page.select("#measure", "1");
    assert.equal(await status(page), "Allocated bytes: 1.0 MB in total.");
    near(await share(page, "shop::price"), (1 << 20) / total(shop, "alloc_bytes"));
    await page.select("#measure", "3");
    near(await share(page, "shop::price"), 8 / 19);
  }));
  await check("page: names are text, whatever is in them", () => opened(browser, hostile, {}, async (page) => {
    const labels = (await frames(page)).map((frame) => frame.label);
    for (const name of HOSTILE) assert.ok(labels.some((label) => label.startsWith(`${name}: `)), name);
    assert.equal(await page.evaluate(() => globalThis.broken), undefined);
    assert.equal(await page.$$eval("b, img", (all) => all.length), 0);
    await page.hover(".frame");
  }));
  await check("page: light and dark, of the system and by the switch", () => opened(browser, shop, {}, async (page) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const system = (value) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    await system("light");
    const light = await ground();
    await system("dark");
    const dark = await ground();
    assert.notEqual(light, dark);
    await page.select("#theme", "light");
    assert.equal(await ground(), light);
    await system("light");
    await page.select("#theme", "dark");
    assert.equal(await ground(), dark);
  }));
  // A hundred modules have a hundred hues.
  for (const [what, head, options] of [["one run", large, {}], ["a difference", later, { base: shop }]]) {
    await check(`page: texts can be read on their grounds, light and dark, of ${what}`, () => opened(browser, head, options, async (page) => {
      for (const theme of ["light", "dark"]) {
        await page.select("#theme", theme);
        const worst = await page.evaluate(leastContrast);
        assert.ok(worst >= 4.5, `${theme}: a contrast of ${worst}`);
      }
    }));
  }
  await check("page: ten thousand nodes, of which only those are drawn that can be seen", () => opened(browser, large, {}, async (page) => {
    assert.equal(await page.evaluate(() => data.parents.length), 10_000);
    assert.ok((await frames(page)).length < 3_000);
    assert.match(await status(page), /Too narrow to draw: [0-9,]+ frames/);
    await page.keyboard.press("/");
    await page.keyboard.type("large::m0::f98");
    await page.keyboard.press("Enter");
    assert.match(await status(page), /Zoomed into m0::f98/);
    assert.equal((await named(page, "large::m0::f98")).length, 1);
    await page.select("#view", "callers");
    assert.ok((await frames(page)).length < 3_000);
  }));
  await check("page: numbers have the form that reports have", () => opened(browser, shop, {}, async (page) => {
    const forms = [[999, "ns", "999 ns"], [1_160_000, "ns", "1.16 ms"], [999_999, "ns", "1.00 ms"], [75e9, "ns", "75.00 s"],
      [1_023, "bytes", "1023 B"], [1_536, "bytes", "1.5 KB"], [2 ** 20 - 1, "bytes", "1.0 MB"], [1_234_567, "count", "1,234,567"]];
    for (const [number, unit, form] of forms) assert.equal(await page.evaluate((n, u) => format(n, u), number, unit), form);
  }));
  await check("page: a difference shows its direction, and lists removed and new paths", () => opened(browser, later, { base: shop }, async (page) => {
    const kind = async (name) => (await named(page, name))[0].classes.filter((c) => ["more", "less", "new", "removed"].includes(c));
    assert.deepEqual(await kind("shop::price"), ["more"]);
    assert.deepEqual(await kind("background"), []);
    assert.deepEqual(await kind("shop::log"), ["less", "removed"]);
    assert.deepEqual(await kind("shop::tax"), ["more", "new"]);
    assert.match((await named(page, "shop::price"))[0].text, /^▲ shop::price \+100%$/);
    assert.match(await page.$eval("#legend", (legend) => legend.textContent), /red ▲: more in head than in base/);
    assert.equal(await status(page), "Wall time: base 40.00 ms, head 49.00 ms (+9.00 ms).");
    const lists = await page.$eval("#changes", (lists) => lists.innerText);
    assert.match(lists, /Removed paths \(only in base\): 1\s+Path\s+Wall time\s+shop::main › shop::log\s+4\.00 ms/);
    assert.match(lists, /New paths \(only in head\): 1\s+Path\s+Wall time\s+shop::main › shop::order › shop::tax\s+3\.00 ms/);
    // Both sides fit: 1 + 5 + 20 + 3 + 4 + 20.
    near(await share(page, "shop::log"), 4 / 53);
    await page.select("#width", "head");
    assert.equal((await named(page, "shop::log")).length, 0);
    near(await share(page, "shop::price"), 20 / 49);
  }));
}

/** The least contrast of a text and its ground on the page, by the formula of WCAG. */
function leastContrast() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((x) => {
      const s = x / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" && element.parentElement ? ground(element.parentElement) : colour;
  };
  const texts = [...document.querySelectorAll(".frame, h1, h2, p, td, th, label, button:enabled, select, input")];
  const contrasts = texts.map((element) => {
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => b - a);
    return (a + 0.05) / (b + 0.05);
  });
  return Math.min(...contrasts);
}
