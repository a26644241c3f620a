// Some mutations for every parser in one process, as `deno task test` has them; tells faults only.
import { watchAllocations } from "./allocations.ts";
import { type Said, tryMutations } from "./child.ts";
import { inFolder } from "./in_folder.ts";
import { targets } from "./targets/all.ts";

/** Milliseconds for a file: a test must not fail where a processor is slow, but where one hangs. */
const LONGEST = 20_000;

const [seed, count] = Deno.args.map(Number) as [number, number];
watchAllocations();
let tried = 0;
for (const target of targets) {
  const tell = (said: Said) => {
    if ("begins" in said) return;
    tried++;
    if (said.fault) console.error(`${target.name}, mutation ${said.ends}: ${said.fault}`);
  };
  await inFolder((folder) => tryMutations(target, folder, seed, 0, count, tell, LONGEST));
}
console.log(`${tried} mutations for ${targets.length} parsers`);
