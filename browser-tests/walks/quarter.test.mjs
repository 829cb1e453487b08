// A leader's quarter, on a city of its own whose clock is moved: the quarterly study of a county
// opens, is reminded, is late, is escalated, is handed in with its minutes and confirmed.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { isAccessible, keepsTheHouseRules, languages, open, visitor, widths } from "./browser.mjs";
import { signInBy } from "./people.mjs";

const [desk, phone] = widths;
const program = process.env.LUCID_BINARY ?? "lucid";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The first reminder is given thirty days before the end. */
const BEFORE_REMINDERS = 31;
const COUNTY = "350603";
const STUDY = "党委和政府主要负责人研究生态环境保护工作";

/** Ten in the morning in Beijing, so many days after the last day of a quarter. */
function morning(lastDay, days) {
  return lastDay + days * DAY + 2 * HOUR;
}

/** The last day of the first quarter of which all reminders are still to come, in UTC. */
function quarterToCome(now) {
  const beijing = new Date(now + 8 * HOUR);
  let quarter = Math.floor(beijing.getUTCMonth() / 3);
  for (;;) {
    const lastDay = Date.UTC(beijing.getUTCFullYear(), 3 * quarter + 3, 0);
    if (morning(lastDay, -BEFORE_REMINDERS) > now) return lastDay;
    quarter += 1;
  }
}

const lastDay = quarterToCome(Date.now());
const date = (at) => new Date(at).toISOString().slice(0, 10);
const dueOn = date(lastDay);
const doneOn = date(lastDay + DAY);
const period = `${dueOn.slice(0, 4)}-Q${Math.ceil(Number(dueOn.slice(5, 7)) / 3)}`;

/** The city as it will stand at a time. */
class Later {
  pages = new Map();
  links = new Map();

  constructor(data, time) {
    const hours = Math.ceil((time - Date.now()) / HOUR);
    assert.ok(hours >= 0, "a clock is moved ahead only");
    const ahead = ["--data", data, "demo", "--port", "0", "--ahead", `${hours}h`];
    this.process = spawn(program, ahead, {
      env: { ...process.env, LUCID_HJ212_LISTEN: "127.0.0.1:0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.ended = new Promise((resolve) => this.process.once("close", resolve));
  }

  /** Waits until it has said everything, and takes the links from it. */
  async begin() {
    let said = "";
    this.process.stderr.on("data", (text) => (said += text));
    await new Promise((resolve, reject) => {
      this.process.stdout.on("data", (text) => {
        said += text;
        if (said.includes("Ctrl-C")) resolve();
      });
      this.process.once("error", reject);
      this.ended.then((code) => reject(new Error(`the demo ended with ${code}: ${said}`)));
    });
    for (const [, link, login] of said.matchAll(/(http:\S+\/sign-in\/link\?\S+) +(demo\.\w+)/g)) {
      this.links.set(login, link);
    }
    this.address = new URL(this.links.get("demo.leader")).origin;
  }

  /** The page of a person, signed in by the link that the program printed, which serves once. */
  async person(browser, login) {
    if (this.pages.has(login)) return this.pages.get(login);
    const page = await visitor(browser, desk, "zh");
    await signInBy(page, this.links.get(login), login);
    page.show = (path) => page.goto(this.address + path);
    page.main = () => page.locator("main").innerText();
    this.pages.set(login, page);
    return page;
  }

  async stop() {
    for (const page of this.pages.values()) await page.context().close();
    this.process.kill("SIGTERM");
    await this.ended;
  }
}

/** Asks again until it is so: what goes on beside the pages needs its moment after the start. */
async function until(what, ask) {
  for (let tries = 0; tries < 120; tries += 1) {
    const found = await ask();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return assert.fail(`${what} within a minute`);
}

/** The row of the county's study in the list of duties. */
function study(page) {
  return page.locator("main tr", { hasText: STUDY }).filter({ hasText: period }).first();
}

/** The row as a text, once it says what is wanted. */
function dutySays(page, wanted) {
  return until(`the duty is ${wanted}`, async () => {
    await page.show(`/plan/duties?unit=${COUNTY}&lang=zh`);
    if ((await study(page).count()) === 0) return "";
    const text = await study(page).innerText();
    return text.includes(wanted) ? text : "";
  });
}

/** Notices of the case that say something. */
async function notices(page, number, words) {
  await page.show("/notifications?lang=zh");
  return page.locator("main tr", { hasText: number }).filter({ hasText: words }).count();
}

let browser;
let data;
let later;
before(async () => {
  data = mkdtempSync(join(tmpdir(), "lucid-quarter-"));
  browser = await open();
});
after(async () => {
  await later?.stop();
  await browser?.close();
  rmSync(data, { recursive: true, force: true });
});

async function moveTo(time) {
  await later?.stop();
  later = new Later(data, time);
  await later.begin();
}

describe("a leader's quarter", { concurrency: false }, () => {
  let path;
  let number;

  it("opens the duty of the quarter", { timeout: 300_000 }, async () => {
    await moveTo(morning(lastDay, -BEFORE_REMINDERS));
    const officer = await later.person(browser, "demo.longwen");
    assert.ok((await dutySays(officer, "待完成")).includes(dueOn), `due on ${dueOn}`);
    path = await study(officer).locator("a").first().getAttribute("href");
    await officer.show(path);
    number = await officer.locator(".case-head .case-number").innerText();
    assert.match(number, /^FA-/);
    assert.equal(await officer.locator(".event-warned").count(), 0, "nobody is reminded yet");
    assert.equal(await notices(officer, number, "即将到期"), 0);
  });

  it("reminds the county two days before the end", { timeout: 300_000 }, async () => {
    await moveTo(morning(lastDay, -2));
    const officer = await later.person(browser, "demo.longwen");
    await until("the officer is reminded", () => notices(officer, number, "即将到期"));
    await officer.show(path);
    assert.ok((await officer.locator(".event-warned").count()) > 0, "the timeline tells of it");
    assert.equal(await officer.locator(".event-overdue").count(), 0);
    await officer.show("/cases?list=due_soon&lang=zh");
    assert.ok((await officer.main()).includes(number), "it stands among what is due soon");
    await dutySays(officer, "待完成");
  });

  it("is late the day after, and is escalated to the leader", { timeout: 300_000 }, async () => {
    await moveTo(morning(lastDay, 1));
    const leader = await later.person(browser, "demo.leader");
    await until("the leader is told", () => notices(leader, number, "升级"));
    await leader.show("/cases?list=escalated&lang=zh");
    assert.ok((await leader.main()).includes(number), "it stands among what is escalated");
    await dutySays(leader, "已逾期");
    await leader.show("/plan?lang=zh");
    assert.match(await leader.locator(".plan-late").innerText(), /龙文区/);
  });

  it("is handed in with its minutes, and confirmed by another", { timeout: 120_000 }, async () => {
    const officer = await later.person(browser, "demo.longwen");
    await officer.show(`${path}?lang=zh`);
    const form = officer.locator("#act-hand_in_meeting");
    if ((await form.getAttribute("open")) === null) await form.locator("summary").first().click();
    await form.locator('[name="field.done_on"]').fill(doneOn);
    await form.locator('[name="field.attendees"]').fill("（演示）区委书记、区长");
    await form.locator('[name="field.topics"]').fill("（演示）九龙江流域整治");
    await form.locator('input[type="file"]').setInputFiles({
      name: "会议纪要.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("（演示）会议纪要\n研究九龙江流域整治。\n"),
    });
    await form.locator('button[type="submit"]').click();
    await officer.locator(".event-file a", { hasText: "会议纪要.txt" }).waitFor();
    assert.ok((await officer.main()).includes("待确认"));
    const own = officer.locator("#act-accept");
    assert.equal(await own.count(), 0, "nobody confirms their own work");

    const leader = await later.person(browser, "demo.leader");
    await leader.show(`${path}?lang=zh`);
    const minutes = await leader.locator(".event-file a").first().getAttribute("href");
    const file = await leader.context().request.get(later.address + minutes);
    assert.ok((await file.text()).includes("研究九龙江流域整治"), "the leader reads the minutes");
    const accept = leader.locator("#act-accept");
    if ((await accept.getAttribute("open")) === null) {
      await accept.locator("summary").first().click();
    }
    await accept.locator('[name="field.checked"]').fill("（演示）佐证齐全");
    await accept.locator('button[type="submit"]').click();
    await leader.locator(".case-head", { hasText: "已完成" }).waitFor();
  });

  it("is counted by the plan as done late", { timeout: 300_000 }, async () => {
    await moveTo(morning(lastDay, 1) + 2 * HOUR);
    const leader = await later.person(browser, "demo.leader");
    assert.ok((await dutySays(leader, "逾期完成")).includes(doneOn));
    await leader.show("/plan?lang=zh");
    assert.doesNotMatch(await leader.locator(".plan-late").innerText(), /龙文区/);
    await leader.show("/cases?list=escalated&lang=zh");
    assert.ok(!(await leader.main()).includes(number), "it presses nobody any more");
    for (const size of [desk, phone]) {
      await leader.setViewportSize(size);
      for (const language of languages) {
        for (const one of [`/plan/duties?unit=${COUNTY}&`, `${path}?`]) {
          await leader.show(`${one}lang=${language}`);
          await keepsTheHouseRules(leader, language);
          await isAccessible(leader);
        }
      }
    }
  });
});
