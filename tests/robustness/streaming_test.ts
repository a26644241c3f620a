import assert from "node:assert/strict";
import { join } from "node:path";
import type { Dataset } from "../../lib/data/dataset.ts";
import { encodeNpyHeader } from "../../lib/data/npy.ts";
import { openCorruptionFiles } from "../../lib/robustness/corruption_files.ts";
import { measureUnit } from "../../lib/robustness/measure.ts";
import type { Predictor } from "../../lib/robustness/predict.ts";
import { openSequenceFiles } from "../../lib/robustness/sequence_files.ts";
import { unitsOf } from "../../lib/robustness/units.ts";
import { isolateMemory } from "../isolate_memory.ts";
import { writeNpy } from "./layouts.ts";

const MIB = 2 ** 20;

/** A `.npy` file of zeros that takes no room on the disk. */
async function writeSparse(path: string, shape: number[]): Promise<void> {
  await Deno.writeFile(path, encodeNpyHeader("|u1", shape));
  const bytes = shape.reduce((product, size) => product * size, 1);
  await Deno.truncate(path, encodeNpyHeader("|u1", shape).length + bytes);
}

Deno.test("memory does not grow with the files: 1.5 GiB of C and 1.2 GiB of P take less than 150 MiB", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const count = 100_000;
    await writeSparse(join(folder, "fog.npy"), [5 * count, 32, 32, 3]);
    await writeNpy(join(folder, "labels.npy"), "|u1", [5 * count], new Uint8Array(5 * count));
    const size = { width: 32, height: 32 };
    const classes = Array.from({ length: 10 }, (_, i) => String(i));
    const test = { ...size, name: "shapes", classes, count: 1 } as unknown as Dataset;
    await Deno.mkdir(join(folder, "p"));
    await writeSparse(join(folder, "p/snow.npy"), [13_000, 31, 32, 32, 3]);
    const sources = {
      c: await openCorruptionFiles(folder, "c", test),
      p: await openSequenceFiles(join(folder, "p"), test, 1),
    };
    const described = { c: sources.c.description, p: sources.p.description };
    const units = unitsOf({ suites: ["c", "p"], count: 1, sources: described });
    let pictures = 0;
    const predictor = {
      stride: 12,
      logits: ({ count, rgba }: { count: number; rgba: Uint8Array }) => {
        assert.equal(rgba.length, 4096 * count);
        pictures += count;
        return Promise.resolve(new Float32Array(12 * count));
      },
    } as unknown as Predictor;
    const before = isolateMemory();
    let most = 0;
    for (const unit of units) {
      await measureUnit({ test, sources, predictor, seed: 0, difficulty: 1 }, unit);
      most = Math.max(most, isolateMemory() - before);
    }
    assert.equal(pictures, 5 * count + 13_000 * 31);
    assert(most < 150 * MIB, `${Math.round(most / MIB)} MiB`);
    await sources.c.close();
    await sources.p.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
