import type { SourceDescriptions } from "./source.ts";
import { type SuiteName, suiteNames } from "./suites.ts";

/** A piece of an evaluation that is measured, kept and given to shards as a whole. */
export interface Unit {
  suite: SuiteName;
  /** The corruption or sequence; "" for suites of one list of pictures. */
  name: string;
  /** 1 … 5 for corruptions, else 0. */
  severity: number;
  /** The first picture, or video. */
  first: number;
  /** Pictures, or videos. */
  count: number;
}

/**
 * Pictures (or videos) of a unit at the most. They are the same however an evaluation is cut into
 * shards, so that sums over units have the same bits; attacks take longest.
 */
const largest: Readonly<Record<SuiteName, number>> = {
  clean: 1000,
  c: 10_000,
  "c-bar": 10_000,
  r: 1000,
  a: 1000,
  p: 500,
  pgd: 250,
};

/** What the units of an evaluation follow from. */
export interface Plan {
  suites: readonly SuiteName[];
  /** Pictures of the test set. */
  count: number;
  sources: SourceDescriptions;
}

/** All units of an evaluation, in the order of results. */
export function unitsOf({ suites, count, sources }: Plan): Unit[] {
  return suiteNames.filter((suite) => suites.includes(suite)).flatMap((suite) => {
    if (suite === "clean" || suite === "pgd") return parts(suite, "", 0, count);
    if (suite === "p") {
      return sources.p!.found.flatMap(({ name, videos }) => parts(suite, name, 0, videos));
    }
    if (suite === "r" || suite === "a") return parts(suite, "", 0, sources[suite]!.count);
    const { found, count: pictures } = sources[suite]!;
    return found.flatMap(({ name, severities, counts }) =>
      severities.flatMap((severity, i) => parts(suite, name, severity, counts?.[i] ?? pictures))
    );
  });
}

function parts(suite: SuiteName, name: string, severity: number, total: number): Unit[] {
  const most = largest[suite];
  return Array.from({ length: Math.ceil(total / most) }, (_, i) => {
    return { suite, name, severity, first: i * most, count: Math.min(most, total - i * most) };
  });
}

/** A unit's name in files, such as "c fog 3 0+10000". */
export function keyOf({ suite, name, severity, first, count }: Unit): string {
  return [suite, name, severity || "", `${first}+${count}`].filter((part) => part !== "").join(" ");
}

/** One of several evaluations that together are a whole one. */
export interface Shard {
  /** From 0 on. */
  index: number;
  /** At least 1. */
  count: number;
}

/** The units that a shard measures: every `count`-th, so that each has some of every suite. */
export function unitsOfShard(units: readonly Unit[], { index, count }: Shard): Unit[] {
  return units.filter((_, number) => number % count === index);
}
