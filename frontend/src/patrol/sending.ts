// Sends what waits: photos one by one, then the work itself, each under its own key, so that an
// answer that was lost on the way is asked for again and nothing is done twice.

import type { TaskList, Work, Words } from "./model";
import { allWork, dropPhoto, keepWork, photoOf } from "./store";

const ADDRESS = "/api/v1/patrol";

/** What came of a try to send everything. */
export type Outcome = "done" | "offline" | "sign-in" | "other-person" | "busy";

/** The list of tasks as the server has it now; what is wrong otherwise. */
export async function fetchList(): Promise<TaskList | "offline" | "sign-in" | "refused"> {
  const answer = await ask(`${ADDRESS}/tasks`, { method: "GET" });
  if (answer === null || answer.status >= 500) return "offline";
  if (answer.status === 401) return "sign-in";
  if (!answer.ok) return "refused";
  return (await answer.json()) as TaskList;
}

/** Sends everything that waits, in its order; tells after each step. */
export async function sendAll(person: number | null, told: () => void): Promise<Outcome> {
  const send = async (): Promise<Outcome> => {
    let outcome: Outcome = "done";
    for (const work of await allWork()) {
      if (work.state !== "waiting") continue;
      if (person !== null && work.person !== person) {
        outcome = "other-person";
        continue;
      }
      const one = await sendOne(work, told);
      if (one !== "done") return one;
      told();
    }
    return outcome;
  };
  // Two open windows of one phone must not send the same at once.
  if (!navigator.locks) return send();
  return navigator.locks.request("lucid-patrol-sending", { ifAvailable: true }, (lock) =>
    lock === null ? Promise.resolve<Outcome>("busy") : send(),
  );
}

async function sendOne(work: Work, told: () => void): Promise<Outcome> {
  for (const key of [...work.photos]) {
    if (work.delivered.includes(key)) continue;
    const photo = await photoOf(key);
    if (photo === null) {
      work.photos = work.photos.filter((known) => known !== key);
      continue;
    }
    const address = `${ADDRESS}/photos/${key}?name=${encodeURIComponent(photo.name)}`;
    const answer = await ask(address, { method: "PUT", body: photo.blob });
    const stop = await stopped(work, answer);
    if (stop !== null) return stop;
    work.delivered.push(key);
    await keepWork(work);
    told();
  }
  const answer = await ask(`${ADDRESS}/records/${work.key}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(bodyOf(work)),
  });
  const stop = await stopped(work, answer);
  if (stop !== null) return stop;
  const done = (await answer?.json()) as { number: string };
  work.state = "sent";
  work.number = done.number;
  work.said = null;
  await keepWork(work);
  for (const key of work.photos) await dropPhoto(key);
  return "done";
}

function bodyOf(work: Work): object {
  const about =
    work.about.what === "act"
      ? { act: { case: work.about.case, transition: work.about.transition, version: work.about.version } }
      : { open: { kind: work.about.kind, title: work.title, address: work.address } };
  return {
    person: work.person,
    ...about,
    text: work.text,
    fields: work.fields,
    place: work.place,
    happened_at: work.happened_at,
    photos: work.photos,
  };
}

/** Null when it went through; what to do otherwise. A refusal stays with the work. */
async function stopped(work: Work, answer: Response | null): Promise<Outcome | null> {
  if (answer?.ok) return null;
  if (answer === null || answer.status >= 500 || answer.status === 408 || answer.status === 429) {
    return "offline";
  }
  if (answer.status === 401) return "sign-in";
  const said = await words(answer);
  if (said.code === "patrol.other_person") return "other-person";
  if (said.code === "patrol.photo_missing") {
    work.delivered = [];
    await keepWork(work);
    return "offline";
  }
  work.state = "refused";
  work.said = { zh: said.zh, en: said.en };
  await keepWork(work);
  return "done";
}

async function words(answer: Response): Promise<Words & { code: string }> {
  const told = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  const text = (name: string): string => (typeof told[name] === "string" ? told[name] : "");
  const status = String(answer.status);
  return {
    zh: text("detail_zh") || status,
    en: text("detail") || status,
    code: text("type").replace("/problems/", ""),
  };
}

async function ask(address: string, options: RequestInit): Promise<Response | null> {
  try {
    return await fetch(address, {
      ...options,
      headers: { accept: "application/json", ...options.headers },
      redirect: "error",
    });
  } catch {
    return null;
  }
}
