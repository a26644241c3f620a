import { type Dataset, fingerprint } from "../data/dataset.ts";
import { DataError } from "../data/error.ts";
import { layermixVersion } from "../version.ts";
import { rgbOf, scaleOf } from "./corruptions/corrupt_batch.ts";
import type { Severity } from "./corruptions/corruption.ts";
import { readFrost } from "./corruptions/frost_folder.ts";
import { corruptions, corruptionSuites } from "./corruptions/suites.ts";
import { WorkerPool } from "./corruptions/worker_pool.ts";
import type { CorruptionSource } from "./source.ts";
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
 * @throws {DataError} for a suite that there is no generator of, and where frost cannot be read
 */
export async function openMadePictures(
  suite: CorruptionSuiteName,
  test: Dataset,
  { seed, frost }: MakeOptions,
): Promise<CorruptionSource> {
  const known = corruptionSuites.find((name) => name === suite);
  if (!known) {
    throw new DataError(
      `Cannot make ${suite}: expected one of ${
        corruptionSuites.join(", ")
      }; give the folder of its files, --${suite}-dir`,
    );
  }
  const scale = scaleOf(test), pictures = frost === undefined ? undefined : await readFrost(frost);
  const found = corruptions(known, "test", scale).map(({ name }) => {
    return { name, severities: [...severities] };
  });
  const told = [test.fingerprint, suite, seed, scale, pictures?.fingerprint ?? "", layermixVersion];
  const setup = { suite: known, seed, scale };
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
    async read(name, severity, first, count) {
      const pool = workers.of(name), row = test.width * test.height * 3;
      const rgb = new Uint8Array(count * row);
      await Promise.all(
        Array.from({ length: Math.ceil(count / JOB) }, async (_, i) => {
          const batch = rgbOf(test, first + i * JOB, Math.min(JOB, count - i * JOB));
          const place = {
            corruption: name,
            severity: severity as Severity,
            first: first + i * JOB,
          };
          const { bytes } = await pool.run({ ...batch, ...place });
          rgb.set(bytes!, i * JOB * row);
        }),
      );
      return rgb;
    },
    close: () => Promise.resolve(workers.close()),
  };
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
