// Permits: read by anybody; exported, brought again and previewed by the officer of the county.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { address, isAccessible, keepsTheHouseRules, languages, open, visitor, widths } from "./browser.mjs";
import { person } from "./people.mjs";

let browser;
before(async () => {
  browser = await open();
});
after(() => browser?.close());

/** Keeps the house rules on these addresses in both languages. */
async function walk(page, paths) {
  for (const language of languages) {
    for (const path of paths) {
      await page.goto(`${address}${path}${path.includes("?") ? "&" : "?"}lang=${language}`);
      await keepsTheHouseRules(page, language);
      await isAccessible(page);
    }
  }
}

/** The permit of the enterprise in the officer's county that has two versions. */
async function changed(page) {
  await page.goto(`${address}/permits?division=350603&text=DEMO-0006`);
  return page.locator("tbody th a").first().getAttribute("href");
}

describe("permits", { concurrency: false }, () => {
  for (const size of widths) {
    it(`are read by anybody (${size.name})`, { timeout: 180_000 }, async () => {
      const page = await visitor(browser, size, "zh");
      const one = await changed(page);
      await walk(page, [
        "/permits",
        "/permits?expiry=30",
        "/permits?text=no+such+permit",
        one,
        `${one}/versions?from=1&to=2`,
        "/permits/amounts",
      ]);
      assert.equal(await page.locator('a[href="/permits/import"]').count(), 0);
      await page.context().close();
    });
  }

  it("come in again as the same, and with their faults told", { timeout: 90_000 }, async () => {
    const page = await person(browser, "demo.longwen", widths[0]);
    const one = await changed(page);
    await page.goto(`${address}${one}`);
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.locator('#documents a[href*="workbook.xlsx"]').click(),
    ]);
    const book = { name: "permit.xlsx", mimeType: "application/octet-stream" };
    await walk(page, ["/permits/import"]);
    await page.goto(`${address}/permits/import?lang=zh`);
    const bring = async (buffer) => {
      await page.locator('input[type="file"]').setInputFiles({ ...book, buffer });
      await Promise.all([page.waitForNavigation(), page.locator("main form button").click()]);
    };
    await bring(await readFile(await file.path()));
    await page.getByText("无需导入").waitFor();
    await keepsTheHouseRules(page, "zh");
    await page.goto(`${address}/permits/import?lang=zh`);
    await bring(Buffer.from("no workbook"));
    await page.getByText("文件未导入").waitFor();
    await page.context().close();
  });
});
