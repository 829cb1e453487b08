// The whole story of a complaint: a citizen on a phone reports black smoke with a photo, the
// operator merges a duplicate, the county officer dispatches, the inspector records the visit
// without a network, the enterprise explains without learning who complained, the officer replies
// within the clock, the citizen rates it, everybody reads the result without a name, and the audit
// proves each step.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, isAccessible, keepsTheHouseRules, languages, open, visitor, widths } from "./browser.mjs";
import { person, signIn } from "./people.mjs";

const [desk, phone] = widths;
const longwen = "350603";
const secrets = ["陈阿姨", "13912345678", "我家就住对面三楼"];
const text = "蓝晶电路厂烟囱每天晚上冒黑烟,我家就住对面三楼";

let browser;
const story = {};
before(async () => {
  browser = await open();
});
after(() => browser?.close());

/** A photo as a phone takes one. */
async function photo(page) {
  return { name: "smoke.jpg", mimeType: "image/jpeg", buffer: await page.screenshot({ type: "jpeg" }) };
}

/** Opens the form of a step, fills it and takes the step. */
async function act(page, transition, fill) {
  const form = page.locator(`#act-${transition}`);
  await form.waitFor();
  if ((await form.getAttribute("open")) === null) await form.locator("summary").first().click();
  await fill?.(form);
  await form.locator('button[type="submit"]').click();
  await page.waitForURL(/done=/);
}

async function openCase(page) {
  await page.goto(`${address}/cases/${story.number}`);
  await page.locator("#timeline").waitFor();
}

function today(days = 0) {
  const day = new Date(Date.now() + days * 86_400_000);
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(day);
}

describe("a complaint, from the smell to the published result", { concurrency: false }, () => {
  it("is reported by a citizen on a phone, with a photo and a place", { timeout: 120_000 }, async () => {
    const page = await visitor(browser, phone, "zh", { userAgent: "Mozilla/5.0 (Linux; Android 14) Mobile" });
    await page.goto(`${address}/report`);
    await keepsTheHouseRules(page, "zh");
    await isAccessible(page);
    await page.locator("#camera").setInputFiles(await photo(page));
    await page.locator(".photo-strip img").first().waitFor();
    await page.locator('input[name="field.element"][value="air"]').check();
    // The map is drawn when its place comes into sight.
    await page.locator('[data-island="place"]').scrollIntoViewIfNeeded();
    const map = page.locator('[data-island="place"] .island-canvas');
    await map.scrollIntoViewIfNeeded();
    await map.locator("path").first().waitFor({ state: "attached" });
    await map.click();
    await page.locator('[data-island="place"] [role="status"]', { hasText: "已选位置" }).waitFor();
    assert.notEqual(await page.locator('input[name="longitude"]').inputValue(), "");
    await page.locator("#division").selectOption(longwen);
    await page.locator("#address").fill("蓝田开发区");
    await page.locator("#text").fill(text);
    await page.locator("#name").fill("陈阿姨");
    await page.locator("#phone").fill("13912345678");
    await page.getByRole("button", { name: "提交举报" }).click();
    await page.locator("#number").waitFor();
    story.number = await page.locator("#number").innerText();
    story.code = await page.locator("#follow-code").innerText();
    assert.match(story.number, /^TS-\d{4}-\d{6}$/);
    await keepsTheHouseRules(page, "zh");
    await isAccessible(page);
    await page.context().close();
  });

  it("gets a second report by phone, which the operator merges", { timeout: 120_000 }, async () => {
    const page = await person(browser, "demo.duty", desk);
    await page.goto(`${address}/complaints/intake`);
    await keepsTheHouseRules(page, "zh");
    await isAccessible(page);
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("name")), "phone");
    await page.keyboard.type("13800138000");
    await page.locator('select[name="field.element"]').selectOption("air");
    await page.locator('#intake select[name="division"]').selectOption(longwen);
    await page.locator('#intake textarea[name="text"]').fill("蓝晶电路厂烟囱晚上冒黑烟");
    const beside = page.locator("#candidates", { hasText: story.number });
    await beside.waitFor();
    await page.keyboard.press("Control+Enter");
    await page.locator("#number").waitFor();
    story.second = await page.locator("#number").innerText();
    assert.notEqual(story.second, story.number);
    await keepsTheHouseRules(page, "zh");
    await isAccessible(page);
    await page.locator("#duplicates a", { hasText: story.number }).click();
    await page.locator("#merge").waitFor();
    await keepsTheHouseRules(page, "zh");
    await isAccessible(page);
    await page.getByRole("button", { name: `把 ${story.second} 并入 ${story.number}` }).click();
    await page.waitForURL(/done=merge/);
    await openCase(page);
    await act(page, "accept");
    await keepsTheHouseRules(page, "zh");
    await isAccessible(page);
    await page.context().close();
  });

  it("is dispatched by the county officer to the inspector", { timeout: 120_000 }, async () => {
    const page = await person(browser, "demo.longwen", desk);
    await openCase(page);
    await page.locator("#correct summary").click();
    await page.locator('#correct [name="enterprise"]').fill("DEMO-0006");
    await page.locator('#correct button[type="submit"]').click();
    await page.waitForURL(/done=correct/);
    await act(page, "dispatch", async (form) => {
      await form.locator('select[name="unit"]').selectOption({ label: "龙文区" });
    });
    await page.locator('#assign select[name="assignee"]').selectOption({ label: "（演示）龙文检查员 Demo inspector of Longwen" });
    await page.locator('#assign button[type="submit"]').click();
    await page.waitForURL(/done=assign/);
    await page.context().close();
  });

  it("is visited by the inspector without a network, and taken once", { timeout: 180_000 }, async () => {
    const page = await person(browser, "demo.inspector", phone);
    await page.goto(`${address}/patrol`);
    const task = page.locator(".patrol-task", { hasText: story.number });
    await task.waitFor();
    await page.locator(".patrol-place summary").click();
    await page.locator(".patrol-place .leaflet-interactive").first().waitFor();
    await keepsTheHouseRules(page, "zh");
    await isAccessible(page);
    await page.evaluate(() => navigator.serviceWorker.ready.then(({ active }) => active?.state));
    const picture = await photo(page);

    await page.context().setOffline(true);
    await page.reload();
    await task.locator("a").click();
    await page.getByRole("link", { name: "记录现场检查" }).click();
    await page.locator("#work-camera").setInputFiles(picture);
    await page.locator(".photo-strip img").first().waitFor();
    await page.locator("#field-visit_found").fill("现场见烟囱冒黑烟,燃烧器故障");
    await page.locator("#work-text").fill("已拍照取证");
    assert.equal(await page.locator("#field-visited_on").inputValue(), today());
    await page.getByRole("button", { name: "提交" }).click();
    await page.locator('.patrol-status[data-network="offline"][data-waiting="1"]').waitFor();
    await page.reload();
    await page.locator('.patrol-status[data-waiting="1"]').waitFor();
    await page.locator('.patrol-bottom a[href="#waiting"]').click();
    await page.locator('[data-state="waiting"]', { hasText: story.number }).waitFor();

    // The first answer is lost on the way: the phone cannot know, and sends it again.
    let lost = 0;
    await page.route("**/api/v1/patrol/records/*", async (route) => {
      if (lost > 0) return route.continue();
      lost += 1;
      await route.fetch();
      await route.abort();
    });
    const answerLost = page.waitForEvent("requestfailed", (request) =>
      request.url().includes("/patrol/records/"),
    );
    await page.context().setOffline(false);
    await answerLost;
    assert.equal(lost, 1);
    await page.locator('.patrol-status[data-waiting="1"]').waitFor();
    await page.reload();
    await page.locator('[data-state="sent"]', { hasText: story.number }).waitFor();
    await page.locator('.patrol-status[data-waiting="0"]').waitFor();
    page.failures.length = 0;
    await keepsTheHouseRules(page, "zh");
    await isAccessible(page);
    await openCase(page);
    const timeline = await page.locator("#timeline").innerText();
    assert.equal(timeline.split("记录现场检查").length - 1, 1, "one visit, though it was sent twice");
    await page.context().close();
  });

  it("keeps work when the session has ended meanwhile", { timeout: 120_000 }, async () => {
    const page = await person(browser, "demo.inspector", phone);
    await page.goto(`${address}/patrol`);
    await page.locator('.patrol-bottom a[href="#new"]').click();
    await page.getByRole("link", { name: "网格巡查事件" }).waitFor();
    await page.context().clearCookies();
    await page.getByRole("link", { name: "网格巡查事件" }).click();
    await page.locator("#work-title").fill("河边倾倒垃圾");
    await page.locator('input[name="category"][value="waste"]').check();
    await page.locator("#field-found").fill("约三车建筑垃圾");
    await page.locator("#work-text").fill("桥下");
    await page.getByRole("button", { name: "提交" }).click();
    await page.locator('.patrol-status[data-network="sign-in"][data-waiting="1"]').waitFor();
    page.failures.length = 0;
    await signIn(page, "demo.inspector");
    await page.goto(`${address}/patrol#waiting`);
    await page.locator('[data-state="sent"]', { hasText: "河边倾倒垃圾" }).waitFor();
    await keepsTheHouseRules(page, "zh");
    await isAccessible(page);
    await page.context().close();
  });

  it("is explained by the enterprise, which never learns who complained", { timeout: 120_000 }, async () => {
    const officer = await person(browser, "demo.longwen", desk);
    await openCase(officer);
    await act(officer, "ask_enterprise", async (form) => {
      await form.locator('[name="field.question"]').fill("请说明烟囱冒黑烟的原因和整改措施");
      await form.locator('[name="field.explain_by"]').fill(today(3));
    });
    const page = await person(browser, "demo.enterprise", desk);
    await page.goto(`${address}/cases`);
    const list = await page.locator("body").innerText();
    assert.ok(list.includes(story.number), "the enterprise sees the case");
    await openCase(page);
    await keepsTheHouseRules(page, "zh");
    await isAccessible(page);
    for (const page_text of [list, await page.content()]) {
      for (const secret of [...secrets, "蓝田开发区"]) {
        assert.ok(!page_text.includes(secret), `the enterprise reads ${secret}`);
      }
    }
    for (const path of ["personal-data", "duplicates"]) {
      const answer = await page.request.get(`${address}/cases/${story.number}/${path}`);
      assert.ok([403, 404].includes(answer.status()), `${path}: ${answer.status()}`);
    }
    await act(page, "explain", async (form) => {
      await form.locator('[name="field.explanation"]').fill("燃烧器故障,已停炉检修,三日内更换");
    });
    await page.context().close();

    await openCase(officer);
    await act(officer, "reply", async (form) => {
      await form.locator('[name="field.facts"]').selectOption("true");
      await form.locator('[name="field.handling"]').fill("责令停炉检修并立案调查");
      await form.locator('[name="field.reply"]').fill("经查属实,企业已停炉检修。");
    });
    const clocks = await officer.locator("#clocks").innerText();
    assert.doesNotMatch(clocks, /已超期/, "the reply came within the clock");
    await officer.context().close();
  });

  it("is rated by the citizen, who reads the reply", { timeout: 120_000 }, async () => {
    const page = await visitor(browser, phone, "zh");
    await page.goto(`${address}/report/follow`);
    await page.locator("#number").fill(story.number);
    await page.locator("#code").fill(story.code);
    await page.getByRole("button", { name: "查看进展" }).click();
    await page.locator("#steps", { hasText: "企业已停炉检修" }).waitFor();
    await keepsTheHouseRules(page, "zh");
    await isAccessible(page);
    await page.locator('input[name="satisfied"][value="yes"]').check();
    await page.locator("#rate-words").fill("处理很快");
    await page.getByRole("button", { name: "提交评价" }).click();
    await page.locator("#rating", { hasText: "满意" }).waitFor();
    await page.context().close();
  });

  it("is accepted by another and published without a name", { timeout: 120_000 }, async () => {
    const leader = await person(browser, "demo.leader", desk);
    await openCase(leader);
    await act(leader, "close");
    await openCase(leader);
    await act(leader, "publish", async (form) => {
      await form.locator('[name="field.public_summary"]').fill("烟囱冒黑烟属实,已停炉检修");
    });
    await leader.context().close();
    for (const width of widths) {
      const page = await visitor(browser, width, "zh");
      await page.goto(`${address}/results`);
      await page.locator(`a[href="/results/${story.number}"]`).waitFor();
      await keepsTheHouseRules(page, "zh");
      await isAccessible(page);
      const list = await page.content();
      await page.goto(`${address}/results/${story.number}`);
      await keepsTheHouseRules(page, "zh");
      await isAccessible(page);
      const one = await page.content();
      assert.ok(one.includes("已停炉检修"));
      for (const secret of [...secrets, story.code]) {
        assert.ok(!list.includes(secret) && !one.includes(secret), `everybody reads ${secret}`);
      }
      await page.context().close();
    }
  });

  it("stands in the audit, step by step", { timeout: 120_000 }, async () => {
    const page = await person(browser, "demo.auditor", desk);
    const records = async (number) => {
      await page.goto(`${address}/audit?subject=case+${number}`);
      return page.locator("main").innerText();
    };
    const first = await records(story.number);
    for (const step of ["accept", "dispatch", "record_visit", "ask_enterprise", "explain", "reply", "rate", "close", "publish"]) {
      assert.ok(first.includes(`"transition":"${step}"`), `${step} is proved: ${first}`);
    }
    for (const action of ["case.open", "case.attach", "case.correct", "case.assign"]) {
      assert.ok(first.includes(action), `${action} is proved: ${first}`);
    }
    for (const who of ["demo.duty", "demo.longwen", "demo.inspector", "demo.enterprise", "demo.leader"]) {
      assert.ok(first.includes(who), `${who} stands there`);
    }
    assert.ok((await records(story.second)).includes("merge"), "the duplicate was merged");
    for (const secret of secrets) assert.ok(!first.includes(secret), "nothing personal");
    await page.context().close();
  });
});

describe("pages for people outside", () => {
  for (const width of widths) {
    for (const language of languages) {
      it(`keep the house rules, ${width.name}, ${language}`, { timeout: 120_000 }, async () => {
        const page = await visitor(browser, width, language);
        for (const path of ["/report", "/report/follow", "/results"]) {
          await page.goto(`${address}${path}?lang=${language}`);
          await keepsTheHouseRules(page, language);
          await isAccessible(page);
        }
        await page.context().close();
      });
    }
  }

  it("report without scripts", { timeout: 60_000 }, async () => {
    const page = await visitor(browser, phone, "zh", { javaScriptEnabled: false });
    await page.goto(`${address}/report`);
    await page.locator('input[name="field.element"][value="water"]').check();
    await page.locator("#album").setInputFiles({ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("河水发黑") });
    await page.locator("#address").fill("九龙江边");
    await page.locator("#text").fill("河水发黑有异味");
    await page.getByRole("button", { name: "提交举报" }).click();
    const number = await page.locator("#number").innerText();
    const code = await page.locator("#follow-code").innerText();
    await page.goto(`${address}/report/follow?number=${number}`);
    await page.locator("#code").fill(code);
    await page.getByRole("button", { name: "查看进展" }).click();
    await page.locator("#steps", { hasText: "登记" }).waitFor();
    await page.context().close();
  });

  it("keep the policy: nothing inline, nothing from outside", { timeout: 60_000 }, async () => {
    const page = await person(browser, "demo.inspector", phone, { bypassCSP: false });
    const outside = [];
    page.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (origin !== address && !["data:", "blob:"].includes(protocol)) outside.push(request.url());
    });
    await page.goto(`${address}/report`);
    const map = page.locator('[data-island="place"]');
    await map.scrollIntoViewIfNeeded();
    await map.locator("path").first().waitFor({ state: "attached" });
    await page.locator("#camera").setInputFiles(await photo(page));
    await page.locator(".photo-strip img").first().waitFor();
    await page.goto(`${address}/patrol`);
    await page.locator(".patrol-bottom").waitFor();
    await page.evaluate(() => navigator.serviceWorker.ready.then(({ active }) => active?.state));
    const manifest = await page.evaluate(() =>
      fetch("/patrol/manifest.webmanifest").then((answer) => answer.json()),
    );
    assert.equal(manifest.start_url, "/patrol");
    assert.deepEqual(outside, []);
    assert.deepEqual(page.failures, [], "the policy blocks nothing that the pages need");
    await page.context().close();
  });
});
