import type { Answers } from "../../lib/robustness/classification.ts";
import type { Outcome } from "../../lib/robustness/outcome.ts";
import { pgdDefaults } from "../../lib/robustness/pgd.ts";
import type { MeasureOptions } from "../../lib/robustness/results.ts";
import type { SourceDescriptions } from "../../lib/robustness/source.ts";
import { cifarSuiteNames, corruptionNames, sequenceNames } from "../../lib/robustness/suites.ts";
import { keyOf, type Unit, unitsOf } from "../../lib/robustness/units.ts";

const told = { from: "folder", pictures: "files", unknown_files: [], fingerprint: "0".repeat(64) };

/** Descriptions of complete suites of so many pictures, with four videos of three frames. */
export function completeSources(
  count: number,
): Required<Pick<SourceDescriptions, "c" | "c-bar" | "p">> {
  const corruptions = (suite: "c" | "c-bar") => {
    const { test, validation } = corruptionNames[suite];
    const found = [...test, ...validation].map((name) => ({ name, severities: [1, 2, 3, 4, 5] }));
    return { ...told, count, found };
  };
  const found = [...sequenceNames.test, ...sequenceNames.validation].map((name) => {
    return { name, videos: 4, frames: 3 };
  });
  return { c: corruptions("c"), "c-bar": corruptions("c-bar"), p: { ...told, found } };
}

/** Options of all suites. */
export const allOptions: MeasureOptions = {
  suites: [...cifarSuiteNames],
  seed: 3,
  difficulty: 1,
  pgd: pgdDefaults,
};

/** Answers to a unit's pictures: those whose number is below `wrong` in each ten are wrong. */
export function answers({ first, count }: Unit, wrong: number): Answers {
  const number = (i: number) => (first + i) % 10;
  return {
    count,
    missed5: Math.floor(count / 10),
    loss_sum: count * wrong / 7,
    confidence: Float64Array.from(
      { length: count },
      (_, i) => 0.2 + 0.79 * Math.sin(first + i) ** 2,
    ),
    correct: Uint8Array.from({ length: count }, (_, i) => Number(number(i) >= wrong)),
  };
}

/** Outcomes of all units, `wrong` in ten of each unit's pictures being wrong. */
export function outcomesFor(
  count: number,
  sources: SourceDescriptions,
  wrong: (unit: Unit) => number,
): Map<string, Outcome> {
  const units = unitsOf({ suites: allOptions.suites, count, sources });
  return new Map(units.map((unit) => {
    const sums = { pairs: 8, flips: wrong(unit), top5_distance: 12, zipf_distance: 0.7 };
    return [keyOf(unit), unit.suite === "p" ? sums : answers(unit, wrong(unit))];
  }));
}
