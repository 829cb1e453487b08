// Light and dark: as the system says, until the reader chooses; the choice is kept in a cookie so
// that the server renders it.

/** Lets the button of the header switch the look. */
export function theme(): void {
  const root = document.documentElement;
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-action="theme"]')) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
      const now = root.dataset["theme"] ?? (dark ? "dark" : "light");
      const next = now === "dark" ? "light" : "dark";
      root.dataset["theme"] = next;
      document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax`;
    });
  }
}
