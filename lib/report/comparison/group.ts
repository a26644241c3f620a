import { basename, dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Cell, cellOf } from "./cell.ts";
import { type Column, type ColumnId, columns } from "./columns.ts";
import { type Entry, type Recipe, recipeOf } from "./entry.ts";
import { titleOf } from "./titles.ts";

/** Networks of one recipe that differ in their seeds alone. */
export interface Group {
  /** Unique in its table, and what tells it apart there. */
  label: string;
  /** What its runs have in common. */
  recipe: Recipe;
  /** Its runs, by their seeds. */
  entries: Entry[];
  /** In rising order, each once; empty where they are not known. */
  seeds: number[];
  /** Its figures. */
  cells: Partial<Record<ColumnId, Cell>>;
}

interface Member {
  entry: Entry;
  recipe: Recipe;
}

/**
 * Entries of one data set by recipe, in the order they were given. A run that was not evaluated is
 * with the first that were trained as it was.
 */
export function groupsOf(entries: readonly Entry[]): Group[] {
  const members = entries.map((entry) => ({ entry, recipe: recipeOf(entry) }));
  const groups = new Map<string, Member[]>();
  for (const member of members.toSorted((a, b) => unmeasured(a) - unmeasured(b))) {
    const training = trainingOf(member);
    const same = member.entry.results
      ? undefined
      : [...groups.values()].find(([first]) => trainingOf(first!) === training);
    const key = JSON.stringify([training, member.recipe.checkpoint, member.recipe.weights]);
    if (same) same.push(member);
    else groups.set(key, [...groups.get(key) ?? [], member]);
  }
  const made = [...groups.values()].map(groupOf);
  labelsOf(made).forEach((label, i) => made[i]!.label = label);
  return made;
}

const unmeasured = ({ entry }: Member) => Number(entry.results === undefined);

/** What runs of one recipe have in common. A network whose seed is not known is alone. */
function trainingOf({ entry, recipe }: Member): string {
  const { method, model, settings, data, fingerprint, seed } = recipe;
  const alone = seed === null ? [entry.results?.measured.checkpoint_sha256, entry.paths] : null;
  const sorted = Object.entries(settings).toSorted(([a], [b]) => a < b ? -1 : 1);
  return JSON.stringify([method, model, sorted, data, fingerprint, alone]);
}

function groupOf(members: Member[]): Group {
  const [{ recipe }] = members as [Member];
  const entries = members.map(({ entry }) => entry);
  const seeds = members.flatMap(({ recipe: { seed } }) => seed === null ? [] : [seed]);
  const cells = columns.map(({ id, read }) => {
    const readings = entries.map(read).filter((reading) => reading !== undefined);
    return [id, cellOf(readings)] as const;
  });
  return {
    label: "",
    ...{ recipe, entries },
    seeds: [...new Set(seeds)].sort((a, b) => a - b),
    cells: Object.fromEntries(cells.filter(([, cell]) => cell)),
  };
}

/** Why a group has no cell: its suites were not evaluated, or gave no figure, as a mean of parts. */
export function lackOf({ suites }: Column, { entries }: Group): string {
  const isThere = entries.some((entry) => suites.every((suite) => entry.suites[suite]));
  return isThere ? "no figure" : "not evaluated";
}

/** The method, and what else tells a group from the others of its method. */
function labelsOf(groups: readonly Group[]): string[] {
  const models = new Set(groups.map(({ recipe }) => recipe.model));
  const plain = groups.map(({ recipe: { method, model }, entries }) => {
    const [{ results, paths }] = entries as [Entry];
    const name = method === null
      ? basename(results?.checkpoint.file ?? paths[0]!)
      : titleOf(method);
    return models.size > 1 ? `${name}, ${model}` : name;
  });
  const told = plain.map((label, i) => {
    const rivals = groups.filter((_, j) => plain[j] === label);
    const differing = rivals.length > 1 ? differences(groups[i]!, rivals) : [];
    return [label, ...differing].join(", ");
  });
  return told.map((label, i) =>
    told.filter((other) => other === label).length > 1
      ? `${label}, ${nameOf(groups[i]!)}, ${i + 1}`
      : label
  );
}

/** More make a name that nobody reads; the recipe has them all. */
const MOST_DIFFERENCES = 4;

/** What a group has otherwise than one of its rivals, such as "epochs 50". */
function differences(group: Group, rivals: readonly Group[]): string[] {
  const factsOf = ({ recipe: { settings, data, checkpoint, weights } }: Group) => ({
    ...settings,
    ...Object.fromEntries(
      Object.entries(data).map(([name, value]) => [name, String(value ?? "none").slice(0, 6)]),
    ),
    ...{ checkpoint, weights },
  });
  const all = rivals.map(factsOf) as Record<string, unknown>[];
  const differing = Object.entries(factsOf(group)).filter(([name, value]) =>
    !name.startsWith("model.") && !all.every((one) => isDeepStrictEqual(one[name], value))
  );
  const told = differing.slice(0, MOST_DIFFERENCES).map(([name, value]) =>
    `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`
  );
  const left = differing.length - told.length;
  return left > 0 ? [...told, `${left} more`] : told;
}

function nameOf({ entries: [entry] }: Group): string {
  const path = entry!.paths[0]!;
  return path.endsWith(".json") ? basename(dirname(path)) || basename(path) : basename(path);
}
