// All checks of the exports; see `check`.
import puppeteer from "puppeteer-core";
import { finish } from "./harness.mjs";
import { pageChecks } from "./page.mjs";
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
} finally {
  await browser.close();
}
finish();
