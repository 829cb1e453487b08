// Follows what happens. A page is rendered by the server alone; when something happened the page
// is asked for again and the parts that have a key and changed are exchanged.

import { say } from "./page";

/** Events arrive often; a page is asked for again at most this often. */
const PAUSE = 15_000;

/** Follows the server's events on this page. */
export function follow(address: string): void {
  const region = document.createElement("p");
  region.className = "visually-hidden";
  region.setAttribute("role", "status");
  document.body.append(region);

  let due = false;
  let waiting = false;
  const renew = async (): Promise<void> => {
    if (waiting || document.hidden) return;
    waiting = true;
    due = false;
    try {
      const changed = await exchange();
      if (changed > 0) {
        region.textContent = say(`已更新 ${changed} 处`, `${changed} parts renewed`);
      }
    } finally {
      setTimeout(() => {
        waiting = false;
        if (due) void renew();
      }, PAUSE);
    }
  };
  const happened = (): void => {
    due = true;
    void renew();
  };

  const events = new EventSource(address);
  for (const kind of ["station", "section", "outlet", "alert", "operations"]) {
    events.addEventListener(kind, happened);
  }
  document.addEventListener("visibilitychange", () => {
    if (due) void renew();
  });
  window.addEventListener("pagehide", () => events.close());
}

/** Asks for the page again and exchanges what changed; returns how many parts. */
async function exchange(): Promise<number> {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return 0;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  let changed = 0;
  for (const part of document.querySelectorAll<HTMLElement>("[data-key], [data-live-field]")) {
    const twin = [...fresh.querySelectorAll<HTMLElement>("[data-key], [data-live-field]")].find(
      (other) =>
        other.dataset["key"] === part.dataset["key"] &&
        other.dataset["liveField"] === part.dataset["liveField"],
    );
    if (!twin || twin.innerHTML === part.innerHTML || part.contains(document.activeElement)) continue;
    part.replaceChildren(...document.adoptNode(twin).childNodes);
    if (part.dataset["key"]) {
      part.classList.add("is-new");
      changed += 1;
    }
  }
  return changed;
}
