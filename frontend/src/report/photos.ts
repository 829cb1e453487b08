// Shows the photos that were chosen, before they are sent.

import { say } from "../page";

/** Shows what a field of files holds. */
export function preview(input: HTMLInputElement): void {
  const list = document.createElement("ul");
  list.className = "photo-strip";
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  words.className = "hint";
  input.closest(".question")?.append(words, list);
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    const megabytes = (files.reduce((sum, { size }) => sum + size, 0) / 1_000_000).toFixed(1);
    words.textContent =
      files.length === 0
        ? ""
        : say(`已选 ${files.length} 个文件,共 ${megabytes} MB`, `${files.length} files, ${megabytes} MB`);
    list.replaceChildren(...files.filter(({ type }) => type.startsWith("image/")).map(picture));
  });
}

function picture(file: File): HTMLElement {
  const address = URL.createObjectURL(file);
  const image = document.createElement("img");
  image.src = address;
  image.alt = file.name;
  image.addEventListener("load", () => URL.revokeObjectURL(address));
  const item = document.createElement("li");
  item.append(image);
  return item;
}
