import type { Interval } from "../../robustness/interval.ts";
import { mean } from "../../robustness/mce.ts";
import type { Reading } from "./columns.ts";

/** A figure over the seeds of a recipe. */
export interface Cell {
  /** The mean over seeds, a fraction in 0..1. */
  value: number;
  /** The sample standard deviation over seeds (n - 1); null for one. */
  deviation: number | null;
  /** 95 %, of a single network; null for several, or where it is not known. */
  interval: Interval | null;
  /** Networks with the figure. */
  count: number;
  /** What it is a part of; null where it is of all. */
  partial: string | null;
  /** What was measured on; several where seeds differ. */
  bases: string[];
}

/** Of readings over seeds; partial ones count only where no seed has all. */
export function cellOf(readings: readonly Reading[]): Cell | undefined {
  const complete = readings.filter(({ partial }) => partial === null);
  const counted = complete.length ? complete : readings;
  const [first] = counted;
  if (!first) return undefined;
  return {
    ...spread(counted.map(({ value }) => value)),
    interval: counted.length === 1 ? first.interval : null,
    partial: first.partial,
    bases: [...new Set(counted.map(({ basis }) => basis))],
  };
}

/** Mean and sample standard deviation of values, at least one. */
export function spread(values: readonly number[]): Pick<Cell, "value" | "deviation" | "count"> {
  const count = values.length, value = mean(values);
  const squares = values.reduce((sum, one) => sum + (one - value) ** 2, 0);
  return { value, deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : null, count };
}
