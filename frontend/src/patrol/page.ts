// The inspector's page on the phone: my tasks, a new find, what waits to be sent. It works without
// a network: the list is kept, work waits and is sent when the network is back.

import { say } from "../page";
import { type Asked, form } from "./form";
import type { NewKind, Offer, Task, TaskList, Work } from "./model";
import { newKey } from "./model";
import { button, element, moment, pick } from "./parts";
import { fetchList, type Outcome, sendAll } from "./sending";
import { allWork, askToStay, dropWork, keepList, keepWork, lastList, workOf } from "./store";

/** What waits is tried again so often while the page is open. */
const AGAIN = 60_000;

interface Look {
  list: TaskList | null;
  work: Work[];
  network: "online" | "offline" | "sign-in" | "other-person";
}

/** Brings the page to life. */
export async function start(root: HTMLElement): Promise<void> {
  const look: Look = { list: await lastList(), work: await allWork(), network: "online" };
  const status = element("p", { class: "patrol-status", role: "status" });
  const place = element("div", { class: "patrol-place" });
  root.replaceChildren(status, place, bottom());
  root.dataset["state"] = "alive";

  const show = async (): Promise<void> => {
    look.work = await allWork();
    tell(status, look);
    for (const link of root.querySelectorAll<HTMLElement>(".patrol-bottom a")) {
      const is = link.getAttribute("href") === `#${where().name}`;
      if (is) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  };
  const redraw = async (): Promise<void> => {
    await show();
    place.replaceChildren(await view(look, go, redraw));
  };
  const go = (to: string): void => {
    if (location.hash === to) void redraw();
    else location.hash = to;
    void send();
  };
  const take = async (): Promise<void> => {
    const list = await fetchList();
    if (typeof list === "string") {
      look.network = list === "refused" ? "online" : list;
      return;
    }
    look.network = "online";
    look.list = list;
    await keepList(list);
  };
  const send = async (): Promise<void> => {
    const waiting = (all: Work[]): number => all.filter(({ state }) => state === "waiting").length;
    const before = waiting(await allWork());
    const outcome = await sendAll(look.list?.person.id ?? null, () => void show());
    // What was sent has moved its tasks on.
    if (waiting(await allWork()) < before) await take();
    noteOutcome(look, outcome);
    if (where().name === "waiting") await redraw();
    else await show();
  };
  const renew = async (): Promise<void> => {
    await take();
    await send();
    // A form that somebody is filling in is left alone.
    if (place.querySelector(".patrol-form") === null) await redraw();
  };

  window.addEventListener("hashchange", () => void redraw());
  window.addEventListener("online", () => void renew());
  window.addEventListener("offline", () => {
    look.network = "offline";
    void show();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void renew();
  });
  navigator.serviceWorker?.addEventListener("message", () => void renew());
  setInterval(() => {
    if (!document.hidden && look.work.some(({ state }) => state === "waiting")) void renew();
  }, AGAIN);
  await redraw();
  void register();
  void askToStay();
  await renew();
}

async function register(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const address = "/patrol/service-worker.js";
  await navigator.serviceWorker.register(address, { scope: "/patrol" }).catch((error: unknown) => {
    // Without one the page works as long as it stays open.
    console.warn(error);
  });
}

function noteOutcome(look: Look, outcome: Outcome): void {
  if (outcome === "offline" || outcome === "sign-in" || outcome === "other-person") {
    look.network = outcome;
  }
}

function tell(status: HTMLElement, look: Look): void {
  const waiting = look.work.filter(({ state }) => state === "waiting").length;
  const refused = look.work.filter(({ state }) => state === "refused").length;
  const words: (string | Node)[] = [];
  switch (look.network) {
    case "online":
      words.push(say("● 已连接", "● connected"));
      break;
    case "offline":
      words.push(say("○ 离线:可继续记录", "○ offline: go on recording"));
      break;
    case "sign-in":
      words.push(
        say("▲ 登录已过期,记录未丢失 ", "▲ signed out, nothing is lost "),
        element("a", { href: "/sign-in?next=/patrol" }, say("重新登录后上传", "sign in to send")),
      );
      break;
    case "other-person":
      words.push(
        say("▲ 有他人账号下的待传记录,由其本人登录后上传", "▲ work of another person waits for them"),
      );
      break;
  }
  if (waiting > 0) words.push(say(` · 待上传 ${waiting}`, ` · ${waiting} to send`));
  if (refused > 0) words.push(say(` · 被退回 ${refused}`, ` · ${refused} turned down`));
  status.replaceChildren(...words);
  status.dataset["network"] = look.network;
  status.dataset["waiting"] = String(waiting);
}

function bottom(): HTMLElement {
  const link = (to: string, sign: string, words: string): HTMLElement =>
    element(
      "li",
      {},
      element("a", { href: to }, element("span", { "aria-hidden": "true" }, sign), words),
    );
  return element(
    "nav",
    { class: "patrol-bottom", "aria-label": say("巡查", "Patrol") },
    element(
      "ul",
      {},
      link("#tasks", "☰", say("任务", "Tasks")),
      link("#new", "＋", say("新发现", "New find")),
      link("#waiting", "↑", say("上传", "Sending")),
    ),
  );
}

function where(): { name: string; rest: string[] } {
  const [name = "", ...rest] = location.hash.slice(1).split("/");
  return { name: name || "tasks", rest };
}

async function view(look: Look, go: (to: string) => void, redraw: () => Promise<void>): Promise<Node> {
  const { name, rest } = where();
  const task = look.list?.tasks.find(({ id }) => String(id) === rest[0]);
  if (name === "task" && task) return taskView(task, look);
  if (name === "act" && task) {
    const offer = task.offers.find(({ id }) => id === rest[1]);
    if (offer) return actView(task, offer, look, go);
  }
  if (name === "new") return newView(look, rest[0] ?? "", go);
  if (name === "waiting") return waitingView(look, go, redraw);
  return tasksView(look);
}

function heading(words: string): HTMLElement {
  return element("h2", {}, words);
}

function noList(): Node {
  return element(
    "div",
    { class: "empty" },
    element("p", { class: "empty-title" }, say("还没有任务清单", "No list of tasks yet")),
    element(
      "p",
      {},
      say("联网登录一次后可离线使用。", "Sign in once with a network; then it works without."),
    ),
  );
}

function tasksView(look: Look): Node {
  const list = look.list;
  if (list === null) return noList();
  const cards = list.tasks.map((task) => {
    const waits = look.work.some(
      ({ about, state }) => about.what === "act" && about.case === task.id && state === "waiting",
    );
    return element(
      "li",
      { class: task.is_overdue ? "card patrol-task bad" : "card patrol-task" },
      element("a", { href: `#task/${task.id}` }, element("strong", {}, task.title)),
      element("p", { class: "muted" }, `${task.number} · ${pick(task.kind)} · ${pick(task.state)}`),
      task.is_mine ? null : element("p", { class: "muted" }, say("本单位,未派给我", "my unit's, not mine")),
      task.address ? element("p", {}, task.address) : null,
      due(task),
      waits ? element("p", { class: "muted" }, say("↑ 有记录待上传", "↑ work waits to be sent")) : null,
    );
  });
  return element(
    "section",
    {},
    heading(say(`我的任务(${list.tasks.length})`, `My tasks (${list.tasks.length})`)),
    cards.length > 0
      ? element("ul", { class: "patrol-tasks" }, ...cards)
      : element("p", { class: "empty" }, say("今天没有待办。", "Nothing is to be done.")),
    map(list),
    element("p", { class: "hint" }, say("清单更新于 ", "list as of "), moment(list.made_at)),
  );
}

/** The tasks on a map, drawn when it is opened. */
function map(list: TaskList): HTMLElement | null {
  const placed = list.tasks.filter(({ longitude }) => longitude !== null);
  if (placed.length === 0) return null;
  const figure = element("figure", { class: "island island-map" });
  const folded = element(
    "details",
    { class: "folded" },
    element("summary", {}, say(`地图(${placed.length})`, `Map (${placed.length})`)),
    figure,
  );
  folded.addEventListener(
    "toggle",
    () => void import("./tasks_map").then(({ draw }) => draw(figure, placed)),
    { once: true },
  );
  return folded;
}

function due(task: Task): HTMLElement | null {
  if (task.due === null) return null;
  const sign = task.is_overdue ? say("■ 已超期 ", "■ overdue since ") : say("期限 ", "due ");
  return element("p", { class: task.is_overdue ? "exceeds" : "" }, sign, task.due);
}

function taskView(task: Task, look: Look): Node {
  const offers = task.offers.map((offer) => {
    const look = offer.photos_min > 0 ? "button primary" : "button";
    const link = { class: look, href: `#act/${task.id}/${offer.id}` };
    return element("li", {}, element("a", link, pick(offer.name)));
  });
  const lead =
    task.longitude !== null && task.latitude !== null
      ? element("p", {}, `${task.longitude}, ${task.latitude}`)
      : null;
  const waiting = look.work.filter(({ about }) => about.what === "act" && about.case === task.id);
  return element(
    "section",
    {},
    heading(task.title),
    element("p", { class: "muted" }, `${task.number} · ${pick(task.kind)} · ${pick(task.state)}`),
    due(task),
    task.address ? element("p", {}, task.address) : null,
    lead,
    element("p", { class: "patrol-text" }, task.text),
    element("ul", { class: "actions" }, ...offers),
    waiting.length > 0 ? workList(waiting, null) : null,
    element("p", {}, element("a", { href: task.path }, say("查看全部(需联网)", "Everything about it (needs a network)"))),
  );
}

function blank(person: number, about: Work["about"]): Work {
  const now = new Date().toISOString();
  return {
    key: newKey(),
    person,
    state: "draft",
    made_at: now,
    about,
    title: "",
    text: "",
    fields: {},
    address: "",
    place: null,
    happened_at: now,
    photos: [],
    delivered: [],
    said: null,
    number: "",
  };
}

/** The draft of the same step, or a new one. */
async function drafted(look: Look, about: Work["about"]): Promise<Work> {
  const same = (work: Work): boolean => {
    if (work.state !== "draft" || work.about.what !== about.what) return false;
    if (work.about.what === "open") return about.what === "open" && work.about.kind === about.kind;
    return (
      about.what === "act" &&
      work.about.case === about.case &&
      work.about.transition === about.transition
    );
  };
  const found = (await allWork()).find(same);
  if (found) {
    found.about = about;
    return found;
  }
  const made = blank(look.list?.person.id ?? 0, about);
  await keepWork(made);
  return made;
}

async function actView(task: Task, offer: Offer, look: Look, go: (to: string) => void): Promise<Node> {
  const work = await drafted(look, {
    what: "act",
    case: task.id,
    number: task.number,
    version: task.version,
    transition: offer.id,
    name: offer.name,
  });
  work.title ||= task.title;
  const asked: Asked = {
    fields: offer.fields,
    photos_min: offer.photos_min,
    needs_text: offer.needs_note,
    is_new: false,
  };
  const dropped = (): void => void dropWork(work).then(() => go(`#task/${task.id}`));
  return element(
    "section",
    {},
    heading(pick(offer.name)),
    element("p", { class: "muted" }, `${task.number} · ${task.title}`),
    form(work, asked, () => go("#waiting"), dropped),
  );
}

async function newView(look: Look, id: string, go: (to: string) => void): Promise<Node> {
  if (look.list === null) return noList();
  const kinds = look.list.new_kinds;
  const kind: NewKind | undefined =
    kinds.find((one) => one.id === id) ?? (kinds.length === 1 ? kinds[0] : undefined);
  if (!kind) {
    const links = kinds.map((one) =>
      element("li", {}, element("a", { class: "button", href: `#new/${one.id}` }, pick(one.name))),
    );
    return element(
      "section",
      {},
      heading(say("新发现", "New find")),
      links.length > 0
        ? element("ul", { class: "actions" }, ...links)
        : element("p", { class: "empty" }, say("您的角色不能登记。", "Your role registers none.")),
    );
  }
  const work = await drafted(look, { what: "open", kind: kind.id, name: kind.name });
  const asked: Asked = { fields: kind.fields, photos_min: 0, needs_text: true, is_new: true };
  const dropped = (): void => void dropWork(work).then(() => go("#tasks"));
  return element(
    "section",
    {},
    heading(pick(kind.name)),
    form(work, asked, () => go("#waiting"), dropped),
  );
}

function waitingView(look: Look, go: (to: string) => void, redraw: () => Promise<void>): Node {
  const shown = look.work.filter(({ state }) => state !== "draft").reverse();
  const act = (work: Work): Node | null => {
    if (work.state === "sent") {
      return button(say("从清单移除", "Take off the list"), "secondary", () => {
        void dropWork(work).then(redraw);
      });
    }
    if (work.state !== "refused") return null;
    const again = async (): Promise<void> => {
      const kept = await workOf(work.key);
      if (kept === null) return;
      if (kept.about.what === "act") {
        const id = kept.about.case;
        kept.about.version = look.list?.tasks.find((one) => one.id === id)?.version ?? kept.about.version;
      }
      kept.state = "waiting";
      await keepWork(kept);
      go("#waiting");
    };
    return element(
      "span",
      { class: "row" },
      button(say("按最新状态再传", "Send again as things stand"), "", () => void again()),
      button(say("放弃", "Discard"), "secondary", () => void dropWork(work).then(redraw)),
    );
  };
  return element(
    "section",
    {},
    heading(say("上传", "Sending")),
    shown.length > 0
      ? workList(shown, act)
      : element("p", { class: "empty" }, say("没有待上传的记录。", "Nothing waits.")),
  );
}

function workList(all: Work[], act: ((work: Work) => Node | null) | null): HTMLElement {
  const state = (work: Work): string => {
    switch (work.state) {
      case "draft":
        return say("○ 草稿", "○ draft");
      case "waiting":
        return work.photos.length > 0
          ? say(
              `▲ 待上传(照片 ${work.delivered.length}/${work.photos.length})`,
              `▲ waits (photos ${work.delivered.length}/${work.photos.length})`,
            )
          : say("▲ 待上传", "▲ waits");
      case "sent":
        return say("● 已上传", "● sent");
      case "refused":
        return say("■ 被退回", "■ turned down");
    }
  };
  const items = all.map((work) =>
    element(
      "li",
      { class: "card", "data-state": work.state },
      element("strong", {}, `${work.number || (work.about.what === "act" ? work.about.number : "")} ${pick(work.about.name)}`),
      element("p", { class: "muted" }, `${work.title} · ${moment(work.happened_at)}`),
      element("p", {}, state(work)),
      work.said === null ? null : element("p", { class: "exceeds" }, pick(work.said)),
      act?.(work) ?? null,
    ),
  );
  return element("ul", { class: "patrol-tasks" }, ...items);
}
