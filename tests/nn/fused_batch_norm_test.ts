import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import type { Step } from "../../lib/gpu/step.ts";
import { Tape, type Tensor } from "../../lib/gpu/tape.ts";
import { batchNorm, type BatchNormOptions } from "../../lib/nn/batch_norm.ts";
import { add, dropout, relu } from "../../lib/nn/elementwise.ts";
import { declareBatchNorm } from "../../lib/nn/network.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { Stream } from "../../lib/random/stream.ts";
import { describedGpu, gpuTest } from "../gpu.ts";
import { type Recording, runLayer } from "../layer.ts";
import { largestError } from "../layout.ts";
import * as twin from "../reference/batch_norm.ts";
import { assertGradient } from "../reference/central_differences.ts";
import * as elementwiseTwin from "../reference/elementwise.ts";
import { dot, normal, type Values, withJunk } from "../reference/values.ts";

interface Fused {
  training?: boolean;
  residual: boolean;
  relu: boolean;
  p?: number;
}

const drawn: Partial<Step> = { number: 70000, seed: 4294967295 };
const layer = 3;

/** Everything that a fused batch norm reads, drawn from the shape. */
function problem(shape: number[]) {
  const stream = new Stream(shape.reduce((a, b) => 31 * a + b), 1);
  const channels = [shape[1]!];
  const runningVar = normal(channels, stream);
  runningVar.data.forEach((v, c) => runningVar.data[c] = Math.fround(0.5 + v * v));
  return {
    x: normal(shape, stream, 0.5, 1.5),
    residual: normal(shape, stream),
    gamma: normal(channels, stream, 1, 0.5),
    beta: normal(channels, stream, 0, 0.5),
    mean: normal(channels, stream),
    variance: runningVar,
    dy: normal(shape, stream),
  };
}
type Problem = ReturnType<typeof problem>;

/** The batch norm of `x` by what was recorded with it. */
function norm({ tape, step, parameters, statistics }: Recording, x: Tensor, o: BatchNormOptions) {
  return batchNorm(tape, step, x, {
    ...{ weight: parameters.gamma!, bias: parameters.beta! },
    ...{ runningMean: statistics.mean!, runningVar: statistics.variance! },
  }, o);
}

/** Runs a layer over `x` and, where it is used, the residual. */
function run(
  gpu: Gpu,
  { x, residual, gamma, beta, mean, variance, dy }: Problem,
  record: (recording: Recording) => Tensor,
  step: Partial<Step> = drawn,
  usesResidual = true,
) {
  return runLayer(gpu, {
    inputs: usesResidual ? [x, residual] : [x],
    parameters: { gamma, beta },
    statistics: { mean, variance },
    ...{ dy, step, record },
  });
}

/** How the fused batch norm is recorded. */
const fused = ({ training = true, residual, relu, p }: Fused) => (recording: Recording): Tensor =>
  norm(recording, recording.inputs[0]!, {
    ...{ training, relu },
    residual: residual ? recording.inputs[1] : undefined,
    dropout: p === undefined ? undefined : { p, layer },
  });

/** What it is in float64. */
function forward(given: Problem, { training = true, residual, relu, p }: Fused): Values {
  const { x, gamma, beta, mean, variance } = given;
  let y = training
    ? twin.batchNorm(x, gamma, beta)
    : twin.batchNormBy(x, gamma, beta, [mean, variance]);
  if (residual) y = elementwiseTwin.add(y, given.residual);
  if (relu) y = elementwiseTwin.relu(y);
  if (p === undefined) return y;
  const mask = elementwiseTwin.dropoutMask(x.shape, p, { step: 70000, layer, seed: 4294967295 });
  return elementwiseTwin.dropout(y, mask, p);
}

/** Odd sizes; 1, 2 and 3 rows beyond four; rows beyond a chunk of 256, beside a whole one. */
const shapes = [[1, 3, 5, 7], [3, 1, 9, 4], [1, 17, 3, 1], [2, 5, 3, 3], [3, 5, 16, 17]];

const variants: Fused[] = [
  { residual: true, relu: false },
  { residual: true, relu: true },
  { residual: false, relu: true, p: 0.3 },
  { residual: true, relu: true, p: 0.5 },
];
for (const variant of variants.flatMap((v) => [v, { ...v, training: false }])) {
  gpuTest(`batchNorm() fused with ${describe(variant)} agrees with its twin`, async (gpu) => {
    for (const shape of shapes) await check(gpu, shape, variant);
  });
}

function describe({ training = true, residual, relu, p }: Fused): string {
  const parts = [residual && "a residual", relu && "ReLU", p && "dropout"].filter(Boolean);
  return `${parts.join(", ")}, by ${training ? "batch" : "running"} statistics`;
}

async function check(gpu: Gpu, shape: number[], variant: Fused): Promise<void> {
  const given = problem(shape);
  const { y, dx, gradients } = await run(gpu, given, fused(variant), drawn, variant.residual);
  const error = largestError(y, forward(given, variant).data);
  assert.ok(error <= 2e-5, `${shape}: y is off by ${error}`);
  const objective = () => dot(forward(given, variant), given.dy);
  assertGradient(`${shape}: dx`, dx[0]!, given.x, objective);
  assertGradient(`${shape}: dgamma`, gradients.gamma!, given.gamma, objective);
  assertGradient(`${shape}: dbeta`, gradients.beta!, given.beta, objective);
  if (variant.residual) assertGradient(`${shape}: dr`, dx[1]!, given.residual, objective);
}

gpuTest("batchNorm() sums more chunks than a workgroup has invocations", async (gpu) => {
  // 66 chunks of 256 rows and 4 rows: two of the 64 invocations have two chunks, one a short one.
  await check(gpu, [1, 3, 130, 130], { residual: true, relu: false });
});

gpuTest("batchNorm() fused gives the bits of the layers one by one", async (gpu) => {
  for (const shape of shapes) {
    const given = problem(shape);
    const apart = await run(
      gpu,
      given,
      (recording) => {
        const { tape, step, inputs: [x] } = recording;
        const y = norm(recording, x!, { training: true, relu: true });
        return dropout(tape, step, y, { p: 0.3, layer });
      },
      drawn,
      false,
    );
    const together = await run(
      gpu,
      given,
      fused({ residual: false, relu: true, p: 0.3 }),
      drawn,
      false,
    );
    assert.deepEqual(together, apart);
  }
});

gpuTest("batchNorm() with dropout at rate 0 is that without", async (gpu) => {
  const given = problem([2, 5, 3, 3]);
  const [none, without] = [
    await run(gpu, given, fused({ residual: true, relu: true, p: 0 })),
    await run(gpu, given, fused({ residual: true, relu: true })),
  ];
  assert.deepEqual(none, without);
});

/** Layers around a norm that give x and r gradients of their own, before or after it gives its. */
const around = {
  // The norm is differentiated first; the others add to what it wrote.
  "its gradients are added to": ({ tape, inputs: [x, r] }: Recording, norm: () => Tensor) => {
    const others = add(tape, relu(tape, x!), relu(tape, r!));
    return add(tape, norm(), others);
  },
  "it adds to gradients": ({ tape, inputs: [x, r] }: Recording, norm: () => Tensor) =>
    add(tape, add(tape, norm(), relu(tape, x!)), relu(tape, r!)),
};

for (const [name, place] of Object.entries(around)) {
  gpuTest(`batchNorm() with a residual among other layers: ${name}`, async (gpu) => {
    for (const variant of [{ residual: true, relu: true }, { residual: true, relu: false }]) {
      for (const shape of shapes) {
        const given = problem(shape);
        const { x, residual } = given;
        const whole = () =>
          [elementwiseTwin.relu(x), elementwiseTwin.relu(residual)]
            .reduce(elementwiseTwin.add, forward(given, variant));
        const { y, dx } = await run(
          gpu,
          given,
          (recording) => place(recording, () => fused(variant)(recording)),
        );
        assert.ok(largestError(y, whole().data) <= 2e-5);
        assertGradient(`${shape}: dx`, dx[0]!, x, () => dot(whole(), given.dy));
        assertGradient(`${shape}: dr`, dx[1]!, residual, () => dot(whole(), given.dy));
      }
    }
  });
}

gpuTest("batchNorm() fused gives padding pictures no influence and no gradient", async (gpu) => {
  const variant = fused({ residual: true, relu: true, p: 0.3 });
  for (const shape of [[2, 5, 5, 7], [1, 17, 9, 4], [3, 3, 16, 16]]) {
    const given = problem(shape);
    const [x, residual, dy] = [given.x, given.residual, given.dy].map((v) => withJunk(v, 2, 1e6));
    const alone = await run(gpu, given, variant);
    const step = { ...drawn, batch: shape[0]! };
    const among = await run(gpu, { ...given, x: x!, residual: residual!, dy: dy! }, variant, step);
    const size = given.x.data.length;
    assert.deepEqual(among.y.subarray(0, size), alone.y);
    for (const i of [0, 1]) {
      assert.deepEqual(among.dx[i]!.subarray(0, size), alone.dx[i]!);
      assert.ok(among.dx[i]!.subarray(size).every((g) => g === 0), "gradient of padding");
    }
    assert.deepEqual(among.gradients, alone.gradients);
    assert.deepEqual(among.statistics, alone.statistics);
  }
});

type MakeOptions = (tape: Tape, x: Tensor) => Omit<BatchNormOptions, "training">;

/** A batch norm of 16 channels, recorded without a GPU. */
function recordAlone(make: MakeOptions) {
  const tape = new Tape(describedGpu);
  const parameters = new Parameters();
  const owned = declareBatchNorm({ parameters }, "bn1", 16);
  const x = tape.tensor("x", [1, 4, 4, 16]);
  const options = make(tape, x);
  const y = batchNorm(tape, tape.region("step", 16), x, owned, { training: true, ...options });
  tape.record([], () => {
    tape.gradient(y);
    return [];
  });
  tape.finish();
  return { tape, y, residual: options.residual };
}

Deno.test("batchNorm() gives a residual the buffer of the sum's gradient, without a copy", () => {
  const { tape, y, residual } = recordAlone((tape) => ({
    residual: tape.tensor("residual", [1, 4, 4, 16]),
  }));
  assert.equal(tape.received(residual!), tape.received(y));
});

Deno.test("batchNorm() gives a residual that needs no gradient none", () => {
  for (const relu of [true, false]) {
    const { tape, residual } = recordAlone((tape) => ({
      relu,
      residual: tape.tensor("residual", [1, 4, 4, 16], false),
    }));
    assert.throws(() => tape.received(residual!), /no recorded layer uses it/);
  }
});

Deno.test("batchNorm() refuses what it cannot fuse", () => {
  const refused = (make: MakeOptions, message: string) =>
    assert.throws(() => recordAlone(make), { name: "RangeError", message });
  refused(
    (tape) => ({ residual: tape.tensor("residual", [1, 4, 4, 12]) }),
    "Cannot normalise with bn1.weight: expected a residual of shape 1 × 4 × 4 × 16 but found " +
      "1 × 4 × 4 × 12",
  );
  refused(
    () => ({ dropout: { p: 0.3, layer: 0 } }),
    "Cannot normalise with bn1.weight: dropout is only fused after ReLU",
  );
  refused(
    () => ({ relu: true, dropout: { p: 1, layer: 0 } }),
    "Cannot drop out: expected a rate in [0, 1) but found 1",
  );
  refused(
    (_, x) => ({ relu: true, residual: x }),
    "Cannot normalise with bn1.weight: its own input is no residual after which ReLU is fused",
  );
});
