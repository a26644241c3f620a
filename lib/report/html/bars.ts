import { errorOf, type ListedSuite, namesIn, type Spread } from "../comparison/suite_errors.ts";
import type { Table } from "../comparison/compare.ts";
import { percent, spaced } from "../figure_words.ts";
import { type Chart, type Panel, seriesScale } from "./chart.ts";

/**
 * The kinds of C's corruptions. Source: Hendrycks and Dietterich 2019 (arXiv 1903.12261), section 4.
 */
const kinds: readonly [string, readonly string[]][] = [
  ["Noise", ["gaussian_noise", "shot_noise", "impulse_noise"]],
  ["Blur", ["defocus_blur", "glass_blur", "motion_blur", "zoom_blur"]],
  ["Weather", ["snow", "frost", "fog", "brightness"]],
  ["Digital", ["contrast", "elastic_transform", "pixelate", "jpeg_compression"]],
];

const quantities = {
  c: "error, mean over severities, %",
  "c-bar": "error, mean over severities, %",
  p: "flip probability, %",
};

/** With more methods, bars are too thin to have their figure beside them. */
const MOST_LABELLED = 5;

/** Characters of a line beside the bars. */
const LINE = 18;

/** Panels of horizontal bars, one bar for each method at each corruption. */
export function barPanels(table: Table, suite: ListedSuite): Panel[] {
  const names = namesIn(table.groups, suite);
  const rows = names.map((name) => ({ name, bars: barsOf(table, suite, name) }));
  const top = Math.max(...rows.flatMap(({ bars }) => bars.map(({ high }) => high)), 1);
  const panel = (title: string, own: readonly string[]): Panel[] => {
    const there = rows.filter(({ name }) => own.includes(name));
    return there.length ? [{ title, chart: barChart(there, table, suite, top) }] : [];
  };
  if (suite !== "c") {
    return halves(suite === "p" ? "P, flips between frames" : "C-bar", names)
      .flatMap(([title, own]) => panel(title, own));
  }
  const others = names.filter((name) => !kinds.some(([, own]) => own.includes(name)));
  return [...kinds, ["Others", others] as const].flatMap(([title, own]) => panel(title, own));
}

/** Two panels of a suite that has no kinds, about as high as those of C. */
function halves(title: string, names: readonly string[]): [string, readonly string[]][] {
  const half = names.length > 5 ? Math.ceil(names.length / 2) : names.length;
  return [[title, names.slice(0, half)], [`${title}, continued`, names.slice(half)]];
}

interface Bar {
  series: number;
  error: number;
  /** The ends of its whisker; its own end where there is none. */
  low: number;
  high: number;
  text: string;
}

function barsOf({ groups }: Table, suite: ListedSuite, name: string): Bar[] {
  return groups.flatMap((group, series) => {
    const found = errorOf(group, suite, name);
    return found ? [{ series, ...barOf(found) }] : [];
  });
}

function barOf({ value, deviation }: Spread): Omit<Bar, "series"> {
  const error = 100 * value, spread = 100 * (deviation ?? 0);
  return {
    error,
    low: Math.max(0, error - spread),
    high: error + spread,
    text: error.toFixed(1),
  };
}

function barChart(
  rows: readonly { name: string; bars: Bar[] }[],
  { groups }: Table,
  suite: ListedSuite,
  top: number,
): Chart {
  const thickness = groups.length > 2 ? 12 : 15;
  const values = rows.flatMap(({ name, bars }) =>
    bars.map((bar) => ({ name: wrapped(spaced(name)), ...bar }))
  );
  const y = {
    ...{ field: "name", type: "nominal", title: null, sort: null },
    scale: { paddingInner: 0.22, paddingOuter: 0.1 },
    axis: { labelExpr: "split(datum.label, '\\n')" },
  };
  const series = Array.from(groups.keys());
  const yOffset = {
    field: "series",
    type: "nominal",
    scale: { domain: series, paddingInner: 0.08 },
  };
  const x = {
    ...{ field: "error", type: "quantitative", title: quantities[suite] },
    scale: { domain: [0, Math.min(100, top * 1.02)], nice: true },
    axis: { tickCount: 5 },
  };
  return {
    alt: altOf(rows, groups.map(({ label }) => label), suite),
    ...{ width: 206, height: rows.length * (groups.length * thickness + 10) },
    padding: { left: 122, right: 30, top: 4, bottom: 38 },
    rows: values,
    encoding: { y, yOffset },
    layer: [
      { mark: "bar", encoding: { x, color: seriesScale(groups.length, "color") } },
      {
        transform: [{ filter: "datum.high > datum.error" }],
        mark: { type: "rule", color: "var(--ink)", strokeWidth: 1.2 },
        encoding: { x: { field: "low", type: "quantitative" }, x2: { field: "high" } },
      },
      ...(groups.length > MOST_LABELLED ? [] : [{
        mark: { type: "text", align: "left", dx: 4, baseline: "middle" },
        encoding: { x: { field: "high", type: "quantitative" }, text: { field: "text" } },
      }]),
    ],
  };
}

/** A name in two lines where it is too long for one; never cut, which could make two the same. */
function wrapped(name: string): string {
  const space = name.lastIndexOf(" ", LINE);
  return name.length <= LINE || space < 1
    ? name
    : `${name.slice(0, space)}\n${name.slice(space + 1)}`;
}

function altOf(
  rows: readonly { name: string; bars: Bar[] }[],
  labels: readonly string[],
  suite: ListedSuite,
): string {
  const told = rows.map(({ name, bars }) =>
    `${spaced(name)}: ${
      bars.map(({ series, error }) => `${labels[series]} ${percent(error / 100)}`).join(", ")
    }`
  );
  return `Bars, ${quantities[suite]}. ${told.join("; ")}.`;
}
