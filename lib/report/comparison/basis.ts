import type { Cell } from "./cell.ts";
import type { Column, ColumnId } from "./columns.ts";

/** What figures of a column were measured on: what most of them were first, then others. */
export type Bases = readonly string[];

/** The bases of a column's cells, the commonest first; those that are partial compare with none. */
export function basesOf(cells: readonly Cell[]): Bases {
  const times = new Map<string, number>();
  for (const basis of cells.flatMap(({ bases, partial }) => partial === null ? bases : [])) {
    times.set(basis, (times.get(basis) ?? 0) + 1);
  }
  return [...times].toSorted(([, a], [, b]) => b - a).map(([basis]) => basis);
}

/** "" for a cell that was measured as most were; else a letter for each other basis. */
export function markOf(bases: Bases, cell: Cell): string {
  const places = cell.bases.map((basis) => bases.indexOf(basis));
  return places.filter((place) => place > 0).map(letter).join(", ");
}

/** What the letters of cells mean. */
export function basisNotes(
  columns: readonly Column[],
  bases: Partial<Record<ColumnId, Bases>>,
): string[] {
  const differing = columns.filter(({ id }) => bases[id]!.length > 1);
  const byText = Map.groupBy(differing, ({ id }) => describe(bases[id]!));
  return [...byText].map(([text, own]) =>
    `${own.map(({ title }) => title).join("; ")}: not all figures compare. ${text}`
  );
}

function describe([common, ...others]: Bases): string {
  const marked = others.map((basis, i) => `${letter(i + 1)}: ${basis}.`);
  return [`Without a letter: ${common}.`, ...marked].join(" ");
}

/** a for the first basis that is not the commonest. */
function letter(place: number): string {
  return place <= 26 ? String.fromCharCode(96 + place) : `#${place}`;
}
