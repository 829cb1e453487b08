// Reply templates: choosing one puts its text, filled in, where the officer writes; what was
// written by hand is never lost without a question.

import { say } from "./page";

/** Lets a choice of templates fill the field that it names. */
export function choose(select: HTMLSelectElement): void {
  const field = document.getElementById(select.dataset["fills"] ?? "");
  if (!(field instanceof HTMLTextAreaElement)) return;
  const label = select.closest("label");
  if (label) label.hidden = false;
  let known = field.value;
  select.addEventListener("change", () => {
    const text = select.selectedOptions[0]?.dataset["text"];
    if (text === undefined) return;
    const isWritten = field.value.trim() !== "" && field.value !== known;
    const question = say("替换已写的内容?", "Replace what you have written?");
    if (isWritten && !window.confirm(question)) return;
    field.value = text;
    known = text;
    field.focus();
  });
}
