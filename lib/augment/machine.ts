import affine from "../../kernels/augment/affine.wgsl" with { type: "text" };
import apply from "../../kernels/augment/apply.wgsl" with { type: "text" };
import byte from "../../kernels/augment/byte.wgsl" with { type: "text" };
import cropFlip from "../../kernels/augment/crop_flip.wgsl" with { type: "text" };
import machineCode from "../../kernels/augment/machine.wgsl" with { type: "text" };
import statistics from "../../kernels/augment/statistics.wgsl" with { type: "text" };
import random from "../../kernels/random.wgsl" with { type: "text" };
import type { Launch, Region } from "../gpu/kernel.ts";
import type { Tape, Tensor } from "../gpu/tape.ts";
import { blendSource } from "./blends.ts";
import { HEADER_WORDS, INSTRUCTION_WORDS, type MachineShape } from "./encode.ts";
import { opSource } from "./ops.ts";

/** Rows of four floats in a picture's table: 256 levels, minimum, maximum. */
const TABLE_ROWS = 258;
/** Invocations of a workgroup of `crop_flip` and `apply`. */
const PIXELS_PER_GROUP = 64;

/** What the kernels are specialised by, besides the shape. */
export interface MachineOptions extends MachineShape {
  /** Pixels of zeros around the picture before it is cropped. */
  padding: number;
  /** Per channel; output = (value - mean) / std. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  /** Unsigned 32-bit. */
  seed: number;
}

/** The buffers of a register machine of pictures; `kernels/augment/machine.wgsl` has their layout. */
export interface Machine {
  readonly options: MachineOptions;
  /** u8 r, g, b, ignored (batch × height × width). */
  readonly pictures: Region;
  readonly headers: Region;
  readonly instructions: Region;
  /** f32 in [0, 1] (slots × batch × height × width × 4). */
  readonly slots: Region;
  readonly tables: Region;
  readonly mixing: Region;
  /** (batch × height × width × 3), normalised. */
  readonly output: Tensor;
}

/** Declares a machine's buffers; `mixing` holds pictures of u8 r, g, b, ignored. */
export function declareMachine(tape: Tape, options: MachineOptions, mixing: Region): Machine {
  const { batch, stages, slots, width, height } = options;
  const pixels = batch * width * height;
  return {
    options,
    pictures: tape.region("pictures", 4 * pixels),
    headers: tape.region("headers", 4 * HEADER_WORDS * batch),
    instructions: tape.region("instructions", 4 * INSTRUCTION_WORDS * batch * stages),
    slots: tape.region("slots", 16 * pixels * slots),
    tables: tape.region("tables", 16 * TABLE_ROWS * batch),
    mixing,
    output: tape.tensor("augmented", [batch, height, width, 3], false),
  };
}

/** Launches the mirroring and cropping of the uploaded pictures to slot 0 or to the output. */
export function launchCrop(machine: Machine): Launch {
  const { pictures, headers, slots, output, options } = machine;
  return {
    kernel: "crop_flip",
    code: machineCode + cropFlip,
    constants: { ...constants(options), PADDING: options.padding },
    bindings: { pictures, headers, slots, normalised: output.data },
    groups: pixelGroups(options),
  };
}

/** Launches the measuring of what one stage's ops need to know of their picture as a whole. */
export function launchStatistics(machine: Machine, stage: number): Launch {
  const { instructions, slots, tables, options } = machine;
  return {
    kernel: "statistics",
    code: machineCode + byte + statistics,
    constants: { ...constants(options), STAGE: stage },
    bindings: { instructions, slots, tables },
    groups: [options.batch],
  };
}

/** Launches one stage's instruction of every picture. */
export function launchStage(machine: Machine, stage: number): Launch {
  const { headers, instructions, slots, tables, mixing, output, options } = machine;
  return {
    kernel: "apply",
    code: machineCode + random + byte + affine + opSource + blendSource + apply,
    constants: { ...constants(options), STAGE: stage, SEED: options.seed },
    bindings: {
      headers,
      instructions,
      slots,
      tables,
      mixing_pictures: mixing,
      normalised: output.data,
    },
    groups: pixelGroups(options),
  };
}

function pixelGroups({ batch, width, height }: MachineOptions): [number, number] {
  return [Math.ceil(width * height / PIXELS_PER_GROUP), batch];
}

function constants({ batch, width, height, mean, std }: MachineOptions): Record<string, number> {
  const [MEAN_R, MEAN_G, MEAN_B] = mean, [STD_R, STD_G, STD_B] = std;
  return {
    BATCH: batch,
    WIDTH: width,
    HEIGHT: height,
    MEAN_R,
    MEAN_G,
    MEAN_B,
    STD_R,
    STD_G,
    STD_B,
  };
}
