// All checks of the exports; see `check`.
import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { finish } from "./harness.mjs";
import { pageChecks, pictures } from "./page.mjs";
import { pprofChecks } from "./pprof.mjs";
import { speedscopeChecks } from "./speedscope.mjs";

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM,
  // Its own sandbox cannot be set up by root, nor in most containers. Only our own files are opened.
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--allow-file-access-from-files", "--enable-unsafe-swiftshader"],
});
try {
  await pprofChecks();
  await speedscopeChecks(browser);
  await pageChecks(browser);
  const { PICTURES, BASE } = process.env;
  if (PICTURES) await pictures(browser, PICTURES, BASE && JSON.parse(readFileSync(BASE, "utf8")));
} finally {
  await browser.close();
}
finish();
