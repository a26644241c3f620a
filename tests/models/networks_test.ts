import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { writeStep } from "../../lib/gpu/step.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import {
  checkModel,
  type ModelName,
  type ModelOptions,
  recordModel,
} from "../../lib/models/model.ts";
import { softmaxCrossEntropy, Targets } from "../../lib/nn/loss.ts";
import { fromStored, Parameters, toStored } from "../../lib/nn/parameters.ts";
import { golden, goldenFile } from "../golden.ts";
import { describedGpu, gpuTest } from "../gpu.ts";
import { fromChannelsLast, relativeError, toChannelsLast } from "../layout.ts";
import { formulaWeights } from "./formula_weights.ts";

type Tolerance = Record<"logits" | "loss" | "grads_worst" | "input_grad", number | null>;
interface Expected {
  parameters: number;
  tensors: [string, number[]][];
  buffers: [string, number[]][];
  tolerance: Record<"train" | "eval", Tolerance>;
}
const manifest: Record<string, Expected> = JSON.parse(
  Deno.readTextFileSync(goldenFile("networks.json")),
);
const tensors = golden("networks");
const values = (name: string) => tensors.get(name)!.data as Float32Array;

interface Case {
  model: ModelName;
  layers: number;
  classes: number;
  side: number;
}
const cases: Record<string, Case> = {
  resnet18_cifar_c100: { model: "resnet18", layers: 18, classes: 100, side: 32 },
  resnext29_4x32d_c10: { model: "resnext29", layers: 29, classes: 10, side: 32 },
  densenet40_12_c10: { model: "densenet40", layers: 40, classes: 10, side: 32 },
  allconv_c10: { model: "allconv", layers: 9, classes: 10, side: 32 },
  tv_resnet18_c200: { model: "imagenet_resnet18", layers: 18, classes: 200, side: 64 },
  tv_resnet50_c200: { model: "imagenet_resnet50", layers: 50, classes: 200, side: 64 },
};
const optionsOf = ({ model: name, layers, classes }: Case): ModelOptions => {
  return { name, layers, widenFactor: 1, dropRate: 0, classes };
};
const BATCH = 2;

/**
 * ResNet-50's training pass on two pictures of 64 × 64 normalises by 8 pixels: weights changed by 1e-7
 * of themselves move its logits by 0.008 … 0.15 of their norm, so that only wiring can be seen there.
 */
const illConditioned = { logits: 0.5, loss: 0.5, grads_worst: null, input_grad: null };

for (const [name, shape] of Object.entries(cases)) {
  Deno.test(`${name} declares PyTorch's names, shapes and order`, () => {
    const tape = new Tape(describedGpu), parameters = new Parameters();
    const network = { tape, step: tape.region("step", 16), parameters, training: true };
    const pictures = tape.tensor("pictures", [1, shape.side, shape.side, 3]);
    checkModel(optionsOf(shape));
    recordModel(network, pictures, optionsOf(shape));
    const expected = manifest[name]!;
    assert.deepEqual(parameters.parameters.map((p) => [p.name, p.shape]), expected.tensors);
    const statistics = expected.buffers.filter(([name]) => !name.endsWith("num_batches_tracked"));
    assert.deepEqual(parameters.statistics.map((s) => [s.name, s.shape]), statistics);
    assert.equal(parameters.count, expected.parameters);
  });

  for (const mode of ["train", "eval"] as const) {
    gpuTest(`${name} ${mode} pass equals PyTorch: logits, loss and every gradient`, async (gpu) => {
      await comparePass(gpu, name, shape, mode);
    });
  }
}

/** Runs a pass forward and backward over the golden weights, and compares all it makes. */
async function comparePass(gpu: Gpu, name: string, shape: Case, mode: "train" | "eval") {
  const { classes, side } = shape;
  const prefix = mode === "train" ? name : `${name}/eval0`;
  const tolerance = prefix === "tv_resnet50_c200"
    ? illConditioned
    : manifest[name]!.tolerance[mode];
  const tape = new Tape(gpu), parameters = new Parameters();
  const step = tape.region("step", 16);
  const pictures = tape.tensor("pictures", [BATCH, side, side, 3]);
  const network = { tape, step, parameters, training: mode === "train" };
  const logits = recordModel(network, pictures, optionsOf(shape));
  tape.keep(logits.data);
  const loss = softmaxCrossEntropy(tape, step, logits);
  parameters.allocate(gpu);
  const program = await tape.compile();
  parameters.parameters.forEach((p, k) =>
    write(gpu, p.data, toStored(formulaWeights(p, k), p.shape))
  );
  const x = values(`x${side}_01`).slice(0, BATCH * 3 * side * side).map((v) => 2 * v - 1);
  write(gpu, pictures.data, toChannelsLast(x, [BATCH, 3, side, side]));
  write(gpu, loss.targets, Targets.of(tensors.get(`${name}/labels`)!.data as Int32Array).data);
  writeStep(gpu, step, { batch: BATCH, number: 0, seed: 0, learningRate: 0.1 });
  program.run();
  const near = (what: string, error: number, most: number | null) =>
    assert.ok(most === null || error <= most, `${what}: error ${error} > ${most}`);
  const found = fromChannelsLast(await readFloats(gpu, logits.data), [BATCH, classes]);
  near("logits", relativeError(found, values(`${prefix}/logits`)), tolerance.logits);
  const mean = (await readFloats(gpu, loss.history))[0]! / BATCH;
  near("loss", relativeError([mean], values(`${prefix}/loss`)), tolerance.loss);
  const dx = norm(await readFloats(gpu, tape.received(pictures)));
  near("input", relativeError([dx], values(`${prefix}/input_grad_norm`)), tolerance.input_grad);
  const norms = values(`${prefix}/grad_norms`), first = values(`${prefix}/grad_first8`);
  const largest = norms.reduce((most, value) => Math.max(most, value), 0);
  for (const [k, parameter] of parameters.parameters.entries()) {
    const gradient = fromStored(await readFloats(gpu, parameter.grad), parameter.shape);
    // A bias before a batch norm has no gradient but rounding.
    if (norms[k]! < 1e-9 * largest) {
      near(parameter.name, norm(gradient) / largest, 1e-5);
      continue;
    }
    // What is less than a thousandth of the largest is measured by that: it is a sum of what cancels.
    const scale = Math.max(norms[k]!, 1e-3 * largest);
    const most = tolerance.grads_worst;
    near(`norm of ${parameter.name}`, Math.abs(norm(gradient) - norms[k]!) / scale, most);
    const begin = [...gradient.subarray(0, 8)].map((value, i) => value - first[8 * k + i]!);
    near(`first of ${parameter.name}`, norm(begin) / scale, most);
  }
  program.destroy();
  parameters.destroy();
}

function norm(numbers: ArrayLike<number>): number {
  return Math.sqrt(Array.from(numbers).reduce((sum, value) => sum + value * value, 0));
}

Deno.test("checkModel() refuses what a network does not have", () => {
  const refuse = (options: Partial<ModelOptions>, error: RegExp) => {
    const whole = { ...optionsOf(cases.resnet18_cifar_c100!), ...options };
    assert.throws(() => checkModel(whole), error);
  };
  refuse({ layers: 34 }, /Cannot build ResNet-18: expected layers 18 but found 34/);
  refuse({ widenFactor: 2 }, /expected widenFactor 1 but found 2/);
  refuse({ dropRate: 0.3 }, /expected dropRate 0 but found 0.3/);
  refuse({ name: "wrn", layers: 18 }, /6n \+ 4/);
  const tape = new Tape(describedGpu), parameters = new Parameters();
  const network = { tape, step: tape.region("step", 16), parameters, training: true };
  const pictures = tape.tensor("pictures", [1, 64, 64, 3]);
  assert.throws(
    () => recordModel(network, pictures, optionsOf(cases.allconv_c10!)),
    /Cannot build AllConv: expected pictures of 32 × 32 pixels but found 64 × 64/,
  );
});
