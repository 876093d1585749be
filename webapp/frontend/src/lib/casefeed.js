// The case page hears when something happens to its case: it renews itself, or says so while somebody is busy on it.
import { say } from "./text.js";

function isBusy() {
  return Boolean(document.querySelector("dialog[open], details[open]") || String(getSelection()).length || document.hidden);
}

function mark(isOn) {
  const live = document.querySelector("[data-live]");
  if (!live) return;
  live.hidden = false;
  live.querySelector(".gw-dot")?.remove();
  live.classList.toggle("gw-live--off", !isOn);
  const word = live.querySelector("[data-live-word]");
  if (word) word.textContent = isOn ? say("实时", "Live") : say("离线", "Offline");
}

function offer() {
  if (document.querySelector(".gw-toast[data-renew]")) return;
  const box = document.createElement("div");
  box.className = "gw-toast";
  box.dataset.renew = "";
  box.setAttribute("role", "status");
  const words = document.createElement("span");
  words.textContent = say("这件案刚有变化。", "Something has just happened to this case.");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = say("刷新", "Show it");
  button.addEventListener("click", () => location.reload());
  box.append(words, button);
  document.body.append(box);
}

/** Listen for the case `number` as long as the page is open. */
export function listen(number) {
  const source = new EventSource(`/live?case=${encodeURIComponent(number)}`);
  let changed = false;
  const renew = () => {
    changed = true;
    if (isBusy()) offer();
    else setTimeout(() => location.reload(), 400); // what follows by itself comes along
  };
  source.addEventListener("hello", () => mark(true));
  source.addEventListener("change", renew);
  source.addEventListener("error", () => mark(false));
  document.addEventListener("visibilitychange", () => changed && !document.hidden && location.reload());
  addEventListener("pagehide", () => source.close());
}
