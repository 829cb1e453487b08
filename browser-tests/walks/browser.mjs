// One browser for a walk: pages at two widths, in two languages, with what every page must keep.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

export const address = process.env.LUCID_ADDRESS ?? "http://127.0.0.1:8080";
export const widths = [
  { name: "desk", width: 1440, height: 900 },
  { name: "phone", width: 390, height: 844 },
];
export const languages = ["zh", "en"];

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Starts a headless browser that asks nobody outside. */
export function open() {
  const executablePath = process.env.LUCID_CHROMIUM || undefined;
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      "--use-gl=angle",
      "--use-angle=swiftshader",
      "--enable-unsafe-swiftshader",
    ],
  });
}

/** A page of its own, that fails the walk when a script of ours fails. */
export async function visitor(browser, { width, height }, language, options = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: language === "zh" ? "zh-CN" : "en-GB",
    timezoneId: "Asia/Shanghai",
    reducedMotion: "reduce",
    // The accessibility checker is handed in from outside; the policy itself has its own test.
    bypassCSP: true,
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.failures = [];
  page.on("pageerror", (error) => page.failures.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") page.failures.push(message.text());
  });
  return page;
}

/** What holds on every page: a title, the language, the demo notice, no sideways scrolling. */
export async function keepsTheHouseRules(page, language) {
  const where = page.url();
  assert.ok(await page.title(), `${where}: a page has a title`);
  const tag = await page.locator("html").getAttribute("lang");
  assert.ok(tag?.startsWith(language === "zh" ? "zh" : "en"), `${where}: lang is ${tag}`);
  const text = await page.locator("body").innerText();
  const notice = language === "zh" ? "演示数据" : "demo data";
  assert.ok(text.toLowerCase().includes(notice), `${where}: says that the data are of a demo`);
  assert.equal(await page.locator("h1").count(), 1, `${where}: one first heading`);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.ok(overflow <= 1, `${where}: ${overflow} px wider than the window`);
  assert.deepEqual(page.failures, [], `${where}: scripts run without an error`);
}

/** No serious violation of WCAG 2.2 AA that a program can find. */
export async function isAccessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const result = await globalThis.axe.run(document, { runOnly: { type: "tag", values: tags } });
    return result.violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(" | ")}`);
  });
  assert.deepEqual(found, [], `${page.url()}: no serious violation`);
}
