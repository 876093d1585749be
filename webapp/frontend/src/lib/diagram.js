// The deployed diagram, read-only, with what has happened drawn into it: done, current, coming, and the flows taken.
// Told apart by edge, tick, flag and dashes, so that no state depends on colour.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer.js";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "../styles/diagram.css";

import { escapeHtml } from "./icons.js";
import { say } from "./text.js";

const TICK = '<svg class="gw-bt" viewBox="-9 -9 18 18" width="18" height="18" aria-hidden="true"><circle r="8"/><path d="M-3.5 0l2.5 3 4.5-5.5"/></svg>';

/**
 * Draw `xml` in `element`. `marks`: {states: {elementId: "done"|"current"|"coming"}, flows: [ids taken],
 * captions: {elementId: [line, …]}}. Returns the viewer.
 */
export async function draw(element, xml, marks) {
  const viewer = new NavigatedViewer({
    container: element,
    bpmnRenderer: {
      defaultFillColor: "var(--gw-surface)", defaultStrokeColor: "var(--gw-ink-2)", defaultLabelColor: "var(--gw-ink-1)",
    },
    textRenderer: { defaultStyle: { fontFamily: "var(--gw-font)", fontSize: 13 }, externalStyle: { fontSize: 12 } },
    zoomScroll: { enabled: false },
  });
  await viewer.importXML(xml);
  mark(viewer, marks);
  return viewer;
}

function mark(viewer, { states = {}, flows = [], captions = {} }) {
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const taken = new Set(flows);
  for (const shape of viewer.get("elementRegistry").getAll()) {
    if (shape.type === "label" || shape.labelTarget) continue;
    if (shape.waypoints) {
      if (shape.type === "bpmn:SequenceFlow") canvas.addMarker(shape.id, taken.has(shape.id) ? "is-taken" : "is-untaken");
      continue;
    }
    if (/Participant|Lane|Process|Collaboration|Annotation|Data/.test(shape.type)) continue;
    const state = states[shape.id] ?? "coming";
    canvas.addMarker(shape.id, `is-${state}`);
    const isActivity = /Task|CallActivity|SubProcess/.test(shape.type);
    if (state === "done" && isActivity) overlays.add(shape.id, "gw", { position: { top: -9, right: 9 }, html: TICK });
    if (state === "current") flag(overlays, shape);
    if (captions[shape.id] && isActivity) caption(overlays, shape, captions[shape.id]);
  }
}

function flag(overlays, shape) {
  const words = escapeHtml(say("在这里", "here"));
  overlays.add(shape.id, "gw", { position: { top: -30, left: shape.width / 2 }, html: `<div class="gw-bflag">${words}</div>` });
}

function caption(overlays, shape, lines) {
  const html = `<div class="gw-bcap">${lines.map((line) => `<div>${escapeHtml(line)}</div>`).join("")}</div>`;
  overlays.add(shape.id, "gw", { position: { bottom: -3, left: shape.width / 2 }, html, show: { minZoom: 0.6 } });
}

/** Show the whole diagram, in a panel as high as it needs. */
export function fit(viewer, panel) {
  const canvas = viewer.get("canvas");
  const { inner } = canvas.viewbox();
  panel.style.height = `${Math.min(Math.max((panel.clientWidth / inner.width) * inner.height + 24, 240), innerHeight * 0.9)}px`;
  canvas.resized();
  canvas.zoom("fit-viewport", "auto");
}

/** Show where the case stands (or ended) at a readable size. */
export function focus(viewer, panel, marks, scale = 0.9) {
  panel.style.height = "";
  const canvas = viewer.get("canvas");
  canvas.resized();
  canvas.zoom("fit-viewport", "auto");
  const shape = viewer.get("elementRegistry").get(marks.focus);
  if (!shape || shape.waypoints || canvas.zoom() >= scale) return;
  canvas.zoom(scale);
  const view = canvas.viewbox();
  const { inner } = view;
  const x = shape.x + shape.width / 2 - view.width / 2;
  canvas.viewbox({
    x: Math.max(inner.x - 10, Math.min(x, inner.x + inner.width - view.width + 10)),
    y: shape.y + shape.height / 2 - view.height / 2, width: view.width, height: view.height,
  });
}
