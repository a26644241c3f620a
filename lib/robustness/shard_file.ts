import { parseJson } from "../json.ts";
import { OneLineError } from "../one_line.ts";
import { mismatch, object } from "../shape.ts";
import type { ShardResults } from "./results.ts";
import { provenance, shardShape } from "./results_shape.ts";

/** Shards that do not make a whole; one clear line that names the file. */
export class MergeError extends OneLineError {
  /** Which kind of error it is. */
  override name = "MergeError";
}

/** A shard as it was read. */
export interface ShardFile {
  /** Where it was read. */
  file: string;
  /** What is in it. */
  shard: ShardResults;
}

/**
 * A shard's file from its text.
 *
 * @throws {MergeError} when it is none
 */
export function parseShard(file: string, text: string): ShardFile {
  let value: Partial<ShardResults> | null;
  try {
    value = parseJson(text) as Partial<ShardResults> | null;
  } catch (cause) {
    throw new MergeError(`Cannot read ${file}: expected a shard but found no JSON`, { cause });
  }
  const { schema, kind } = value ?? {};
  if (schema !== 2 || kind !== "shard") {
    const found = (kind as string) === "results" ? "whole results" : "something else";
    throw new MergeError(
      `Cannot read ${file}: expected what \`layermix evaluate --shard\` wrote but found ${found}`,
    );
  }
  const wrong = mismatch(value, object(provenance)) ?? mismatch(value, shardShape) ??
    contradiction(value as ShardResults);
  if (wrong) throw new MergeError(`Cannot read ${file}: ${wrong}`);
  return { file, shard: value as ShardResults };
}

/** What is wrong though each part is right. */
function contradiction({ shard: { index, count }, options, sources }: ShardResults) {
  if (index >= count) return `expected a shard below ${count} but found shard ${index}`;
  const without = (["c", "c-bar", "r", "a", "p"] as const).find((suite) =>
    options.suites.includes(suite) && !sources[suite]
  );
  return without && `expected sources.${without} beside its suite but found nothing`;
}
