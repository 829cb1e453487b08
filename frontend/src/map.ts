// The city on a map, drawn with vectors alone: no tiles, nothing from outside, no need of WebGL.

import {
  circleMarker,
  geoJSON,
  type LatLng,
  latLngBounds,
  type Layer,
  map as makeMap,
  polygon,
} from "leaflet";
import type { Feature, FeatureCollection, Point } from "geojson";
import "leaflet/dist/leaflet.css";
import { isStill, onLook, read, say, token } from "./page";

interface Properties {
  kind: string;
  name_zh: string;
  name_en: string;
  path: string;
  shade: string;
  approximate: boolean;
  says_zh: string;
  says_en: string;
}

/** Draws boundaries and points into the figure. */
export async function draw(figure: HTMLElement): Promise<void> {
  const address = figure.dataset["src"];
  if (!address) return;
  const [points, boundaries] = await Promise.all([
    read<FeatureCollection<Point, Properties>>(address),
    read<FeatureCollection>("/api/v1/boundaries").catch(() => null),
  ]);
  figure.querySelector(".island-loading")?.remove();
  const place = document.createElement("div");
  place.className = "island-canvas";
  place.setAttribute("role", "application");
  place.setAttribute("aria-label", figure.dataset["label"] ?? "");
  figure.prepend(place);

  const still = isStill();
  const map = makeMap(place, {
    attributionControl: false,
    zoomAnimation: !still,
    fadeAnimation: !still,
    scrollWheelZoom: false,
    zoomSnap: 0.25,
  });
  const bounds = latLngBounds([]);
  const ground = boundaries === null ? null : geoJSON(boundaries, { style: outline });
  if (ground) bounds.extend(ground.addTo(map).getBounds());
  const marks = geoJSON<Properties>(points, { pointToLayer: mark, onEachFeature: tell }).addTo(map);
  if (!bounds.isValid() && points.features.length > 0) bounds.extend(marks.getBounds());
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [12, 12] });
  else map.setView([24.5, 117.65], 9);
  onLook(() => ground?.setStyle(outline));
  figure.append(legend());
}

function outline(): object {
  return {
    color: token("--line-2", "#8b9a92"),
    weight: 1.2,
    fillColor: token("--surface-2", "#eef2ef"),
    fillOpacity: 0.7,
  };
}

/** Stations are circles, sections squares, outlets triangles: shape and colour both tell. */
function mark(feature: Feature<Point, Properties>, at: LatLng): Layer {
  const { kind, shade, approximate } = feature.properties;
  const style = {
    color: "#1b2a24",
    weight: 1.2,
    fillColor: token(`--${shade}`, colour(shade)),
    fillOpacity: 0.95,
    ...(approximate ? { dashArray: "2 2" } : {}),
  };
  if (kind === "air-station") return circleMarker(at, { ...style, radius: 9 });
  const size = kind === "water-section" ? 0.016 : 0.013;
  const corners: [number, number][] =
    kind === "water-section"
      ? [[-1, -1], [-1, 1], [1, 1], [1, -1]]
      : [[-1, -1], [-1, 1], [1.2, 0]];
  return polygon(corners.map(([north, east]) => [at.lat + north * size, at.lng + east * size]), style);
}

function colour(shade: string): string {
  const known: Record<string, string> = {
    "status-good": token("--good", "#0a6b3d"),
    "status-warning": token("--warning", "#8a4b00"),
    "status-bad": token("--bad", "#b3141d"),
  };
  return known[shade] ?? token("--line", "#cfd8d2");
}

function tell(feature: Feature<Point, Properties>, layer: Layer): void {
  const { name_zh, name_en, says_zh, says_en, path, approximate } = feature.properties;
  const popup = document.createElement("div");
  popup.className = "map-popup";
  const link = document.createElement("a");
  link.href = path;
  link.textContent = say(name_zh, name_en);
  const words = document.createElement("p");
  words.textContent =
    say(says_zh, says_en) + (approximate ? say("(位置约略)", " (approximate place)") : "");
  popup.append(link, words);
  layer.bindPopup(popup);
}

function legend(): HTMLElement {
  const words = document.createElement("p");
  words.className = "hint";
  words.textContent = say(
    "● 空气站(颜色为 AQI 级别) ■ 水质断面(颜色为水质类别) ▲ 排放口(绿正常、橙告警、红超标);虚线边为约略位置。",
    "● air stations, coloured by AQI class ■ water sections, by class ▲ outlets (green normal, orange alert, red exceedance); a dashed edge marks an approximate place.",
  );
  return words;
}
