import { taskFlags } from "../task_flags.ts";
import { type Outcome, runTarget } from "./run.ts";
import { targets } from "./targets/all.ts";

const columns = ["parser", "mutations", "accepted", "refused", "slowest ms", "largest allocation"];

function row({ name, mutations, accepted, refused, slowest, largest }: Outcome): string[] {
  const size = largest < 2 ** 20
    ? `${Math.ceil(largest / 2 ** 10)} KiB`
    : `${(largest / 2 ** 20).toFixed(1)} MiB`;
  return [name, ...[mutations, accepted, refused, Math.ceil(slowest)].map(String), size];
}

function printRow(cells: readonly string[]): void {
  const [name, ...figures] = cells;
  const width = Math.max(...targets.map(({ name }) => name.length));
  console.log([
    name!.padEnd(width),
    ...figures.map((text, i) => text.padStart(columns[i + 1]!.length)),
  ].join("  "));
}

const names = targets.map(({ name }) => JSON.stringify(name)).join(", ");
const usage = `\
Usage: deno task fuzz [--seed 1] [--count 10000] [--mutation N] [--only NAME]
NAME is one of ${names}`;
const isWhole = (text: string) => /^\d{1,9}$/.test(text);
const flags = taskFlags(
  usage,
  { seed: "1", count: "10000" },
  ["only", "mutation"],
  ({ seed, count, mutation = "0", only }) =>
    [seed, count, mutation].every(isWhole) && count !== "0" &&
    targets.some(({ name }) => name === (only ?? name)),
);
const seed = Number(flags.seed), from = Number(flags.mutation ?? 0);
const to = flags.mutation ? from + 1 : Number(flags.count);
const chosen = targets.filter(({ name }) => name === (flags.only ?? name));
printRow(columns);
let faults = 0;
for (const { name } of chosen) {
  const outcome = await runTarget(name, { seed, from, to });
  printRow(row(outcome));
  for (const { number, fault } of outcome.faults) {
    console.log(`  ${fault}`);
    console.log(`  again: deno task fuzz --only "${name}" --seed ${seed} --mutation ${number}`);
  }
  faults += outcome.faults.length;
}
if (faults > 0) Deno.exit(1);
