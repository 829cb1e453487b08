// A chart of values over time: gaps stay gaps, limits are lines, marks are shapes.

import { LineChart, type LineSeriesOption } from "echarts/charts";
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  ToolboxComponent,
  TooltipComponent,
} from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { isStill, onLook, read, say, token } from "./page";

use([
  AriaComponent,
  CanvasRenderer,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  LineChart,
  MarkAreaComponent,
  MarkLineComponent,
  ToolboxComponent,
  TooltipComponent,
]);

type Point = [at: string, value: string | null, mark: string | null];

interface Series {
  unit: string;
  decimals: number;
  series: { name: string; name_en?: string; code: string; unit: string; points: Point[] }[];
  limits: { name: string; name_en?: string; value: string }[];
  bands: { from: number; to: number; level: number }[];
}

const SYMBOLS: Record<string, string> = {
  exceeds: "rect",
  maintenance: "triangle",
  invalid: "diamond",
};

/** Draws the series of an address into its figure. */
export async function draw(figure: HTMLElement): Promise<void> {
  const address = figure.dataset["src"];
  if (!address) return;
  const data = await read<Series>(address);
  const loading = figure.querySelector(".island-loading");
  if (!data.series.some(({ points }) => points.length > 0)) {
    if (loading) loading.textContent = say("这一时段没有数据。", "No data in this span.");
    return;
  }
  loading?.remove();
  const place = document.createElement("div");
  place.className = "island-canvas";
  figure.append(place);
  const chart = init(place, undefined, { renderer: "canvas" });
  const render = (): void => chart.setOption(option(data, figure), { notMerge: true });
  render();
  onLook(render);
  new ResizeObserver(() => chart.resize()).observe(place);
}

function option(data: Series, figure: HTMLElement): EChartsCoreOption {
  const ink = token("--ink", "#15201b");
  const quiet = token("--ink-2", token("--muted", "#4a5a52"));
  const line = token("--line", "#cfd8d2");
  const named = data.series.map((one) => ({ ...one, label: say(one.name, one.name_en ?? one.name) }));
  const units = [...new Set(named.map(({ unit }) => unit))];
  const shown = named[0]?.label;
  return {
    // Times are Beijing times wherever the reader is: moved by eight hours and read as UTC.
    useUTC: true,
    animation: !isStill(),
    aria: { enabled: true, label: { description: figure.querySelector("figcaption")?.textContent ?? "" } },
    textStyle: { color: ink, fontFamily: "inherit" },
    color: ["#0b6e8f", "#b3541e", "#4b7f2b", "#7a4fa3", "#a8326b", "#5b6770", "#8a6d00"],
    grid: { left: 56, right: units.length > 1 ? 56 : 20, top: 56, bottom: 72 },
    legend: {
      type: "scroll",
      top: 0,
      textStyle: { color: ink },
      // The first line alone at first: several units in one picture mislead.
      selected: Object.fromEntries(named.map(({ label }) => [label, label === shown || units.length === 1])),
    },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      valueFormatter: (value: unknown) => (value == null ? "—" : String(value)),
    },
    toolbox: {
      right: 8,
      top: 24,
      feature: { saveAsImage: { title: say("存为图片", "Save as picture") } },
      iconStyle: { borderColor: quiet },
    },
    dataZoom: [{ type: "inside" }, { type: "slider", height: 22, bottom: 12 }],
    xAxis: { type: "time", axisLine: { lineStyle: { color: line } }, axisLabel: { color: quiet } },
    yAxis: {
      type: "value",
      scale: data.bands.length === 0,
      name: units.length === 1 ? units[0] : "",
      nameTextStyle: { color: quiet },
      axisLabel: { color: quiet },
      splitLine: { lineStyle: { color: line } },
    },
    series: named.map((one, index) => lineOf(one, index, data)),
  };
}

function lineOf(
  one: Series["series"][number] & { label: string },
  index: number,
  data: Series,
): LineSeriesOption {
  const limits = index === 0 ? data.limits : [];
  const bands = index === 0 ? data.bands : [];
  return {
    type: "line",
    name: one.label,
    connectNulls: false,
    showSymbol: true,
    symbolSize: (_value: unknown, { data: item }: { data?: unknown }) =>
      (item as { marked?: boolean } | undefined)?.marked ? 9 : 3,
    data: one.points.map(([at, value, mark]) => ({
      value: [beijing(at), value === null ? null : Number(value)] as [string, number | null],
      marked: mark !== null,
      ...(mark === null ? {} : { symbol: SYMBOLS[mark] ?? "pin", name: mark }),
      ...(mark === "exceeds" ? { itemStyle: { color: token("--bad", "#b3141d") } } : {}),
    })) as NonNullable<LineSeriesOption["data"]>,
    ...(limits.length === 0
      ? {}
      : {
          markLine: {
            silent: true,
            symbol: "none",
            lineStyle: { color: token("--bad", "#b3141d"), type: "dashed" },
            data: limits.map(({ name, name_en, value }) => ({
              yAxis: Number(value),
              label: { formatter: `${say(name, name_en ?? name)} ${value}`, position: "insideEndTop" },
            })),
          },
        }),
    ...(bands.length === 0
      ? {}
      : {
          markArea: {
            silent: true,
            data: bands.map(({ from, to, level }) => [
              { yAxis: from, itemStyle: { color: token(`--aqi-${level}`, "#ccc"), opacity: 0.1 } },
              { yAxis: to },
            ]),
          },
        }),
  };
}

function beijing(at: string): string {
  // A day alone is a day, not an instant.
  if (!at.includes("T")) return at;
  return new Date(Date.parse(at) + 8 * 3_600_000).toISOString();
}
