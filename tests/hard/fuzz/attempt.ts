import { Buffer } from "node:buffer";
import { join } from "node:path";
import process from "node:process";
import { crc32 } from "node:zlib";
import { Stream } from "../../../lib/random/stream.ts";
import { largestAllocation } from "./allocations.ts";
import { mutate, mutateJson } from "./mutations.ts";
import { LEAST_BOUND, type Target } from "./target.ts";

/** The longest that a file may take, in milliseconds of the processor's time. */
const LONGEST = 1000;

/** The longest message: a line of a terminal or some, and two paths. */
const MESSAGE = 2000;

/** How a parser took a file. */
export interface Attempt {
  accepted: boolean;
  /** Of the processor, over all threads. */
  ms: number;
  /** In bytes. */
  allocation: number;
  /** What it did against its promise. */
  fault?: string;
}

/** The file of a seed and number: the same whenever it is asked for. */
export function mutated(
  { name, json, repair }: Target,
  seeds: readonly Uint8Array[],
  seed: number,
  number: number,
): Uint8Array {
  const random = new Stream(seed, crc32(name), number);
  const whole = seeds[random.integer(seeds.length)]!;
  if (json && random.chance()) return mutatedText(whole, json, random);
  const bytes = mutate(whole, random, seeds);
  return repair && random.chance() ? repair(bytes) : bytes;
}

function mutatedText(whole: Uint8Array, json: "whole" | "lines", random: Stream): Uint8Array {
  const text = Buffer.from(whole).toString();
  if (json === "whole") return new Uint8Array(Buffer.from(mutateJson(text, random)));
  const lines = text.trimEnd().split("\n"), number = random.integer(lines.length);
  lines[number] = mutateJson(lines[number]!, random);
  return new Uint8Array(Buffer.from(`${lines.join("\n")}\n`));
}

/**
 * Lets a parser have a file, and compares what it does with what it promises.
 *
 * @param longest milliseconds of the processor's time that it may take
 */
export async function attempt(
  target: Target,
  bytes: Uint8Array,
  folder: string,
  longest = LONGEST,
): Promise<Attempt> {
  const { file, inMemory, bound } = target;
  if (!inMemory) await Deno.writeFile(join(folder, file), bytes);
  let failure: { error: unknown } | undefined, ms = 0;
  const allocation = await largestAllocation(async () => {
    const began = process.cpuUsage();
    try {
      await target.parse(bytes, folder);
    } catch (error) {
      failure = { error };
    }
    const { user, system } = process.cpuUsage(began);
    ms = (user + system) / 1000;
  });
  const most = Math.max(LEAST_BOUND, 2 * bytes.length, bound?.(bytes) ?? 0);
  const fault = failure && wrongError(target, failure.error, folder) ||
    (ms > longest ? `took ${ms.toFixed(0)} ms` : undefined) ||
    (allocation > most ? `took ${allocation} bytes, ${most} at the most` : undefined);
  return { accepted: !failure, ms, allocation, fault };
}

/** What is wrong with an error, if anything. */
function wrongError(
  { errors, file, begins = "Cannot " }: Target,
  error: unknown,
  folder: string,
): string | undefined {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const { name, message } = error;
  if (!errors.includes(name)) return `threw ${error.stack ?? error}`;
  if (message.length > MESSAGE) return `said ${message.length} characters`;
  const isNamed = begins !== "Cannot " || message.includes(file) || message.includes(folder);
  if (message.startsWith(begins) && isNamed && !/\p{Cc}/u.test(message)) return undefined;
  return `said ${JSON.stringify(message.slice(0, 500))}, not one line that names ${file}`;
}
