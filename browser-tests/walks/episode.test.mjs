// From an alert to the evidence: the outlet's alert, its episode, the packet, and the check that
// anybody can make of it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { address, isAccessible, keepsTheHouseRules, languages, open, visitor, widths } from "./browser.mjs";
import { person } from "./people.mjs";

const [desk] = widths;
const program = process.env.LUCID_BINARY ?? "lucid";
const data = process.env.LUCID_DATA ?? ".";

let browser;
let folder;
before(async () => {
  browser = await open();
  folder = mkdtempSync(join(tmpdir(), "lucid-evidence-"));
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** Has episodes computed, so that the walk need not wait for the hour. */
async function compute(page) {
  await page.goto(`${address}/episodes`);
  await page.locator('form[action="/episodes/run"] button').click({ timeout: 120_000 });
  await page.waitForURL((url) => url.pathname === "/episodes");
}

/** Goes from an alert of exceedance that has an episode to that episode. */
async function fromAlertToEpisode(page) {
  await page.goto(`${address}/alerts?kind=exceedance&state=all`);
  const alerts = await page.locator('main table a[href^="/alerts/"]').evaluateAll((links) =>
    links.map((link) => link.getAttribute("href")),
  );
  assert.ok(alerts.length > 0, "the demonstration has alerts of exceedance");
  for (const alert of alerts.slice(0, 25)) {
    await page.goto(address + alert);
    await page.locator('a.button[href^="/episodes/by-alert/"]').click();
    await page.waitForLoadState();
    if (/\/episodes\/\d+$/.test(new URL(page.url()).pathname)) return new URL(page.url()).pathname;
  }
  throw new assert.AssertionError({ message: "no alert of the demonstration leads to an episode" });
}

describe("the evidence of an exceedance", { concurrency: false }, () => {
  it("goes from the alert to a packet that anybody can check", { timeout: 240_000 }, async () => {
    const page = await person(browser, "demo.duty", desk);
    page.setDefaultTimeout(60_000);
    await compute(page);
    const path = await fromAlertToEpisode(page);
    await page.locator("#chart svg").first().waitFor();
    const issue = page.locator(`form[action="${path}/packet"] button`);
    if ((await issue.count()) > 0) {
      await issue.click();
      await page.locator(`a[href="${path}/packet.pdf"]`).first().waitFor();
    }
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator(`a[href="${path}/packet.pdf"]`).first().click(),
    ]);
    const file = join(folder, "packet.pdf");
    await download.saveAs(file);
    const bytes = readFileSync(file);
    assert.equal(bytes.subarray(0, 5).toString(), "%PDF-");

    const anybody = await visitor(browser, desk, "zh");
    await anybody.goto(`${address}/evidence/verify`);
    const check = async (name) => {
      await anybody.locator('input[type="file"]').setInputFiles(name);
      await anybody.locator('form[enctype="multipart/form-data"] button').click();
      return anybody.locator("#result").innerText();
    };
    // The record of issuing enters the log within seconds.
    let said = "";
    for (let tries = 0; tries < 20 && !said.includes("核验通过"); tries += 1) {
      said = await check(file);
      if (!said.includes("核验通过")) await anybody.waitForTimeout(1000);
      if (!said.includes("核验通过")) await anybody.goto(`${address}/evidence/verify`);
    }
    assert.ok(said.includes("核验通过"), said);

    const altered = Buffer.from(bytes);
    altered[1000] ^= 1;
    const forged = join(folder, "altered.pdf");
    writeFileSync(forged, altered);
    assert.ok((await check(forged)).includes("核验未通过"), "a changed byte is told");

    const command = (name) =>
      execFileSync(program, ["--data", data, "--json", "evidence", "verify", name], {
        encoding: "utf8",
      });
    assert.equal(JSON.parse(command(file)).right, true);
    assert.throws(() => command(forged), "the command ends with 1");
    await anybody.context().close();
    await page.context().close();
  });

  for (const size of widths) {
    it(`keeps the house rules on its pages (${size.name})`, { timeout: 240_000 }, async () => {
      const page = await person(browser, "demo.duty", size);
      page.setDefaultTimeout(60_000);
      await page.goto(`${address}/episodes`);
      if ((await page.locator('main table a[href^="/episodes/"]').count()) === 0) await compute(page);
      const episode = await page.locator('main table a[href^="/episodes/"]').first().getAttribute("href");
      for (const language of languages) {
        for (const one of ["/episodes", episode, "/evidence/verify"]) {
          await page.goto(`${address}${one}?lang=${language}`);
          await keepsTheHouseRules(page, language);
          await isAccessible(page);
        }
      }
      await page.context().close();
    });
  }
});
