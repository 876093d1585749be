// The place step: map with a pin that follows the thumb, the device's own position, the grid it falls into.
import { request } from "../http.js";
import { say } from "../text.js";

/** The device's position as {lon, lat, accuracy}, or null when it is refused or does not come. */
export function whereAmI() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(null);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude, accuracy: Math.round(coords.accuracy) }),
      () => resolve(null), { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
    );
  });
}

/** The map of the step. `moved(place)` after the pin was put somewhere by hand. */
export async function drawMap(element, place, config, moved) {
  const { draw, geography, pinIcon, dotIcon, L } = await import("../map.js");
  const geo = await geography(config.urls.geography).catch(() => null);
  const map = draw(element, { centre: [place.lon, place.lat], geo, here: place.grid, zoom: 17 });
  const pin = L.marker([place.lat, place.lon], { icon: pinIcon(), draggable: true, autoPan: true, title: say("拖动图钉", "Drag the pin"), alt: say("位置", "Position") }).addTo(map);
  let circle = null;
  const others = L.layerGroup().addTo(map);
  const put = (lon, lat, accuracy) => {
    circle?.remove();
    circle = accuracy ? L.circle([lat, lon], { radius: accuracy, className: "gm-acc", interactive: false }).addTo(map) : null;
    pin.setLatLng([lat, lon]);
  };
  put(place.lon, place.lat, place.accuracy);
  pin.on("dragend", () => { const at = pin.getLatLng(); put(at.lng, at.lat, null); moved({ lon: at.lng, lat: at.lat, accuracy: null }); });
  map.on("click", ({ latlng }) => { put(latlng.lng, latlng.lat, null); moved({ lon: latlng.lng, lat: latlng.lat, accuracy: null }); });
  return {
    show(next) { put(next.lon, next.lat, next.accuracy); map.panTo([next.lat, next.lon]); },
    similar(cases) {
      others.clearLayers();
      cases.forEach((found, index) => L.marker([found.lat, found.lon], { icon: dotIcon(index + 1), title: found.title, interactive: false }).addTo(others));
    },
    remove() { map.remove(); },
  };
}

/** Which grid the position lies in: {ok, area, grid, address}; null when the server cannot be asked. */
export async function locate(config, { lon, lat }) {
  try {
    return await request(`${config.urls.locate}?lon=${lon.toFixed(6)}&lat=${lat.toFixed(6)}`);
  } catch (error) {
    return error.status === 0 || error.status >= 500 ? null : { ok: false, area: error.message };
  }
}

/** Cases nearby that look the same; none when the server cannot be asked. */
export async function similar(config, { lon, lat }, category) {
  try {
    return (await request(`${config.urls.nearby}?lon=${lon.toFixed(6)}&lat=${lat.toFixed(6)}&category=${encodeURIComponent(category.code)}&kind=${category.kind}`)).cases;
  } catch {
    return [];
  }
}
