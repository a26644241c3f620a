import { watchAllocations } from "./allocations.ts";
import { type Attempt, attempt, mutated } from "./attempt.ts";
import type { Target } from "./target.ts";

/** What a child process says, as lines of JSON: which mutation begins, and how one ended. */
export type Said = { begins: number } | Attempt & { ends: number };

/**
 * Lets one of `targets` have mutations in a process of its own, whose arguments are the target's name,
 * an empty folder, the seed, the first mutation and the one after the last; tells on standard output
 * what comes of each.
 */
export async function runChild(targets: readonly Target[]): Promise<void> {
  const [name, folder, ...numbers] = Deno.args;
  const [seed, from, to] = numbers.map(Number) as [number, number, number];
  watchAllocations();
  const target = targets.find((one) => one.name === name)!;
  await tryMutations(target, folder!, seed, from, to, (said) => {
    Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(said)}\n`));
  });
}

/**
 * Lets a parser have its whole files, then mutations.
 *
 * @param folder an empty one, for the files
 * @param longest as for `attempt`
 * @throws {Error} when it refuses a whole file
 */
export async function tryMutations(
  target: Target,
  folder: string,
  seed: number,
  from: number,
  to: number,
  tell: (said: Said) => void,
  longest?: number,
): Promise<void> {
  const seeds = await target.seeds();
  for (const whole of seeds) {
    // Times and memory of the first call are those of starting.
    const { accepted, fault } = await attempt(target, whole, folder);
    if (!accepted) throw new Error(`${target.name}: a whole file is refused: ${fault}`);
  }
  for (let number = from; number < to; number++) {
    tell({ begins: number });
    const bytes = mutated(target, seeds, seed, number);
    tell({ ends: number, ...await attempt(target, bytes, folder, longest) });
  }
}

if (import.meta.main) {
  const { targets } = await import("./targets/all.ts");
  await runChild(targets);
}
