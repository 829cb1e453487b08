// The plan: the cockpit as list and wall, a measure, an indicator down to a packet, duties, files.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, isAccessible, keepsTheHouseRules, languages, open, widths } from "./browser.mjs";
import { person } from "./people.mjs";

const [desk] = widths;

let browser;
before(async () => {
  browser = await open();
});
after(() => browser?.close());

describe("the plan", { concurrency: false }, () => {
  for (const size of widths) {
    it(`keeps the house rules on each page (${size.name})`, { timeout: 240_000 }, async () => {
      const page = await person(browser, "demo.leader", size);
      for (const language of languages) {
        for (const path of [
          "/plan",
          "/plan?view=wall",
          "/plan/measures/1",
          "/plan/measures/3",
          "/plan/indicators",
          "/plan/indicators/air_good_day_share",
          "/plan/indicators/hazardous_waste_disposal_rate",
          "/plan/duties",
        ]) {
          await page.goto(`${address}${path}${path.includes("?") ? "&" : "?"}lang=${language}`);
          await keepsTheHouseRules(page, language);
          await isAccessible(page);
        }
      }
      await page.context().close();
    });
  }

  it("leads from a number to its packet in three clicks", { timeout: 60_000 }, async () => {
    const page = await person(browser, "demo.auditor", desk);
    await page.goto(`${address}/plan?lang=zh`);
    await page.locator('a[href="/plan/indicators/air_good_day_share"]').first().click();
    await page.locator('#inputs a[href^="/plan/air/"]').first().click();
    await page.locator('a[href^="/packets/"]').first().click();
    await page.waitForURL(/\/packets\//);
    assert.equal(await page.locator("h1").count(), 1);
    await page.context().close();
  });

  it("says of every value where it comes from", { timeout: 180_000 }, async () => {
    const page = await person(browser, "demo.leader", desk);
    const ask = page.context().request;
    const json = async (path) => (await ask.get(`${address}/api/v1${path}`)).json();
    const { measures } = await json("/plan");
    const shown = measures.flatMap(({ indicators }) => indicators);
    const valued = new Set(shown.filter(({ value }) => value !== null).map(({ id }) => id));
    assert.ok(valued.size > 5, `few values: ${[...valued]}`);
    for (const id of valued) {
      const { inputs, inputs_of: year } = await json(`/indicators/${id}`);
      assert.ok(year, `${id} has a year`);
      const pages = [...new Set(inputs.map((input) => input.page.split("#")[0]))];
      // A change against another year has values of its own, and no inputs beside.
      assert.ok(pages.length > 0 || id.includes("change"), `${id} has inputs`);
      for (const path of [pages.at(0), pages.at(-1)].filter(Boolean)) {
        const answer = await ask.get(address + path);
        assert.equal(answer.status(), 200, `${id} leads to ${path}`);
      }
    }
    await page.context().close();
  });

  it("gives the brief as Word and PDF, and the table as XLSX", { timeout: 60_000 }, async () => {
    const page = await person(browser, "demo.leader", desk);
    for (const [path, start] of [
      ["/plan/brief.docx", "PK"],
      ["/plan/brief.pdf", "%PDF"],
      ["/plan/status.xlsx", "PK"],
    ]) {
      const answer = await page.context().request.get(address + path);
      assert.equal(answer.status(), 200, path);
      assert.ok((await answer.body()).subarray(0, 4).toString().startsWith(start), path);
    }
    await page.context().close();
  });
});
