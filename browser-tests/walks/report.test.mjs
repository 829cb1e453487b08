// An execution report from its draft to the public: the enterprise types a thousandfold amount, sees
// why it cannot be, corrects it and files; an officer accepts; everybody reads it.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, isAccessible, keepsTheHouseRules, languages, open, visitor, widths } from "./browser.mjs";
import { person } from "./people.mjs";

const [desk] = widths;
const AMOUNT = "DW001/w01018/amount";

let browser;
before(async () => {
  browser = await open();
});
after(() => browser?.close());

/** The control of a field of the report. */
const field = (page, name) => page.locator(`[name="${name}"]`);

const VALUES = {
  "-/-/production_hours": "1990",
  "-/-/product_amount": "30.9",
  "-/-/product_unit": "万平方米",
  "DW001/-/flow": "181000",
  "DW001/-/operating_hours": "2020",
  "DA001/-/flow": "45000000",
  "DA001/-/operating_hours": "1990",
  "DW001/w01001/concentration_min": "6.9",
  "DW001/w01001/concentration_mean": "7.4",
  "DW001/w01001/concentration_max": "8.2",
  "DW001/w01018/concentration_min": "23.1",
  "DW001/w01018/concentration_mean": "40.3",
  "DW001/w01018/concentration_max": "70.8",
  "DW001/w01018/exceedance_hours": "0",
  "DW001/w21003/concentration_min": "1.52",
  "DW001/w21003/concentration_mean": "3.14",
  "DW001/w21003/concentration_max": "6.01",
  "DW001/w21003/exceedance_hours": "0",
  "DW001/w21003/amount": "0.568",
};
const ANSWERS = {
  "-/-/facility_abnormal": "no",
  "-/-/ledger_kept": "yes",
  "-/-/self_monitoring_done": "yes",
};

describe("an execution report", { concurrency: false }, () => {
  for (const size of widths) {
    it(`keeps the house rules on each page (${size.name})`, { timeout: 240_000 }, async () => {
      const page = await person(browser, "demo.enterprise", size);
      await page.goto(`${address}/reports?standing=filed`);
      const filed = await page.locator("table tbody a[href^='/reports/']").first().getAttribute("href");
      const paths = ["/reports", "/reports?view=public", filed, "/checks", "/checks/amount_unit_slip_last_year"];
      for (const language of languages) {
        for (const one of paths) {
          await page.goto(`${address}${one}${one.includes("?") ? "&" : "?"}lang=${language}`);
          await keepsTheHouseRules(page, language);
          await isAccessible(page);
        }
      }
      await page.context().close();
    });
  }

  it("stops a thousandfold amount softly, and is public once accepted", { timeout: 180_000 }, async () => {
    const page = await person(browser, "demo.enterprise", desk);
    await page.goto(`${address}/reports?standing=overdue&cycle=quarter`);
    await page.locator('form[action="/reports"] button').first().click();
    await page.waitForURL(/\/reports\/\d+$/);
    const path = new URL(page.url()).pathname;
    for (const [name, value] of Object.entries(VALUES)) await field(page, name).fill(value);
    for (const [name, value] of Object.entries(ANSWERS)) await field(page, name).selectOption(value);

    // Kilograms typed where tonnes belong: it is told while typing, below the field.
    await field(page, AMOUNT).fill("7294");
    const slot = page.locator(`[data-slot="${AMOUNT}"]`);
    const slip = slot.locator('a[href="/checks/amount_unit_slip_last_year"]');
    await slip.waitFor();
    assert.match(await slot.innerText(), /1 吨 = 1000 千克/, "it says what to do");
    await isAccessible(page);

    // Filed as it is, it comes back with what is in the way, and nothing that was typed is lost.
    await page.locator('button[name="do"][value="file"]').click();
    await page.locator(".notice-error").waitFor();
    // The answer says so with its status, which a browser notes.
    page.failures = page.failures.filter((line) => !line.includes("422"));
    assert.equal(await field(page, AMOUNT).inputValue(), "7294");

    await field(page, AMOUNT).fill("7.294");
    await slip.waitFor({ state: "detached" });
    // What else asks for a word gets one.
    for (const reason of await page.locator('textarea[name^="reason:"]').all()) await reason.fill("已核对");
    await page.locator('button[name="do"][value="file"]').click();
    await page.locator("#standing").getByText("已提交").waitFor();
    assert.deepEqual(page.failures, []);
    await page.context().close();

    const officer = await person(browser, "demo.longwen", desk);
    await officer.goto(address + path);
    await officer.locator("#decision textarea").fill("数据齐全");
    await officer.locator('button[name="decision"][value="accept"]').click();
    await officer.locator("#standing").getByText("已通过").waitFor();
    await officer.context().close();

    const stranger = await visitor(browser, desk, "zh");
    await stranger.goto(`${address}/reports?view=public`);
    await stranger.locator(`a[href="${path}"]`).click();
    assert.match(await stranger.locator("main").innerText(), /7\.294/);
    assert.equal(await stranger.locator("#findings").count(), 0, "what the checks found is not public");
    await stranger.context().close();
  });
});
