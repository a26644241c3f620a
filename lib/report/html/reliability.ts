import type { ReliabilityBin } from "../../robustness/reliability.ts";
import type { Table } from "../comparison/compare.ts";
import type { Group } from "../comparison/group.ts";
import { type Chart, seriesScale } from "./chart.ts";
import { lines, upright } from "./curves.ts";

/** Suites that have bins. */
export type BinnedSuite = "clean" | "c" | "c-bar";

/**
 * The bins of a group, all its networks' answers taken together, without empty ones; undefined where
 * none has them: results of an earlier layermix do not.
 */
export function pooledBins({ entries }: Group, suite: BinnedSuite): ReliabilityBin[] | undefined {
  const all = entries.flatMap(({ suites }) => {
    const bins = suites[suite]?.suites[suite]?.reliability as ReliabilityBin[] | undefined;
    return bins ? [bins] : [];
  });
  if (all.length === 0) return undefined;
  return all[0]!.flatMap(({ low, high }, i) => {
    const own = all.flatMap((bins) => bins[i]?.count ? [bins[i]] : []);
    const count = own.reduce((sum, bin) => sum + bin.count, 0);
    const meanOf = (figure: "confidence" | "accuracy") =>
      own.reduce((sum, bin) => sum + bin[figure]! * bin.count, 0) / count;
    return count
      ? [{ low, high, count, confidence: meanOf("confidence"), accuracy: meanOf("accuracy") }]
      : [];
  });
}

/** Accuracy by confidence, a line for each method; below the diagonal is overconfident. */
export function reliabilityChart({ groups }: Table, suite: BinnedSuite): Chart {
  const rows = groups.flatMap((group, series) => {
    const bins = pooledBins(group, suite) ?? [];
    const total = bins.reduce((sum, { count }) => sum + count, 0);
    return bins.map(({ count, confidence, accuracy }) => {
      const y = 100 * accuracy!;
      return {
        series,
        line: series,
        x: 100 * confidence!,
        y,
        low: y,
        high: y,
        share: count / total,
      };
    });
  });
  const scale = { domain: [0, 100] };
  const axes = {
    x: { title: "mean confidence of the answers in a bin, %", scale, axis: { tickCount: 5 } },
    y: { scale, axis: { ...upright("share of them that is right, %", 36), tickCount: 5 } },
  };
  const [, line] = lines(groups.length, axes, 0);
  return {
    alt: altOf(groups, suite),
    ...{ width: 270, height: 270, padding: { left: 36, right: 14, top: 28, bottom: 38 } },
    rows,
    layer: [
      diagonal(axes),
      line!,
      {
        mark: { type: "point", filled: true, opacity: 1 },
        encoding: {
          ...(line!.encoding as Record<string, unknown>),
          strokeDash: undefined,
          shape: seriesScale(groups.length, "shape"),
          size: {
            ...{ field: "share", type: "quantitative", legend: null },
            scale: { domain: [0, 0.5], range: [12, 240], clamp: true },
          },
        },
      },
    ],
  };
}

/** Where confidence is right. */
function diagonal({ x, y }: { x: object; y: object }): Record<string, unknown> {
  return {
    data: { values: [{ x: 0, y: 0 }, { x: 100, y: 100 }] },
    mark: { type: "line", color: "var(--soft)", strokeDash: [3, 3], strokeWidth: 1 },
    encoding: {
      x: { field: "x", type: "quantitative", ...x },
      y: { field: "y", type: "quantitative", ...y },
    },
  };
}

function altOf(groups: readonly Group[], suite: BinnedSuite): string {
  const told = groups.map((group) => {
    const bins = pooledBins(group, suite) ?? [];
    const pairs = bins.map(({ confidence, accuracy }) =>
      `${(100 * confidence!).toFixed(0)} → ${(100 * accuracy!).toFixed(0)}`
    );
    return `${group.label}: ${pairs.join(", ") || "no bins"}`;
  });
  return `Reliability diagram of suite ${suite}: confidence and accuracy in bins, %. ${
    told.join("; ")
  }.`;
}
