// Clocks that tick: the server renders the truth, this only counts on while the clock runs.
//
// <div class="gw-clock gw-clock--ok" data-left="1080" data-limit="1800" data-runs-for="7200">: seconds left in the
// clock's own time (negative: overdue), the whole limit, and for how many seconds it runs on from now (a working-time
// clock stops at noon; absent or 0: it stands).

import { hoursMinutes, say } from "./text.js";

const startedAt = performance.now();

function shapeOf(state) {
  return { ok: "clock", warn: "f-alert-triangle", over: "f-alert-square-rounded" }[state];
}

function tick(element, elapsed) {
  const ran = Math.min(elapsed, Number(element.dataset.runsFor || 0));
  if (ran <= 0) return;
  const left = Number(element.dataset.left) - ran;
  const limit = Number(element.dataset.limit);
  const state = left < 0 ? "over" : limit && left <= limit * 0.2 ? "warn" : "ok";
  const text = element.querySelector("[data-left-text]");
  const words = left < 0 ? say("超时 {t}", "{t} over", { t: hoursMinutes(left) }) : say("剩 {t}", "{t} left", { t: hoursMinutes(left) });
  if (text && text.textContent !== words) text.textContent = words;
  const bar = element.querySelector(".gw-clock__b");
  if (bar && limit) bar.style.setProperty("--p", `${Math.min(100, Math.max(0, (1 - left / limit) * 100)).toFixed(1)}%`);
  if (!element.classList.contains(`gw-clock--${state}`)) {
    element.classList.remove("gw-clock--ok", "gw-clock--warn", "gw-clock--over");
    element.classList.add(`gw-clock--${state}`);
    const use = element.querySelector("use");
    if (use) use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#i-${shapeOf(state)}`));
  }
}

export function startClocks() {
  const turn = () => {
    if (document.hidden) return;
    const elapsed = (performance.now() - startedAt) / 1000;
    for (const element of document.querySelectorAll(".gw-clock[data-runs-for]")) tick(element, elapsed);
  };
  setInterval(turn, 1000);
  document.addEventListener("visibilitychange", turn);
}
