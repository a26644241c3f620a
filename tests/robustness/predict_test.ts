import assert from "node:assert/strict";
import { shapes } from "../../lib/data/shapes.ts";
import { Gpu } from "../../lib/gpu/device.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { type ModelOptions, recordModel } from "../../lib/models/model.ts";
import { initialize } from "../../lib/nn/initialize.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { type Normalization, recordPredictor } from "../../lib/robustness/predict.ts";
import { gpuTest } from "../gpu.ts";

const model: ModelOptions = { name: "wrn", layers: 10, widenFactor: 1, dropRate: 0.3, classes: 10 };
const pictures = shapes("test", 20, 9);

/** Start values, and running statistics that are not those of an untrained network. */
function fill(gpu: Gpu, parameters: Parameters): void {
  parameters.allocate(gpu);
  initialize(gpu, parameters, 3);
  for (const { data, shape, initial } of parameters.statistics) {
    const values = Float32Array.from(
      { length: shape[0]! },
      (_, i) => initial + 0.3 * Math.cos(i) ** 2,
    );
    write(gpu, data, values);
  }
}

async function predict(
  gpu: Gpu,
  batch: number,
  progress?: (done: number) => boolean,
  normalization?: Normalization,
): Promise<Float32Array | undefined> {
  const parameters = new Parameters();
  const recorded = recordPredictor(gpu, parameters, model, pictures, batch, { normalization });
  fill(gpu, parameters);
  const predictor = await recorded.compile();
  assert.equal(predictor.stride, 12);
  try {
    return await predictor.logits(pictures, progress);
  } finally {
    predictor.destroy();
    parameters.destroy();
  }
}

/** Logits of the network without the predictor, over pictures normalised on the host. */
async function direct(gpu: Gpu): Promise<Float32Array> {
  const tape = new Tape(gpu, false);
  const parameters = new Parameters();
  const input = tape.tensor("pictures", [20, 32, 32, 3], false);
  const network = { tape, step: tape.region("step", 16), parameters, training: false };
  const logits = recordModel(network, input, model);
  fill(gpu, parameters);
  const program = await tape.compile();
  const scaled = Float32Array.from(
    pictures.rgba,
    (value, i) => i % 4 === 3 ? 0 : (value / 255 - 0.5) / 0.5,
  );
  write(gpu, input.data, scaled);
  program.run();
  const values = await readFloats(gpu, logits.data);
  program.destroy();
  parameters.destroy();
  return values;
}

gpuTest("logits() do not depend on the batch size", async (gpu) => {
  const [three, seven, twenty, more] = await Promise.all(
    [3, 7, 20, 32].map((batch) => predict(gpu, batch)),
  );
  assert.equal(three!.length, 20 * 12);
  assert(new Set(three).size > 150, "the pictures have answers of their own");
  for (const other of [seven, twenty, more]) assert.deepEqual(other, three);
});

gpuTest("logits() are those of the network over normalised pictures", async (gpu) => {
  const [found, expected] = await Promise.all([predict(gpu, 8), direct(gpu)]);
  const largest = Math.max(...expected.map(Math.abs));
  found!.forEach((value, i) => {
    assert(Math.abs(value - expected[i]!) < 1e-4 * largest, `${i}: ${value} and ${expected[i]}`);
    if (i % 12 >= 10) assert.equal(value, 0, "padding");
  });
});

gpuTest("logits() normalise as they are told", async (gpu) => {
  const other = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4] } as const;
  assert.notDeepEqual(await predict(gpu, 20, undefined, other), await predict(gpu, 20));
});

gpuTest("logits() tell how far they are, and end when told to", async (gpu) => {
  const told: number[] = [];
  const whole = await predict(gpu, 8, (done) => told.push(done) > 0);
  assert.deepEqual(told, [0, 8, 16, 20]);
  assert.deepEqual(whole, await predict(gpu, 8));
  assert.equal(await predict(gpu, 8, (done) => done < 8), undefined);
});

gpuTest("logits() refuse pictures of another size", async (gpu) => {
  const parameters = new Parameters();
  const recorded = recordPredictor(gpu, parameters, model, { width: 16, height: 32 }, 4);
  parameters.allocate(gpu);
  const predictor = await recorded.compile();
  await assert.rejects(
    () => predictor.logits(pictures),
    /^RangeError: Cannot classify: expected pictures of 16 × 32 pixels but found 32 × 32$/,
  );
  predictor.destroy();
  parameters.destroy();
});

Deno.test({
  name: "logits() throw one error when the GPU is lost under way, and nothing goes uncaught",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const gpu = await Gpu.open();
    let uncaught = 0;
    const count = (event: Event) => (event.preventDefault(), uncaught++);
    addEventListener("unhandledrejection", count);
    await assert.rejects(
      () =>
        predict(gpu, 3, (done) => {
          if (done === 6) gpu.device.destroy();
          return true;
        }),
      /^GpuError: /,
    );
    await new Promise((go) => setTimeout(go, 100));
    removeEventListener("unhandledrejection", count);
    assert.equal(uncaught, 0);
  },
});
