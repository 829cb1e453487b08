// History and analysis: months move into files while the server runs, an analyst asks with SQL and
// gets the numbers that the pages show, backups and the history are to be seen by the operator.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { address, isAccessible, keepsTheHouseRules, languages, open, visitor, widths } from "./browser.mjs";
import { person } from "./people.mjs";

const [desk] = widths;
const data = process.env.LUCID_DATA ?? ".";
const program = process.env.LUCID_BINARY ?? "lucid";
const token = readFileSync(join(data, "operator-token"), "utf8").trim();

let browser;
before(async () => {
  browser = await open();
});
after(() => browser?.close());

/** What the program prints, as JSON. */
function told(...call) {
  // Every month that has ended two days ago is due.
  const env = { ...process.env };
  for (const period of ["REALTIME", "MINUTE", "HOUR", "DAY"]) {
    env[`LUCID_HISTORY_KEEP_DAYS_${period}`] = "1";
  }
  const text = execFileSync(program, ["--data", data, "--json", ...call], { encoding: "utf8", env });
  return JSON.parse(text);
}

const operator = { extraHTTPHeaders: { authorization: `Bearer ${token}` } };

/** The days of an air station that have ended, with their indices, as its page shows them. */
async function daysShown(page, station) {
  await page.goto(`${address}/air/stations/${station}?view=day`);
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  const rows = await page.locator("main tr").allTextContents();
  return rows.filter((row) => /\d{4}-\d{2}-\d{2}/.test(row) && !row.includes(today));
}

describe("history and backups", { concurrency: false }, () => {
  it("moves months beside the running server, and pages stay the same", { timeout: 120_000 }, async () => {
    const page = await visitor(browser, desk, "zh", operator);
    const before = await daysShown(page, "2074A");
    assert.ok(before.length > 10, `${before.length} days`);
    const moved = told("history", "move");
    const { months } = told("history", "status", "--months");
    assert.ok(months.length >= moved.months);
    assert.deepEqual(await daysShown(page, "2074A"), before);
    await page.goto(`${address}/operator/history`);
    assert.equal(await page.locator("#months tbody tr").count(), months.length);
    assert.deepEqual(told("history", "verify").findings, []);
    await page.context().close();
  });

  for (const width of widths) {
    it(`keeps the house rules on the operator's pages (${width.name})`, { timeout: 60_000 }, async () => {
      const page = await visitor(browser, width, "zh", operator);
      for (const language of languages) {
        for (const path of ["/operator/history", "/operator/backups"]) {
          const answer = await page.goto(`${address}${path}?lang=${language}`);
          assert.equal(answer.status(), 200, path);
          await keepsTheHouseRules(page, language);
          await isAccessible(page);
        }
      }
      await page.context().close();
    });
  }

  it("shows the backup that the server makes of itself", { timeout: 120_000 }, async () => {
    const page = await visitor(browser, desk, "zh", operator);
    const kept = page.locator("#kept tbody tr");
    for (let left = 60; left > 0; left -= 1) {
      await page.goto(`${address}/operator/backups`);
      if ((await kept.count()) > 0) break;
      await page.waitForTimeout(1000);
    }
    assert.ok((await kept.count()) > 0, "a backup is made soon after the start");
    await page.context().close();
  });
});

describe("questions in SQL", { concurrency: false }, () => {
  /** The page of an analyst; `null` where the program was built without SQL. */
  async function analyst(test, width) {
    const page = await person(browser, "demo.leader", width);
    await page.goto(`${address}/sql`);
    if ((await page.locator("textarea[name=query]").count()) > 0) return page;
    await keepsTheHouseRules(page, "zh");
    assert.match(await page.locator("main").innerText(), /未含 SQL/);
    await page.context().close();
    test.skip("this build has no SQL: the checks build one that has");
    return null;
  }

  async function ask(page, query) {
    await page.locator("textarea[name=query]").fill(query);
    await page.locator('button[name="form"][value="table"]').click();
    await page.locator("#answer").waitFor();
    // A long table is still coming when its beginning is there.
    await page.waitForLoadState("load");
  }

  it("answers every example of the page", { timeout: 180_000 }, async (test) => {
    const page = await analyst(test, desk);
    if (!page) return;
    const links = page.locator("#examples a");
    const count = await links.count();
    assert.ok(count > 3);
    for (let place = 0; place < count; place += 1) {
      await page.locator("#examples a").nth(place).click();
      await page.locator('button[name="form"][value="table"]').click();
      await page.locator("#answer").waitFor();
      const said = await page.locator("#answer").innerText();
      assert.equal(await page.locator("#answer .error").count(), 0, said);
    }
    await page.context().close();
  });

  it("gives the air quality index that the station's page gives", { timeout: 120_000 }, async (test) => {
    const page = await analyst(test, desk);
    if (!page) return;
    await ask(
      page,
      `SELECT day, aqi_day(factor, value, observed_at) AS aqi FROM observation
       WHERE code = '2074A' AND period = 'hour' AND is_usable GROUP BY day ORDER BY day DESC LIMIT 4`,
    );
    const rows = await page.locator("#answer tbody tr").allInnerTexts();
    assert.equal(rows.length, 4);
    // The first is today, which has not ended.
    const [day, index] = rows[1].split(/\s+/);
    assert.match(index, /^\d+$/, rows[1]);
    await page.goto(`${address}/air/stations/2074A?view=day`);
    // The table may be folded: a screen reader's way to what the chart shows.
    const cells = page.locator("main tr", { hasText: day }).first().locator("th, td");
    const shown = (await cells.allTextContents()).map((text) => text.trim());
    assert.ok(shown.includes(index), `${day}: ${index} is not in ${JSON.stringify(shown)}`);
    await page.context().close();
  });

  it("says where a question is wrong, and gives an answer as a file", { timeout: 60_000 }, async (test) => {
    const page = await analyst(test, desk);
    if (!page) return;
    await ask(page, "SELECT name,\n  no_such_column FROM observation");
    const said = await page.locator("#answer").innerText();
    assert.match(said, /no_such_column/);
    assert.ok((await page.locator("textarea[name=query]").inputValue()).includes("no_such_column"));
    page.failures.length = 0; // The browser's own line about the status 400.
    await ask(page, "DELETE FROM observation");
    assert.match(await page.locator("#answer").innerText(), /只读|SELECT/);
    page.failures.length = 0;
    await page.locator("textarea[name=query]").fill("SELECT code, name FROM factor ORDER BY code");
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.locator('button[name="form"][value="csv"]').click(),
    ]);
    const lines = readFileSync(await file.path(), "utf8").trim().split(/\r?\n/);
    assert.match(lines[0], /code,name/);
    assert.ok(lines.length > 10);
    await page.context().close();
  });

  for (const width of widths) {
    it(`keeps the house rules (${width.name})`, { timeout: 120_000 }, async (test) => {
      const page = await analyst(test, width);
      if (!page) return;
      for (const language of languages) {
        await page.goto(`${address}/sql?lang=${language}`);
        await keepsTheHouseRules(page, language);
        await isAccessible(page);
        await ask(page, "SELECT * FROM observation LIMIT 1200");
        assert.equal(await page.locator("#answer tbody tr").count(), 1000);
        await keepsTheHouseRules(page, language);
        await isAccessible(page);
        await ask(page, "SELECT nothing");
        page.failures.length = 0; // The browser's own line about the status 400.
        await keepsTheHouseRules(page, language);
        await isAccessible(page);
      }
      await page.context().close();
    });
  }
});
