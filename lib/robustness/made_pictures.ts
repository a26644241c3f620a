import { type Dataset, fingerprint } from "../data/dataset.ts";
import { layermixVersion } from "../version.ts";
import { rgbOf, scaleOf } from "./corruptions/corrupt_batch.ts";
import type { Severity } from "./corruptions/corruption.ts";
import { readFrost } from "./corruptions/frost_folder.ts";
import { corruptions, framesOf } from "./corruptions/suites.ts";
import { WorkerPool } from "./corruptions/worker_pool.ts";
import type { CorruptionSource, SequenceSource } from "./source.ts";
import { type CorruptionSuiteName, severities } from "./suites.ts";

/** How pictures are corrupted. */
export interface MakeOptions {
  /** Unsigned 32-bit; the same as of `layermix corrupt`. */
  seed: number;
  /** A folder of the published pictures of frost; our own are used where there is none. */
  frost?: string;
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
  test: Dataset,
  { seed, frost }: MakeOptions,
): Promise<CorruptionSource> {
  const scale = scaleOf(test), pictures = frost === undefined ? undefined : await readFrost(frost);
  const found = corruptions(suite, "test", scale).map(({ name }) => {
    return { name, severities: [...severities] };
  });
  const told = [test.fingerprint, suite, seed, scale, pictures?.fingerprint ?? "", layermixVersion];
  const setup = { suite, seed, scale };
  const workers = poolFor((name) => {
    const textures = name === "frost" ? pictures?.textures : undefined;
    return new WorkerPool(navigator.hardwareConcurrency, { ...setup, frost: textures });
  });
  return {
    description: {
      from: "made by layermix",
      pictures: `made, table ${scale}, seed ${seed}, frost ${pictures ? "published" : "built-in"}`,
      ...{ found, count: test.count, unknown_files: [] },
      fingerprint: fingerprint(new TextEncoder().encode(told.join(" "))),
    },
    stamp: "",
    labels: () => test.labels,
    read: (name, severity, first, count) =>
      make(workers.of(name), test, {
        corruption: name,
        severity: severity as Severity,
        first,
        count,
      }),
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
  test: Dataset,
  { seed }: Pick<MakeOptions, "seed">,
  difficulty: number,
): SequenceSource {
  const scale = scaleOf(test), framesIn = framesOf("p", scale);
  const found = corruptions("p", "test", scale).map(({ name }) => {
    return { name, videos: test.count, frames: framesIn(name)! };
  });
  const told = [test.fingerprint, "p", seed, scale, difficulty, layermixVersion];
  const setup = { suite: "p", seed, scale } as const;
  const workers = poolFor(() => new WorkerPool(navigator.hardwareConcurrency, setup));
  return {
    description: {
      from: "made by layermix",
      pictures: `made, table ${scale}, seed ${seed}`,
      ...{ found, unknown_files: [] },
      fingerprint: fingerprint(new TextEncoder().encode(told.join(" "))),
    },
    stamp: "",
    read: (name, first, count) =>
      make(workers.of(name), test, {
        ...{ corruption: name, severity: difficulty as Severity, first, count },
      }),
    close: () => Promise.resolve(workers.close()),
  };
}

/** Corrupts some of the test pictures, in jobs that all workers share. */
async function make(
  pool: WorkerPool,
  test: Dataset,
  { corruption, severity, first, count }: {
    corruption: string;
    severity: Severity;
    first: number;
    count: number;
  },
): Promise<Uint8Array> {
  const parts = await Promise.all(
    Array.from({ length: Math.ceil(count / JOB) }, async (_, i) => {
      const batch = rgbOf(test, first + i * JOB, Math.min(JOB, count - i * JOB));
      const { bytes } = await pool.run({ ...batch, corruption, severity, first: first + i * JOB });
      return bytes!;
    }),
  );
  const made = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  for (let i = 0, at = 0; i < parts.length; at += parts[i++]!.length) made.set(parts[i]!, at);
  return made;
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
