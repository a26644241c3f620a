import type { Table } from "../comparison/compare.ts";
import { bySeverity, namesIn, type Spread } from "../comparison/suite_errors.ts";
import type { CorruptionSuiteName } from "../../robustness/suites.ts";
import { percent, spaced } from "../figure_words.ts";
import { type Chart, type Panel, seriesScale } from "./chart.ts";

/** Axes of a chart of lines. */
export interface Axes {
  x: Record<string, unknown>;
  y: Record<string, unknown>;
}

/** A title above an axis, read without turning the head. */
export function upright(title: string, left: number): Record<string, unknown> {
  return {
    ...{ title, titleAngle: 0, titleAlign: "left", titleAnchor: "start", titleBaseline: "bottom" },
    ...{ titleX: -left, titleY: -10 },
  };
}

/** Lines with points over rows of `x`, `y`, `low`, `high`, `series` and, within one, `line`. */
export function lines(count: number, { x, y }: Axes, points: number): Record<string, unknown>[] {
  const color = seriesScale(count, "color");
  const detail = { field: "line", type: "nominal" };
  const shared = { x: { field: "x", type: "quantitative", ...x }, color, detail };
  const scaled = { type: "quantitative", ...y };
  return [
    {
      transform: [{ filter: "datum.high > datum.low" }],
      mark: { type: "area", opacity: 0.16 },
      encoding: { ...shared, y: { field: "low", ...scaled }, y2: { field: "high" } },
    },
    {
      mark: { type: "line", strokeWidth: 2, strokeJoin: "round" },
      encoding: {
        ...shared,
        y: { field: "y", ...scaled },
        strokeDash: seriesScale(count, "dash"),
      },
    },
    ...(points
      ? [{
        mark: { type: "point", filled: true, size: points, opacity: 1 },
        encoding: { ...shared, y: { field: "y", ...scaled }, shape: seriesScale(count, "shape") },
      }]
      : []),
  ];
}

/** Mean error by severity, from clean pictures on, a line for each method. */
export function severityChart(table: Table, suite: CorruptionSuiteName): Chart {
  const rows = severityRows(table, suite);
  return {
    alt: `Lines, mean error of suite ${suite} by severity, %. ${altOf(table, suite)}`,
    ...{ width: 300, height: 220, padding: { left: 36, right: 12, top: 28, bottom: 38 } },
    rows,
    layer: lines(table.groups.length, {
      x: severityAxis("severity of the corruption"),
      y: {
        axis: { ...upright("mean error, %", 36), tickCount: 6 },
        scale: { domain: [0, topOf(rows)], nice: true },
      },
    }, 50),
  };
}

/** The same for each corruption, small, with one scale for all. */
export function severityPanels(
  table: Table,
  suite: CorruptionSuiteName,
): Panel[] {
  const names = namesIn(table.groups, suite);
  const rows = new Map(names.map((name) => [name, severityRows(table, suite, name)]));
  const top = topOf([...rows.values()].flat());
  return names.map((name) => ({
    title: spaced(name),
    chart: {
      alt: `Lines, error at ${spaced(name)} by severity, %. ${altOf(table, suite, name)}`,
      ...{ width: 132, height: 92, padding: { left: 24, right: 8, top: 6, bottom: 20 } },
      rows: rows.get(name)!,
      layer: lines(table.groups.length, {
        x: severityAxis(null),
        y: { title: null, axis: { tickCount: 3 }, scale: { domain: [0, top], nice: true } },
      }, 0),
    },
  }));
}

function severityAxis(title: string | null): Record<string, unknown> {
  const values = title ? [0, 1, 2, 3, 4, 5] : [0, 3, 5];
  return {
    ...{ title, scale: { domain: [0, 5], nice: false } },
    axis: { values, grid: false, labelExpr: "datum.value == 0 ? 'clean' : datum.value" },
  };
}

interface Row extends Record<string, unknown> {
  high: number;
}

function severityRows(table: Table, suite: CorruptionSuiteName, name?: string): Row[] {
  return table.groups.flatMap((group, series) => {
    const errors = [...bySeverity(group, suite, name)];
    const { clean } = group.cells;
    if (errors.length === 0) return [];
    const all: [number, Spread][] = clean ? [[0, clean], ...errors] : errors;
    return all.map(([severity, { value, deviation }]) => {
      const y = 100 * value, spread = 100 * (deviation ?? 0);
      return {
        series,
        line: series,
        x: severity,
        y,
        low: Math.max(0, y - spread),
        high: y + spread,
      };
    });
  });
}

function topOf(rows: readonly Row[]): number {
  return Math.min(100, Math.max(1, ...rows.map(({ high }) => high)));
}

function altOf({ groups }: Table, suite: CorruptionSuiteName, name?: string): string {
  return groups.map((group) => {
    const errors = [...bySeverity(group, suite, name)].map(([severity, { value }]) =>
      `${severity}: ${percent(value)}`
    );
    return `${group.label}: ${errors.join(", ") || "not evaluated"}`;
  }).join("; ");
}
