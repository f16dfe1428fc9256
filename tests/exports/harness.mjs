// Checks, one after the other, and their sum in the words of cargo's tests.

let passed = 0, failed = 0;

export async function check(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`check ${name} ... ok`);
  } catch (problem) {
    failed += 1;
    console.log(`check ${name} ... FAILED\n${problem.stack ?? problem}`);
  }
}

export function finish() {
  console.log(`test result: ${failed ? "FAILED" : "ok"}. ${passed} passed; ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}
