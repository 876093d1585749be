// Every page: style sheet, theme, ticking clocks, toasts, and small behaviours asked for by attributes.
import "./app.css";
import { startClocks } from "./lib/clocks.js";

// Theme: the cookie lets the server render the right one at once; "auto" follows the system.
function applyTheme() {
  const chosen = document.cookie.match(/(?:^|; )theme=(light|dark)/)?.[1];
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.bsTheme = chosen ?? system;
}

applyTheme();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyTheme);

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-theme-toggle],[data-print],[data-dismiss],[data-back]");
  if (!target) return;
  if ("themeToggle" in target.dataset) {
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax`;
    applyTheme();
  } else if ("print" in target.dataset) {
    window.print();
  } else if ("dismiss" in target.dataset) {
    target.closest(target.dataset.dismiss || ".gw-toast")?.remove();
  }
});

// A form sends once: its button says so until the answer is here. Coming back by the browser's history frees it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.many !== undefined) return;
  const button = event.submitter ?? form.querySelector("button[type=submit], button:not([type])");
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  button?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
});

// Signing out forgets the report page that this browser keeps for working offline (unsent reports stay).
document.addEventListener("submit", (event) => {
  if (event.target.action?.endsWith("/logout") && "caches" in window) caches.delete("gridwhistle-report");
});

// Selects and checkboxes that filter a list send their form when changed.
document.addEventListener("change", (event) => event.target.closest("form[data-autosubmit]")?.requestSubmit());

// One key for a button or link: data-key="e", unless somebody is typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /INPUT|TEXTAREA|SELECT/.test(event.target.tagName) || event.target.isContentEditable) return;
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)].find((element) => element.offsetParent);
  if (found) { event.preventDefault(); found.click(); }
});

for (const box of document.querySelectorAll(".gw-toast")) setTimeout(() => box.remove(), 8000);
startClocks();
