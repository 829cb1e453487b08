// From the month of a county to an outlet's calendar and the chain of one hour.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, isAccessible, keepsTheHouseRules, languages, open, widths } from "./browser.mjs";
import { person } from "./people.mjs";

const [desk] = widths;

let browser;
before(async () => {
  browser = await open();
});
after(async () => {
  await browser?.close();
});

describe("the quality of monitoring data", { concurrency: false }, () => {
  it("leads from a county to one hour", { timeout: 240_000 }, async () => {
    const page = await person(browser, "demo.duty", desk);
    page.setDefaultTimeout(60_000);
    await page.goto(`${address}/data-quality`);
    await page.locator('form[action="/data-quality/compute"] button').click();
    await page.waitForURL((url) => url.searchParams.has("month"));
    await page.locator('main th a[href*="by=enterprise"]').first().click();
    await page.waitForURL((url) => url.searchParams.get("by") === "enterprise");
    await page.locator('main th a[href*="by=outlet"]').first().click();
    await page.waitForURL((url) => url.searchParams.get("by") === "outlet");
    await page.locator('main th a[href^="/data-quality/outlets/"]').first().click();
    await page.waitForURL((url) => url.pathname.startsWith("/data-quality/outlets/"));
    const cells = page.locator("table.heat td a");
    assert.ok((await cells.count()) > 24, "the calendar has hours");
    assert.ok((await cells.first().getAttribute("aria-label")).length > 16, "a cell says itself");
    await cells.first().click();
    await page.waitForURL((url) => url.pathname.includes("/hours/"));
    await page.context().close();
  });

  for (const size of widths) {
    it(`keeps the house rules on its pages (${size.name})`, { timeout: 240_000 }, async () => {
      const page = await person(browser, "demo.duty", size);
      page.setDefaultTimeout(60_000);
      const one = "/data-quality/outlets/DEMO-0034/DA001";
      for (const language of languages) {
        for (const path of ["/data-quality", "/data-quality/coverage", one]) {
          await page.goto(`${address}${path}?lang=${language}`);
          await keepsTheHouseRules(page, language);
          await isAccessible(page);
        }
      }
      await page.context().close();
    });
  }
});
