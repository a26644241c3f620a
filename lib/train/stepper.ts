import type { Augmenter } from "../augment/augmenter.ts";
import type { PicturePlan } from "../augment/plan.ts";
import type { CutPictures } from "../data/mixing_stream.ts";
import {
  batchesOf,
  type Dataset,
  type PictureBatch,
  type StreamedDataset,
} from "../data/dataset.ts";
import type { Gpu } from "../gpu/device.ts";
import { type Program, write } from "../gpu/program.ts";
import { writeStep } from "../gpu/step.ts";
import { Targets } from "../nn/loss.ts";
import { type RecordedStep, viewsOf } from "./recorded_step.ts";
import { learningRateAt } from "./schedule.ts";
import type { TrainSettings } from "./settings.ts";

/** Submits training steps. */
export interface Stepper {
  /**
   * Submits step `number` on the pictures with the given numbers (at most `batchSize`), and of the
   * given content where they are not in memory; waits only while two earlier steps are still running,
   * or for mixing pictures that are read.
   */
  step(
    indices: Uint32Array,
    epoch: number,
    number: number,
    totalSteps: number,
    pictures?: PictureBatch,
  ): Promise<void>;
  /** Plans the step after this one, and begins to read what it mixes in; no step needs to be expected. */
  expect(indices: Uint32Array, epoch: number): void;
}

/** Steps on the GPU's queue at once: enough that it seldom waits, few enough to stop soon. */
const IN_FLIGHT = 2;

/** A step of which is known what will happen to its pictures. */
interface PlannedStep {
  indices: Uint32Array;
  epoch: number;
  /** Of all pictures, view by view. */
  total: number;
  parts: { plans: PicturePlan[]; cut?: Promise<CutPictures> }[];
}

/** Feeds the compiled step. */
export function openStepper(
  gpu: Gpu,
  { step: region, augmenter, loss }: RecordedStep,
  program: Program,
  settings: TrainSettings,
  data: Dataset | StreamedDataset,
): Stepper {
  const { batchSize, accumulate, seed } = settings;
  const targets = new Targets(batchSize / accumulate);
  const views = viewsOf(settings), rows = views * batchSize / accumulate;
  let inFlight = 0;
  let waiting: Promise<void> | undefined;
  let expected: PlannedStep | undefined;
  return {
    expect(indices, epoch) {
      expected = planStep(augmenter, rows, indices, epoch);
    },
    async step(indices, epoch, number, totalSteps, given) {
      const { total, parts } = expected && isOf(expected, indices, epoch)
        ? expected
        : planStep(augmenter, rows, indices, epoch);
      expected = undefined;
      const { rgba, labels } = given ?? await firstBatch(data, indices, epoch);
      if (inFlight === IN_FLIGHT) {
        // Deno waits inside the call of `idle` for all that was submitted, so it is not called after
        // every step; its promise comes 10 ms late, so the one before is awaited.
        await waiting;
        waiting = gpu.idle();
        // The next wait throws; until then a lost device must not end the process.
        waiting.catch(() => {});
        inFlight = 0;
      }
      const learningRate = learningRateAt(settings, number, totalSteps);
      for (const [i, { plans, cut }] of parts.entries()) {
        const first = i * rows, batch = plans.length;
        label(targets, plans, labels, first / views, views);
        const sent = first === 0 ? rgba : undefined;
        augmenter.upload(gpu, sent, plans, first / views, cut && await cut);
        write(gpu, loss.targets, targets.data);
        writeStep(gpu, region, { batch, number, seed, learningRate, part: { total, first } });
        program.run();
      }
      inFlight++;
    },
  };
}

function planStep(
  augmenter: Augmenter,
  rows: number,
  indices: Uint32Array,
  epoch: number,
): PlannedStep {
  const plans = augmenter.plan(indices, epoch), parts: PlannedStep["parts"] = [];
  for (let first = 0; first < plans.length; first += rows) {
    const part = plans.slice(first, first + rows), cut = augmenter.cut(part);
    // The step throws; until then, and where there is none, it must not end the process.
    cut?.catch(() => {});
    parts.push({ plans: part, cut });
  }
  return { indices, epoch, total: plans.length, parts };
}

function isOf(planned: PlannedStep, indices: Uint32Array, epoch: number): boolean {
  return planned.epoch === epoch && planned.indices.length === indices.length &&
    planned.indices.every((index, i) => index === indices[i]);
}

async function firstBatch(
  data: Dataset | StreamedDataset,
  indices: Uint32Array,
  epoch: number,
): Promise<PictureBatch> {
  const { value } = await batchesOf(data, indices, indices.length, epoch).next();
  return value!;
}

/**
 * Gives each picture of a part its label, and its partner's by the partner's part of the picture.
 *
 * @param labels those of the whole batch, in which the part begins with picture `first`
 */
function label(
  targets: Targets,
  plans: readonly PicturePlan[],
  labels: ArrayLike<number>,
  first: number,
  views: number,
): void {
  for (let i = 0; views * i < plans.length; i++) {
    const { partner } = plans[views * i]!;
    const [own, second] = [labels[first + i]!, labels[partner?.place ?? first + i]!];
    targets.set(i, own, second, 1 - (partner?.weight ?? 0));
  }
}
