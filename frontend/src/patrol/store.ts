// The phone's own store (IndexedDB): the last list of tasks, work that waits, its photos.

import type { Photo, TaskList, Work } from "./model";

const NAME = "lucid-patrol";
const VERSION = 1;
/** Set when somebody signed out here: their tasks are not shown until the server says who comes. */
const LEFT = "lucid-patrol-left";

type Shelf = "lists" | "work" | "photos";

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("lists");
      request.result.createObjectStore("work", { keyPath: "key" });
      request.result.createObjectStore("photos", { keyPath: "key" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error(NAME));
  });
  return opened;
}

async function run<T>(
  shelf: Shelf,
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  return new Promise((resolve, reject) => {
    // What a person entered must survive a phone that is switched off the next moment.
    const transaction = database.transaction(shelf, mode, { durability: "strict" });
    const request = act(transaction.objectStore(shelf));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? new Error(shelf));
    transaction.onerror = () => reject(transaction.error ?? new Error(shelf));
  });
}

/** Keeps the list of tasks for the way. */
export async function keepList(list: TaskList): Promise<void> {
  await run("lists", "readwrite", (store) => store.put(list, "last"));
  try {
    localStorage.removeItem(LEFT);
  } catch {
    // Without local storage nobody is remembered to have left either.
  }
}

/** The last list of tasks, unless its person signed out here. */
export async function lastList(): Promise<TaskList | null> {
  if (hasLeft()) return null;
  const list: unknown = await run("lists", "readonly", (store) => store.get("last"));
  return (list as TaskList | undefined) ?? null;
}

function hasLeft(): boolean {
  try {
    return localStorage.getItem(LEFT) !== null;
  } catch {
    return false;
  }
}

/** Remembers that the person signed out; their waiting work stays. */
export function markLeft(): void {
  try {
    localStorage.setItem(LEFT, "yes");
  } catch {
    // Nothing is remembered where the browser keeps nothing.
  }
}

/** Keeps a piece of work. */
export async function keepWork(work: Work): Promise<void> {
  await run("work", "readwrite", (store) => store.put(work));
}

/** All pieces of work, the oldest first. */
export async function allWork(): Promise<Work[]> {
  const all: unknown = await run("work", "readonly", (store) => store.getAll());
  return (all as Work[]).sort((one, other) => one.made_at.localeCompare(other.made_at));
}

/** One piece of work. */
export async function workOf(key: string): Promise<Work | null> {
  const work: unknown = await run("work", "readonly", (store) => store.get(key));
  return (work as Work | undefined) ?? null;
}

/** Forgets a piece of work and its photos. */
export async function dropWork(work: Work): Promise<void> {
  for (const key of work.photos) await dropPhoto(key);
  await run("work", "readwrite", (store) => store.delete(work.key));
}

/** Keeps a photo. */
export async function keepPhoto(photo: Photo): Promise<void> {
  await run("photos", "readwrite", (store) => store.put(photo));
}

/** A photo. */
export async function photoOf(key: string): Promise<Photo | null> {
  const photo: unknown = await run("photos", "readonly", (store) => store.get(key));
  return (photo as Photo | undefined) ?? null;
}

/** Forgets a photo. */
export async function dropPhoto(key: string): Promise<void> {
  await run("photos", "readwrite", (store) => store.delete(key));
}

/** Asks the browser not to throw the store away when room is scarce. */
export async function askToStay(): Promise<void> {
  await navigator.storage?.persist?.();
}
