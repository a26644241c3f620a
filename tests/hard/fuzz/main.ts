import { parseArgs } from "node:util";
import { type Outcome, runTarget } from "./run.ts";
import { targets } from "./targets/all.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "10000" },
    only: { type: "string" },
    mutation: { type: "string" },
  },
});

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

const [seed, count] = [values.seed, values.count].map(Number) as [number, number];
const from = Number(values.mutation ?? 0), to = values.mutation ? from + 1 : count;
const chosen = targets.filter(({ name }) => !values.only || values.only === name);
if (chosen.length === 0 || !Number.isInteger(seed) || !(from >= 0 && to > from)) {
  const names = targets.map(({ name }) => JSON.stringify(name)).join(", ");
  console.error(`Usage: deno task fuzz [--seed 1] [--count 10000] [--mutation N] [--only NAME]`);
  console.error(`NAME is one of ${names}`);
  Deno.exit(2);
}
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
