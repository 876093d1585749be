// Lets /report open without a network: the page, its built files, the categories and the map of the grids.
// Reports themselves wait in IndexedDB (webapp/frontend/src/lib/report); nothing is ever sent from here.
const CACHE = "gridwhistle-report";
const KEPT = [/^\/static\/dist\/assets\//, /^\/report\/categories\.json$/, /^\/maps\/[^/]+\.geojson$/];

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function networkFirst(request, key) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok && !response.redirected) await cache.put(key, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(key);
    if (kept) return kept;
    throw error;
  }
}

async function cacheFirst(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/report") event.respondWith(networkFirst(request, "/report"));
  else if (KEPT[0].test(url.pathname)) event.respondWith(cacheFirst(request));
  else if (KEPT.some((pattern) => pattern.test(url.pathname))) event.respondWith(networkFirst(request, url.pathname));
});
