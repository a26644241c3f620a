import { type Bases, markOf } from "./comparison/basis.ts";
import type { Cell } from "./comparison/cell.ts";
import type { ColumnId } from "./comparison/columns.ts";
import { type Comparison, isBest, type Table } from "./comparison/compare.ts";
import { type Group, lackOf } from "./comparison/group.ts";
import { errorOf, type ListedSuite, namesIn } from "./comparison/suite_errors.ts";
import { fewer, percent, seedsOf, spaced, tableTitle, uncertainty } from "./figure_words.ts";

/** A comparison as Markdown with tables (GitHub's): figures and notes, without charts. */
export function markdownReport({ tables, notes }: Comparison, title: string): string {
  const parts = [`# ${escaped(title)}`, list(notes), ...tables.map(tableText)];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function tableText(table: Table): string {
  const { columns, absent, groups, notes } = table;
  const rows = groups.map((group) => [
    `${escaped(group.label)} (${escaped(seedsOf(group))})`,
    ...columns.map((column) => {
      const cell = group.cells[column.id];
      return cell ? figure(table, column.id, cell, group) : lackOf(column, group);
    }),
  ]);
  const heads = ["Method", ...columns.map((column) => column.title)];
  return [
    `## ${escaped(tableTitle(table))}`,
    columns.length ? grid(heads, rows) : "",
    "In percent; smaller is better. The best figure is bold; ± is the sample standard deviation over " +
    "seeds, brackets are the 95 % interval of a single network.",
    absent.length ? `No run has figures of: ${absent.join(", ")}.` : "",
    list(notes),
    corruptions(table),
  ].filter(Boolean).join("\n\n");
}

function figure(table: Table, id: ColumnId, cell: Cell, group: Group): string {
  const bases = table.bases[id] as Bases, mark = markOf(bases, cell);
  const number = percent(cell.value);
  return [
    isBest(table, id, cell) ? `**${number}**` : number,
    uncertainty(cell),
    fewer(cell, group),
    cell.partial && `(partial, ${cell.partial})`,
    mark && `(${mark})`,
  ].filter(Boolean).join(" ");
}

function corruptions({ groups }: Table): string {
  const suites: [ListedSuite, string][] = [["c", "C"], ["c-bar", "C-bar"], ["p", "P"]];
  const rows = suites.flatMap(([suite, title]) =>
    namesIn(groups, suite).map((name) => [
      `${title} ${escaped(spaced(name))}`,
      ...groups.map((group) => {
        const found = errorOf(group, suite, name);
        return found
          ? `${percent(found.value)} ${uncertainty({ ...found, interval: null })}`.trim()
          : "–";
      }),
    ])
  );
  const heads = ["Mean over severities", ...groups.map(({ label }) => escaped(label))];
  return rows.length ? grid(heads, rows) : "";
}

function grid(heads: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = heads.map((_, i) => i ? "---:" : "---");
  return [line(heads), line(rule), ...rows.map(line)].join("\n");
}

function list(notes: readonly string[]): string {
  return notes.map((note) => `- ${escaped(note)}`).join("\n");
}

/** Text in which nothing is markup: neither Markdown's nor HTML's. */
function escaped(text: string): string {
  return text.replaceAll(/\p{C}/gu, " ").replaceAll(/[\\`*_{}[\]<>()#|!~&]/g, "\\$&");
}
