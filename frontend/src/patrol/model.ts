// What the server says about tasks, and what waits to be sent.

/** A text in both languages. */
export interface Words {
  zh: string;
  en: string;
}

/** A field of a form. */
export interface Field {
  id: string;
  name: Words;
  form: string;
  choices: { id: string; zh: string; en: string }[];
  help: Words | null;
  required: boolean;
  /** Whether the day of the visit stands there at first. */
  is_today: boolean;
}

/** What may be done with a task now. */
export interface Offer {
  id: string;
  name: Words;
  fields: Field[];
  needs_note: boolean;
  photos_min: number;
}

/** A case that waits for this person. */
export interface Task {
  id: number;
  number: string;
  /** Given to this person, not only to their unit. */
  is_mine: boolean;
  kind: Words;
  title: string;
  text: string;
  state: Words;
  version: number;
  address: string;
  longitude: string | null;
  latitude: string | null;
  due_at: string | null;
  /** The end as people read it: a day ends at 24:00. */
  due: string | null;
  is_overdue: boolean;
  path: string;
  offers: Offer[];
}

/** What a new find asks for. */
export interface NewKind {
  id: string;
  name: Words;
  fields: Field[];
}

/** The answer of the server, kept for the way. */
export interface TaskList {
  person: { id: number; name: string };
  made_at: string;
  tasks: Task[];
  new_kinds: NewKind[];
}

/** Where the phone was. */
export interface Place {
  longitude: string;
  latitude: string;
  accuracy_m: number;
}

/** How far a piece of work has come. */
export type State = "draft" | "waiting" | "sent" | "refused";

/** A piece of work made on the phone. Its key is made here, so that it is never done twice. */
export interface Work {
  key: string;
  person: number;
  state: State;
  made_at: string;
  /** What it is about: a step of a task, or a new find. */
  about:
    | { what: "act"; case: number; number: string; version: number; transition: string; name: Words }
    | { what: "open"; kind: string; name: Words };
  title: string;
  text: string;
  fields: Record<string, string>;
  address: string;
  place: Place | null;
  happened_at: string;
  photos: string[];
  /** Those of the photos that the server has. */
  delivered: string[];
  /** What the server said at last, in both languages. */
  said: Words | null;
  /** The number of the case, when it was sent. */
  number: string;
}

/** A photo that waits. */
export interface Photo {
  key: string;
  work: string;
  name: string;
  blob: Blob;
}

/** A key that nobody else makes. */
export function newKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
