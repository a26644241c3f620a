import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import type { Tensor } from "../../lib/gpu/tape.ts";
import { batchNorm } from "../../lib/nn/batch_norm.ts";
import { conv2d, type ConvolutionOptions } from "../../lib/nn/conv2d.ts";
import { relu } from "../../lib/nn/elementwise.ts";
import { linear } from "../../lib/nn/linear.ts";
import { globalAveragePool } from "../../lib/nn/pool.ts";
import { golden } from "../golden.ts";
import { gpuTest } from "../gpu.ts";
import { type Layer, type LayerResult, type Numbers, type Recording, runLayer } from "../layer.ts";
import { largestError } from "../layout.ts";
import * as batchNormTwin from "../reference/batch_norm.ts";
import * as convolutionTwin from "../reference/convolution.ts";
import * as elementwiseTwin from "../reference/elementwise.ts";
import type { Values } from "../reference/values.ts";

const tensors = golden("layers");

function expected(name: string): Values {
  const { shape, data } = tensors.get(`layer/${name}`)!;
  return { shape, data: Float64Array.from(data as Float32Array) };
}

/** Largest error ≤ 4 · tolerance · largest expected number, the bound the goldens came with. */
function near(name: string, actual: ArrayLike<number>, tolerance: number): void {
  const { data } = expected(name);
  const scale = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const error = largestError(actual, data);
  assert.ok(error <= 4 * tolerance * scale, `${name}: error ${error}, scale ${scale}`);
}

/** Runs a layer on the inputs of a golden case; `owns` are its parameters and statistics. */
function runCase(
  gpu: Gpu,
  name: string,
  record: (recording: Recording) => Tensor,
  { parameters = [], statistics = [] }: { parameters?: string[]; statistics?: string[] } = {},
): Promise<LayerResult> {
  const pick = (keys: string[]): Record<string, Numbers> =>
    Object.fromEntries(keys.map((key) => [key, expected(`${name}/${key}`)]));
  const layer: Layer = {
    inputs: [expected(`${name}/x`)],
    parameters: pick(parameters),
    statistics: pick(statistics),
    dy: expected(`${name}/dy`),
    record,
  };
  return runLayer(gpu, layer);
}

const convolutions: Record<string, ConvolutionOptions> = {
  conv3x3_s1: { padding: 1 },
  conv3x3_s2: { stride: 2, padding: 1 },
  conv3x3_s2_even: { stride: 2, padding: 1 },
  conv1x1_s2: { stride: 2 },
  conv1x1_pad1: { padding: 1 },
  conv3x3_nopad: {},
  conv7x7_s2_p3: { stride: 2, padding: 3 },
  conv3x3_wide: { padding: 1 },
  conv3x3_g4: { padding: 1, groups: 4 },
  conv3x3_g4_s2: { stride: 2, padding: 1, groups: 4 },
};

for (const [name, options] of Object.entries(convolutions)) {
  gpuTest(`conv2d() equals PyTorch: ${name}`, async (gpu) => {
    const record = ({ tape, inputs, parameters }: Recording) =>
      conv2d(tape, inputs[0]!, parameters.w!, options);
    const { y, dx, gradients } = await runCase(gpu, name, record, { parameters: ["w"] });
    const [x, w, dy] = ["x", "w", "dy"].map((key) => expected(`${name}/${key}`)) as [
      Values,
      Values,
      Values,
    ];
    const twin = convolutionTwin.conv2d(x, w, options);
    const { shape } = expected(`${name}/y`);
    const area = shape[2]! * shape[3]!;
    const bias = tensors.has(`layer/${name}/b`) ? expected(`${name}/b`).data : [];
    const biased = (values: ArrayLike<number>) =>
      Array.from(values, (v, i) => v + (bias[Math.floor(i / area) % shape[1]!] ?? 0));
    near(`${name}/y`, biased(y), 1e-5);
    near(`${name}/y`, biased(twin.data), 1e-7);
    near(`${name}/dx`, convolutionTwin.inputGradient(dy, w, x.shape, options).data, 1e-7);
    near(`${name}/dx`, dx[0]!, 1e-5);
    near(`${name}/dw`, convolutionTwin.weightGradient(dy, x, w.shape, options).data, 1e-7);
    near(`${name}/dw`, gradients.w!, 1e-5);
  });
}

for (const training of [true, false]) {
  const name = training ? "bn_train" : "bn_eval";
  gpuTest(`batchNorm() equals PyTorch: ${name}`, async (gpu) => {
    const { y, dx, gradients, statistics } = await runCase(
      gpu,
      name,
      ({ tape, step, inputs, parameters: { w, b }, statistics }) =>
        batchNorm(tape, step, inputs[0]!, {
          weight: w!,
          bias: b!,
          runningMean: statistics.running_mean!,
          runningVar: statistics.running_var!,
        }, { training }),
      { parameters: ["w", "b"], statistics: ["running_mean", "running_var"] },
    );
    const [x, w, b, mean, variance] = ["x", "w", "b", "running_mean", "running_var"]
      .map((key) => expected(`${name}/${key}`)) as [Values, Values, Values, Values, Values];
    const twin = training
      ? batchNormTwin.batchNorm(x, w, b)
      : batchNormTwin.batchNormBy(x, w, b, [mean, variance]);
    near(`${name}/y`, twin.data, 1e-7);
    near(`${name}/y`, y, 2e-5);
    near(`${name}/dx`, dx[0]!, 2e-5);
    near(`${name}/dw`, gradients.w!, 2e-5);
    near(`${name}/db`, gradients.b!, 2e-5);
    const after = training ? "_after" : "";
    near(`${name}/running_mean${after}`, statistics.running_mean!, 2e-5);
    near(`${name}/running_var${after}`, statistics.running_var!, 2e-5);
    if (!training) return;
    const { runningMean, runningVar } = batchNormTwin.runningAfter(x, [mean, variance]);
    near(`${name}/running_mean_after`, runningMean.data, 1e-7);
    near(`${name}/running_var_after`, runningVar.data, 1e-7);
  });
}

gpuTest("linear() equals PyTorch", async (gpu) => {
  const { y, dx, gradients } = await runCase(
    gpu,
    "linear",
    ({ tape, inputs, parameters: { w, b } }) => linear(tape, inputs[0]!, w!, b!),
    { parameters: ["w", "b"] },
  );
  const [x, w, b] = ["x", "w", "b"].map((key) => expected(`linear/${key}`)) as [
    Values,
    Values,
    Values,
  ];
  near("linear/y", convolutionTwin.linear(x, w, b).data, 1e-7);
  near("linear/y", y, 1e-5);
  near("linear/dx", dx[0]!, 1e-5);
  near("linear/dw", gradients.w!, 1e-5);
  near("linear/db", gradients.b!, 1e-5);
});

gpuTest("globalAveragePool() equals PyTorch", async (gpu) => {
  const { y, dx } = await runCase(
    gpu,
    "global_avg",
    ({ tape, inputs }) => globalAveragePool(tape, inputs[0]!),
  );
  near("global_avg/y", elementwiseTwin.globalAveragePool(expected("global_avg/x")).data, 1e-7);
  near("global_avg/y", y, 1e-5);
  near("global_avg/dx", dx[0]!, 1e-5);
});

gpuTest("relu() equals PyTorch to the bit", async (gpu) => {
  const { y, dx } = await runCase(gpu, "relu", ({ tape, inputs }) => relu(tape, inputs[0]!));
  near("relu/y", elementwiseTwin.relu(expected("relu/x")).data, 0);
  near("relu/y", y, 0);
  near("relu/dx", dx[0]!, 0);
});

Deno.test("The float64 twin of dropout() equals PyTorch under PyTorch's mask", () => {
  const mask = expected("dropout/mask").data;
  near("dropout/y", elementwiseTwin.dropout(expected("dropout/x"), mask, 0.3).data, 1e-7);
  near("dropout/dx", elementwiseTwin.dropout(expected("dropout/dy"), mask, 0.3).data, 1e-7);
});
