import type { Gpu } from "../gpu/device.ts";
import { write } from "../gpu/program.ts";
import type { Tape, Tensor } from "../gpu/tape.ts";
import { planBaseline } from "./baseline.ts";
import { PlanWords } from "./encode.ts";
import { type LayermixOptions, planLayermix } from "./layermix.ts";
import {
  declareMachine,
  launchCrop,
  launchStage,
  launchStatistics,
  type Machine,
} from "./machine.ts";
import { type MixingPictures, mixingRegion } from "./mixing.ts";
import type { PicturePlan } from "./plan.ts";

/** How a picture is augmented. */
export const methodNames = ["layermix", "baseline"] as const;
export type MethodName = typeof methodNames[number];

/** What `recordAugment` needs to know. Sizes are in pixels. */
export interface AugmentOptions extends LayermixOptions {
  method: MethodName;
  /** Pictures per step. */
  batch: number;
  /** Per channel; output = (value - mean) / std with values in [0, 1]. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** Plans and feeds the augmentation that was recorded on a tape. */
export interface Augmenter {
  /** (batch × height × width × 3), normalised; not differentiable. */
  readonly output: Tensor;
  /** Draws what happens to each picture, a function of (seed, index, epoch) alone. */
  plan(indices: ArrayLike<number>, epoch: number): PicturePlan[];
  /**
   * Sends a batch and its plans to the compiled tape, which runs them at its next replay.
   * Of a batch that is not full, the remaining places of the output become zero.
   *
   * @param pictures bytes r, g, b, ignored (plans × height × width × 4)
   * @throws {RangeError} when the sizes do not fit or a plan is malformed
   */
  upload(gpu: Gpu, pictures: Uint8Array, plans: readonly PicturePlan[]): void;
}

interface Method {
  slots: number;
  /** For each stage a plan may have: whether its ops may need image statistics. */
  stages: readonly boolean[];
  mixing: boolean;
  plan(
    options: AugmentOptions,
    mixing: MixingPictures | undefined,
    index: number,
    epoch: number,
  ): PicturePlan;
}

const methods: Readonly<Record<MethodName, Method>> = {
  baseline: {
    slots: 1,
    stages: [],
    mixing: false,
    plan: (options, _mixing, index, epoch) => planBaseline(options, index, epoch),
  },
  layermix: {
    slots: 2,
    stages: [true, false, true],
    mixing: true,
    plan: (options, mixing, index, epoch) => planLayermix(options, mixing!, index, epoch),
  },
};

/**
 * Records crop, flip, the method's stages and the normalisation.
 *
 * @param mixing the pictures to mix with; LayerMix needs them
 * @throws {RangeError} when an option is out of range or the mixing set does not fit the method
 * @throws {GpuError} when the mixing set is larger than what the GPU binds
 */
export function recordAugment(
  tape: Tape,
  options: AugmentOptions,
  mixing?: MixingPictures,
): Augmenter {
  const method = methods[options.method];
  check(options, method, mixing);
  const used = method.mixing ? mixing : undefined;
  const { slots, stages } = method;
  const machine = declareMachine(
    tape,
    { ...options, slots, stages: stages.length },
    mixingRegion(tape, options.width, options.height, used),
  );
  tape.record([launchCrop(machine)]);
  stages.forEach((statistics, stage) => {
    if (statistics) tape.record([launchStatistics(machine, stage)]);
    tape.record([launchStage(machine, stage)]);
  });
  return {
    output: machine.output,
    plan: (indices, epoch) =>
      Array.from(indices, (index) => method.plan(options, used, index, epoch)),
    upload: uploader(machine, used),
  };
}

function uploader(machine: Machine, mixing: MixingPictures | undefined): Augmenter["upload"] {
  const words = new PlanWords(machine.options, mixing);
  const { width, height } = machine.options;
  let mixingSent = false;
  return (gpu, pictures, plans) => {
    const expected = 4 * width * height * plans.length;
    if (pictures.length !== expected) {
      throw new RangeError(
        `Cannot upload ${plans.length} pictures: expected ${expected} bytes ` +
          `but found ${pictures.length}`,
      );
    }
    words.encode(plans);
    if (mixing && !mixingSent) write(gpu, machine.mixing, mixing.rgba as BufferSource);
    mixingSent = true;
    write(gpu, machine.pictures, pictures as BufferSource);
    write(gpu, machine.headers, words.headers);
    write(gpu, machine.instructions, words.instructions);
  };
}

function check(options: AugmentOptions, method: Method, mixing: MixingPictures | undefined): void {
  const expect = (holds: boolean, name: keyof AugmentOptions, range: string) => {
    if (holds) return;
    throw new RangeError(`Cannot augment: expected ${name} ${range} but found ${options[name]}`);
  };
  for (const name of ["batch", "width", "height"] as const) {
    expect(Number.isInteger(options[name]) && options[name] > 0, name, "to be a whole number > 0");
  }
  const { padding, seed, magnitude, blendingRatio } = options;
  expect(Number.isInteger(padding) && padding >= 0, "padding", "to be a whole number ≥ 0");
  expect(seed >>> 0 === seed, "seed", "to be an unsigned 32-bit integer");
  expect(magnitude > 0 && magnitude <= 10, "magnitude", "in (0, 10]");
  expect(blendingRatio > 0, "blendingRatio", "> 0");
  expect(options.std.every((value) => value > 0), "std", "> 0");
  if (method.mixing && !mixing) {
    throw new RangeError(
      `Cannot augment: ${options.method} needs a mixing set: give one with --mixing-set`,
    );
  }
}
