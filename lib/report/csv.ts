import { csvCell } from "../robustness/results_csv.ts";
import type { Cell } from "./comparison/cell.ts";
import type { Comparison, Table } from "./comparison/compare.ts";
import type { Group } from "./comparison/group.ts";
import { bySeverity, errorOf, type ListedSuite, namesIn } from "./comparison/suite_errors.ts";

const columns = [
  ...["dataset", "classes", "method", "model", "seeds", "figure", "corruption", "severity"],
  ...["mean", "standard_deviation", "low", "high", "networks", "partial"],
] as const;

type Row = Partial<Record<typeof columns[number], unknown>>;

/**
 * The figures of a comparison as CSV (RFC 4180), as fractions in 0..1, a row for each: those of the
 * table, then means at each corruption, over severities and at each one. Text that a spreadsheet
 * would take for a formula has an apostrophe before it.
 */
export function csvReport({ tables }: Comparison): string {
  const rows = tables.flatMap((table) =>
    table.groups.flatMap((group) =>
      [...tableRows(table, group), ...corruptionRows(table, group)].map((row) => ({
        ...{ dataset: table.dataset, classes: table.classes, method: group.label },
        ...{ model: group.recipe.model, seeds: group.seeds.join(" "), ...row },
      }))
    )
  );
  const lines = rows.map((row: Row) => columns.map((name) => csvCell(plain(row[name]))).join(","));
  return [columns.join(","), ...lines, ""].join("\r\n");
}

function tableRows(table: Table, { cells }: Group): Row[] {
  return table.columns.flatMap(({ id, title }) => {
    const cell = cells[id];
    return cell ? [{ figure: title, ...figures(cell) }] : [];
  });
}

function figures(
  { value, deviation, count, interval, partial }:
    & Pick<Cell, "value" | "deviation" | "count">
    & Partial<Cell>,
): Row {
  const [low, high] = interval ?? [];
  return { mean: value, standard_deviation: deviation, low, high, networks: count, partial };
}

function corruptionRows({ groups }: Table, group: Group): Row[] {
  const suites: [ListedSuite, string][] = [
    ["c", "C error"],
    ["c-bar", "C-bar error"],
    ["p", "P flip probability"],
  ];
  return suites.flatMap(([suite, figure]) =>
    namesIn(groups, suite).flatMap((corruption) => {
      const mean = errorOf(group, suite, corruption);
      const each = suite === "p" ? [] : [...bySeverity(group, suite, corruption)];
      return [
        ...(mean ? [{ figure, corruption, ...figures(mean) }] : []),
        ...each.map(([severity, one]) => ({ figure, corruption, severity, ...figures(one) })),
      ];
    })
  );
}

function plain(value: unknown): unknown {
  return typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
}
