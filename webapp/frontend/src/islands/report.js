// Reporting on a phone: photo, category, place, check; what cannot be sent now waits on the device and says so.
import { request } from "../lib/http.js";
import { icon } from "../lib/icons.js";
import { opens, prepared } from "../lib/photos.js";
import { drawMap, locate, similar, whereAmI } from "../lib/report/place.js";
import * as screens from "../lib/report/screens.js";
import { search } from "../lib/report/search.js";
import { sendAll } from "../lib/report/send.js";
import * as store from "../lib/report/store.js";
import { say } from "../lib/text.js";

const root = document.querySelector("[data-island=report]");
const config = JSON.parse(document.querySelector("script[data-report]").textContent);
const newKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(16).slice(2)}`;
// The key belongs to the draft: however often it is sent, the server knows it as one report.
const fresh = () => ({ key: newKey(), isSending: false, refused: [], mode: "report", photos: [], after: [], category: null, place: null, urgency: "normal", text: "", similarNumber: null });
const state = { ...fresh(), step: "camera", typed: "", similar: [], waiting: 0, online: navigator.onLine, name: config.name, canSelfHandle: config.can_self_handle, showAll: false, catalogue: { categories: [], recent: [], common: [] } };
let map = null;

// One file input for the whole visit, outside what is drawn anew: while the camera is open the position may arrive and
// the screen be redrawn, and the photo must still find its input.
const shutter = Object.assign(document.createElement("input"), { type: "file", accept: "image/*", id: "gw-shoot", className: "gw-vh", tabIndex: -1 });
shutter.setAttribute("capture", "environment");
shutter.setAttribute("aria-hidden", "true");
shutter.dataset.shoot = "";
shutter.addEventListener("change", () => shutter.files.length && shoot(shutter));
let saving = null;

Object.defineProperty(state, "stamp", { get: () => new Date().toLocaleString("zh-CN", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" }) });
const withUrl = (blob) => Object.assign(blob, { url: URL.createObjectURL(blob) });
const $ = (selector) => root.querySelector(selector);

function render() {
  map?.remove();
  map = null;
  root.className = `gw-rp gw-rp--${state.step}`;
  if (state.step === "queue") return renderQueue();
  root.innerHTML = screens[state.step](state);
  if (state.step === "category") { renderResults(); if (!state.category) $("[data-search]").focus({ preventScroll: true }); }
  if (state.step === "place") return startPlace();
}

async function renderQueue() {
  const [waiting, done] = await Promise.all([store.waiting(config.person), store.deliveredToday(config.person)]);
  for (const report of waiting) if (report.photos[0]) report.url = URL.createObjectURL(report.photos[0]);
  root.innerHTML = screens.queue(state, waiting, done, (store.sizeOf(waiting) / 1048576).toFixed(1));
}

function renderResults() {
  const { categories, recent, common } = state.catalogue;
  const pick = (codes) => codes.map((code) => categories.find((item) => `${item.kind}:${item.code}` === code)).filter(Boolean);
  $("[data-results]").innerHTML = screens.categories({
    typed: state.typed, found: search(categories, state.typed), category: state.category, total: categories.length,
    recent: pick(recent), common: pick(common), all: state.showAll && !state.typed ? categories : null,
  });
}

async function startPlace() {
  state.place ??= { ...config.centre, accuracy: null };
  renderPlace();
  const drawn = await drawMap($("[data-map]"), state.place, config, (moved) => settle({ ...moved, address: state.place?.address }));
  if (state.step !== "place" || !state.place) return drawn.remove(); // gone on while the map was being drawn
  map = drawn;
  await settle(state.place);
}

function renderPlace() {
  if (state.step !== "place") return;
  const typed = $("[data-address]");
  if (typed) state.place.address = typed.value;
  $("[data-placeinfo]").innerHTML = screens.placeInfo(state);
  $("[data-placefoot]").innerHTML = screens.placeFoot(state);
}

/** A new position: which grid it is, and whether somebody reported the same there. */
async function settle(at) {
  const here = (state.place = { ...at, address: $("[data-address]")?.value ?? at.address });
  const found = await locate(config, at);
  if (state.place !== here) return; // sent or moved on meanwhile
  if (found) Object.assign(state.place, { ok: found.ok, area: found.area, grid: found.grid, label: found.label });
  const near = state.category && found?.ok !== false ? await similar(config, at, state.category) : [];
  if (state.place !== here) return;
  state.similar = near;
  map?.similar(state.similar);
  renderPlace();
  keep();
}

/** Keep what was written, a moment after the last change. */
function keep() {
  clearTimeout(saving);
  saving = setTimeout(async () => {
    const { key, mode, photos, after, category, place, urgency, text, step, similarNumber } = state;
    await store.keepCurrent(config.person, { key, mode, photos: photos.map(bare), after: after.map(bare), category, place, urgency, text, step, similarNumber });
    const saved = $("[data-saved]");
    if (saved) saved.textContent = say("已存在本机 {at}", "Kept on this device {at}", { at: new Date().toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" }) });
  }, 400);
}
const bare = (photo) => new File([photo], photo.name ?? "photo.jpg", { type: photo.type, lastModified: photo.lastModified });

async function shoot(input) {
  const given = [...input.files];
  input.value = ""; // the same photo may be chosen again
  const opened = await Promise.all(given.map(opens));
  state.refused = given.filter((_, index) => !opened[index]).map((file) => file.name);
  const files = await Promise.all(given.filter((_, index) => opened[index]).map(prepared));
  const list = state.mode === "self" && state.photos.length ? state.after : state.photos;
  list.push(...files.map(withUrl));
  if (!state.place) position();
  if (files.length) keep();
  render();
}

async function position() {
  const at = await whereAmI();
  if (!at) {
    if (!state.place) state.place = { ...config.centre, accuracy: null, label: say("没有定位，下一步在图上点", "No position; point on the map later") };
  } else {
    const here = (state.place = { ...at, address: state.place?.address });
    const found = await locate(config, at);
    if (state.place !== here) return;
    if (found) Object.assign(state.place, { ok: found.ok, area: found.area, grid: found.grid, label: `${found.label} ±${at.accuracy} ${say("米", "m")}` });
    else state.place.label = `±${at.accuracy} ${say("米", "m")}`;
  }
  if (state.step === "camera") render();
  if (state.step === "place" && at) { map?.show(state.place); await settle(state.place); }
}

async function send(_, button) {
  if (state.isSending) return; // a second click before the first is done
  state.isSending = button.disabled = true;
  clearTimeout(saving);
  try {
    await putAside();
  } finally {
    state.isSending = button.disabled = false;
  }
}

/** The draft becomes a report that waits; from here on `flush` sends it. */
async function putAside() {
  const { key, category, place, urgency, text, mode } = state;
  const report = {
    key, person: config.person, keptAt: Date.now(), state: "waits",
    title: `${category.label}，${place.address || place.area || ""}`.replace(/，$/, ""), same: state.similarNumber,
    fields: {
      category_code: category.code, kind: category.kind, lon: place.lon, lat: place.lat, accuracy_m: place.accuracy, address: place.address ?? "",
      urgency, description: text, self_handled: mode === "self" ? "true" : null, number: state.similarNumber,
    },
    photos: state.photos.map(bare), after: state.after.map(bare), step: { category, place, urgency, text, mode },
  };
  await store.keepWaiting(report);
  await store.dropCurrent(config.person);
  Object.assign(state, fresh(), { step: "queue", typed: "", similar: [] });
  remember(category);
  await render();
  flush();
}

function remember(category) {
  const code = `${category.kind}:${category.code}`;
  state.catalogue.recent = [code, ...state.catalogue.recent.filter((other) => other !== code)].slice(0, 6);
  store.cache(`recent:${config.person}`, state.catalogue.recent);
}

async function edit(key) {
  const report = (await store.waiting(config.person)).find((other) => other.key === key);
  if (!report) return;
  await store.dropWaiting(key);
  Object.assign(state, fresh(), report.step, { key: report.errors?.submission_id ? newKey() : key, photos: report.photos.map(withUrl), after: (report.after ?? []).map(withUrl), similarNumber: report.same, step: "check" });
  keep();
  render();
}

let lastDrawn = 0;
async function flush() {
  await sendAll(config.urls, config.person, (report) => {
    const now = performance.now();
    if (state.step === "queue" && (!report || now - lastDrawn > 300)) { lastDrawn = now; renderQueue(); }
  });
  state.waiting = (await store.waiting(config.person)).length;
}

const actions = {
  go: ({ to }) => { state.step = to; state.refused = []; keep(); render(); },
  mode: ({ mode }) => { state.mode = mode; keep(); render(); },
  choose: ({ code, kind }) => { state.category = state.catalogue.categories.find((item) => item.code === code && item.kind === kind); state.similarNumber = null; keep(); const typed = state.typed; render(); state.typed = typed; },
  all: () => { state.showAll = true; renderResults(); },
  me: () => position(),
  new: () => { state.similarNumber = null; state.step = "check"; keep(); render(); },
  same: () => { state.similarNumber = state.similar[0].number; state.step = "check"; keep(); render(); },
  urgency: ({ value }) => { state.urgency = value; state.text = $("[data-text]").value; keep(); for (const button of root.querySelectorAll("[data-do=urgency]")) button.setAttribute("aria-pressed", String(button.dataset.value === value)); },
  unshoot: ({ which, index }) => { state[which].splice(Number(index), 1); keep(); if (!state.photos.length) state.step = "camera"; render(); },
  send, retry: () => flush(), edit: ({ key }) => edit(key),
  fresh: () => { Object.assign(state, fresh(), { step: "camera", typed: "" }); render(); position(); },
};

root.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button && !button.disabled) actions[button.dataset.do](button.dataset, button);
});
root.addEventListener("keydown", (event) => {
  if (event.target.matches("label[for=gw-shoot]") && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); shutter.click(); }
});
root.addEventListener("input", (event) => {
  const { target } = event;
  if (target.matches("[data-search]")) { state.typed = target.value; renderResults(); }
  if (target.matches("[data-text]")) { state.text = target.value; keep(); }
  if (target.matches("[data-address]")) { state.place.address = target.value; keep(); }
});
addEventListener("online", () => { state.online = true; if (state.step !== "category") render(); flush(); });
addEventListener("offline", () => { state.online = false; if (state.step !== "category") render(); });

async function boot() {
  const kept = await store.current(config.person);
  if (kept?.photos?.length) Object.assign(state, kept, { photos: kept.photos.map(withUrl), after: (kept.after ?? []).map(withUrl) });
  state.waiting = (await store.waiting(config.person)).length;
  document.querySelector("[data-plain]")?.remove();
  root.hidden = false;
  root.after(shutter);
  document.body.classList.add("is-reporting");
  render();
  if (!state.place) position();
  const name = `categories:${document.documentElement.lang}`;
  try {
    state.catalogue = await request(config.urls.categories);
    store.cache(name, state.catalogue);
  } catch {
    state.catalogue = (await store.cached(name)) ?? state.catalogue;
  }
  const recent = await store.cached(`recent:${config.person}`);
  if (recent) state.catalogue.recent = recent;
  if (state.step === "category") renderResults();
  root.dataset.ready = "";
  flush();
  setInterval(() => navigator.onLine && state.waiting && flush(), 30000);
  if ("serviceWorker" in navigator && config.urls.worker) keepForOffline().catch(() => {});
}

/** The worker opens this page without a network; what the page needs is put aside now, the map's part included. */
async function keepForOffline() {
  await navigator.serviceWorker.register(config.urls.worker, { scope: config.urls.scope });
  await import("../lib/map.js");
  const built = performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => name.includes("/static/dist/"));
  const cache = await caches.open("gridwhistle-report");
  await cache.addAll([config.urls.scope, config.urls.categories, ...(config.urls.geography ? [config.urls.geography] : []), ...new Set(built)]);
  root.dataset.offline = "ready";
}

boot().catch((error) => {
  console.error(error); // private browsing without IndexedDB: the plain form stays and works
  const note = document.querySelector("[data-plain-note]");
  if (note) { note.hidden = false; note.innerHTML = `${icon("info-circle")}<span>${say("这台设备不能离线保存，请用下面的表单直接提交。", "This device cannot keep reports offline; please use the form below.")}</span>`; }
});
