// What the browser adds to pages that are whole without it.

import { theme } from "./theme";

theme();

/** Closes menus of the navigation, but for the one that holds a node. */
function closeMenus(but: Node | null) {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!but || !menu.contains(but)) menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target as Node));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
});

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-action="print"]')) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const island of document.querySelectorAll<HTMLElement>('[data-island="series"]')) {
  whenSeen(island, async () => (await import("./series")).draw(island));
}

for (const island of document.querySelectorAll<HTMLElement>('[data-island="map"]')) {
  whenSeen(island, async () => (await import("./map")).draw(island));
}

for (const island of document.querySelectorAll<HTMLElement>('[data-island="place"]')) {
  whenSeen(island, async () => (await import("./report/place")).choose(island));
}

for (const input of document.querySelectorAll<HTMLInputElement>("input[data-preview]")) {
  void import("./report/photos").then(({ preview }) => preview(input));
}

for (const list of document.querySelectorAll<HTMLElement>('[data-island="candidates"]')) {
  void import("./report/candidates").then(({ follow }) => follow(list));
}

for (const island of document.querySelectorAll<HTMLElement>('[data-island="patrol"]')) {
  void import("./patrol/page").then(({ start }) => start(island));
}

for (const form of document.querySelectorAll<HTMLFormElement>('form[action="/sign-out"]')) {
  form.addEventListener("submit", () => localStorage.setItem("lucid-patrol-left", "yes"));
}

for (const form of document.querySelectorAll<HTMLFormElement>('[data-island="entry-check"]')) {
  void import("./entry_check").then(({ follow }) => follow(form));
}

for (const desk of document.querySelectorAll<HTMLElement>('[data-island="desk"]')) {
  void import("./desk").then(({ work }) => work(desk));
}

for (const desk of document.querySelectorAll<HTMLElement>('[data-island="duty"]')) {
  void import("./duty").then(({ work }) => work(desk));
}

for (const select of document.querySelectorAll<HTMLSelectElement>('[data-island="reply"]')) {
  void import("./reply").then(({ choose }) => choose(select));
}

const feed = document.body.dataset["live"];
if (feed) void import("./live").then(({ follow }) => follow(feed));

/** Starts an island when it comes near the window; a failure is told where it stands. */
function whenSeen(island: HTMLElement, start: () => Promise<void>): void {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      start().catch((error: unknown) => {
        console.warn(error);
        const place = island.querySelector(".island-loading") ?? island;
        place.setAttribute("role", "status");
        place.textContent = say("未能加载;同页表格内容相同。", "It could not be loaded; the table on this page says the same.");
      });
    },
    { rootMargin: "200px" },
  );
  observer.observe(island);
}

function say(zh: string, en: string): string {
  return document.body.dataset["lang"] === "en" ? en : zh;
}
