import type { Cell } from "./comparison/cell.ts";
import { type Comparison, isBest, type Table } from "./comparison/compare.ts";
import type { Group } from "./comparison/group.ts";

/** The numbers of a report for programs; errors are fractions in 0..1. */
export interface ReportSummary {
  /** What people want to know besides, in sentences. */
  notes: string[];
  /** One for each data set and number of classes. */
  tables: {
    dataset: string;
    classes: number;
    /** What no run has figures of. */
    absent: string[];
    notes: string[];
    methods: {
      method: string;
      model: string;
      seeds: number[];
      runs: string[];
      figures: Record<string, SummaryFigure>;
    }[];
  }[];
}

/** One figure of a method. */
export interface SummaryFigure extends Omit<Cell, "value" | "deviation" | "bases"> {
  /** Over seeds, in percent. */
  mean: number;
  /** Of the sample, over seeds; null for one. */
  standard_deviation: number | null;
  /** What was measured on. */
  measured_on: string[];
  /** Whether none of the column is better. */
  best: boolean;
}

/** What a report's tables say. */
export function summarizeReport({ tables, notes }: Comparison): ReportSummary {
  return {
    notes,
    tables: tables.map((table) => ({
      ...{ dataset: table.dataset, classes: table.classes },
      ...{ absent: table.absent, notes: table.notes },
      methods: table.groups.map((group) => methodOf(table, group)),
    })),
  };
}

function methodOf(
  table: Table,
  { label, recipe: { model }, seeds, entries, cells }: Group,
): ReportSummary["tables"][number]["methods"][number] {
  const figures = table.columns.flatMap(({ id }) => {
    const cell = cells[id];
    if (!cell) return [];
    const { value, deviation, bases, ...others } = cell;
    const named = { mean: value, standard_deviation: deviation, measured_on: bases };
    return [[id, { ...named, ...others, best: isBest(table, id, cell) }] as const];
  });
  const runs = entries.flatMap(({ paths }) => paths);
  return { method: label, model, seeds, runs, figures: Object.fromEntries(figures) };
}
