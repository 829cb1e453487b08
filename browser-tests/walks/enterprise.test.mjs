// An enterprise's page, the comparison of outlets and the enterprise's own desk, at two widths and
// in two languages.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, isAccessible, keepsTheHouseRules, languages, open, visitor, widths } from "./browser.mjs";
import { person } from "./people.mjs";

const own = "DEMO-0006";

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

describe("enterprises", { concurrency: false }, () => {
  for (const size of widths) {
    it(`are read by anybody (${size.name})`, { timeout: 180_000 }, async () => {
      const page = await visitor(browser, size, "zh");
      await page.goto(`${address}/enterprises/${own}`);
      const compare = page.locator('a[href^="/outlets/compare?"]');
      const paths = ["/enterprises", "/enterprises?q=DEMO", `/enterprises/${own}`, "/outlets/compare"];
      if ((await compare.count()) > 0) paths.push(await compare.first().getAttribute("href"));
      await walk(page, paths);
      await page.context().close();
    });

    it(`have a desk of their own (${size.name})`, { timeout: 180_000 }, async () => {
      const page = await person(browser, "demo.enterprise", size);
      await walk(page, ["/my-enterprise", "/my-enterprise?month=2026-12", `/enterprises/${own}`]);
      await page.context().close();
    });
  }

  it("lead from an outlet to the enterprise and back", { timeout: 60_000 }, async () => {
    const page = await visitor(browser, widths[0], "zh");
    await page.goto(`${address}/enterprises/${own}`);
    await page.locator("#outlets tbody a").first().click();
    await page.waitForURL(/\/outlets\/DEMO-0006\//);
    await page.locator(`#about a[href="/enterprises/${own}"]`).click();
    await page.locator("#timeline").waitFor();
    await page.context().close();
  });

  it("show their desk to nobody else", { timeout: 60_000 }, async () => {
    const stranger = await visitor(browser, widths[0], "zh");
    await stranger.goto(`${address}/my-enterprise`);
    assert.match(stranger.url(), /\/sign-in/);
    await stranger.context().close();
    const officer = await person(browser, "demo.longwen", widths[0]);
    const answer = await officer.goto(`${address}/my-enterprise`);
    assert.equal(answer.status(), 403);
    await officer.context().close();
  });
});
