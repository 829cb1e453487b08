// Choosing a place: by a tap on the map or by the phone's own position. Without scripts the
// address is typed; the fields are the same.

import {
  circleMarker,
  type CircleMarker,
  control,
  geoJSON,
  type LatLng,
  latLng,
  map as makeMap,
} from "leaflet";
import type { FeatureCollection, Point } from "geojson";
import "leaflet/dist/leaflet.css";
import { isStill, read, say, token } from "../page";

interface Named {
  name_zh: string;
  name_en: string;
}

/** How long a phone may look for its place. */
const LOOKING = 15_000;
const NEAR = 14;

/** Draws the map into the figure and ties it to the two fields of its form. */
export async function choose(figure: HTMLElement): Promise<void> {
  const form = figure.closest("form");
  const longitude = form?.querySelector<HTMLInputElement>('input[name="longitude"]');
  const latitude = form?.querySelector<HTMLInputElement>('input[name="latitude"]');
  if (!form || !longitude || !latitude) return;
  const boundaries = await read<FeatureCollection>("/api/v1/boundaries").catch(() => null);
  figure.querySelector(".island-loading")?.remove();
  const canvas = document.createElement("div");
  canvas.className = "island-canvas";
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", figure.dataset["label"] ?? "");
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  words.className = "hint";
  figure.prepend(canvas, words);

  const still = isStill();
  const map = makeMap(canvas, {
    attributionControl: false,
    zoomAnimation: !still,
    fadeAnimation: !still,
    scrollWheelZoom: false,
    zoomSnap: 0.25,
  });
  const ground = boundaries === null ? null : divisions(boundaries);
  control.scale({ imperial: false }).addTo(map);
  const bounds = ground?.addTo(map).getBounds();
  if (bounds?.isValid()) map.fitBounds(bounds, { padding: [8, 8] });
  else map.setView([24.5, 117.65], 9);
  void landmarks(map);

  let mark: CircleMarker | null = null;
  const set = (at: LatLng, accuracy: number | null): void => {
    longitude.value = at.lng.toFixed(6);
    latitude.value = at.lat.toFixed(6);
    mark ??= circleMarker(at, { radius: 11, weight: 3, color: token("--danger", "#b3211f") }).addTo(map);
    mark.setLatLng(at);
    const about = accuracy === null ? "" : say(`(±${Math.round(accuracy)} 米)`, ` (±${Math.round(accuracy)} m)`);
    words.textContent =
      say("已选位置 ", "chosen: ") + `${longitude.value}, ${latitude.value}` + about;
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };
  map.on("click", ({ latlng }) => set(latlng, null));
  if (longitude.value && latitude.value) {
    const before = latLng(Number(latitude.value), Number(longitude.value));
    set(before, null);
    map.setView(before, NEAR);
  }
  const locate = form.querySelector<HTMLButtonElement>('[data-action="locate"]');
  if (!locate || !("geolocation" in navigator)) return;
  locate.hidden = false;
  locate.addEventListener("click", () => {
    words.textContent = say("正在定位……", "looking for your position…");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const at = latLng(coords.latitude, coords.longitude);
        set(at, coords.accuracy);
        map.setView(at, NEAR);
      },
      () => {
        words.textContent = say("定位失败,请在地图上点选或填写地址。", "No position; tap the map or type the address.");
      },
      { enableHighAccuracy: true, timeout: LOOKING },
    );
  });
}

/** The divisions with their names. */
function divisions(boundaries: FeatureCollection): ReturnType<typeof geoJSON> {
  const style = {
    color: token("--line-strong", "#71868f"),
    weight: 1.2,
    fillColor: token("--surface", "#ffffff"),
    fillOpacity: 0.85,
  };
  return geoJSON(boundaries, {
    style,
    interactive: false,
    onEachFeature: (feature, layer) => {
      const names = feature.properties as Partial<Named> | null;
      const name = say(names?.name_zh ?? "", names?.name_en ?? "");
      if (name === "") return;
      layer.bindTooltip(name, { permanent: true, direction: "center", className: "map-name" });
    },
  });
}

/** Points that people know help to find one's way on a map without streets. */
async function landmarks(map: ReturnType<typeof makeMap>): Promise<void> {
  const points = await read<FeatureCollection<Point, Named>>("/api/v1/map").catch(() => null);
  if (points === null) return;
  const style = { radius: 4, weight: 1, color: token("--quiet", "#56676e"), fillOpacity: 0.6 };
  geoJSON<Named>(points, {
    pointToLayer: (feature, at) =>
      circleMarker(at, { ...style, bubblingMouseEvents: true }).bindTooltip(
        say(feature.properties.name_zh, feature.properties.name_en),
      ),
  }).addTo(map);
}
