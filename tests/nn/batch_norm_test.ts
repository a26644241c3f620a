import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import type { Step } from "../../lib/gpu/step.ts";
import { Tape, type Tensor } from "../../lib/gpu/tape.ts";
import { batchNorm } from "../../lib/nn/batch_norm.ts";
import { declareBatchNorm } from "../../lib/nn/network.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { type Recording, runLayer } from "../layer.ts";
import { largestError } from "../layout.ts";
import * as twin from "../reference/batch_norm.ts";
import { assertGradient } from "../reference/central_differences.ts";
import { dot, normal, type Values, withJunk } from "../reference/values.ts";

interface Options {
  training: boolean;
  relu: boolean;
}

/** Everything a batch norm of x reads, drawn from the shape. */
function problem(shape: number[], { mean = 0.5, deviation = 1.5 } = {}) {
  const stream = new Stream(shape.reduce((a, b) => 31 * a + b), 0);
  const channels = [shape[1]!];
  const x = normal(shape, stream, mean, deviation);
  const runningVar = normal(channels, stream);
  runningVar.data.forEach((v, c) => runningVar.data[c] = Math.fround(0.5 + v * v));
  return {
    x,
    gamma: normal(channels, stream, 1, 0.5),
    beta: normal(channels, stream, 0, 0.5),
    runningMean: normal(channels, stream),
    runningVar,
    dy: normal(shape, stream),
  };
}

const record = (options: Options) => (recording: Recording): Tensor => {
  const { tape, step, inputs, parameters, statistics } = recording;
  const owned = { weight: parameters.gamma!, bias: parameters.beta! };
  const running = { runningMean: statistics.mean!, runningVar: statistics.variance! };
  return batchNorm(tape, step, inputs[0]!, { ...owned, ...running }, options);
};

function run(
  gpu: Gpu,
  { x, gamma, beta, runningMean, runningVar, dy }: ReturnType<typeof problem>,
  options: Options,
  step: Partial<Step> = {},
) {
  return runLayer(gpu, {
    inputs: [x],
    parameters: { gamma, beta },
    statistics: { mean: runningMean, variance: runningVar },
    dy,
    step,
    record: record(options),
  });
}

/** Odd sizes, one row per channel and more, and rows beyond one chunk of 256. */
const shapes = [
  [1, 3, 5, 7],
  [3, 1, 9, 4],
  [3, 5, 1, 1],
  [1, 17, 3, 1],
  [1, 33, 9, 4],
  [3, 17, 5, 7],
  [3, 5, 16, 17],
  [2, 3, 16, 16],
];

for (const training of [true, false]) {
  for (const relu of [true, false]) {
    const mode = `${training ? "batch" : "running"} statistics${relu ? " and ReLU" : ""}`;
    gpuTest(`batchNorm() gradients agree with central differences: ${mode}`, async (gpu) => {
      for (const shape of shapes) await check(gpu, shape, { training, relu });
    });
  }
}

async function check(gpu: Gpu, shape: number[], options: Options): Promise<void> {
  const given = problem(shape);
  const { x, gamma, beta, runningMean, runningVar, dy } = given;
  const running = [runningMean, runningVar] as const;
  const { y, dx, gradients, statistics } = await run(gpu, given, options);
  const forward = () =>
    options.training
      ? twin.batchNorm(x, gamma, beta, options.relu)
      : twin.batchNormBy(x, gamma, beta, running, options.relu);
  const near = (what: string, actual: ArrayLike<number>, { data }: Values) => {
    const error = largestError(actual, data);
    assert.ok(error <= 2e-5, `${shape}: ${what} is off by ${error}`);
  };
  near("y", y, forward());
  const after = options.training ? twin.runningAfter(x, running) : { runningMean, runningVar };
  near("the running mean", statistics.mean!, after.runningMean);
  near("the running variance", statistics.variance!, after.runningVar);
  const objective = () => dot(forward(), dy);
  assertGradient(`${shape}: dx`, dx[0]!, x, objective);
  assertGradient(`${shape}: dgamma`, gradients.gamma!, gamma, objective);
  assertGradient(`${shape}: dbeta`, gradients.beta!, beta, objective);
}

for (const training of [true, false]) {
  gpuTest(
    `batchNorm() gives padding pictures no influence and no gradient, training ${training}`,
    async (gpu) => {
      for (const shape of [[2, 5, 5, 7], [1, 17, 9, 4], [3, 3, 16, 16]]) {
        const options = { training, relu: false };
        const given = problem(shape);
        const alone = await run(gpu, given, options);
        const padded = { ...given, x: withJunk(given.x, 2, 1e6), dy: withJunk(given.dy, 2, 1e6) };
        const among = await run(gpu, padded, options, { batch: shape[0]! });
        const size = given.x.data.length;
        assert.deepEqual(among.y.subarray(0, size), alone.y);
        assert.deepEqual(among.dx[0]!.subarray(0, size), alone.dx[0]!);
        assert.ok(among.dx[0]!.subarray(size).every((g) => g === 0), "gradient of padding");
        assert.deepEqual(among.gradients, alone.gradients);
        assert.deepEqual(among.statistics, alone.statistics);
      }
    },
  );
}

gpuTest(
  "batchNorm() stays accurate where the mean is large and the variance small",
  async (gpu) => {
    for (const shape of [[3, 5, 5, 7], [2, 3, 16, 17]]) {
      const given = problem(shape, { mean: 1e4, deviation: 0.1 });
      const { x, gamma, beta, dy, runningMean, runningVar } = given;
      const { y, gradients, statistics } = await run(gpu, given, { training: true, relu: false });
      const expected = twin.batchNorm(x, gamma, beta);
      // f32 rounds a mean of 1e4 by up to 2^-11, that is 0.5 % of the deviation.
      assert.ok(largestError(y, expected.data) < 0.02);
      const after = twin.runningAfter(x, [runningMean, runningVar]);
      const share = (variance: ArrayLike<number>) =>
        Array.from(variance, (v, c) => v - 0.9 * runningVar.data[c]!);
      const error = largestError(share(statistics.variance!), share(after.runningVar.data));
      assert.ok(error < 1e-5, `variance of 1e-3 is off by ${error}`);
      assert.ok(largestError(gradients.beta!, sums(dy)) < 1e-4);
    }
  },
);

/** The sums of dy per channel. */
function sums({ shape, data }: Values): number[] {
  const area = shape[2]! * shape[3]!;
  const totals = new Array<number>(shape[1]!).fill(0);
  data.forEach((value, i) => totals[Math.floor(i / area) % shape[1]!]! += value);
  return totals;
}

gpuTest(
  "batchNorm() moves the running statistics by 0.1, to the unbiased variance",
  async (gpu) => {
    const x: Values = { shape: [2, 1, 1, 2], data: Float64Array.of(1, 3, 5, 7) };
    const dy: Values = { shape: x.shape, data: new Float64Array(4) };
    const [gamma, beta, runningMean, runningVar] = [1, 0, 10, 2].map((value): Values => ({
      shape: [1],
      data: Float64Array.of(value),
    })) as [Values, Values, Values, Values];
    const given = { x, gamma, beta, runningMean, runningVar, dy };
    const { statistics } = await run(gpu, given, { training: true, relu: false });
    assert.ok(Math.abs(statistics.mean![0]! - (0.9 * 10 + 0.1 * 4)) < 1e-6);
    assert.ok(Math.abs(statistics.variance![0]! - (0.9 * 2 + 0.1 * 20 / 3)) < 1e-6);
  },
);

gpuTest("batchNorm() with ReLU has the gradient 0 at 0", async (gpu) => {
  const given = problem([2, 5, 3, 3]);
  given.gamma.data.fill(0);
  given.beta.data.fill(0);
  const { y, dx, gradients } = await run(gpu, given, { training: true, relu: true });
  for (const zeros of [y, dx[0]!, gradients.gamma!, gradients.beta!]) {
    assert.ok(zeros.every((value) => value === 0));
  }
});

Deno.test("batchNorm() refuses other channels than its own", () => {
  const tape = new Tape(undefined as unknown as Gpu);
  const parameters = new Parameters();
  const owned = declareBatchNorm({ parameters }, "bn1", 16);
  const x = tape.tensor("x", [1, 4, 4, 15]);
  assert.throws(() => batchNorm(tape, tape.region("step", 16), x, owned, { training: true }), {
    name: "RangeError",
    message: "Cannot normalise with bn1.weight: expected 16 channels but found 15",
  });
});
