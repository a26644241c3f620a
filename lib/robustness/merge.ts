import { isDeepStrictEqual } from "node:util";
import { decodeOutcome, isOutcomeOf, type Outcome } from "./outcome.ts";
import type { Results, ShardResults } from "./results.ts";
import { MergeError, type ShardFile } from "./shard_file.ts";
import { summarize } from "./summary.ts";
import { keyOf, unitsOf, unitsOfShard } from "./units.ts";

/**
 * The results of an evaluation from those of its shards, in any order: the same numbers as without
 * shards, as long as adapter and kernels are the same.
 *
 * @throws {MergeError} when a shard is missing, there twice, damaged, or of another checkpoint, data
 * or options than the first
 */
export function mergeShards(files: readonly ShardFile[]): Results {
  const [first, ...others] = files;
  if (!first) throw new MergeError("Cannot merge: expected shards but found none");
  for (const other of others) checkSame(first, other);
  checkAllThere(files);
  const outcomes = new Map(files.flatMap((file) => [...outcomesOf(file)]));
  const { shard: _, outcomes: __, notes, ...provenance } = first.shard;
  const { options, data: { count }, sources } = provenance;
  return {
    ...provenance,
    kind: "results",
    notes: [
      ...new Set([...notes, ...others.flatMap(({ shard }) => shard.notes), ...differ(files)]),
    ],
    ...summarize({ options, count, sources, outcomes }),
  };
}

/** What all shards must agree in, by the words of the error. */
function identity({ shard }: ShardFile): Record<string, unknown> {
  const { layermix, measured, model, data, options, sources } = shard;
  const { seed, suites, pgd, difficulty } = options;
  return {
    "checkpoint": measured.checkpoint_sha256,
    "weights": measured.weights,
    "model": model,
    "data set": [data.dataset, data.count, data.fingerprint, data.view],
    "--suites": suites,
    "--seed": seed,
    "--difficulty": difficulty,
    "attack": pgd,
    "corrupted pictures": Object.entries(sources).map(([suite, one]) => [suite, one.fingerprint]),
    "number of shards": shard.shard.count,
    "version of layermix": layermix,
  };
}

function checkSame(first: ShardFile, other: ShardFile): void {
  const [wanted, found] = [identity(first), identity(other)];
  for (const [what, value] of Object.entries(wanted)) {
    if (isDeepStrictEqual(value, found[what])) continue;
    const show = (value: unknown) => JSON.stringify(value).slice(0, 80);
    throw new MergeError(
      `Cannot merge ${other.file} with ${first.file}: expected the same ${what}, ${
        show(value)
      }, but found ${show(found[what])}`,
    );
  }
}

function checkAllThere(files: readonly ShardFile[]): void {
  const { count } = files[0]!.shard.shard;
  const by = new Map<number, string>();
  for (const { file, shard: { shard: { index } } } of files) {
    const twin = by.get(index);
    if (twin) {
      throw new MergeError(`Cannot merge: ${twin} and ${file} are both shard ${index}/${count}`);
    }
    by.set(index, file);
  }
  const missing = Array.from({ length: count }, (_, i) => i).filter((i) => !by.has(i));
  if (missing.length) {
    const names = missing.slice(0, 8).map((i) => `${i}/${count}`).join(", ");
    throw new MergeError(
      `Cannot merge: expected ${count} shards, as ${files[0]!.file} says, but ${names}${
        missing.length > 8 ? ", …" : ""
      } are missing`,
    );
  }
}

function outcomesOf({ file, shard }: ShardFile): Map<string, Outcome> {
  const { options: { suites }, data: { count }, sources, outcomes } = shard;
  const units = unitsOfShard(unitsOf({ suites, count, sources }), shard.shard);
  return new Map(units.map((unit) => {
    const key = keyOf(unit), encoded = outcomes[key];
    try {
      if (!encoded) throw new TypeError("it is missing");
      const outcome = decodeOutcome(encoded);
      if (!isOutcomeOf(unit, outcome)) throw new TypeError("they are of other pictures");
      return [key, outcome];
    } catch (cause) {
      throw new MergeError(
        `Cannot merge ${file}: expected the figures of ${key} but found damage (${
          (cause as Error).message
        })`,
        { cause },
      );
    }
  }));
}

/** What shards may differ in, at the price of the last digits. */
function differ(files: readonly ShardFile[]): string[] {
  const isOne = (value: (shard: ShardResults) => unknown) =>
    files.every(({ shard }) => isDeepStrictEqual(value(shard), value(files[0]!.shard)));
  const notes: string[] = [];
  if (!isOne(({ adapter }) => adapter)) {
    notes.push("shards ran on different adapters, which may differ in rounding");
  }
  if (!isOne(({ tuning }) => tuning?.best)) {
    notes.push("shards ran with different kernels, which may differ in rounding");
  }
  return notes;
}
