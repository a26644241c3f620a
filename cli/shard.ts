import type { Shard } from "../lib/robustness/units.ts";
import { UsageError } from "./error.ts";

/** Where a job's number and the number of jobs are, by the schedulers that set them. */
const schedulers = [
  {
    index: "SLURM_ARRAY_TASK_ID",
    count: "SLURM_ARRAY_TASK_COUNT",
    first: "SLURM_ARRAY_TASK_MIN",
    step: "SLURM_ARRAY_TASK_STEP",
  },
  { index: "JOB_COMPLETION_INDEX" },
] as const satisfies { index: string; count?: string; first?: string; step?: string }[];

/** The environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Those variables of the process that name a shard: no others need to be readable. */
export function shardEnvironment(): Environment {
  const names = schedulers.flatMap((scheduler) => Object.values(scheduler) as string[]);
  return Object.fromEntries(names.map((name) => [name, Deno.env.get(name)]));
}

/**
 * The shard that `--shard` names: `i/n` with i from 0 on, or `auto`, which is the job's own number in
 * a Slurm array or a Kubernetes indexed job; the latter does not say how many jobs there are.
 *
 * @param count what `--shard-count` says
 * @throws {UsageError} when there is no such shard
 */
export function readShard(
  text: string,
  count: number | undefined,
  environment: Environment,
): Shard {
  const [, index, total] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (index !== undefined) {
    if (count !== undefined) throw new UsageError("Cannot use --shard-count without --shard auto");
    return checked({ index: Number(index), count: Number(total) });
  }
  if (text !== "auto") {
    throw new UsageError(`Cannot use the shard "${text}": expected i/n, such as 0/4, or auto`);
  }
  for (const names of schedulers) {
    const task = wholeNumber(environment, names.index);
    if (task === undefined) continue;
    const of = <Name extends "count" | "first" | "step">(name: Name) =>
      name in names ? wholeNumber(environment, (names as Record<Name, string>)[name]) : undefined;
    const total = count ?? of("count");
    if (total === undefined) {
      throw new UsageError(
        `Cannot tell how many shards there are: give --shard-count beside ${names.index}`,
      );
    }
    return checked({ index: (task - (of("first") ?? 0)) / (of("step") ?? 1), count: total });
  }
  const known = schedulers.map(({ index }) => index).join(" nor ");
  throw new UsageError(`Cannot tell the shard: neither ${known} is set; give --shard i/n`);
}

function wholeNumber(environment: Environment, name: string): number | undefined {
  const text = environment[name];
  if (text === undefined || text === "") return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(
    `Cannot tell the shard: expected a whole number in ${name} but found ${text}`,
  );
}

function checked({ index, count }: Shard): Shard {
  if (Number.isInteger(index) && index >= 0 && index < count && count <= 100_000) {
    return { index, count };
  }
  const range = count > 0 ? `0/${count} … ${count - 1}/${count}` : "at least one shard";
  throw new UsageError(`Cannot use the shard ${index}/${count}: expected ${range}`);
}
