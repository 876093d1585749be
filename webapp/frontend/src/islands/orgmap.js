// The grids of one unit on the organisation page.
import { draw, geography, L } from "../lib/map.js";

async function show(element) {
  const geo = await geography(element.dataset.url);
  const codes = new Set(element.dataset.codes.split(",").filter(Boolean));
  const own = geo.features.filter((feature) => codes.has(feature.properties.code) || feature.properties.code === element.dataset.here);
  const shown = { ...geo, features: geo.features.filter((feature) => feature.properties.kind === "responsibility" || codes.has(feature.properties.code)) };
  const map = draw(element.querySelector("[data-canvas]"), { centre: [114.41, 23.08], geo: shown, here: element.dataset.here, zoom: 15 });
  const around = L.geoJSON({ ...geo, features: own.length ? own : geo.features }).getBounds();
  map.fitBounds(around, { padding: [6, 6] });
  if (codes.size) L.geoJSON({ ...geo, features: own }, { interactive: false, style: { className: "gm-here", weight: 1.5 } }).addTo(map);
  element.dataset.ready = "";
}

for (const element of document.querySelectorAll("[data-island=orgmap]")) show(element).catch((error) => console.error(error));
