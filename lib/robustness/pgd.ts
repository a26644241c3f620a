import randomCode from "../../kernels/random.wgsl" with { type: "text" };
import pgdCode from "../../kernels/robustness/pgd.wgsl" with { type: "text" };
import type { Gpu } from "../gpu/device.ts";
import type { Launch, Region } from "../gpu/kernel.ts";
import { type Program, write } from "../gpu/program.ts";
import { STEP_BYTES, stepCode, writeStep } from "../gpu/step.ts";
import { padded, Tape, type Tensor } from "../gpu/tape.ts";
import { type ModelOptions, recordModel } from "../models/model.ts";
import { elementGroups } from "../nn/elementwise.ts";
import { softmaxCrossEntropy, Targets } from "../nn/loss.ts";
import type { Parameters } from "../nn/parameters.ts";
import { Purpose } from "../random/stream.ts";
import type { Preparation } from "../tune/record_tuned.ts";
import { cifarNormalization, type Pictures, type PredictorOptions } from "./predict.ts";

/** An attack; lengths are of values in [0, 1]. */
export interface PgdOptions {
  /** The largest change of any channel. */
  eps: number;
  /** How many steps. */
  steps: number;
  /** How far each goes, in [0, 1]. */
  step_size: number;
  /**
   * What the attack stays within `eps` of: the clean picture, or the noisy start, as published code
   * does without meaning to, so that pictures change by up to 2 eps.
   */
  center: "clean" | "start";
}

/** The published attack, but around the clean picture. Source: AugMix's and PixMix's `PGD`. */
export const pgdDefaults: PgdOptions = {
  eps: 2 / 255,
  steps: 20,
  step_size: 0.5 / 255,
  center: "clean",
};

/** An attack on a network recorded over its parameters, to be weighed and then compiled. */
export interface RecordedAttack {
  tape: Tape;
  /** (batch × height × width × 4) each, in [0, 1] but for a noisy start; the fourth channel is 0. */
  regions: { clean: Region; center: Region; current: Region };
  /** @param building told while the kernels are built */
  compile(building?: (state: Preparation) => void): Promise<Attack>;
}

/** Which of a list of pictures are attacked, and by which noise. */
export interface AttackedPictures extends Pictures {
  labels: ArrayLike<number>;
  /** The number of the first picture; noise is a function of numbers and seed. */
  first: number;
  /** Unsigned 32-bit. */
  seed: number;
}

/** A compiled attack. */
export interface Attack {
  /** Sends at most a batch of pictures and puts each on its noisy start. */
  begin(pictures: AttackedPictures): void;
  /** One step up the loss, submitted as one piece of work. */
  step(): void;
  /** Logits (count × stride) of the pictures as they are now. */
  answers(count: number): Promise<Float32Array>;
  /**
   * Logits (count × stride) of any number of pictures after the whole attack; nothing when
   * `progress`, which is told how many are done, answers false before the end.
   */
  logits(
    pictures: AttackedPictures,
    progress?: (done: number) => boolean,
  ): Promise<Float32Array | undefined>;
  /** Floats per row of the logits. */
  readonly stride: number;
  destroy(): void;
}

/**
 * Records an L∞ attack on `batch` pictures at once: every step adds `step_size` times the sign of
 * the gradient of the summed cross-entropy, and clips to the ball and to [0, 1]. The normalisation
 * is part of the network, batch norms use running statistics.
 *
 * Source: Madry et al. 2018 (arXiv 1706.06083), equation 1, with a uniform random start.
 *
 * @param parameters to be declared, or declared, as frozen
 */
export function recordPgd(
  gpu: Gpu,
  parameters: Parameters,
  model: ModelOptions,
  { width, height }: { width: number; height: number },
  batch: number,
  pgd: PgdOptions,
  { normalization = cifarNormalization, tuning }: PredictorOptions = {},
): RecordedAttack {
  const tape = new Tape(gpu, true, tuning);
  const step = tape.region("step", STEP_BYTES);
  const pixels = batch * height * width;
  const [clean, center, current] = ["clean", "center", "current"].map((name) =>
    tape.region(name, 16 * pixels)
  ) as [Region, Region, Region];
  const launch = launcher(pgd, normalization, pixels, height * width);
  tape.record([launch("pgd_start", { step, clean, center, current })]);
  const input = tape.tensor("pictures", [batch, height, width, 3]);
  tape.record(
    [launch("pgd_normalize", { current, normalized: input.data })],
    () => [launch("pgd_step", { center, current, gradient: tape.received(input) })],
  );
  const logits = recordModel({ tape, step, parameters, training: false }, input, model);
  tape.keep(logits.data);
  const { targets } = softmaxCrossEntropy(tape, step, logits);
  const recorded = { gpu, step, clean, targets, logits, pgd, size: { width, height, batch } };
  return {
    tape,
    regions: { clean, center, current },
    async compile(building) {
      const program = await tape.compile((done, total) =>
        building?.({ task: "building", done, total })
      );
      return attackOf(recorded, program);
    },
  };
}

function launcher(
  { eps, step_size, center }: PgdOptions,
  { mean, std }: Required<PredictorOptions>["normalization"],
  pixels: number,
  perPicture: number,
): (kernel: string, bindings: Launch["bindings"]) => Launch {
  const [[MEAN_R, MEAN_G, MEAN_B], [STD_R, STD_G, STD_B]] = [mean, std];
  const own: Record<string, Record<string, number>> = {
    pgd_start: {
      PIXELS_PER_PICTURE: perPicture,
      PURPOSE: Purpose.pgd_start,
      EPS: eps,
      MOVING_CENTER: Number(center === "start"),
    },
    pgd_normalize: { MEAN_R, MEAN_G, MEAN_B, STD_R, STD_G, STD_B },
    pgd_step: { EPS: eps, STEP_SIZE: step_size },
  };
  return (kernel, bindings) => ({
    kernel,
    code: stepCode + randomCode + pgdCode,
    constants: { PIXELS: pixels, ...own[kernel] },
    bindings,
    groups: elementGroups(pixels, 1),
  });
}

interface Recorded {
  gpu: Gpu;
  step: Region;
  clean: Region;
  targets: Region;
  logits: Tensor;
  pgd: PgdOptions;
  size: { width: number; height: number; batch: number };
}

function attackOf(
  { gpu, step, clean, targets, logits, pgd, size }: Recorded,
  program: Program,
): Attack {
  const stride = padded(logits.shape[1]!);
  const names = program.dispatches.map(({ kernel }) => kernel);
  const forward = names.indexOf("pgd_normalize");
  const backward = names.indexOf("softmax_cross_entropy_backward");
  const attack: Attack = {
    stride,
    destroy: () => program.destroy(),
    begin({ count, rgba, labels, first, seed }) {
      write(gpu, clean, unitFloats(rgba, count * size.width * size.height));
      write(gpu, targets, Targets.of(labels).data);
      // A total of 1 makes the loss a sum, whose gradients are far from what underflows.
      const part = { total: 1, first: 0 };
      writeStep(gpu, step, { batch: count, number: first, seed, learningRate: 0, part });
      program.run(0, forward);
    },
    step: () => program.run(forward),
    async answers(count) {
      program.run(forward, backward);
      const { buffer, offset } = logits.data;
      return new Float32Array(await gpu.read(buffer!, offset, 4 * count * stride));
    },
    async logits(pictures, progress = () => true) {
      const { count, rgba, labels, first } = pictures;
      const all = new Float32Array(count * stride), bytes = 4 * size.width * size.height;
      for (let start = 0; start < count; start += size.batch) {
        const end = Math.min(start + size.batch, count);
        attack.begin({
          ...pictures,
          count: end - start,
          rgba: rgba.subarray(start * bytes, end * bytes),
          labels: Array.prototype.slice.call(labels, start, end),
          first: first + start,
        });
        for (let i = 0; i < pgd.steps; i++) attack.step();
        all.set(await attack.answers(end - start), start * stride);
        if (!progress(end)) return undefined;
      }
      return all;
    },
  };
  return attack;
}

/** Bytes r, g, b, ignored as floats in [0, 1], the ignored ones 0. */
function unitFloats(rgba: Uint8Array, pixels: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: 4 * pixels }, (_, i) => i % 4 === 3 ? 0 : rgba[i]! / 255);
}
