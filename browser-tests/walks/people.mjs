// The people of the demonstration: each signs in by a one-time link that the program prints.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { address, visitor } from "./browser.mjs";

const program = process.env.LUCID_BINARY ?? "lucid";
const data = process.env.LUCID_DATA ?? ".";

/** A page of a person, signed in; their earlier sessions end. */
export async function person(browser, login, width, options = {}) {
  const page = await visitor(browser, width, "zh", options);
  await signIn(page, login);
  return page;
}

/** Signs a person in on a page. */
export async function signIn(page, login) {
  const printed = execFileSync(program, ["--data", data, "--json", "user", "reset", login], {
    encoding: "utf8",
  });
  const { link } = JSON.parse(printed);
  await signInBy(page, address + new URL(link).pathname + new URL(link).search, login);
}

/** Signs a person in by the address of their one-time link. */
export async function signInBy(page, link, login) {
  await page.goto(link);
  const password = page.locator('input[name="password"]');
  if ((await password.count()) > 0) await password.fill(randomBytes(16).toString("hex"));
  await page.locator('main form button[type="submit"]').click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  assert.equal(await page.locator('form[action="/sign-out"]').count(), 1, `${login} is signed in`);
}
