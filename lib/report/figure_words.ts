import type { Cell } from "./comparison/cell.ts";
import type { Table } from "./comparison/compare.ts";
import type { Group } from "./comparison/group.ts";
import { titleOf } from "./comparison/titles.ts";

/** A fraction in percent with two decimals, without the sign: "28.10". */
export function percent(fraction: number): string {
  return (100 * fraction).toFixed(2);
}

/** The spread or the interval of a figure, in percent: "± 0.42", "[27.22, 28.98]", or "". */
export function uncertainty({ deviation, interval }: Pick<Cell, "deviation" | "interval">): string {
  if (deviation !== null) return `± ${percent(deviation)}`;
  return interval ? `[${interval.map(percent).join(", ")}]` : "";
}

/** Of how many of a group's runs a figure is, "2 of 3 runs"; "" where it is of all. */
export function fewer({ count }: Cell, { entries: { length } }: Group): string {
  return count < length ? `${count} of ${counted(length, "run")}` : "";
}

/** A corruption's name as people write it. */
export function spaced(name: string): string {
  return name.replaceAll("_", " ");
}

/** "1 seed", "3 seeds"; with the plural where it is not made by an s. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : plural}`;
}

/** How many networks a row is of. */
export function seedsOf({ seeds, entries, recipe: { model } }: Group): string {
  const { length } = seeds;
  if (length === 0) return `${model}, seed not known`;
  const runs = entries.length > length ? `, ${counted(entries.length, "run")}` : "";
  return length === 1
    ? `${model}, seed ${seeds[0]}${runs}`
    : `${model}, ${counted(length, "seed")}: ${seeds.join(", ")}${runs}`;
}

/** What a table is of: "CIFAR-10, 10 classes". */
export function tableTitle({ dataset, classes }: Table): string {
  return `${titleOf(dataset)}, ${
    classes ? counted(classes, "class", "classes") : "classes not known"
  }`;
}
