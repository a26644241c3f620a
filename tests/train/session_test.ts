import assert from "node:assert/strict";
import { shapes } from "../../lib/data/shapes.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { GpuError } from "../../lib/gpu/error.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { initialize } from "../../lib/nn/initialize.ts";
import { cifarDefaults, settingsOf } from "../../lib/train/flags.ts";
import { memoryOf } from "../../lib/gpu/memory.ts";
import { openSession, type Session } from "../../lib/train/session.ts";
import { noSums, stepsPerEpoch } from "../../lib/train/settings.ts";
import { gpuTest } from "../gpu.ts";
import { digest } from "./fixture.ts";

/** Two full batches of eight and one of four. */
const data = shapes("train", 20, 3);
const flags = {
  ...cifarDefaults,
  method: "baseline",
  layers: 10,
  widenFactor: 1,
  droprate: 0,
} as const;
const settings = settingsOf({ ...flags, batchSize: 8, evalBatchSize: 8 }, 10);

async function withSession(gpu: Gpu, test: (session: Session) => Promise<void>): Promise<void> {
  const session = await openSession(gpu, settings, data);
  initialize(gpu, session.parameters, settings.seed);
  await test(session);
  session.destroy();
}

const batches = [[0, 1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13, 14, 15], [16, 17, 18, 19]];

async function epoch(session: Session): Promise<void> {
  for (const [number, batch] of batches.entries()) {
    await session.step(Uint32Array.from(batch), 0, number, 3);
  }
}

gpuTest(
  "sums() counts the pictures of a batch that is not full",
  (gpu) =>
    withSession(gpu, async (session) => {
      await epoch(session);
      const sums = await session.sums(0, 3);
      assert.equal(sums.count, 20);
      assert.deepEqual((await session.sums(2, 3)).count, 4);
      // About log(10) a picture: a batch padded with old pictures would give far more.
      assert(sums.loss > 20 && sums.loss < 80, String(sums.loss));
      assert(sums.correct <= sums.correct5 && sums.correct5 <= 20);
      assert.deepEqual(await session.sums(3, 3, sums), sums);
      await assert.rejects(
        () => session.sums(0, 1e6),
        /Cannot sum 1000000 steps: only \d+ are kept/,
      );
    }),
);

gpuTest(
  "sums() are the same wherever an epoch is cut",
  (gpu) =>
    withSession(gpu, async (session) => {
      await epoch(session);
      const whole = await session.sums(0, 3);
      for (const cut of [0, 1, 2, 3]) {
        assert.deepEqual(await session.sums(cut, 3, await session.sums(0, cut, noSums())), whole);
      }
    }),
);

gpuTest("a step augments by the seed of the settings", async (gpu) => {
  const losses: number[] = [];
  for (const seed of [1, 2, 1]) {
    const session = await openSession(gpu, { ...settings, seed }, data);
    initialize(gpu, session.parameters, settings.seed);
    await session.step(Uint32Array.from(batches[0]!), 0, 0, 3);
    losses.push((await session.sums(0, 1)).loss);
    session.destroy();
  }
  // Without dropout the crops alone differ.
  assert.equal(losses[0], losses[2]);
  assert.notEqual(losses[0], losses[1]);
});

gpuTest("a step is what it is, whatever step was expected", async (gpu) => {
  const weights: string[] = [];
  const expectations: [number[], number][] = [[[], 0], [[0, 1, 2], 0], [[0, 1, 2], 1], [
    [0, 2, 1],
    0,
  ]];
  for (const [indices, epoch] of expectations) {
    await withSession(gpu, async (session) => {
      if (indices.length) session.expect(Uint32Array.from(indices), epoch);
      await session.step(Uint32Array.of(0, 1, 2), 0, 0, 3);
      weights.push(digest(await readFloats(gpu, session.parameters.buffers.values)));
    });
  }
  assert.equal(new Set(weights).size, 1);
});

gpuTest("sums() show a network that has diverged", (gpu) =>
  withSession(gpu, async (session) => {
    const bias = session.parameters.parameters.find(({ name }) => name === "fc.bias")!;
    write(gpu, bias.data, new Float32Array([NaN]));
    await session.step(Uint32Array.of(0, 1), 0, 0, 3);
    assert.equal(Number.isFinite((await session.sums(0, 1)).loss), false);
  }));

gpuTest("a step that is not full does not depend on what the batch before it held", async (gpu) => {
  const after = async (first: number[]) => {
    let weights = "";
    await withSession(gpu, async (session) => {
      const { values, momenta } = session.parameters.buffers;
      await session.step(Uint32Array.from(first), 0, 0, 3);
      initialize(gpu, session.parameters, settings.seed);
      write(gpu, momenta, new Float32Array(momenta.bytes / 4));
      await session.step(Uint32Array.of(1, 2, 3), 0, 1, 3);
      weights = digest(await readFloats(gpu, values));
    });
    return weights;
  };
  assert.equal(await after([4, 5, 6, 7, 8, 9, 10, 11]), await after([12, 13, 14]));
});

const refusal =
  /largest buffer .* the largest batch that fits is (\d+); --accumulate makes a batch in parts/;

for (const [method, views] of [["baseline", 1], ["augmix", 3]] as const) {
  gpuTest(
    `openSession() refuses a batch that is too large for ${method}, and names the largest that fits`,
    async (gpu) => {
      const size = { layers: 40, widenFactor: 4 };
      const large = settingsOf({ ...flags, ...size, method, jsd: views > 1 }, 10);
      const bytes = gpu.device.limits.maxStorageBufferBindingSize;
      if (bytes >= 2 ** 40 && memoryOf(gpu) === Infinity) return;
      const open = (batchSize: number) => openSession(gpu, { ...large, batchSize }, data);
      let largest = 0;
      await assert.rejects(() => open(1_000_000), (error) => {
        assert(error instanceof GpuError);
        assert.match(
          error.message,
          /^Cannot train with a batch of 1000000: it needs \d+ MiB, the /,
        );
        largest = Number(error.message.match(refusal)![1]);
        return true;
      });
      assert(largest > 0 && largest < 1_000_000);
      // The activations of the widest layer alone: 32 × 32 × 64 floats a view of a picture.
      assert(largest * views * 32 * 32 * 64 * 4 <= bytes);
      await assert.rejects(() => open(1_000_000), GpuError, "asking takes no memory");
    },
  );
}

Deno.test("stepsPerEpoch() counts a last batch that is not full", () => {
  assert.deepEqual([44, 48, 49, 1].map((pictures) => stepsPerEpoch(pictures, 8)), [6, 6, 7, 1]);
});
