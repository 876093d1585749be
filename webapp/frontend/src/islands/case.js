// The case page: diagram and map are fetched when their panel comes near the screen; photos open side by side.
import { listen } from "../lib/casefeed.js";
import { request, RequestError } from "../lib/http.js";
import { say } from "../lib/text.js";

function near(element, action) {
  if (!element) return;
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    action(element).catch((error) => failed(element, error));
  }, { rootMargin: "200px" });
  watcher.observe(element);
}

function failed(element, error) {
  const note = document.createElement("p");
  note.className = "gw-note gw-s";
  note.textContent = error instanceof RequestError && error.status === 0
    ? say("没有网络，这一块暂时画不出来。", "No network: this part cannot be drawn now.")
    : say("这一块没有画出来：{why}", "This part could not be drawn: {why}", { why: error.message });
  element.replaceChildren(note);
  console.error(error);
}

async function showDiagram(element) {
  const [diagram, marks, response] = await Promise.all([
    import("../lib/diagram.js"), request(element.dataset.marks), fetch(element.dataset.xml, { credentials: "same-origin" }),
  ]);
  if (!response.ok) throw new RequestError(response.status, null);
  const canvas = element.querySelector("[data-canvas]");
  const viewer = await diagram.draw(canvas, await response.text(), marks);
  element.querySelector("[data-placeholder]")?.remove();
  diagram.focus(viewer, element, marks);
  element.addEventListener("click", (event) => {
    const tool = event.target.closest("[data-view]")?.dataset.view;
    if (tool === "whole") diagram.fit(viewer, element);
    if (tool === "here") diagram.focus(viewer, element, marks);
    if (tool === "in" || tool === "out") viewer.get("zoomScroll").stepZoom(tool === "in" ? 1 : -1);
    for (const button of element.querySelectorAll("[aria-pressed]")) {
      if (tool === "whole" || tool === "here") button.setAttribute("aria-pressed", String(button.dataset.view === tool));
    }
  });
  element.dataset.ready = "";
}

async function showMap(element) {
  const data = await request(element.dataset.url);
  const { draw, geography, pinIcon, dotIcon, L } = await import("../lib/map.js");
  const geo = data.geo_url ? await geography(data.geo_url) : null;
  const map = draw(element.querySelector("[data-canvas]"), { centre: data.position, geo, here: data.grid_code, zoom: 17 });
  const at = [data.position[1], data.position[0]];
  if (data.accuracy) L.circle(at, { radius: data.accuracy, className: "gm-acc", interactive: false }).addTo(map);
  data.others.forEach((other, index) => {
    const mark = L.marker([other.position[1], other.position[0]], { icon: dotIcon(index + 1), title: other.label });
    mark.on("click", () => (location.href = other.url)).addTo(map);
  });
  L.marker(at, { icon: pinIcon(), title: data.label, alt: data.label, interactive: false, zIndexOffset: 1000 }).addTo(map);
  element.querySelector("[data-placeholder]")?.remove();
  element.dataset.ready = "";
}

listen(document.querySelector("[data-case]").dataset.case);
near(document.querySelector("[data-island=diagram]"), showDiagram);
near(document.querySelector("[data-island=map]"), showMap);

// Photos, side by side in one dialog: P opens, the arrows page, Escape closes.
const dialog = document.querySelector("dialog[data-photos]");
if (dialog) {
  const open = () => !dialog.open && dialog.showModal();
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-photos]")) { event.preventDefault(); open(); }
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "p" && !event.ctrlKey && !event.metaKey && !/INPUT|TEXTAREA|SELECT/.test(event.target.tagName)) open();
  });
}

// Timeline filters without a request: all, only clocks, only what the public sees.
const timeline = document.querySelector("[data-timeline]");
for (const button of document.querySelectorAll("[data-timeline-filter]")) {
  button.addEventListener("click", () => {
    const wanted = button.dataset.timelineFilter;
    for (const other of document.querySelectorAll("[data-timeline-filter]")) other.setAttribute("aria-pressed", String(other === button));
    for (const row of timeline.querySelectorAll("li[data-kinds]")) row.hidden = wanted !== "all" && !row.dataset.kinds.split(" ").includes(wanted);
    for (const day of timeline.querySelectorAll(".gw-day")) {
      let next = day.nextElementSibling;
      while (next && !next.classList.contains("gw-day") && next.hidden) next = next.nextElementSibling;
      day.hidden = !next || next.classList.contains("gw-day");
    }
  });
}
