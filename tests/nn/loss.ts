import type { Gpu } from "../../lib/gpu/device.ts";
import { type Program, readFloats, write } from "../../lib/gpu/program.ts";
import { type Step, writeStep } from "../../lib/gpu/step.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { type softmaxCrossEntropy, Targets } from "../../lib/nn/loss.ts";
import { readTensor } from "../layer.ts";
import { toChannelsLast } from "../layout.ts";
import type { LabelPair } from "../reference/loss.ts";
import type { Values } from "../reference/values.ts";

/** What one step left, without what lies past the pictures. */
export interface LossResult {
  losses: Float32Array;
  top1: Float32Array;
  top5: Float32Array;
  history: Float32Array;
  gradient: Float32Array;
}

/** A loss, compiled and fed. */
export interface RecordedLoss {
  /** Replays it for a step, by default the first one with all rows of the logits. */
  run(step?: Partial<Step>): Promise<LossResult>;
  program: Program;
}

/** A loss of logits (rows × classes) and a pair of labels per picture. */
export async function recordLoss(
  gpu: Gpu,
  loss: typeof softmaxCrossEntropy,
  logits: Values,
  pairs: readonly LabelPair[],
): Promise<RecordedLoss> {
  const tape = new Tape(gpu);
  const step = tape.region("step", 16);
  const tensor = tape.tensor("logits", logits.shape);
  const recorded = loss(tape, step, tensor);
  const program = await tape.compile();
  const [rows, classes] = logits.shape as [number, number];
  const stored = toChannelsLast(logits.data, logits.shape);
  const stride = stored.length / rows;
  // Padded classes must not count, whatever a kernel might leave there.
  write(gpu, tensor.data, stored.map((v, i) => i % stride < classes ? v : 50));
  const targets = new Targets(pairs.length);
  pairs.forEach(({ first, second, weight }, i) => targets.set(i, first, second, weight));
  write(gpu, recorded.targets, targets.data);
  const run = async (values: Partial<Step> = {}) => {
    writeStep(gpu, step, { batch: rows, number: 0, seed: 0, learningRate: 0, ...values });
    // All of the gradient and of the pictures' results is to be written, zeros too.
    for (const region of [tape.received(tensor), recorded.results]) {
      write(gpu, region, new Float32Array(region.bytes / 4).fill(NaN));
    }
    program.run();
    const results = (await readFloats(gpu, recorded.results)).subarray(0, 4 * pairs.length);
    return {
      losses: results.filter((_, i) => i % 4 === 0),
      top1: results.filter((_, i) => i % 4 === 1),
      top5: results.filter((_, i) => i % 4 === 2),
      history: await readFloats(gpu, recorded.history),
      gradient: await readTensor(gpu, tape.received(tensor), logits.shape),
    };
  };
  return { run, program };
}

/** What one step of a loss leaves. */
export async function runLoss(
  gpu: Gpu,
  loss: typeof softmaxCrossEntropy,
  logits: Values,
  pairs: readonly LabelPair[],
  step: Partial<Step> = {},
): Promise<LossResult> {
  const { run, program } = await recordLoss(gpu, loss, logits, pairs);
  const result = await run(step);
  program.destroy();
  return result;
}

/** Pairs of labels that are now two classes, now one, all of the given weight. */
export function pairsOf(pictures: number, classes: number, weight: number): LabelPair[] {
  return Array.from({ length: pictures }, (_, n) => {
    const first = (7 * n + 2) % classes;
    return { first, second: n % 3 ? (first + n) % classes : first, weight };
  });
}
