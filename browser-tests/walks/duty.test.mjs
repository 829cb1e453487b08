// The duty desk: a packet over the limit appears by itself, three clicks make an order of it, the
// enterprise and the county see it; keys, house rules at two widths and in two languages.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { address, isAccessible, keepsTheHouseRules, languages, open, visitor, widths } from "./browser.mjs";
import { person } from "./people.mjs";

const [desk] = widths;
const data = process.env.LUCID_DATA ?? ".";
/** The stack of the works that demo.enterprise manages, in the county of demo.longwen. */
const STACK = { mn: "350600D06E8ED8BC96E736C6", password: "913029", factor: "a21024" };

let browser;
before(async () => {
  browser = await open();
});
after(() => browser?.close());

/** The check of a packet as HJ 212 counts it. */
function crc(bytes) {
  let word = 0xffff;
  for (const byte of bytes) {
    word = (word >> 8) ^ byte;
    for (let bit = 0; bit < 8; bit += 1) word = word & 1 ? (word >> 1) ^ 0xa001 : word >> 1;
  }
  return word;
}

/** Sends the last whole hour of the stack over its limit, until the device is answered. */
async function sendHourOver() {
  const [, hj212] = readFileSync(join(data, "lucid.lock"), "utf8").trim().split(" ");
  const [host, port] = hj212.split(":");
  const beijing = new Date(Date.now() + 8 * 3_600_000).toISOString().replace(/\D/g, "");
  const hour = new Date(Date.now() + 7 * 3_600_000).toISOString().replace(/\D/g, "").slice(0, 10);
  const segment =
    `QN=${beijing.slice(0, 17)};ST=31;CN=2061;PW=${STACK.password};MN=${STACK.mn};Flag=5;` +
    `CP=&&DataTime=${hour}0000;${STACK.factor}-Avg=260.0,${STACK.factor}-ZsAvg=260.0,${STACK.factor}-Flag=N&&`;
  const check = crc(Buffer.from(segment)).toString(16).toUpperCase().padStart(4, "0");
  await new Promise((resolve, reject) => {
    const socket = connect(Number(port), host, () => {
      socket.write(`##${String(segment.length).padStart(4, "0")}${segment}${check}\r\n`);
    });
    socket.once("data", () => socket.end(resolve));
    socket.once("error", reject);
  });
}

describe("the duty desk", { concurrency: false }, () => {
  it("shows a packet over the limit by itself, and makes an order of it in three clicks", { timeout: 120_000 }, async () => {
    const page = await person(browser, "demo.duty", desk);
    await page.goto(`${address}/duty?order=newest&division=350603`);
    const row = page.locator("[data-duty-queue] tr", { hasText: "酸雾排气筒" }).filter({ hasText: "超标" });
    await sendHourOver();
    // Nobody presses anything: the desk takes it anew when the event comes.
    await row.first().waitFor();

    await row.first().locator('a.button[href$="/order"]').click();
    assert.ok((await page.locator('textarea[name="demand"]').inputValue()).includes("酸雾排气筒"));
    assert.ok(await page.locator('input[name="answer_by"]').inputValue());
    await page.locator('main form.card button[type="submit"]').click();
    await page.waitForURL(/\/cases\/\d+$/);
    const path = new URL(page.url()).pathname;
    const number = await page.locator(".case-head .case-number").innerText();
    assert.match(number, /^DB-/);

    for (const who of ["demo.enterprise", "demo.longwen"]) {
      const theirs = await person(browser, who, desk);
      await theirs.goto(`${address}/notifications`);
      assert.ok((await theirs.locator("main").innerText()).includes(number), `${who} is told`);
      await theirs.goto(address + path);
      assert.ok((await theirs.locator(".case-head").innerText()).includes(number), `${who} sees it`);
      await theirs.context().close();
    }
    await page.goto(`${address}/duty?order=newest&division=350603`);
    assert.ok((await row.first().innerText()).includes(number), "the desk names the order");
    await page.context().close();
  });

  it("is worked with the keys, and remembers the sound", { timeout: 60_000 }, async () => {
    const page = await person(browser, "demo.duty", desk);
    await page.goto(`${address}/duty`);
    await page.locator("[data-duty-keys]").waitFor();
    const here = () => page.locator("tr.is-here").getAttribute("data-key");
    const keys = await page.locator("[data-duty-queue] tbody tr").evaluateAll((rows) => rows.map((row) => row.dataset.key));
    assert.ok(keys.length > 3, "the desk of the demonstration is not empty");
    await page.keyboard.press("j");
    assert.equal(await here(), keys[0]);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    assert.equal(await here(), keys[1]);
    const sound = page.locator("[data-duty-sound]");
    assert.equal(await sound.getAttribute("aria-pressed"), "false", "silent until somebody wants it");
    await sound.click();
    await page.reload();
    await page.locator("[data-duty-keys]").waitFor();
    assert.equal(await sound.getAttribute("aria-pressed"), "true");
    await sound.click();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/triage\/\d+$/);
    await page.locator("#why").waitFor();
    await page.context().close();
  });

  for (const size of widths) {
    it(`keeps the house rules on each page (${size.name})`, { timeout: 120_000 }, async () => {
      const page = await person(browser, "demo.duty", size);
      await page.goto(`${address}/duty`);
      const one = await page.locator("[data-duty-queue] tbody tr a").first().getAttribute("href");
      const order = await page.locator('a.button[href$="/order"]').first().getAttribute("href");
      for (const language of languages) {
        for (const path of ["/duty", "/duty?order=newest", one, order, "/triage/precision"]) {
          await page.goto(`${address}${path}${path.includes("?") ? "&" : "?"}lang=${language}`);
          await keepsTheHouseRules(page, language);
          await isAccessible(page);
        }
      }
      await page.context().close();
    });
  }

  it("works without a script", { timeout: 60_000 }, async () => {
    const signedIn = await person(browser, "demo.duty", desk);
    const storageState = await signedIn.context().storageState();
    const page = await visitor(browser, desk, "zh", { javaScriptEnabled: false, storageState });
    await page.goto(`${address}/duty`);
    await page.locator("[data-duty-queue] tbody tr a").first().click();
    await page.locator('#verdict select[name="conclusion"]').selectOption("device");
    await page.locator('#verdict input[name="reason"]').fill("（演示）不用脚本也能研判");
    await page.locator('#verdict button[type="submit"]').click();
    await page.locator("#verdict .timeline li").first().waitFor();
    await page.context().close();
    await signedIn.context().close();
  });
});
