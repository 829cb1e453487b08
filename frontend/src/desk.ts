// The keyboard of the work lists: J and K walk the rows, Enter opens one, X marks it. Ticking rows
// says how many are ticked; without this script the list and its forms work all the same.

import { isControl, isTyping } from "./keys";
import { say } from "./page";

/** Gives a work list its keys and its count of ticked rows. */
export function work(desk: HTMLElement): void {
  const rows = [...desk.querySelectorAll<HTMLTableRowElement>("tbody tr")];
  if (rows.length === 0) return;
  let at = -1;

  const go = (to: number): void => {
    rows[at]?.classList.remove("is-here");
    at = Math.min(Math.max(to, 0), rows.length - 1);
    const row = rows[at];
    if (!row) return;
    row.classList.add("is-here");
    row.querySelector<HTMLAnchorElement>("a")?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const tick = (): void => {
    const box = rows[at]?.querySelector<HTMLInputElement>('input[type="checkbox"]');
    if (!box) return;
    box.checked = !box.checked;
    count();
  };

  const boxes = [...desk.querySelectorAll<HTMLInputElement>('tbody input[type="checkbox"]')];
  const all = desk.querySelector<HTMLInputElement>("[data-desk-all]");
  const told = desk.querySelector<HTMLElement>("[data-desk-count]");
  const count = (): void => {
    const ticked = boxes.filter((box) => box.checked).length;
    for (const box of boxes) box.closest("tr")?.classList.toggle("is-ticked", box.checked);
    desk.querySelector(".desk-bar")?.classList.toggle("is-active", ticked > 0);
    if (told) told.textContent = say(`已选 ${ticked} 件`, `${ticked} ticked`);
    if (all) {
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
  };
  for (const box of boxes) box.addEventListener("change", count);
  if (all) {
    const label = all.closest("label");
    if (label) label.hidden = false;
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      count();
    });
  }
  if (boxes.length > 0) count();

  const keys = desk.querySelector<HTMLElement>("[data-desk-keys]");
  if (keys) keys.hidden = false;

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === "j") go(at + 1);
    else if (key === "k") go(at - 1);
    else if (key === "x") tick();
    else if (key === "enter" && at >= 0 && !isControl(event.target)) {
      rows[at]?.querySelector<HTMLAnchorElement>("a")?.click();
    } else if (key === "/") {
      document.querySelector<HTMLInputElement>('form.filters input[name="text"]')?.focus();
    } else return;
    event.preventDefault();
  });
}
