// Leaflet without tiles: our own GeoJSON (grids, streets, blocks) drawn with the tokens. Nothing from other hosts.
import L from "leaflet";
import "leaflet/dist/leaflet.css";
import "../styles/map.css";

import { request } from "./http.js";

const drawn = new Map();

/** The GeoJSON at `url`, fetched once per page. */
export function geography(url) {
  if (!drawn.has(url)) drawn.set(url, request(url));
  return drawn.get(url);
}

const PIN = '<svg viewBox="0 0 28 40" width="28" height="40" aria-hidden="true"><path class="m-pin" d="M14 38C4 26 2 20 2 14a12 12 0 0 1 24 0c0 6-2 12-12 24z"/><circle cx="14" cy="14" r="4.5" fill="var(--gw-surface)"/></svg>';

export function pinIcon() {
  return L.divIcon({ className: "gw-pin", html: PIN, iconSize: [28, 40], iconAnchor: [14, 38] });
}

export function dotIcon(label) {
  return L.divIcon({ className: "gw-dotmark", html: `<span>${label}</span>`, iconSize: [22, 22], iconAnchor: [11, 11] });
}

function classOf(feature, here) {
  const kind = feature.properties.kind;
  if (kind === "road") return `gm-road gm-road--${feature.properties.rank}`;
  if (kind === "block" || kind === "building") return "gm-block";
  if (kind === "green" || kind === "water") return "gm-green";
  return feature.properties.code && feature.properties.code === here ? "gm-here" : "gm-grid";
}

/**
 * A map in `element`. `centre` is [lon, lat]; `here` the code of the grid to emphasise; `geo` a FeatureCollection whose
 * features carry `kind`, `code` and `name`.
 */
export function draw(element, { centre, zoom = 17, geo, here, interactive = true }) {
  const map = L.map(element, {
    attributionControl: false, zoomControl: interactive, minZoom: 12, maxZoom: 20, keyboard: interactive,
    scrollWheelZoom: interactive, dragging: interactive, zoomSnap: 0.5,
    zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  });
  map.setView([centre[1], centre[0]], zoom);
  if (geo) grids(map, geo, here);
  L.control.scale({ imperial: false, maxWidth: 80, position: "bottomright" }).addTo(map);
  return map;
}

function grids(map, geo, here) {
  const layer = L.geoJSON(geo, {
    interactive: false,
    style: (feature) => ({ className: classOf(feature, here), ...(feature.properties.kind === "road" ? {} : { weight: 1.5 }) }),
    pointToLayer: (feature, at) => label(at, feature.properties.name),
  }).addTo(map);
  const names = L.layerGroup();
  layer.eachLayer((part) => {
    const { name, kind } = part.feature.properties;
    if (name && kind === "road") names.addLayer(label(middleOf(part.getLatLngs()), name));
    else if (name && part.getBounds && kind !== "block") names.addLayer(label(part.getBounds().getCenter(), name));
    if (part.getElement?.() && part.feature.properties.code === here) part.bringToFront();
  });
  const show = () => (map.getZoom() >= 15 ? names.addTo(map) : names.remove());
  map.on("zoomend", show);
  show();
}

/** The middle of a line by its points: a street's name stands on the street. */
function middleOf(points) {
  const line = Array.isArray(points[0]) ? points[0] : points;
  if (line.length > 2) return line[Math.floor(line.length / 2)];
  return L.latLng((line[0].lat + line.at(-1).lat) / 2, (line[0].lng + line.at(-1).lng) / 2);
}

function label(at, text) {
  const mark = L.marker(at, { interactive: false, keyboard: false, icon: L.divIcon({ className: "gw-maplabel", html: "", iconSize: null }) });
  mark.on("add", () => (mark.getElement().textContent = text));
  return mark;
}

export { L };
