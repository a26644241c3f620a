import type { CorruptionResult } from "../../robustness/results.ts";
import { recipeOf } from "./entry.ts";
import type { Group } from "./group.ts";
import { isObject } from "./shape.ts";

/** What a reader should know of a table's groups: what is partial, repeated, or not as it seems. */
export function tableNotes(groups: readonly Group[]): string[] {
  const notes = groups.flatMap((group) => [
    ...seedNotes(group),
    ...differenceNotes(group),
    ...partialNotes(group),
    ...choiceNotes(group),
    ...group.entries.flatMap(({ results, paths }) => [
      ...(results?.data.missing.length
        ? [`${paths[0]}: only a part of the test set: ${results.data.missing.join(", ")} not there`]
        : []),
      ...(results?.notes ?? []).map((note) => `${paths[0]}: ${note}`),
    ]),
  ]);
  return [...new Set(notes)];
}

function seedNotes({ label, entries, seeds }: Group): string[] {
  const unmeasured = entries.filter(({ results }) => !results);
  const measured = entries.filter(({ results }) => results);
  const known = measured.map((entry) => recipeOf(entry).seed);
  const repeated = seeds.filter((seed) => known.indexOf(seed) !== known.lastIndexOf(seed));
  const notes = repeated.length
    ? [
      `${label}: seed ${repeated.join(", ")} is there more than once, so ± is not over seeds alone`,
    ]
    : [];
  if (measured.length === 0) return [...notes, `${label} was not evaluated`];
  return [...notes, ...unmeasured.map(({ run }) => `${label}: ${run.path} was not evaluated`)];
}

/** Adapters and versions are no part of a recipe, but may change the last digits. */
function differenceNotes({ label, entries }: Group): string[] {
  const distinct = (values: (string | undefined)[]) => [...new Set(values.filter(Boolean))];
  const adapters = distinct(entries.map(({ results }) => results?.adapter.name));
  const versions = distinct(entries.map(({ results }) => results?.layermix));
  return [
    ...(adapters.length > 1 ? [`${label}: evaluated on ${adapters.join(" and ")}`] : []),
    ...(versions.length > 1 ? [`${label}: evaluated by layermix ${versions.join(" and ")}`] : []),
  ];
}

function partialNotes({ label, entries }: Group): string[] {
  return entries.flatMap(({ suites, paths }) => {
    const missing = (["c", "c-bar"] as const).flatMap((suite) => {
      const result = suites[suite]?.suites[suite];
      return result && !result.complete
        ? [`${suite === "c" ? "C" : "C-bar"} is partial, without ${absentOf(result)}`]
        : [];
    });
    const { p } = suites.p?.suites ?? {};
    if (p && !p.complete) missing.push(`P is partial, without ${p.missing.join(", ")}`);
    return missing.map((what) => `${label}, ${paths[0]}: ${what}`);
  });
}

function absentOf({ missing }: CorruptionResult): string {
  return missing.map(({ corruption, severities }) =>
    severities.length === 5 ? corruption : `${corruption} ${severities.join(" ")}`
  ).join(", ");
}

/** Weights that were chosen by their test error look better than they are. */
function choiceNotes({ label, recipe, entries }: Group): string[] {
  const isOnTest = entries.some(({ run }) => run.description?.best_chosen_on === "test");
  const notes = recipe.checkpoint === "best" && isOnTest
    ? [`${label}: its epoch was chosen by the test error, so clean error is optimistic`]
    : [];
  const behind = entries.flatMap(({ run: { path, log, description } }) => {
    const settings = isObject(description?.settings) ? description.settings : {};
    const done = log.length, wanted = settings.epochs;
    return typeof wanted === "number" && done < wanted
      ? [`${label}: ${path} has trained ${done} of ${wanted} epochs`]
      : [];
  });
  return [...notes, ...behind];
}
