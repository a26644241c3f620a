import { type Dataset, fingerprint } from "../data/dataset.ts";
import type { CorruptionDescription } from "./source.ts";
import { layermixVersion } from "../version.ts";
import { rgbOf, scaleOf } from "./corruptions/corrupt_batch.ts";
import type { Severity } from "./corruptions/corruption.ts";
import { readFrost } from "./corruptions/frost_folder.ts";
import { corruptions, framesOf } from "./corruptions/suites.ts";
import type { WorkerSetup } from "./corruptions/worker_messages.ts";
import { WorkerPool } from "./corruptions/worker_pool.ts";
import type { CorruptionSource, ReadPictures, SequenceSource } from "./source.ts";
import { type CorruptionSuiteName, severities } from "./suites.ts";

/** How pictures are corrupted. */
export interface MakeOptions {
  /** Unsigned 32-bit; the same as of `layermix corrupt`. */
  seed: number;
  /** A folder of the published pictures of frost; our own are used where there is none. */
  frost?: string;
  /** Threads that corrupt; as many as there are processors by default. */
  workers?: number;
}

/** What is done to pictures. */
export interface MakeSpec {
  corruption: string;
  severity: Severity;
}

/** Pictures that are corrupted when they are read. */
export interface Originals extends Pick<CorruptionDescription, "names"> {
  /** Of what is shown of them, in pixels. */
  width: number;
  height: number;
  count: number;
  labels: ArrayLike<number>;
  fingerprint: string;
  /** What they are, before they are corrupted, such as "Resize(256), CenterCrop(224)"; "" as files. */
  view: string;
  /** What workers read them from; absent where jobs have the pictures with them. */
  pictures?: WorkerSetup["pictures"];
  /** Has workers corrupt some of them; bytes of one after another, but for videos of unreadable ones. */
  make(pool: WorkerPool, spec: MakeSpec, ...which: Parameters<ReadPictures>): Promise<Uint8Array>;
}

/** Pictures that a worker corrupts at once. */
const JOB = 64;

/**
 * The test pictures, corrupted when they are read: the same bytes as in the files that
 * `layermix corrupt` writes with this seed.
 *
 * @throws {DataError} where frost cannot be read
 */
export async function openMadePictures(
  suite: CorruptionSuiteName,
  data: Dataset | Originals,
  { seed, frost, workers: threads = navigator.hardwareConcurrency }: MakeOptions,
): Promise<CorruptionSource> {
  const test = originalsOf(data);
  const scale = scaleOf(test), pictures = frost === undefined ? undefined : await readFrost(frost);
  const found = corruptions(suite, "test", scale).map(({ name }) => {
    return { name, severities: [...severities] };
  });
  const told = [
    ...[test.fingerprint, suite, seed, scale, pictures?.fingerprint ?? "", layermixVersion],
    ...(test.view ? [test.view] : []),
  ];
  const setup = { suite, seed, scale, pictures: test.pictures };
  const workers = poolFor((name) => {
    const textures = name === "frost" ? pictures?.textures : undefined;
    return new WorkerPool(threads, { ...setup, frost: textures });
  });
  return {
    description: {
      from: "made by layermix",
      pictures: `made, table ${scale}, seed ${seed}, frost ${pictures ? "published" : "built-in"}` +
        viewOf(test),
      ...{ found, count: test.count, unknown_files: [] },
      ...(test.names === undefined ? {} : { names: test.names, scale }),
      fingerprint: fingerprint(new TextEncoder().encode(told.join(" "))),
    },
    stamp: "",
    labels: () => test.labels,
    read: (corruption, severity, ...which) => {
      const spec = { corruption, severity: severity as Severity };
      return test.make(workers.of(corruption), spec, ...which);
    },
    close: () => Promise.resolve(workers.close()),
  };
}

/**
 * Sequences of the test pictures, made when they are read: the same bytes as in the files that
 * `layermix corrupt p` writes with this seed and the difficulty as its severity.
 *
 * @param difficulty 1 to 3: how strong noises are
 */
export function openMadeSequences(
  data: Dataset | Originals,
  { seed, workers: threads = navigator.hardwareConcurrency }: Omit<MakeOptions, "frost">,
  difficulty: number,
): SequenceSource {
  const test = originalsOf(data);
  const scale = scaleOf(test), framesIn = framesOf("p", scale);
  const found = corruptions("p", "test", scale).map(({ name }) => {
    return { name, videos: test.count, frames: framesIn(name)! };
  });
  const told = [
    ...[test.fingerprint, "p", seed, scale, difficulty, layermixVersion],
    ...(test.view ? [test.view] : []),
  ];
  const setup = { suite: "p", seed, scale, pictures: test.pictures } as const;
  const workers = poolFor(() => new WorkerPool(threads, setup));
  return {
    description: {
      from: "made by layermix",
      pictures: `made, table ${scale}, seed ${seed}${viewOf(test)}`,
      ...{ found, unknown_files: [] },
      fingerprint: fingerprint(new TextEncoder().encode(told.join(" "))),
    },
    stamp: "",
    read: (corruption, ...which) => {
      const spec = { corruption, severity: difficulty as Severity };
      return test.make(workers.of(corruption), spec, ...which);
    },
    close: () => Promise.resolve(workers.close()),
  };
}

function viewOf({ view }: Originals): string {
  return view && `, ${view}`;
}

/** Those of a data set, which jobs have with them. */
function originalsOf(data: Dataset | Originals): Originals {
  if (!("rgba" in data)) return data;
  const { width, height, count, labels, fingerprint } = data;
  return {
    ...{ width, height, count, labels, fingerprint, view: "" },
    async make(pool, spec, first, count) {
      const parts = await Promise.all(
        Array.from({ length: Math.ceil(count / JOB) }, async (_, i) => {
          const batch = rgbOf(data, first + i * JOB, Math.min(JOB, count - i * JOB));
          const { bytes } = await pool.run({ ...batch, ...spec, first: first + i * JOB });
          return bytes!;
        }),
      );
      return joined(parts);
    },
  };
}

/** Bytes, one part after another. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  for (let i = 0, at = 0; i < parts.length; at += parts[i++]!.length) all.set(parts[i]!, at);
  return all;
}

/** Workers for one corruption at a time: what they leave behind would add up to hundreds of megabytes. */
function poolFor(start: (name: string) => WorkerPool) {
  let current: { name: string; pool: WorkerPool } | undefined;
  const close = () => {
    current?.pool.close();
    current = undefined;
  };
  return {
    of(name: string): WorkerPool {
      if (current?.name !== name) {
        close();
        current = { name, pool: start(name) };
      }
      return current!.pool;
    },
    close,
  };
}
