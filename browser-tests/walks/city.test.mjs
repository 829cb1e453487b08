// The walk of a newcomer: home, map, outlet, alert, raw packet; in both languages, at a desk and
// on a phone; every page keeps the house rules and is accessible.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { address, isAccessible, keepsTheHouseRules, languages, open, visitor, widths } from "./browser.mjs";

const token = readFileSync(join(process.env.LUCID_DATA ?? ".", "operator-token"), "utf8").trim();

let browser;
before(async () => {
  browser = await open();
});
after(() => browser?.close());

for (const width of widths) {
  for (const language of languages) {
    describe(`${width.name}, ${language}`, () => {
      it("walks from the first page to a raw packet", { timeout: 180_000 }, async () => {
        const page = await visitor(browser, width, language);
        const say = (zh, en) => (language === "zh" ? zh : en);

        await page.goto(`${address}/?lang=${language}`);
        await keepsTheHouseRules(page, language);
        await page.locator("#air .aqi-number").first().waitFor();
        assert.ok((await page.locator("#water tbody tr").count()) > 5, "sections have classes");
        await isAccessible(page);

        await page.goto(`${address}/map`);
        const map = page.locator('[data-island="map"]');
        await map.scrollIntoViewIfNeeded();
        await map.locator(".leaflet-interactive").nth(20).waitFor({ state: "attached" });
        await keepsTheHouseRules(page, language);
        await isAccessible(page);

        await page.locator('a[href^="/outlets/DEMO-"]').first().click();
        await page.locator("#limits table").waitFor();
        const chart = page.locator('[data-island="series"]');
        await chart.scrollIntoViewIfNeeded();
        await chart.locator("canvas").first().waitFor();
        await keepsTheHouseRules(page, language);
        await isAccessible(page);

        await page.goto(`${address}/operator/sign-in?next=/alerts`);
        await page.locator("#token").fill(token);
        await page.getByRole("button", { name: say("登录", "Sign in") }).click();
        await page.waitForURL(/\/alerts$/);
        const alerts = page.locator('a[href^="/alerts/"]');
        assert.ok((await alerts.count()) > 0, "the demo has open alerts");
        await keepsTheHouseRules(page, language);
        await isAccessible(page);

        await alerts.first().click();
        await page.locator("#timeline li").first().waitFor();
        await keepsTheHouseRules(page, language);
        await isAccessible(page);

        await page.locator('#timeline a[href^="/packets/"]').first().click();
        await page.locator("#bytes pre").waitFor();
        const bytes = await page.locator("#bytes pre").innerText();
        assert.match(bytes, /23 23 30/, "a packet begins with ## and its length");
        const fields = await page.locator("#fields").innerText();
        assert.match(fields, /DataTime/);
        assert.doesNotMatch(fields, /PW\s+\d{6}/, "passwords are covered");
        await keepsTheHouseRules(page, language);
        await isAccessible(page);
        await page.context().close();
      });
    });
  }
}

describe("every page", () => {
  const pages = [
    "/air",
    "/air/stations/2074A?view=day",
    "/air/stations/3216A",
    "/water/sections",
    "/outlets",
    "/operator",
    "/operator/devices",
    "/operator/refused",
    "/api",
    "/design",
    "/verdicts/1",
  ];
  for (const width of widths) {
    it(`keeps the house rules, ${width.name}`, { timeout: 180_000 }, async () => {
      const page = await visitor(browser, width, "zh", {
        extraHTTPHeaders: { authorization: `Bearer ${token}` },
      });
      for (const path of pages) {
        const answer = await page.goto(address + path);
        assert.equal(answer.status(), 200, path);
        await keepsTheHouseRules(page, "zh");
        await isAccessible(page);
      }
      await page.context().close();
    });
  }

  it("is whole without scripts", { timeout: 60_000 }, async () => {
    const page = await visitor(browser, widths[1], "zh", { javaScriptEnabled: false });
    await page.goto(address);
    assert.ok((await page.locator("#air .aqi-number").count()) > 0);
    await page.goto(`${address}/outlets/DEMO-0001/DW001?period=day`);
    assert.ok((await page.locator("#limits tbody tr").count()) > 0);
    await page.context().close();
  });

  it("keeps its policy: nothing inline, nothing from outside", { timeout: 60_000 }, async () => {
    const page = await visitor(browser, widths[0], "zh", { bypassCSP: false });
    const outside = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(address) && !request.url().startsWith("data:")) {
        outside.push(request.url());
      }
    });
    for (const path of ["/", "/map", "/air/stations/2074A"]) {
      await page.goto(address + path);
      const island = page.locator("[data-island]").first();
      await island.scrollIntoViewIfNeeded();
      await island.locator("canvas, svg").first().waitFor();
    }
    assert.deepEqual(outside, []);
    assert.deepEqual(page.failures, [], "the policy blocks nothing that the pages need");
    await page.context().close();
  });

  it("shows the dark look that the reader chose", { timeout: 60_000 }, async () => {
    const page = await visitor(browser, widths[0], "zh", { colorScheme: "light" });
    await page.goto(address);
    await page.locator('[data-action="theme"]').click();
    assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
    await page.reload();
    assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
    await isAccessible(page);
    await page.context().close();
  });
});
