// The duty desk: new findings appear as they come, J and K walk the queue, Enter opens one, a sound
// for new ones if the reader wants it. Without this script the page and its forms work all the same.

import { isControl, isTyping } from "./keys";
import { say } from "./page";

/** Alarms come in groups; the queue is asked for again at most this often. */
const PAUSE = 1_000;
/** Where the browser remembers whether new findings are heard. */
const SOUND = "lucid-duty-sound";

/** Brings the desk to life. */
export function work(desk: HTMLElement): void {
  const sound = new Sound(desk.querySelector<HTMLButtonElement>("[data-duty-sound]"));
  keys(desk);
  const feed = desk.dataset["feed"];
  if (feed) follow(desk, feed, sound);
}

/** Follows the server's events and takes the queue anew. */
function follow(desk: HTMLElement, feed: string, sound: Sound): void {
  const told = document.createElement("p");
  told.className = "visually-hidden";
  told.setAttribute("role", "status");
  desk.append(told);

  let due = false;
  let waiting = false;
  const renew = async (): Promise<void> => {
    if (waiting) return;
    waiting = true;
    due = false;
    try {
      const fresh = await exchange(desk);
      if (fresh > 0) {
        told.textContent = say(`新线索 ${fresh} 条`, `${fresh} new findings`);
        sound.ring();
      }
    } catch (error) {
      console.warn(error);
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
  const events = new EventSource(feed);
  events.addEventListener("finding", happened);
  // What came while the connection was broken is taken when it is back.
  events.addEventListener("open", happened);
  window.addEventListener("pagehide", () => events.close());
}

/** Takes the queue and the numbers anew; says how many findings were not there before. */
async function exchange(desk: HTMLElement): Promise<number> {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return 0;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const here = (part: ParentNode): Set<string> =>
    new Set(rows(part).map((row) => row.dataset["key"] ?? ""));
  const before = here(desk);
  const at = desk.querySelector<HTMLElement>("tr.is-here")?.dataset["key"];
  const focus = document.activeElement?.closest<HTMLElement>("tr[data-key]")?.dataset["key"];
  let fresh = 0;
  for (const name of ["[data-duty-numbers]", "[data-duty-queue]"]) {
    const old = desk.querySelector<HTMLElement>(name);
    const now = page.querySelector<HTMLElement>(name);
    if (!old || !now || old.innerHTML === now.innerHTML) continue;
    old.replaceChildren(...document.adoptNode(now).childNodes);
  }
  for (const row of rows(desk)) {
    const key = row.dataset["key"] ?? "";
    if (key === at) row.classList.add("is-here");
    if (key === focus) row.querySelector<HTMLAnchorElement>("a")?.focus({ preventScroll: true });
    if (!before.has(key)) {
      row.classList.add("is-new");
      fresh += 1;
    }
  }
  return fresh;
}

function rows(part: ParentNode): HTMLElement[] {
  return [...part.querySelectorAll<HTMLElement>("[data-duty-queue] tbody tr")];
}

/** J and K walk the rows, Enter opens one. */
function keys(desk: HTMLElement): void {
  const hint = desk.querySelector<HTMLElement>("[data-duty-keys]");
  if (hint) hint.hidden = false;
  const go = (by: number): void => {
    const all = rows(desk);
    const at = all.findIndex((row) => row.classList.contains("is-here"));
    const row = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    if (!row) return;
    if (at >= 0) all[at]?.classList.remove("is-here");
    row.classList.add("is-here");
    row.querySelector<HTMLAnchorElement>("a")?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === "j") go(1);
    else if (key === "k") go(-1);
    else if (key === "enter" && !isControl(event.target)) {
      desk.querySelector<HTMLAnchorElement>("tr.is-here a")?.click();
    } else return;
    event.preventDefault();
  });
}

/** A short tone for a new finding: off until the reader turns it on, remembered in this browser. */
class Sound {
  private isOn: boolean;
  private audio: AudioContext | undefined;

  constructor(private readonly button: HTMLButtonElement | null) {
    this.isOn = localStorage.getItem(SOUND) === "on";
    if (!button) return;
    button.hidden = false;
    this.show();
    button.addEventListener("click", () => {
      this.isOn = !this.isOn;
      localStorage.setItem(SOUND, this.isOn ? "on" : "off");
      this.show();
      this.ring();
    });
  }

  ring(): void {
    if (!this.isOn) return;
    this.audio ??= new AudioContext();
    const tone = this.audio.createOscillator();
    const volume = this.audio.createGain();
    const now = this.audio.currentTime;
    tone.frequency.value = 880;
    volume.gain.setValueAtTime(0.15, now);
    volume.gain.exponentialRampToValueAtTime(0.001, now + 0.4);
    tone.connect(volume).connect(this.audio.destination);
    tone.start(now);
    tone.stop(now + 0.4);
  }

  private show(): void {
    this.button?.setAttribute("aria-pressed", String(this.isOn));
    if (!this.button) return;
    this.button.textContent = this.isOn
      ? say("新线索响铃:开", "Sound: on")
      : say("新线索响铃:关", "Sound: off");
  }
}
