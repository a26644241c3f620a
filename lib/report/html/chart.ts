import { Error as errorLevel, parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { Html, markup, visible } from "./markup.ts";
import { chartConfig, lookOf } from "./theme.ts";

/** A chart before it is drawn: a Vega-Lite layer of marks over rows, in a box of fixed size. */
export interface Chart {
  /** What a reader who does not see it is told. */
  alt: string;
  /** Of the plot, without its axes, in pixels. */
  width: number;
  height: number;
  /** Around the plot, for axes; in pixels. */
  padding: { left: number; right: number; top: number; bottom: number };
  rows: Record<string, unknown>[];
  layer: Record<string, unknown>[];
  encoding?: Record<string, unknown>;
}

/** A chart and what is above it. */
export interface Panel {
  title: string;
  chart: Chart;
}

/**
 * Draws a chart as SVG markup, without a browser. Nothing of its rows is ever code: Vega compiles
 * expressions of the specification alone, and escapes text and attributes.
 */
export async function draw({ alt, rows, layer, encoding, ...box }: Chart): Promise<Html> {
  const specification = {
    ...box,
    autosize: { type: "none" },
    config: chartConfig,
    data: { values: rows.map(shownRow) },
    encoding,
    layer: layer.map((marks) => silent(marks)),
  };
  const { spec } = compile(specification as unknown as TopLevelSpec);
  const view = new View(parse(spec), { renderer: "none", logLevel: errorLevel });
  try {
    return labelled(await view.toSVG(), alt);
  } finally {
    view.finalize();
  }
}

/** The colour, dash or shape of a series, in the field `series` of rows. */
export function seriesScale(
  count: number,
  what: "color" | "dash" | "shape",
): Record<string, unknown> {
  const all = Array.from({ length: count }, (_, i) => i);
  return {
    ...{ field: "series", type: "nominal", legend: null },
    scale: { domain: all, range: all.map((i) => lookOf(i)[what]) },
  };
}

/** A row with its text as people may see it. */
function shownRow(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === "string" ? visible(value) : value,
    ]),
  );
}

/** Marks that are not read one by one: the chart as a whole is described. */
function silent(marks: Record<string, unknown>): Record<string, unknown> {
  const { mark } = marks;
  return {
    ...marks,
    mark: { ...(typeof mark === "string" ? { type: mark } : mark as object), aria: false },
  };
}

/** The SVG as one picture with a description. */
function labelled(svg: string, alt: string): Html {
  const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(svg)!;
  const body = svg.slice(svg.indexOf(">") + 1).replaceAll(/<[^>]*>/g, smaller);
  const size = markup`width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const head =
    markup`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${alt}" ${size}>`;
  return new Html(head.text + body);
}

/** A tag without what a picture has no use for, in two decimals: half the size. */
function smaller(tag: string): string {
  if (/ display="none"\/>$| d="M0,0h0v0h0Z"/.test(tag)) return "";
  return tag
    .replaceAll(/ (?:role|aria-\w+|pointer-events|font-family|class)="[^"]*"| opacity="1"/g, "")
    .replaceAll(
      / (?:d|transform|[xy]2)="[^"]*"/g,
      (numbers) => numbers.replaceAll(/(\.\d\d)\d+/g, "$1"),
    );
}
