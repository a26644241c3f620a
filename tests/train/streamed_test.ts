import assert from "node:assert/strict";
import { batchesOf, type Dataset, type StreamedDataset } from "../../lib/data/dataset.ts";
import { shapes } from "../../lib/data/shapes.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats } from "../../lib/gpu/program.ts";
import { initialize } from "../../lib/nn/initialize.ts";
import { logitsOf } from "../../lib/robustness/predict.ts";
import { completed, settingsOf } from "../../lib/train/flags.ts";
import { openSession } from "../../lib/train/session.ts";
import { gpuTest } from "../gpu.ts";

const data = shapes("train", 150, 5);

/** The same pictures, but handed out as those of a loader are. */
function streamed(asked: [number, number][] = []): StreamedDataset {
  const { rgba, ...rest } = data;
  return {
    ...rest,
    async *batches(order, size, epoch) {
      asked.push([order.length, epoch]);
      yield* batchesOf({ ...rest, rgba }, order, size, epoch);
    },
  };
}

Deno.test("batchesOf() gives pictures in memory by their numbers, fewer at last", async () => {
  const bytes = 4 * 32 * 32, found: Uint8Array[] = [], given: number[] = [];
  for await (const { rgba, labels } of batchesOf(data, Uint32Array.of(7, 3, 149), 2, 0)) {
    found.push(rgba.slice());
    given.push(...Array.from(labels));
  }
  assert.deepEqual(given, [7, 3, 149].map((i) => data.labels[i]));
  assert.deepEqual(found.map(({ length }) => length), [2 * bytes, bytes]);
  const expected = [7, 3, 149].map((i) => data.rgba.subarray(i * bytes, (i + 1) * bytes));
  assert.deepEqual(found[0]!.subarray(bytes), expected[1]);
  assert.deepEqual(found[1], expected[2]);
  for await (const _ of batchesOf(data, new Uint32Array(), 2, 0)) {
    assert.fail("no batch was asked for");
  }
});

async function open(gpu: Gpu, data: Dataset | StreamedDataset) {
  const options = {
    method: "baseline",
    layers: 10,
    widenFactor: 1,
    droprate: 0,
    batchSize: 4,
  } as const;
  const session = await openSession(gpu, settingsOf(completed(options), 10), data);
  initialize(gpu, session.parameters, 1);
  return session;
}

gpuTest("streamed pictures are evaluated as those in memory are", async (gpu) => {
  const session = await open(gpu, data), asked: [number, number][] = [], told: number[] = [];
  const expected = await logitsOf(session.predictor, data);
  const found = await logitsOf(session.predictor, streamed(asked), (done) => told.push(done) > 0);
  assert.deepEqual(found, expected);
  assert.deepEqual(asked, [[150, 0]]);
  assert.deepEqual([told.at(-1), [...told].sort((a, b) => a - b)], [150, told]);
  let calls = 0;
  assert.equal(await logitsOf(session.predictor, streamed(), () => ++calls < 2), undefined);
  assert.equal(calls, 2);
  session.destroy();
});

gpuTest("a session takes streamed pictures without cutting crops of them", async (gpu) => {
  const session = await open(gpu, streamed());
  const order = Uint32Array.of(5, 6, 7, 8), { values } = session.parameters.buffers;
  await session.step(order, 0, 0, 4);
  const first = await readFloats(gpu, values);
  session.destroy();
  const again = await open(gpu, streamed());
  const { value } = await batchesOf(data, order, 4, 0).next();
  await again.step(order, 0, 0, 4, value!);
  assert.deepEqual(await readFloats(gpu, again.parameters.buffers.values), first);
  again.destroy();
  const memory = await open(gpu, data);
  await memory.step(order, 0, 0, 4);
  assert.notDeepEqual(await readFloats(gpu, memory.parameters.buffers.values), first);
  memory.destroy();
});
