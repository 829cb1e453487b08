// The page that an island stands on: its language and its colours.

/** The text in the page's language. */
export function say(zh: string, en: string): string {
  return document.body.dataset["lang"] === "en" ? en : zh;
}

/** A colour or size of the style sheet. */
export function token(name: string, otherwise: string): string {
  const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return value || otherwise;
}

/** Whether the reader wants things to stand still. */
export function isStill(): boolean {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Reads JSON from this server. */
export async function read<T>(address: string): Promise<T> {
  const answer = await fetch(address, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return (await answer.json()) as T;
}

/** Calls back when the look of the page changes. */
export function onLook(change: () => void): void {
  new MutationObserver(change).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["data-theme"],
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", change);
}
