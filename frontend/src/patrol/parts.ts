// Small parts of the patrol page, made of nodes and texts alone: nothing that came from outside is
// ever read as HTML.

import { say } from "../page";
import type { Field, Words } from "./model";

type Child = Node | string | null;

/** An element with attributes and children. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | boolean | null>,
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** The words in the language of the page. */
export function pick(words: Words): string {
  return say(words.zh, words.en || words.zh);
}

/** A time as a person reads it, in Beijing. */
export function moment(at: string): string {
  const form = new Intl.DateTimeFormat("sv-SE", {
    timeZone: "Asia/Shanghai",
    dateStyle: "short",
    timeStyle: "short",
  });
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : form.format(date);
}

/** A button. */
export function button(words: string, kind: string, act: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", class: kind }, words);
  made.addEventListener("click", act);
  return made;
}

/** The entry of a field, with its present value; every change is told. */
export function entry(
  field: Field,
  value: string,
  changed: (value: string) => void,
): HTMLElement {
  if (field.form === "choice" || field.form === "yes_no") return choices(field, value, changed);
  const id = `field-${field.id}`;
  const common = { id, name: field.id, required: field.required };
  const input =
    field.form === "long_text"
      ? element("textarea", { ...common, rows: "4" })
      : element("input", { ...common, ...typed(field.form) });
  input.value = value;
  input.addEventListener("input", () => changed(input.value));
  return element(
    "div",
    { class: "question" },
    element("label", { for: id }, pick(field.name), field.required ? " *" : ""),
    help(field),
    input,
  );
}

function typed(form: string): Record<string, string> {
  switch (form) {
    case "date":
      return { type: "date" };
    case "number":
    case "money":
      return { type: "text", inputmode: "decimal", autocomplete: "off" };
    default:
      return { type: "text" };
  }
}

function choices(field: Field, value: string, changed: (value: string) => void): HTMLElement {
  const all =
    field.form === "yes_no"
      ? [
          { id: "yes", zh: "是", en: "yes" },
          { id: "no", zh: "否", en: "no" },
        ]
      : field.choices;
  const buttons = all.map((choice) => {
    const input = element("input", {
      type: "radio",
      name: field.id,
      value: choice.id,
      required: field.required,
    });
    input.checked = choice.id === value;
    input.addEventListener("change", () => changed(choice.id));
    return element("label", { class: "big-choice" }, input, element("span", {}, pick(choice)));
  });
  return element(
    "fieldset",
    { class: "question" },
    element("legend", {}, pick(field.name), field.required ? " *" : ""),
    help(field),
    element("div", { class: "big-choices" }, ...buttons),
  );
}

function help(field: Field): HTMLElement | null {
  return field.help === null ? null : element("p", { class: "hint" }, pick(field.help));
}
