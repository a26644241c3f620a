import type { CutPictures } from "../data/mixing_stream.ts";
import type { Gpu } from "../gpu/device.ts";
import { write } from "../gpu/program.ts";
import type { Tape, Tensor } from "../gpu/tape.ts";
import { autocontrastShort } from "./autocontrast_short.ts";
import { JOB_WORDS, JobTable } from "./encode.ts";
import { rowWords } from "./machine_shape.ts";
import { type Method, type MethodName, type MethodOptions, methods } from "./methods.ts";
import { planBaseline } from "./baseline.ts";
import { declareMachine, launchJobs, type Machine, usesAutocontrastShort } from "./machine.ts";
import { chunkOf, roundsTogetherOf, togetherOf } from "./work_split.ts";
import { cutMixing, type Mixing, mixingRegion } from "./mixing.ts";
import { opSetNames } from "./op_sets.ts";
import { type PicturePlan, usesMixing } from "./plan.ts";

/** What `recordAugment` needs to know. Sizes are in pixels. */
export interface AugmentOptions extends MethodOptions {
  method: MethodName;
  /** Pictures per step. */
  batch: number;
  /**
   * Pictures in the output for each one given, one after the other; 1 by default. With more, the
   * first is only cropped, and the others are draws of the method apart, with the same crop.
   */
  views?: number;
  /** Pictures that are given at once, where a batch is made in parts; by default those of a step. */
  sources?: number;
  /** Per channel; output = (value - mean) / std with values in [0, 1]. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** Plans and feeds the augmentation that was recorded on a tape. */
export interface Augmenter {
  /** (batch · views × height × width × 3), normalised; not differentiable. */
  readonly output: Tensor;
  /**
   * Draws what happens to each view of each picture, a function of (seed, index, epoch) alone; of
   * methods that mix pictures of a batch, also of the other indices.
   */
  plan(indices: ArrayLike<number>, epoch: number): PicturePlan[];
  /**
   * Reads what plans mix in, where the mixing set is not in memory; else gives nothing.
   *
   * @throws {DataError} when too much of the set cannot be read
   */
  cut(plans: readonly PicturePlan[]): Promise<CutPictures> | undefined;
  /**
   * Sends a batch and its plans to the compiled tape, which runs them at its next replay.
   * Of a batch that is not full, the remaining places of the output become zero.
   *
   * @param pictures bytes r, g, b, ignored (plans / views × height × width × 4); where batches are
   * made in parts, all that the parts share, and nothing where they were sent before; or how many
   * there are, where they are copied to the machine's buffer on the GPU
   * @param first the place among them of the first plan's picture
   * @param cut what `cut` gave for these plans; its memory is given back
   * @throws {RangeError} when the sizes do not fit or a plan is malformed
   */
  upload(
    gpu: Gpu,
    pictures: Uint8Array | number | undefined,
    plans: readonly PicturePlan[],
    first?: number,
    cut?: CutPictures,
  ): void;
}

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
  mixing?: Mixing,
): Augmenter {
  const method = methods[options.method];
  check(options, method, mixing);
  const mixed = method.mixing ? mixing : undefined;
  const used = method.ops(options);
  const { width, height, views = 1 } = options;
  const batch = options.batch * views;
  const shape = { ...options, ...method.layout(options), batch };
  const machine = declareMachine(
    tape,
    {
      ...shape,
      chunk: hasRoom(tape, shape) ? chunkOf(tape, shape) : batch,
      views,
      together: togetherOf(tape, shape),
      roundsTogether: roundsTogetherOf(tape, shape),
      used,
    },
    mixingRegion(tape, { width, height, batch }, mixed),
  );
  tape.record(launchJobs(tape, machine));
  return {
    output: machine.output,
    plan: planner(options, method, mixed),
    cut: (plans) => cutMixing(mixed, plans, { width, height }),
    upload: uploader(machine, mixed),
  };
}

/**
 * Whether slots fit a binding beside the output. Where they do not, the batch is refused once it is
 * weighed; until then it is made at once, since the launches of each picture would fill the memory.
 */
function hasRoom({ gpu }: Tape, shape: { batch: number; width: number; height: number }): boolean {
  const output = 16 * shape.batch * shape.width * shape.height;
  return output < (1 - 1 / 256) * gpu.device.limits.maxStorageBufferBindingSize;
}

function planner(
  options: AugmentOptions,
  method: Method,
  mixing: Mixing | undefined,
): Augmenter["plan"] {
  const { views = 1 } = options;
  return (indices, epoch) => {
    const plans: PicturePlan[] = [];
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i]!;
      if (views > 1) plans.push(planBaseline(options, index, epoch));
      for (let view = 0; view < Math.max(1, views - 1); view++) {
        plans.push(method.plan(options, mixing, index, epoch, view));
      }
    }
    return method.pair?.(options, plans) ?? plans;
  };
}

function uploader(machine: Machine, mixing: Mixing | undefined): Augmenter["upload"] {
  // Not before it is used: a batch that turns out not to fit must take no memory.
  let table: JobTable | undefined;
  const { width, height, views, sources } = machine.options;
  let constantsSent = false, sent = 0;
  return (gpu, pictures, plans, first = 0, cut) => {
    const bytes = 4 * width * height, count = first + plans.length / views;
    const given = typeof pictures === "object" ? pictures.length / bytes : pictures ?? sent;
    if (sources === undefined ? given !== count : given < count || given > sources) {
      throw new RangeError(
        `Cannot upload ${count} pictures: expected ${count * bytes} bytes ` +
          `but found ${given * bytes}`,
      );
    }
    table ??= new JobTable(machine.options, mixing);
    table.encode(plans, first);
    if (mixing && !("rgba" in mixing)) sendCut(gpu, machine, plans, cut);
    if (!constantsSent) sendConstants(gpu, machine, mixing);
    constantsSent = true;
    if (typeof pictures === "object") write(gpu, machine.pictures, pictures as BufferSource);
    sent = given;
    write(gpu, machine.launches, table.tables.launches);
    const { rows, rowCount } = table.tables;
    write(gpu, machine.rows, rows.subarray(0, rowCount * rowWords(machine.options)));
    write(gpu, machine.jobs, table.jobs.subarray(0, table.count * JOB_WORDS));
  };
}

/** Sends what was cut out of mixing pictures for the plans that use some. */
function sendCut(
  gpu: Gpu,
  { mixing, options: { width, height } }: Machine,
  plans: readonly PicturePlan[],
  cut: CutPictures | undefined,
): void {
  const expected = 4 * width * height * plans.filter(usesMixing).length;
  const found = cut?.rgba.length ?? 0;
  if (found !== expected) {
    throw new RangeError(
      `Cannot upload mixing pictures: expected ${expected} bytes but found ${found}`,
    );
  }
  if (!cut) return;
  write(gpu, mixing, cut.rgba as unknown as BufferSource);
  cut.release();
}

/** Sends what stays the same from batch to batch. */
function sendConstants(gpu: Gpu, machine: Machine, mixing: Mixing | undefined): void {
  if (mixing && "rgba" in mixing) write(gpu, machine.mixing, mixing.rgba as BufferSource);
  if (usesAutocontrastShort(machine.options)) {
    write(gpu, machine.autocontrastShort, autocontrastShort());
  }
}

function check(options: AugmentOptions, method: Method, mixing: Mixing | undefined): void {
  const expect = (holds: boolean, name: keyof AugmentOptions, range: string) => {
    if (holds) return;
    throw new RangeError(`Cannot augment: expected ${name} ${range} but found ${options[name]}`);
  };
  for (const name of ["batch", "width", "height"] as const) {
    expect(Number.isInteger(options[name]) && options[name] > 0, name, "to be a whole number > 0");
  }
  const { padding, seed, magnitude, blendingRatio, alpha, views = 1 } = options;
  expect(Number.isInteger(padding) && padding >= 0, "padding", "to be a whole number ≥ 0");
  expect(seed >>> 0 === seed, "seed", "to be an unsigned 32-bit integer");
  expect(magnitude > 0 && magnitude <= 10, "magnitude", "in (0, 10]");
  expect(blendingRatio > 0 && blendingRatio < Infinity, "blendingRatio", "> 0");
  expect(alpha > 0 && alpha < Infinity, "alpha", "> 0");
  expect(views === 1 || (method.views && isCount(views, 1)), "views", viewsRange(method));
  for (const name of ["k", "t", "mixtureWidth"] as const) {
    expect(isCount(options[name], 1), name, `to be a whole number of 1 … ${MOST_ROUNDS}`);
  }
  expect(isCount(options.mixtureDepth, 0), "mixtureDepth", `of 0 … ${MOST_ROUNDS}`);
  expect(opSetNames.includes(options.ops), "ops", `to be one of ${opSetNames.join(", ")}`);
  expect(options.std.every((value) => value > 0), "std", "> 0");
  if (method.mixing && !mixing) {
    throw new RangeError(
      `Cannot augment: ${options.method} needs a mixing set: give one with --mixing-set`,
    );
  }
}

function viewsRange({ views }: Method): string {
  return views ? `of 1 … ${MOST_ROUNDS}` : "1, as the method has no views of a picture";
}

/** Rounds, ops, chains or views at the most: each takes launches, and slots for all pictures. */
const MOST_ROUNDS = 10;

function isCount(value: number, least: number): boolean {
  return Number.isInteger(value) && value >= least && value <= MOST_ROUNDS;
}
