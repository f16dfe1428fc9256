// speedscope itself, in a browser, reads four formats. What it understood is read back from what its Export writes.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { check } from "./harness.mjs";
import { HOSTILE, exported, hostile, own, real, shop } from "./reports.mjs";

const APP = pathToFileURL("node_modules/speedscope/dist/release/index.html");

/** What speedscope makes of a file. */
async function understood(browser, name, bytes) {
  const page = await browser.newPage();
  try {
    await page.evaluateOnNewDocument(() => {
      const create = URL.createObjectURL;
      URL.createObjectURL = (blob) => {
        blob.text().then((text) => { globalThis.saved = text; });
        return create.call(URL, blob);
      };
    });
    // The name of a file that is not there: speedscope then waits for the call below.
    await page.goto(`${APP}#localProfilePath=nothing`);
    await page.waitForFunction(() => globalThis.speedscope);
    await page.evaluate((name, base64) => globalThis.speedscope.loadFileFromBase64(name, base64), name, bytes.toString("base64"));
    await page.waitForFunction(() => document.body.innerText.includes("Export"), { timeout: 15_000 });
    await page.keyboard.down("Control");
    await page.keyboard.press("s");
    await page.keyboard.up("Control");
    await page.waitForFunction(() => globalThis.saved, { timeout: 15_000 });
    return JSON.parse(await page.evaluate(() => globalThis.saved));
  } finally {
    await page.close();
  }
}

/** What each name has itself, in an evented profile. */
function ownOf(file, profile) {
  const sums = new Map();
  const open = [];
  let last = profile.startValue;
  for (const { type, frame, at } of profile.events) {
    const name = open.length ? file.shared.frames[open.at(-1)].name : null;
    if (name !== null && at > last) sums.set(name, (sums.get(name) ?? 0) + at - last);
    last = at;
    if (type === "O") open.push(frame);
    else open.pop();
  }
  return sums;
}

function same(found, wanted, scale = 1) {
  const rounded = [...found].map(([name, value]) => [name, Math.round(value * scale)]);
  assert.deepEqual(rounded.sort(), [...wanted].sort());
}

export async function speedscopeChecks(browser) {
  await check("speedscope: its own format, a profile per weight, the chosen one first", async () => {
    const file = await understood(browser, "shop.speedscope.json", exported("speedscope", shop, { weight: "bytes" }));
    assert.deepEqual(file.profiles.map((profile) => profile.unit), ["nanoseconds", "bytes", "none", "none"]);
    assert.equal(file.activeProfileIndex, 1);
    ["self_ns", "alloc_bytes", "alloc_count", "calls"].forEach((key, i) => same(ownOf(file, file.profiles[i]), own(shop, key)));
  });
  await check("speedscope: its own format, a real program", async () => {
    const file = await understood(browser, "real.speedscope.json", exported("speedscope", real));
    same(ownOf(file, file.profiles[0]), own(real, "self_ns"));
  });
  await check("speedscope: names as they are", async () => {
    const file = await understood(browser, "hostile.speedscope.json", exported("speedscope", hostile));
    const names = file.shared.frames.map((frame) => frame.name);
    for (const name of HOSTILE) assert.ok(names.includes(name), name);
  });
  await check("speedscope: collapsed stacks", async () => {
    const file = await understood(browser, "real.txt", exported("collapsed", real));
    same(ownOf(file, file.profiles[0]), own(real, "self_ns"));
  });
  await check("speedscope: pprof, the chosen weight", async () => {
    const file = await understood(browser, "shop.pb.gz", exported("pprof", shop, { weight: "bytes" }));
    assert.equal(file.profiles[0].unit, "bytes");
    same(ownOf(file, file.profiles[0]), own(shop, "alloc_bytes"));
  });
  await check("speedscope: trace events", async () => {
    const file = await understood(browser, "real.json", exported("trace", real));
    assert.equal(file.profiles[0].unit, "microseconds");
    // It adds the arguments of a slice to its name.
    const named = new Map();
    for (const [name, value] of ownOf(file, file.profiles[0])) {
      const [bare] = name.split(" {\"");
      named.set(bare, (named.get(bare) ?? 0) + value);
    }
    same(named, own(real, "self_ns"), 1_000);
  });
}
