// The officers' desk: every page at two widths and in two languages, the keys, giving many at once,
// reply templates that are filled in and edited.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, isAccessible, keepsTheHouseRules, languages, open, visitor, widths } from "./browser.mjs";
import { person } from "./people.mjs";

const [desk] = widths;

let browser;
before(async () => {
  browser = await open();
});
after(() => browser?.close());

/** The address of the first case of a list. */
async function first(page, query) {
  await page.goto(`${address}/cases?${query}`);
  return page.locator("a.case-number").first().getAttribute("href");
}

describe("the officers' desk", { concurrency: false }, () => {
  for (const size of widths) {
    it(`keeps the house rules on each page (${size.name})`, { timeout: 240_000 }, async () => {
      const page = await person(browser, "demo.longwen", size);
      const path = await first(page, "list=all&kind=public_complaint");
      const paths = [
        "/cases",
        "/cases?list=all",
        "/cases?list=overdue&kind=grid_event",
        "/cases/new",
        "/cases/new?kind=public_complaint",
        "/cases/search",
        "/cases/kinds",
        "/cases/kinds/public_complaint",
        "/cases/alert-rules",
        "/notifications",
        path,
        `${path}/duplicates`,
        `${path}/personal-data`,
      ];
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

  it("is worked with the keys", { timeout: 60_000 }, async () => {
    const page = await person(browser, "demo.duty", desk);
    await page.goto(`${address}/cases?list=all`);
    await page.locator("[data-desk-keys]").waitFor();
    const numbers = await page.locator("a.case-number").allInnerTexts();
    assert.ok(numbers.length > 3, "the desk of the demonstration is not empty");
    const here = () => page.locator("tr.is-here a.case-number").innerText();
    await page.keyboard.press("j");
    assert.equal(await here(), numbers[0]);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    assert.equal(await here(), numbers[1]);
    await page.keyboard.press("x");
    assert.match(await page.locator("[data-desk-count]").innerText(), /1/);
    await page.keyboard.press("x");
    assert.match(await page.locator("[data-desk-count]").innerText(), /0/);
    await page.keyboard.press("/");
    await page.keyboard.type("jjx");
    assert.equal(await page.locator('input[name="text"]').inputValue(), "jjx", "typing is typing");
    await page.locator("a.case-number").nth(1).focus();
    await page.keyboard.press("Enter");
    await page.locator("#timeline").waitFor();
    assert.ok((await page.locator(".case-head").innerText()).includes(numbers[1]));
    await page.context().close();
  });

  it("gives ticked cases to somebody together", { timeout: 60_000 }, async () => {
    const page = await person(browser, "demo.longwen", desk);
    await page.goto(`${address}/cases?list=all&kind=public_complaint&division=350603`);
    const boxes = page.locator('tbody input[type="checkbox"]');
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    assert.match(await page.locator("[data-desk-count]").innerText(), /2/);
    await page.locator('.desk-bar select[name="assignee"]').selectOption({ label: await label(page) });
    await page.locator('.desk-bar button[type="submit"]').click();
    await page.waitForURL(/assigned=2/);
    await page.locator(".notice-good").waitFor();
    await page.context().close();
  });

  it("fills a reply template in, for the officer to edit", { timeout: 60_000 }, async () => {
    const page = await person(browser, "demo.duty", desk);
    const path = await first(page, "list=all&kind=public_complaint&state=received");
    await page.goto(`${address}${path}?lang=zh`);
    const form = page.locator("#act-decline");
    if ((await form.getAttribute("open")) === null) await form.locator("summary").first().click();
    const note = form.locator('textarea[name="note"]');
    await form.locator('[data-island="reply"]').selectOption("received");
    const number = await page.locator(".case-head .case-number").innerText();
    assert.ok((await note.inputValue()).includes(number), "the number stands in its place");
    await note.fill(`${await note.inputValue()} 另附说明。`);
    page.once("dialog", (dialog) => dialog.dismiss());
    await form.locator('[data-island="reply"]').selectOption("accepted");
    assert.ok((await note.inputValue()).endsWith("另附说明。"), "what was written is not lost");
    await page.context().close();
  });

  it("works without a script", { timeout: 60_000 }, async () => {
    const signedIn = await person(browser, "demo.duty", desk);
    const storageState = await signedIn.context().storageState();
    const page = await visitor(browser, desk, "zh", { javaScriptEnabled: false, storageState });
    await page.goto(`${address}/cases?list=all`);
    await page.locator("a.case-number").first().click();
    await page.locator("#timeline").waitFor();
    await page.locator("#timeline summary").first().click();
    await page.locator("#comment-text").fill("不用脚本也能写批注");
    await page.locator("#timeline form button").click();
    await page.locator(".notice-good").waitFor();
    await page.context().close();
    await signedIn.context().close();
  });
});

/** The name of the first officer to whom a case can be given. */
async function label(page) {
  return page.locator('.desk-bar select[name="assignee"] optgroup option').first().innerText();
}
