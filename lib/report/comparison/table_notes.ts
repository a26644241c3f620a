import { some } from "../../data/error.ts";
import type { CorruptionResult } from "../../robustness/results.ts";
import { type Entry, recipeOf } from "./entry.ts";
import type { Group } from "./group.ts";
import { isObject } from "../../shape.ts";

/** Something that a reader should know, and what it is of. */
interface Note {
  of: string;
  text: string;
}

/** What a reader should know of a table's groups: what is partial, repeated, or not as it seems. */
export function tableNotes(groups: readonly Group[]): string[] {
  const notes = groups.flatMap((group) => [
    ...[...seedNotes(group), ...differenceNotes(group), ...choiceNotes(group)]
      .map((text) => ({ of: group.label, text })),
    ...group.entries.flatMap(entryNotes),
  ]);
  const byText = Map.groupBy(notes, ({ text }) => text);
  return [...byText].map(([text, own]) =>
    `${[...new Set(own.map((note) => note.of))].join(", ")}: ${text}`
  );
}

function seedNotes({ entries, seeds }: Group): string[] {
  const measured = entries.filter(({ results }) => results);
  if (measured.length === 0) return ["not evaluated"];
  const known = measured.map((entry) => recipeOf(entry).seed);
  const repeated = seeds.filter((seed) => known.indexOf(seed) !== known.lastIndexOf(seed));
  const unmeasured = entries.filter(({ results }) => !results).map(({ run }) => run.path);
  return [
    ...(repeated.length
      ? [`seed ${repeated.join(", ")} is there more than once, so ± is not over seeds alone`]
      : []),
    ...(unmeasured.length ? [`without figures of ${unmeasured.join(", ")}, not evaluated`] : []),
  ];
}

/** Adapters and versions are no part of a recipe, but may change the last digits. */
function differenceNotes({ entries }: Group): string[] {
  const several = (what: string, values: (string | undefined)[]) => {
    const distinct = [...new Set(values.filter((value) => value !== undefined))];
    return distinct.length > 1 ? [`evaluated ${what} ${distinct.join(" and ")}`] : [];
  };
  return [
    ...several("on", entries.map(({ results }) => results?.adapter.name)),
    ...several("by layermix", entries.map(({ results }) => results?.layermix)),
  ];
}

/** Weights that were chosen by their test error look better than they are. */
function choiceNotes({ recipe, entries }: Group): string[] {
  const isOnTest = entries.some(({ run }) => run.description?.best_chosen_on === "test");
  return recipe.checkpoint === "best" && isOnTest
    ? ["the epoch was chosen by the test error, which makes the clean error look better than it is"]
    : [];
}

function entryNotes({ suites, paths, results, run }: Entry): Note[] {
  const corrupted = (["c", "c-bar"] as const).flatMap((suite) => {
    const result = suites[suite]?.suites[suite];
    if (!result || result.complete) return [];
    return [`${suite === "c" ? "C" : "C-bar"} is partial, without ${absentOf(result)}`];
  });
  const { p } = suites.p?.suites ?? {};
  const { settings } = run.description ?? {};
  const done = run.log.length, wanted = isObject(settings) ? settings.epochs : undefined;
  const missing = results?.data.missing ?? [];
  return [
    ...corrupted,
    ...(p && !p.complete ? [`P is partial, without ${p.missing.join(", ")}`] : []),
    ...(missing.length ? [`only a part of the test set: without ${some(missing)}`] : []),
    ...(typeof wanted === "number" && done > 0 && done < wanted
      ? [`trained ${done} of ${wanted} epochs`]
      : []),
    ...results?.notes ?? [],
  ].map((text) => ({ of: paths[0]!, text }));
}

function absentOf({ missing }: CorruptionResult): string {
  return missing.map(({ corruption, severities }) =>
    severities.length === 5 ? corruption : `${corruption} ${severities.join(" ")}`
  ).join(", ");
}
