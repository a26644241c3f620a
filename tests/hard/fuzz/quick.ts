// Some mutations for every parser in one process, as `deno task test` has them; tells faults only.
import { watchAllocations } from "./allocations.ts";
import { tryMutations } from "./child.ts";
import { targets } from "./targets/all.ts";

const [seed, count] = Deno.args.map(Number) as [number, number];
watchAllocations();
let tried = 0;
for (const target of targets) {
  await tryMutations(target, seed, 0, count, (said) => {
    if ("begins" in said) return;
    tried++;
    if (said.fault) console.error(`${target.name}, mutation ${said.ends}: ${said.fault}`);
  });
}
console.log(`${tried} mutations for ${targets.length} parsers`);
