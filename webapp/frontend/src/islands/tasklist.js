// The task list: cursor and keys, claim and undo in the row, selection and bulk claim, live renewal, offline.
// The server draws every row; this only moves, asks and swaps.
import "../tasklist.css";
import { request, RequestError } from "../lib/http.js";
import { say } from "../lib/text.js";
import { listen } from "../tasklist-live.js";
import { hideUndo, notice, offerUndo, UNDO_SECONDS } from "../tasklist-notice.js";

const root = document.querySelector("[data-tasklist]");
const keysHelp = document.querySelector("[data-keys]");
const find = (selector) => root.querySelector(selector);
const rows = () => [...root.querySelectorAll("tr[data-task]")];
const selected = new Set();
const taken = []; // numbers that left the selection because somebody else has them
let cursorId = null;
let anchor = 0;
let lastClaim = null; // {id, number, at}
let busy = 0;

// --- cursor and selection -----------------------------------------------------------------------------------------

const cursorRow = () => (cursorId ? root.querySelector(`#task-${cursorId}`) : null);

function setCursor(row, { scroll = true } = {}) {
  for (const other of root.querySelectorAll("tr.is-cursor")) {
    other.classList.remove("is-cursor");
    swap(other.querySelector("[data-act]"), "btn-primary", "btn-rowact");
  }
  cursorId = row?.dataset.task ?? null;
  if (!row) return;
  row.classList.add("is-cursor");
  swap(row.querySelector("[data-act]"), "btn-rowact", "btn-primary");
  if (scroll) row.scrollIntoView({ block: "nearest" });
}

function swap(element, from, to) {
  if (element?.classList.contains(from)) element.classList.replace(from, to);
}

function move(step) {
  const all = rows();
  const at = all.indexOf(cursorRow());
  setCursor(all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))]);
}

function select(row, is) {
  const box = row?.querySelector("input[name=task_id]");
  if (!box || box.disabled) return;
  box.checked = is;
  row.classList.toggle("is-selected", is);
  if (is) selected.add(row.dataset.task);
  else selected.delete(row.dataset.task);
}

function selectRange(row) {
  const all = rows();
  const [from, to] = [anchor, all.indexOf(row)].sort((a, b) => a - b);
  all.slice(from, to + 1).forEach((one) => select(one, true));
}

function drawBulk() {
  const bar = find("[data-bulk]");
  bar.hidden = selected.size === 0 && taken.length === 0;
  find("[data-bulk-count]").textContent = say("已选 {n} 件", "{n} selected", { n: selected.size });
  find("[data-bulk-claim-text]").textContent = say("领取 {n} 件", "Claim {n}", { n: selected.size });
  find("[data-bulk-claim]").disabled = selected.size === 0;
  find("[data-bulk-note]").textContent = taken.join(say("；", "; "));
  const all = rows().map((row) => row.querySelector("input[name=task_id]")).filter((box) => box && !box.disabled);
  const every = find("[data-select-all]");
  if (every) {
    every.checked = all.length > 0 && all.every((box) => box.checked);
    every.indeterminate = !every.checked && all.some((box) => box.checked);
  }
}

function clearSelection() {
  rows().forEach((row) => select(row, false));
  selected.clear();
  taken.length = 0;
  drawBulk();
}

// --- renewal ------------------------------------------------------------------------------------------------------

let renewing = null;
let again = false;
let timer = 0;
const slow = () => root.setAttribute("aria-busy", "true");

/** Ask the list again; calls that come while one runs become one more. */
async function renew() {
  if (renewing) {
    again = true;
    return renewing;
  }
  renewing = load().finally(() => { renewing = null; });
  await renewing;
  if (again) {
    again = false;
    renewSoon(1000);
  }
}

function renewSoon(after = 300) {
  clearTimeout(timer);
  timer = setTimeout(renew, after);
}

async function load() {
  if (busy || root.querySelector("details.gw-pop[open]") || keysHelp.open) return renewSoon(3000);
  const waiting = setTimeout(slow, 400);
  try {
    const response = await fetch(location.href, { headers: { "X-Fragment": "list", Accept: "text/html" }, credentials: "same-origin" });
    if (response.redirected || response.status === 401) return location.reload();
    if (!response.ok) throw new RequestError(response.status, null);
    replace(await response.text());
    live.touch();
    setOffline(false);
  } catch (error) {
    if (!(error instanceof RequestError) || error.status === 0 || error.status >= 500) setOffline(true);
  } finally {
    clearTimeout(waiting);
    root.removeAttribute("aria-busy");
  }
}

function replace(html) {
  const focusIn = document.activeElement?.closest?.("tr[data-task]")?.dataset.task;
  const at = rows().indexOf(cursorRow());
  root.innerHTML = html;
  ready();
  for (const id of [...selected]) {
    const row = root.querySelector(`#task-${id}`);
    if (row && row.dataset.action === "claim") select(row, true);
    else leave(id, row);
  }
  const all = rows();
  setCursor(cursorRow() ?? all[Math.min(Math.max(at, 0), all.length - 1)], { scroll: false });
  if (focusIn) root.querySelector(`#task-${focusIn} [data-act]`)?.focus({ preventScroll: true });
  drawBulk();
}

function leave(id, row) {
  selected.delete(id);
  const who = row?.querySelector("[data-c=who]")?.textContent.trim();
  const number = row?.dataset.number.slice(-4);
  if (row && !who?.includes(say("（我）", "(me)"))) taken.push(say("{number} 已由{who}，已移出所选", "{number}: {who}; left the selection", { number, who }));
}

let offlineSince = null;
function setOffline(is) {
  live.reached(!is);
  const bar = find("[data-offline]");
  if (is === (offlineSince !== null) && (!is || !bar.hidden)) return;
  offlineSince = is ? (offlineSince ?? new Date()) : null;
  bar.hidden = !is;
  const clock = offlineSince?.toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
  find("[data-offline-text]").textContent = is ? say("联系不上服务。下面是 {clock} 的列表；时限照走，领取要等联网。", "The service is not reached. The list below is of {clock}; clocks run on, claiming waits for the network.", { clock }) : "";
  for (const button of root.querySelectorAll("form[data-claim] button")) {
    button.classList.toggle("is-off", is);
    button.disabled = is;
  }
}

// --- claim, give back, undo ---------------------------------------------------------------------------------------

async function act(id, verb) {
  const row = root.querySelector(`#task-${id}`);
  const button = row?.querySelector("[data-act]");
  button?.setAttribute("aria-busy", "true");
  busy += 1;
  try {
    const answer = await request(`/tasks/${id}/${verb}`, { method: "POST" });
    swapRow(id, answer.row);
    return answer;
  } catch (error) {
    notice(error.status === 0 ? say("联系不上服务，没有领取。", "The service is not reached; nothing was claimed.") : error.message);
    if (error.status === 409 || error.status === 404) renewSoon(0);
    return null;
  } finally {
    busy -= 1;
    button?.removeAttribute("aria-busy");
  }
}

function swapRow(id, html) {
  const row = root.querySelector(`#task-${id}`);
  if (!row) return;
  select(row, false);
  const holder = document.createElement("tbody");
  holder.innerHTML = html;
  const fresh = holder.querySelector("tr");
  row.replaceWith(fresh);
  if (cursorId === String(id)) setCursor(fresh, { scroll: false });
  drawBulk();
}

async function claim(row) {
  const { task: id, number } = row.dataset;
  const answer = await act(id, "claim");
  if (!answer) return;
  lastClaim = { id, at: Date.now() };
  offerUndo(say("已领取 {number}。", "Claimed {number}.", { number }), undo);
  renewSoon(1500);
}

async function undo() {
  if (!lastClaim || Date.now() - lastClaim.at > UNDO_SECONDS * 1000) return;
  const { id } = lastClaim;
  lastClaim = null;
  hideUndo();
  if (await act(id, "unclaim")) notice(say("已撤销，退回队列。", "Undone, given back to the queue."));
  renewSoon(500);
}

async function claimSelected() {
  if (!selected.size) return;
  const ids = [...selected];
  busy += 1;
  try {
    const answer = await request(root.dataset.bulkUrl, { method: "POST", json: { task_ids: ids.map(Number) } });
    clearSelection();
    for (const { task_id: id, outcome, detail } of answer.outcomes) {
      if (outcome === "claimed") continue;
      const number = root.querySelector(`#task-${id}`)?.dataset.number.slice(-4) ?? id;
      taken.push(`${number} ${detail}`);
    }
    notice(answer.message);
  } catch (error) {
    notice(error.status === 0 ? say("联系不上服务，一件也没有领取。", "The service is not reached; nothing was claimed.") : error.message);
  } finally {
    busy -= 1;
  }
  await renew();
  drawBulk();
}

// --- keys ---------------------------------------------------------------------------------------------------------

const open = (url) => { if (url) location.assign(url); };

const KEYS = {
  j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
  x: () => { const row = cursorRow(); select(row, !selected.has(row?.dataset.task)); anchor = rows().indexOf(row); drawBulk(); },
  X: () => { selectRange(cursorRow()); drawBulk(); },
  c: () => (selected.size ? claimSelected() : cursorRow()?.dataset.action === "claim" && claim(cursorRow())),
  u: () => cursorRow()?.dataset.action === "handle" && act(cursorId, "unclaim"),
  z: undo,
  Enter: () => open(cursorRow()?.dataset.href),
  o: () => open(cursorRow()?.querySelector("a.gw-no")?.href),
  "/": () => document.querySelector("#gw-search")?.select(),
  f: () => find("details.gw-pop > summary")?.click(),
  r: renew,
  Escape: () => (root.querySelector("details.gw-pop[open]") ? closePops() : clearSelection()),
  "?": () => keysHelp.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || keysHelp.open) return;
  const inField = event.target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  if (inField) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "Enter" && event.target.closest("a, button, summary, input")) return;
  const action = KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

// --- pointer ------------------------------------------------------------------------------------------------------

function closePops(except) {
  for (const pop of root.querySelectorAll("details.gw-pop[open]")) if (pop !== except) pop.open = false;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-claim]");
  if (!form) return;
  event.preventDefault();
  setCursor(form.closest("tr"), { scroll: false });
  claim(form.closest("tr"));
});

document.addEventListener("click", (event) => {
  closePops(event.target.closest("details.gw-pop"));
  for (const menu of document.querySelectorAll("details.gw-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  const row = event.target.closest("tr[data-task]");
  if (event.target.matches("[data-select-all]")) {
    rows().forEach((one) => select(one, event.target.checked));
    drawBulk();
  } else if (event.target.matches("input[name=task_id]")) {
    if (event.shiftKey) selectRange(row);
    select(row, event.target.checked);
    anchor = rows().indexOf(row);
    drawBulk();
  } else if (event.target.closest("[data-bulk-claim]")) claimSelected();
  else if (event.target.closest("[data-bulk-clear]")) clearSelection();
  else if (event.target.closest("[data-copy-link]")) {
    navigator.clipboard?.writeText(location.href).then(() => notice(say("链接已复制。", "Link copied.")));
  } else if (row && !event.target.closest("a, button, form, input")) setCursor(row, { scroll: false });
});

root.addEventListener("dblclick", (event) => {
  const row = event.target.closest("tr[data-task]");
  if (row && !event.target.closest("a, button, input")) open(row.dataset.href);
});

// --- begin --------------------------------------------------------------------------------------------------------

function ready() {
  const copy = find("[data-copy-link]");
  if (copy) copy.hidden = !navigator.clipboard;
}

const live = listen(root.dataset.liveUrl, { onChange: () => renewSoon(400), onResync: () => renewSoon(0) });
ready();
setCursor(rows()[0], { scroll: false });
drawBulk();
setInterval(() => { if (!document.hidden) renew(); }, 60_000);
