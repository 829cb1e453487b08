// Keeps the patrol page at hand without a network. It keeps the empty page and what it is built of,
// never what the server said about anybody.

export {};

interface Kept {
  version: string;
  addresses: string[];
}

declare const self: ServiceWorkerGlobalScope & { LUCID_KEPT?: Kept };

/** The server writes the list before this script. */
const kept: Kept = self.LUCID_KEPT ?? { version: "none", addresses: [] };
const SHELF = `lucid-patrol-${kept.version}`;
const PAGE = "/patrol/page";
const GROUND = "/api/v1/boundaries";
/** A page that takes longer than this is taken from the shelf. */
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(SHELF)
      .then((shelf) => shelf.addAll([PAGE, ...kept.addresses]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const forget = async (): Promise<void> => {
    for (const name of await caches.keys()) {
      if (name.startsWith("lucid-patrol-") && name !== SHELF) await caches.delete(name);
    }
    await self.clients.claim();
  };
  event.waitUntil(forget());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && address.pathname === "/patrol") {
    event.respondWith(pageOf(request));
  } else if (address.pathname.startsWith("/assets/") || address.pathname === GROUND) {
    event.respondWith(fromShelf(request));
  }
});

/** The network came back while the page may be asleep: it is woken up to send. */
self.addEventListener("sync", (event) => {
  const wake = async (): Promise<void> => {
    for (const client of await self.clients.matchAll({ type: "window" })) client.postMessage("send");
  };
  (event as ExtendableEvent).waitUntil(wake());
});

async function pageOf(request: Request): Promise<Response> {
  const shelved = await caches.match(PAGE, { ignoreVary: true });
  if (shelved === undefined) return fetch(request);
  const late = new Promise<Response>((resolve) => {
    setTimeout(() => resolve(shelved.clone()), PATIENCE);
  });
  const fresh = fetch(request).then((answer) => {
    if (answer.ok) void renewPage();
    // Whoever is no longer signed in is led to the sign-in; what waits is not lost by that.
    return answer.ok || answer.type === "opaqueredirect" ? answer : shelved.clone();
  });
  return Promise.race([fresh.catch(() => shelved.clone()), late]);
}

/** The empty page in the language of the last visit. */
async function renewPage(): Promise<void> {
  const shelf = await caches.open(SHELF);
  await shelf.add(PAGE).catch(() => undefined);
}

async function fromShelf(request: Request): Promise<Response> {
  const found = await caches.match(request, { ignoreVary: true });
  if (found !== undefined) return found;
  const answer = await fetch(request);
  if (answer.ok) {
    const shelf = await caches.open(SHELF);
    await shelf.put(request, answer.clone());
  }
  return answer;
}
