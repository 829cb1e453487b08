// My tasks on the city's map, with vectors alone: it is there without a network too.

import { circleMarker, geoJSON, latLngBounds, map as makeMap } from "leaflet";
import type { FeatureCollection } from "geojson";
import "leaflet/dist/leaflet.css";
import { isStill, read, token } from "../page";
import type { Task } from "./model";
import { element } from "./parts";

/** Draws the tasks that have a place. */
export async function draw(figure: HTMLElement, tasks: Task[]): Promise<void> {
  const canvas = element("div", { class: "island-canvas", role: "application" });
  figure.replaceChildren(canvas);
  const still = isStill();
  const map = makeMap(canvas, {
    attributionControl: false,
    zoomAnimation: !still,
    fadeAnimation: !still,
    zoomSnap: 0.25,
  });
  const boundaries = await read<FeatureCollection>("/api/v1/boundaries").catch(() => null);
  const place = (task: Task): [number, number] => [Number(task.latitude), Number(task.longitude)];
  // What is drawn needs a view to be drawn in.
  map.fitBounds(latLngBounds(tasks.map(place)), { padding: [30, 30], maxZoom: 13 });
  const style = { color: token("--line-strong", "#71868f"), weight: 1, fillOpacity: 0.12 };
  if (boundaries !== null) geoJSON(boundaries, { style, interactive: false }).addTo(map);
  for (const task of tasks) {
    const shade = task.is_overdue ? token("--danger", "#b3211f") : token("--accent", "#0a5c6b");
    const link = element("a", { href: `#task/${task.id}` }, task.title);
    circleMarker(place(task), { radius: 10, weight: 2, color: shade, fillOpacity: 0.5 })
      .addTo(map)
      .bindPopup(link);
  }
}
