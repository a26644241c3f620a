import { join } from "node:path";
import type { StoredTensor } from "../../lib/checkpoint/safetensors.ts";
import { fingerprint } from "../../lib/data/dataset.ts";
import { fractals } from "../../lib/data/fractals.ts";
import { encodePng } from "../../lib/data/picture_file.ts";
import { shapes } from "../../lib/data/shapes.ts";
import type { TrainFlags } from "../../lib/train/flags.ts";
import { type RunOptions, type RunResult, trainCifar } from "../../lib/train/run.ts";

/** Records of the tiny data set: with batches of 8, the last of an epoch has 4 pictures. */
export const TRAIN = 44;
export const TEST = 20;

/** Folders of tiny data, below one temporary folder that is removed when its test has ended. */
export interface Place {
  root: string;
  /** CIFAR-10 in the official binary layout. */
  data: string;
  /** Four PNG pictures. */
  mixing: string;
  /** The flags of a run of two epochs of six steps. */
  flags: Partial<TrainFlags>;
  /** A path below `root`. */
  path(name: string): string;
}

/** Calls `test` with tiny data, and removes them after it. */
export async function withPlace(test: (place: Place) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "layermix-test-" });
  try {
    const path = (name: string) => join(root, name);
    const [data, mixing] = [path("cifar"), path("mixing")];
    await writeCifar(data, 10);
    await Deno.mkdir(mixing);
    for (const { name, picture } of fractals(4, 40, 3)) {
      await Deno.writeFile(join(mixing, `${name}.png`), encodePng(picture));
    }
    const flags = { ...tiny, dataPath: data, mixingSet: mixing };
    await test({ root, data, mixing, flags, path });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** With this seed, on llvmpipe, the first epoch is the best one: what a resumed run must know. */
const tiny: Partial<TrainFlags> = {
  seed: 4,
  layers: 10,
  widenFactor: 1,
  droprate: 0.3,
  epochs: 2,
  batchSize: 8,
  evalBatchSize: 6,
};

/** Writes shapes as CIFAR-10 or CIFAR-100 in the official binary layout. */
export async function writeCifar(folder: string, classes: 10 | 100): Promise<void> {
  const files = classes === 10
    ? { train: "data_batch_1.bin", test: "test_batch.bin" }
    : { train: "train.bin", test: "test.bin" };
  await Deno.mkdir(folder);
  for (const [split, count] of [["train", TRAIN], ["test", TEST]] as const) {
    const { labels, rgba } = shapes(split, count, 5);
    const head = classes === 10 ? 1 : 2;
    const records = new Uint8Array(count * (head + 3072));
    for (let record = 0, to = 0; record < count; record++, to += 3072) {
      to += head;
      records[to - 1] = labels[record]!;
      for (let i = 0; i < 3072; i++) {
        records[to + i] = rgba[4 * (1024 * record + i % 1024) + Math.floor(i / 1024)]!;
      }
    }
    await Deno.writeFile(join(folder, files[split]), records);
  }
}

/** Trains with the place's flags, and those given, into the folder `name`. */
export function run(
  place: Place,
  name: string,
  { flags, ...options }: Partial<RunOptions> = {},
): Promise<RunResult> {
  return trainCifar({ flags: { ...place.flags, ...flags }, folder: place.path(name), ...options });
}

/** A moment of a run: after so many pictures, or when so many test pictures of an epoch are done. */
export type Moment = { pictures: number } | { epoch: number; tested: number };

/** Trains like `run()`, but asks for an end at the given moment, or before the first step. */
export function runUntil(
  place: Place,
  name: string,
  moment: Moment | undefined,
  options: Partial<RunOptions> = {},
): Promise<RunResult> {
  const stop = new AbortController();
  if (!moment) stop.abort();
  const observer = {
    step({ pictures }: { pictures: number }) {
      if (moment && "pictures" in moment && moment.pictures === pictures) stop.abort();
    },
    evaluating({ epoch, done }: { epoch: number; done: number }) {
      if (!moment || "pictures" in moment) return;
      if (moment.epoch === epoch && moment.tested === done) stop.abort();
    },
  };
  return run(place, name, { ...options, observer, signal: stop.signal });
}

/** Stands for many bytes in a comparison: asserting on the bytes themselves takes gigabytes. */
export function digest({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return fingerprint(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
}

/** What stands for every tensor of a state, by its name. */
export function digests(state: ReadonlyMap<string, StoredTensor>): Record<string, string> {
  return Object.fromEntries(
    [...state].map(([name, { dtype, shape, data }]) => [name, `${dtype} ${shape} ${digest(data)}`]),
  );
}

/** All of a finished run that does not depend on the clock. */
export async function traces(folder: string): Promise<Record<string, unknown>> {
  const text = (name: string) => Deno.readTextFile(join(folder, name));
  const rows = (await text("log.csv")).trim().split("\n").map((row) => row.split(","));
  const records = (await text("log.jsonl")).trim().split("\n").map((line) => JSON.parse(line));
  return {
    last: digest(await Deno.readFile(join(folder, "last.safetensors"))),
    best: digest(await Deno.readFile(join(folder, "best.safetensors"))),
    rows: rows.map((row) => row.toSpliced(1, 1)),
    records: records.map(({ seconds: _, ...rest }) => rest),
    names: [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
  };
}

/** What a command left behind. */
export interface Ended {
  code: number;
  signal: Deno.Signal | null;
  stdout: string;
  stderr: string;
}

/** How layermix is run from its sources. */
export interface CommandChoice {
  /** Variables beside its own. */
  env?: Record<string, string>;
  /** The folder it is run in, by default the project's. */
  cwd?: string;
  /** A module that is run before it. */
  preload?: string;
  /** A program that runs another, and its arguments. */
  through?: readonly string[];
}

/** The command line that runs layermix from its sources. */
export function command(
  args: string[],
  { env = {}, cwd, preload, through = [] }: CommandChoice = {},
): Deno.Command {
  const main = new URL("../../cli/main.ts", import.meta.url).href;
  const before = preload ? ["--preload", preload] : [];
  const run = ["run", "-A", "--no-check", "--quiet", ...before, main, ...args];
  const [program, ...rest] = [...through, Deno.execPath(), ...run] as [string, ...string[]];
  return new Deno.Command(program, {
    args: rest,
    cwd: cwd ?? new URL("../..", import.meta.url),
    env: { LAYERMIX_DEBUG: "0", NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs layermix to its end. */
export async function layermix(...args: string[]): Promise<Ended> {
  return ended(await command(args).output());
}

/** The text of what a process wrote. */
export function ended({ code, signal, stdout, stderr }: Deno.CommandOutput): Ended {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, signal, stdout: text(stdout), stderr: text(stderr) };
}

/** The arguments of `layermix train cifar` for a run of the place's flags, with fixed kernels. */
export function trainArgs(place: Place, name: string, more: string[] = []): string[] {
  const flags = Object.entries(place.flags).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
  return ["train", "cifar", ...flags, "--save", place.path(name), "--no-tune", ...more];
}
