import { resolve } from "node:path";
import type { Cell } from "./cell.ts";
import { type Column, type ColumnId, columns } from "./columns.ts";
import { entriesOf, type Entry, recipeOf } from "./entry.ts";
import { type Group, groupsOf } from "./group.ts";
import { type Bases, basesOf, basisNotes, markOf } from "./basis.ts";
import { tableNotes } from "./table_notes.ts";
import { readRun, type Run } from "./read_run.ts";

/** Networks that compare: of one data set, with one number of classes. */
export interface Table {
  /** The data set of all its rows. */
  dataset: string;
  /** How many there are. */
  classes: number;
  /** Its rows. */
  groups: Group[];
  /** Those with at least one figure. */
  columns: Column[];
  /** Columns without any, for people. */
  absent: string[];
  /** By column, what most figures were measured on. */
  bases: Partial<Record<ColumnId, Bases>>;
  /** What a reader should know. */
  notes: string[];
}

/** All that a report shows. */
export interface Comparison {
  /** All that was read. */
  runs: Run[];
  /** One for each data set and number of classes. */
  tables: Table[];
  /** What people want to know besides, in sentences. */
  notes: string[];
}

/**
 * Reads run folders and files of results, and puts together what compares.
 *
 * @throws {ReportError} when one cannot be read; one line that names the file
 */
export async function compareRuns(paths: readonly string[]): Promise<Comparison> {
  const once = paths.filter((path, i) =>
    paths.findIndex((other) => resolve(other) === resolve(path)) === i
  );
  const runs: Run[] = [];
  for (const path of once) runs.push(await readRun(path));
  const { entries, notes } = entriesOf(runs);
  const sets = Map.groupBy(entries, (entry) => {
    const { dataset, classes } = recipeOf(entry);
    return JSON.stringify([dataset, classes]);
  });
  return { runs, tables: [...sets.values()].map(tableOf), notes };
}

function tableOf(entries: readonly Entry[]): Table {
  const groups = groupsOf(entries);
  const { dataset, classes } = groups[0]!.recipe;
  const there = columns.filter(({ id }) => groups.some(({ cells }) => cells[id]));
  const bases = Object.fromEntries(
    there.map(({ id }) => [id, basesOf(groups.flatMap(({ cells }) => cells[id] ?? []))]),
  );
  return {
    ...{ dataset, classes, groups, columns: there, bases },
    absent: columns.filter((column) => !there.includes(column) && isMeasured(column, dataset))
      .map(({ subject }) => subject),
    notes: [...basisNotes(there, bases), ...tableNotes(groups)],
  };
}

function isMeasured({ only }: Column, dataset: string): boolean {
  return only === undefined || only === dataset;
}

/**
 * Whether no other figure of the column is smaller and one is larger, as far as two decimals of a
 * percent show; figures that do not compare with most of the column are neither.
 */
export function isBest({ groups, bases }: Table, id: ColumnId, cell: Cell): boolean {
  const compares = (one: Cell) => one.partial === null && markOf(bases[id]!, one) === "";
  const shown = ({ value }: Cell) => Number((100 * value).toFixed(2));
  const rivals = groups.flatMap(({ cells }) => cells[id] ?? []).filter(compares).map(shown);
  return compares(cell) && Math.min(...rivals) === shown(cell) && Math.max(...rivals) > shown(cell);
}
