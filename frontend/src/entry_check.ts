// A form that is checked while it is typed: what the checks find stands below the field that it is
// about. Without this script the same is shown when the form is saved.

import { say } from "./page";

interface Answer {
  slots: Record<string, string>;
  summary: string;
}

/** Typing rests so long before the form is sent to be checked. */
const REST_MS = 500;

/** Lets a form be checked while somebody types. */
export function follow(form: HTMLFormElement): void {
  const address = form.dataset["check"];
  if (!address) return;
  const shown = new Map<string, string>();
  let waiting: number | undefined;
  let asked = 0;

  const check = async (): Promise<void> => {
    const mine = ++asked;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string") body.append(name, value);
    }
    const answer = await fetch(address, {
      method: "POST",
      headers: { accept: "application/json" },
      body,
    });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    const found = (await answer.json()) as Answer;
    // A later question is on its way: its answer counts.
    if (mine === asked) show(found);
  };

  const show = (found: Answer): void => {
    for (const slot of form.querySelectorAll<HTMLElement>("[data-slot]")) {
      const place = slot.dataset["slot"] ?? "";
      const markup = found.slots[place] ?? "";
      if (shown.get(place) === markup || slot.contains(document.activeElement)) continue;
      shown.set(place, markup);
      slot.innerHTML = markup;
    }
    const summary = form.querySelector<HTMLElement>("[data-summary]");
    if (summary) summary.innerHTML = found.summary;
  };

  form.addEventListener("input", (event) => {
    const field = event.target;
    // A reason changes nothing that is found.
    if (field instanceof HTMLTextAreaElement && field.name.startsWith("reason:")) return;
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      check().catch((error: unknown) => {
        console.warn(error);
        const summary = form.querySelector<HTMLElement>("[data-summary]");
        const told = say("暂时无法检查;保存时会再检查。", "It cannot be checked now; saving checks it again.");
        if (summary) summary.textContent = told;
      });
    }, REST_MS);
  });
}
