// One stream of changes from our own server, with a mark that says how fresh the page is.
//
// The stream is open only while the page is seen: a browser allows six connections to a host, and people keep many
// tabs. Coming back, or hearing "resync", asks everything again. Where the server has no stream left, the page polls.
import { say } from "./lib/text.js";

const POLL = 20;

/** `onChange(event)` for each change, `onResync()` when anything may have been missed. Returns {touch, isLive}. */
export function listen(url, { onChange, onResync }) {
  const mark = document.querySelector("[data-live]");
  const word = mark?.querySelector("[data-live-word]");
  const age = mark?.querySelector("[data-live-age]");
  let source = null;
  let heardAt = Date.now();
  let state = "";
  let poll = 0;

  function show(next) {
    if (state === next || !mark) return;
    state = next;
    mark.hidden = false;
    mark.classList.toggle("gw-live--off", next === "off");
    word.textContent = { live: say("实时", "Live"), poll: say("每 20 秒更新", "every 20 s"), off: say("离线", "Offline") }[next];
  }

  function touch() {
    heardAt = Date.now();
    draw();
  }

  function draw() {
    if (!age) return;
    const seconds = Math.max(0, Math.round((Date.now() - heardAt) / 1000));
    const text = seconds < 60 ? say("{n} 秒前", "{n} s ago", { n: seconds }) : say("{n} 分钟前", "{n} min ago", { n: Math.floor(seconds / 60) });
    if (age.textContent !== text) age.textContent = text;
  }

  function close() {
    source?.close();
    source = null;
    clearInterval(poll);
    poll = 0;
  }

  function open() {
    close();
    if (!navigator.onLine) return show("off");
    source = new EventSource(url);
    source.addEventListener("hello", () => { show("live"); touch(); });
    source.addEventListener("beat", touch);
    source.addEventListener("change", (event) => { touch(); onChange(JSON.parse(event.data)); });
    source.addEventListener("resync", () => { touch(); onResync(); });
    source.onerror = () => {
      if (source?.readyState === EventSource.CLOSED) {
        close();
        show(navigator.onLine ? "poll" : "off");
        poll = setInterval(onResync, POLL * 1000);
      } else if (!navigator.onLine) {
        show("off");
      }
    };
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return close();
    open();
    onResync();
  });
  addEventListener("online", () => { open(); onResync(); });
  addEventListener("offline", () => { close(); show("off"); });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted) { open(); onResync(); } });
  setInterval(draw, 1000);
  open();
  return { touch, reached: (is) => show(is ? (poll ? "poll" : "live") : "off"), get isOff() { return state === "off"; } };
}
