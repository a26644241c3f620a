import type { Config } from "vega-lite";

/**
 * Colours of methods on a light and on a dark page: Okabe and Ito's, which people with any kind of
 * colour vision tell apart, darkened or lightened to a contrast of at least 3 with the page.
 * Source: Okabe and Ito 2008, "Color universal design".
 */
export const seriesColors = {
  light: [
    ...["#0072b2", "#d55e00", "#009e73", "#aa4499"],
    ...["#a87600", "#4d5761", "#2b8cc4", "#882255"],
  ],
  dark: [
    ...["#56b4e9", "#ff9a52", "#2cc295", "#e58cc7"],
    ...["#f0c24b", "#c3cad1", "#9bb8ff", "#ff8fa6"],
  ],
};

/** Point shapes and dashes, so that methods differ by more than their colour. */
const shapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"];
const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

/** How a series is drawn. */
export interface SeriesLook {
  /** A CSS variable that both themes set. */
  color: string;
  shape: string;
  dash: number[];
}

/** The look of series `index`, from 0. */
export function lookOf(index: number): SeriesLook {
  return {
    color: `var(--series-${index % seriesColors.light.length})`,
    shape: shapes[index % shapes.length]!,
    dash: dashes[index % dashes.length]!,
  };
}

const ink = "var(--ink)", soft = "var(--soft)", line = "var(--line)";

/** What all charts have in common; colours are variables of the page. */
export const chartConfig: Config = {
  background: "transparent",
  view: { stroke: null },
  axis: {
    ...{ labelColor: soft, titleColor: soft, gridColor: line, domainColor: soft, tickColor: line },
    ...{ labelFontSize: 11, titleFontSize: 11, titleFontWeight: "normal", labelLimit: 0 },
    ...{ titleLimit: 0, aria: false, labelFlush: false, tickSize: 4, labelPadding: 4 },
  },
  axisY: { domain: false, ticks: false },
  text: { color: ink, fontSize: 10 },
};
