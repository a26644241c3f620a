import { mean } from "../../robustness/mce.ts";
import { corruptionNames, sequenceNames } from "../../robustness/suites.ts";
import { type Cell, spread } from "./cell.ts";
import type { Entry } from "./entry.ts";
import type { Group } from "./group.ts";

/** Suites of several sets of pictures each. */
export type ListedSuite = "c" | "c-bar" | "p";

/** Mean and deviation over the networks of a group; fractions in 0..1. */
export type Spread = Pick<Cell, "value" | "deviation" | "count">;

interface Row {
  name: string;
  /** 1 … 5, and 0 for sequences. */
  severity: number;
  /** The error, or the flip probability of a sequence. */
  error: number;
}

/** What was measured of a suite, by corruption and severity; validation corruptions are not in it. */
function rowsOf({ suites }: Entry, suite: ListedSuite): Row[] {
  if (suite === "p") {
    const rows = suites.p?.suites.p?.rows ?? [];
    return rows.map(({ sequence, flip_probability }) => {
      return { name: sequence, severity: 0, error: flip_probability };
    });
  }
  const rows = suites[suite]?.suites[suite]?.rows ?? [];
  return rows.map(({ corruption, severity, error }) => ({ name: corruption, severity, error }));
}

/** Names of a suite that any group has, in published order, then others. */
export function namesIn(groups: readonly Group[], suite: ListedSuite): string[] {
  const { test } = suite === "p" ? sequenceNames : corruptionNames[suite];
  const found = new Set(
    groups.flatMap(({ entries }) => entries.flatMap((entry) => rowsOf(entry, suite))).map((row) =>
      row.name
    ),
  );
  return [
    ...test.filter((name) => found.has(name)),
    ...[...found].filter((name) => !test.includes(name)),
  ];
}

/** The error at one corruption, over the severities that are there. */
export function errorOf(group: Group, suite: ListedSuite, name: string): Spread | undefined {
  return over(group, suite, (row) => row.name === name);
}

/** The error by severity, of one corruption or over all of them. */
export function bySeverity(
  group: Group,
  suite: ListedSuite,
  name?: string,
): Map<number, Spread> {
  const found = [1, 2, 3, 4, 5].map((severity) => {
    const own = over(
      group,
      suite,
      (row) => row.severity === severity && (name === undefined || row.name === name),
    );
    return [severity, own] as const;
  });
  return new Map(found.filter((one): one is [number, Spread] => one[1] !== undefined));
}

/** Of each network the mean over rows, and of those their spread. */
function over(
  { entries }: Group,
  suite: ListedSuite,
  counts: (row: Row) => boolean,
): Spread | undefined {
  const errors = entries.map((entry) =>
    rowsOf(entry, suite).filter(counts).map(({ error }) => error)
  );
  // Where one network lacks a set that another has, their means are not of the same.
  const most = Math.max(...errors.map(({ length }) => length));
  const means = errors.filter(({ length }) => length === most && length > 0).map(mean);
  return means.length ? spread(means) : undefined;
}
