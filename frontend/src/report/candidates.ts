// While an operator takes a call down, cases that may tell of the same are looked up beside it.

/** A pause in typing before the server is asked. */
const PAUSE = 600;

/** Follows the form and exchanges the list beside it. */
export function follow(place: HTMLElement): void {
  const address = place.dataset["src"];
  const form = document.querySelector<HTMLFormElement>(place.dataset["form"] ?? "");
  if (!address || !form) return;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let asked = "";
  const ask = async (): Promise<void> => {
    const query = new URLSearchParams();
    for (const name of ["text", "division", "longitude", "latitude", "enterprise"]) {
      const value = new FormData(form).get(name);
      if (typeof value === "string" && value !== "") query.set(name, value);
    }
    if (query.toString() === asked) return;
    asked = query.toString();
    const answer = await fetch(`${address}?${asked}`, { headers: { accept: "text/html" } });
    if (!answer.ok || query.toString() !== asked) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const twin = fresh.getElementById(place.id);
    if (twin) place.replaceChildren(...document.adoptNode(twin).childNodes);
  };
  const later = (): void => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void ask().catch((error: unknown) => console.warn(error)), PAUSE);
  };
  form.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter") form.requestSubmit();
  });
  form.addEventListener("input", later);
  form.addEventListener("change", later);
}
