// pprof's format, read by a decoder that shares nothing with ours.
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { Profile } from "pprof-format";
import { check } from "./harness.mjs";
import { HOSTILE, exported, hostile, later, own, real, shop, total } from "./reports.mjs";

const decoded = (...args) => Profile.decode(gunzipSync(exported("pprof", ...args)));
const text = (profile, index) => profile.stringTable.strings[Number(index)];
const types = (profile) => profile.sampleType.map((type) => `${text(profile, type.type)}/${text(profile, type.unit)}`);
// The decoder leaves signs to its user.
const signed = (value) => Number(BigInt.asIntN(64, BigInt(value)));
const sum = (profile, at) => profile.sample.reduce((sum, sample) => sum + signed(sample.value[at]), 0);
const byId = (list) => new Map(list.map((entry) => [Number(entry.id), entry]));

/** Names of a sample's stack, the innermost first. */
function stacks(profile) {
  const locations = byId(profile.location), functions = byId(profile.function);
  return profile.sample.map((sample) => sample.locationId.map((id) => {
    const [line] = locations.get(Number(id)).line;
    return text(profile, functions.get(Number(line.functionId)).name);
  }));
}

export async function pprofChecks() {
  await check("pprof: all weights of a report, with their sums", () => {
    const profile = decoded(shop, { weight: "bytes" });
    assert.deepEqual(types(profile), ["wall/nanoseconds", "alloc_space/bytes", "alloc_objects/count", "calls/count"]);
    assert.equal(text(profile, profile.defaultSampleType), "alloc_space");
    const keys = ["self_ns", "alloc_bytes", "alloc_count", "calls"];
    keys.forEach((key, at) => assert.equal(sum(profile, at), total(shop, key), key));
  });
  await check("pprof: a real program, function by function", () => {
    const profile = decoded(real);
    const sums = new Map();
    stacks(profile).forEach(([name], i) => {
      const value = signed(profile.sample[i].value[0]);
      if (value) sums.set(name, (sums.get(name) ?? 0) + value);
    });
    assert.deepEqual([...sums].sort(), [...own(real, "self_ns")].sort());
  });
  await check("pprof: stacks and names as they are", () => {
    const found = stacks(decoded(hostile));
    for (const name of HOSTILE) assert.ok(found.some((stack) => stack.length === 2 && stack[0] === name && stack[1] === "<b>main</b>"), name);
  });
  await check("pprof: a difference adds up to head less base, and names its base", () => {
    const profile = decoded(later, { base: shop });
    assert.equal(sum(profile, 0), total(later, "self_ns") - total(shop, "self_ns"));
    const isBase = (sample) => sample.label.some((l) => text(profile, l.key) === "pprof::base" && text(profile, l.str) === "true");
    const negative = profile.sample.filter((sample) => signed(sample.value[0]) < 0);
    assert.equal(negative.length, 5);
    assert.ok(profile.sample.every((sample) => isBase(sample) === signed(sample.value[0]) < 0));
  });
}
