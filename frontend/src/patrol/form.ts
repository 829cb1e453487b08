// The form of a piece of work: what was seen, photos, place and time. All of it is kept as it is
// entered, so that a phone that goes dark loses nothing.

import { say } from "../page";
import type { Field, Photo, Work } from "./model";
import { newKey } from "./model";
import { button, element, entry, moment } from "./parts";
import { dropPhoto, keepPhoto, keepWork, photoOf } from "./store";

/** What a form asks for. */
export interface Asked {
  fields: Field[];
  photos_min: number;
  needs_text: boolean;
  is_new: boolean;
}

/** How long a phone may look for its place. */
const LOOKING = 20_000;

/** The form of a piece of work; `done` is called when the person gives it in. */
export function form(work: Work, asked: Asked, done: () => void, dropped: () => void): HTMLElement {
  const keep = (): void => void keepWork(work);
  for (const field of asked.fields) {
    if (field.is_today) work.fields[field.id] ??= today();
  }
  const made = element(
    "form",
    { class: "patrol-form", novalidate: false },
    photos(work, asked),
    asked.is_new ? titleEntry(work, keep) : null,
    ...asked.fields.map((field) =>
      entry(field, work.fields[field.id] ?? "", (value) => {
        work.fields[field.id] = value;
        keep();
      }),
    ),
    textEntry(work, asked, keep),
    place(work, keep),
  );
  const missing = element("p", { class: "notice notice-error", role: "alert", hidden: true });
  made.append(
    missing,
    element(
      "div",
      { class: "row patrol-buttons" },
      element("button", { type: "submit" }, say("提交", "Hand in")),
      button(say("放弃", "Discard"), "secondary", dropped),
    ),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const lacking = Math.max(0, asked.photos_min - work.photos.length);
    missing.hidden = lacking === 0;
    missing.textContent = say(`还需要 ${lacking} 张照片。`, `${lacking} more photos are needed.`);
    if (lacking > 0) return;
    work.state = "waiting";
    work.said = null;
    void keepWork(work).then(done);
  });
  return made;
}

/** The day in Beijing. */
function today(): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());
}

function titleEntry(work: Work, keep: () => void): HTMLElement {
  const input = element("input", { id: "work-title", required: true, maxlength: "80" });
  input.value = work.title;
  input.addEventListener("input", () => {
    work.title = input.value;
    keep();
  });
  const where = element("input", { id: "work-address", maxlength: "200" });
  where.value = work.address;
  where.addEventListener("input", () => {
    work.address = where.value;
    keep();
  });
  return element(
    "div",
    { class: "question" },
    element("label", { for: "work-title" }, say("发现了什么", "What was found"), " *"),
    input,
    element("label", { for: "work-address" }, say("在哪里(可不填)", "Where (may stay empty)")),
    where,
  );
}

function textEntry(work: Work, asked: Asked, keep: () => void): HTMLElement {
  const words = asked.is_new ? say("情况说明", "What it is like") : say("现场记录", "What was seen");
  const input = element("textarea", { id: "work-text", rows: "4", required: asked.needs_text });
  input.value = work.text;
  input.addEventListener("input", () => {
    work.text = input.value;
    keep();
  });
  return element(
    "div",
    { class: "question" },
    element("label", { for: "work-text" }, words, asked.needs_text ? " *" : ""),
    input,
  );
}

function photos(work: Work, asked: Asked): HTMLElement {
  const list = element("ul", { class: "photo-strip" });
  const show = async (key: string): Promise<void> => {
    const photo = await photoOf(key);
    if (photo !== null) list.append(shown(work, photo));
  };
  const take = async (files: FileList | null): Promise<void> => {
    for (const file of files ?? []) {
      const photo: Photo = { key: newKey(), work: work.key, name: file.name, blob: file };
      await keepPhoto(photo);
      work.photos.push(photo.key);
      await keepWork(work);
      list.append(shown(work, photo));
    }
  };
  const chooser = (id: string, capture: string | null): HTMLInputElement => {
    const accept = "image/jpeg,image/png,image/webp";
    const input = element("input", {
      type: "file",
      accept,
      capture,
      multiple: true,
      class: "visually-hidden",
      id,
    });
    input.addEventListener("change", () => {
      void take(input.files).then(() => {
        input.value = "";
      });
    });
    return input;
  };
  void (async () => {
    for (const key of work.photos) await show(key);
  })();
  const least = asked.photos_min;
  return element(
    "div",
    { class: "question" },
    chooser("work-camera", "environment"),
    element(
      "label",
      { for: "work-camera", class: "camera" },
      say("拍照", "Take photos"),
      least > 0 ? say(`(至少 ${least} 张)`, ` (at least ${least})`) : "",
    ),
    chooser("work-album", null),
    element("label", { for: "work-album", class: "album" }, say("从相册选择", "Choose some")),
    list,
  );
}

function shown(work: Work, photo: Photo): HTMLElement {
  const address = URL.createObjectURL(photo.blob);
  const picture = element("img", { src: address, alt: photo.name });
  picture.addEventListener("load", () => URL.revokeObjectURL(address));
  const item = element("li", {}, picture);
  item.append(
    button(say("删除", "Remove"), "secondary", () => {
      work.photos = work.photos.filter((key) => key !== photo.key);
      item.remove();
      void keepWork(work).then(() => dropPhoto(photo.key));
    }),
  );
  return item;
}

function place(work: Work, keep: () => void): HTMLElement {
  const words = element("p", { role: "status", class: "hint" });
  const tell = (): void => {
    const at = work.place;
    const where =
      at === null
        ? say("还没有定位", "no position yet")
        : say(
            `位置 ${at.longitude}, ${at.latitude}(±${at.accuracy_m} 米)`,
            `at ${at.longitude}, ${at.latitude} (±${at.accuracy_m} m)`,
          );
    words.textContent = `${moment(work.happened_at)} · ${where}`;
  };
  const look = (): void => {
    words.textContent = say("正在定位……", "looking for the position…");
    navigator.geolocation?.getCurrentPosition(
      ({ coords }) => {
        work.place = {
          longitude: coords.longitude.toFixed(6),
          latitude: coords.latitude.toFixed(6),
          accuracy_m: Math.round(coords.accuracy),
        };
        keep();
        tell();
      },
      () => tell(),
      { enableHighAccuracy: true, timeout: LOOKING, maximumAge: 60_000 },
    );
  };
  tell();
  if (work.place === null) look();
  return element(
    "div",
    { class: "question" },
    words,
    button(say("重新定位", "Locate again"), "secondary", look),
  );
}
