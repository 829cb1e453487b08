// Where a key belongs to what has the focus and not to the page.

/** Whether somebody is writing there. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox";
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName);
}

/** What acts on Enter by itself. */
export function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && ["A", "BUTTON", "INPUT", "SUMMARY"].includes(target.tagName);
}
