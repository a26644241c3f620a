import { type Augmenter, recordAugment } from "../augment/augmenter.ts";
import { type MethodName, methods, type MethodSettings } from "../augment/methods.ts";
import type { PicturePlan } from "../augment/plan.ts";
import type { Mixing } from "../augment/mixing.ts";
import type { Picture } from "../data/pixels.ts";
import type { Gpu } from "../gpu/device.ts";
import { GpuError } from "../gpu/error.ts";
import { type Program, readFloats } from "../gpu/program.ts";
import { Tape } from "../gpu/tape.ts";
import type { Normalization } from "../robustness/predict.ts";
import { mixedIn, parts } from "./stages.ts";
import type { Subject, Subjects } from "./subjects.ts";

/** What to draw. A setting that is left out is each method's own. */
export interface DrawSettings extends Partial<MethodSettings> {
  /** One or several. */
  methods: readonly MethodName[];
  /** As in training: unsigned, 32 bits. */
  seed: number;
  /** The first epoch, counted from 1 as in `log.csv`. */
  epoch: number;
  /** How many epochs. */
  draws: number;
}

/** What became of a picture in an epoch. */
export interface Draw {
  /** How pictures are augmented. */
  method: MethodName;
  /** Of which picture. */
  subject: Subject;
  /** Counted from 1; the plan counts from 0. */
  epoch: number;
  /** What happened to it. */
  plan: PicturePlan;
  /** What training sees, as bytes. */
  picture: Picture;
  /** What was mixed in, cut and turned; undefined where nothing was. */
  mixed?: Picture;
}

/** A picture on the way from the original (number 0) to what training sees. */
export interface Frame {
  /** How pictures are augmented. */
  method: MethodName;
  /** Of which picture. */
  subject: Subject;
  /** Counted from 0. */
  epoch: number;
  /** Which stage, from 0. */
  number: number;
  /** What was done last, in a few words such as "rotate 12 degrees". */
  what: string;
  /** What it looks like then. */
  picture: Picture;
}

/** Takes frames as they are made: together they may be more than the memory holds. */
export type FrameSink = (frame: Frame) => Promise<void>;

/**
 * Augments all pictures by all methods in all epochs, pixel for pixel as training does. Pictures of
 * one size are one batch, as far as methods mix the pictures of a batch.
 *
 * @returns draws in the order of pictures, then epochs, then methods
 * @throws {RangeError} when an option is out of range or the mixing set does not fit
 * @throws {GpuError} when pictures or mixing set are larger than what the GPU binds
 */
export async function makeDraws(
  gpu: Gpu,
  settings: DrawSettings,
  subjects: Subjects,
  mixing?: Mixing,
  sink?: FrameSink,
): Promise<Draw[]> {
  const bySize = Map.groupBy(
    subjects.pictures.keys(),
    (place) =>
      `${subjects.pictures[place]!.picture.width}x${subjects.pictures[place]!.picture.height}`,
  );
  const drawn: Draw[] = [];
  for (const [m, method] of settings.methods.entries()) {
    for (const places of bySize.values()) {
      const batch = places.map((place) => subjects.pictures[place]!);
      const machine = await prepare(gpu, { ...settings, method }, subjects, batch, mixing);
      try {
        for (let epoch = 0; epoch < settings.draws; epoch++) {
          const found = await drawEpoch(machine, method, settings.epoch + epoch, sink);
          for (const [i, draw] of found.entries()) {
            drawn[(places[i]! * settings.draws + epoch) * settings.methods.length + m] = draw;
          }
        }
      } finally {
        machine.program.destroy();
      }
    }
  }
  return drawn;
}

/** Runs plans for one batch. */
interface Machine {
  gpu: Gpu;
  batch: Subject[];
  augmenter: Augmenter;
  program: Program;
  normalization: Normalization;
  /** All originals, one after another. */
  originals: Uint8Array;
}

async function prepare(
  gpu: Gpu,
  { method, ...settings }: DrawSettings & { method: MethodName },
  { padding, normalization }: Subjects,
  batch: Subject[],
  mixing?: Mixing,
): Promise<Machine> {
  const { width, height } = batch[0]!.picture;
  const tape = new Tape(gpu, false);
  const size = { width, height, padding, batch: batch.length };
  const options = { ...methods[method].defaults, ...settings, ...normalization, ...size, method };
  const augmenter = recordAugment(tape, options, mixing);
  const largest = tape.largest().bytes, most = gpu.device.limits.maxStorageBufferBindingSize;
  if (largest > most) {
    const mebibytes = (bytes: number) => `${Math.floor(bytes / 2 ** 20)} MiB`;
    throw new GpuError(
      `Cannot augment pictures of ${width} x ${height} pixels by ${method}: it takes a buffer of ` +
        `${mebibytes(largest)} but ${gpu.name} binds at most ${mebibytes(most)}; make them ` +
        "smaller with --size",
    );
  }
  const originals = new Uint8Array(4 * width * height * batch.length);
  batch.forEach(({ picture }, i) => originals.set(picture.rgba, i * picture.rgba.length));
  return { gpu, batch, augmenter, program: await tape.compile(), normalization, originals };
}

async function drawEpoch(
  machine: Machine,
  method: MethodName,
  epoch: number,
  sink?: FrameSink,
): Promise<Draw[]> {
  const { batch, augmenter } = machine;
  const plans = augmenter.plan(batch.map(({ index }) => index), epoch - 1);
  const pictures = await run(machine, plans);
  const mixing = plans.map(mixedIn);
  const mixed = mixing.some((plan) => plan)
    ? await run(machine, plans.map((plan, i) => mixing[i] ?? plan))
    : [];
  if (sink) await makeFrames(machine, method, epoch, plans, sink);
  return batch.map((subject, i) => ({
    ...{ method, subject, epoch, plan: plans[i]!, picture: pictures[i]! },
    ...(mixing[i] && { mixed: mixed[i]! }),
  }));
}

/** Runs the plans cut after each of their parts, all pictures at a time. */
async function makeFrames(
  machine: Machine,
  method: MethodName,
  epoch: number,
  plans: PicturePlan[],
  sink: FrameSink,
): Promise<void> {
  const all = plans.map(parts);
  const most = Math.max(...all.map((found) => found.length));
  for (const subject of machine.batch) {
    await sink({ method, subject, epoch, number: 0, what: "original", picture: subject.picture });
  }
  for (let part = 0; part < most; part++) {
    const pictures = await run(machine, plans.map((plan, i) => all[i]![part]?.plan ?? plan));
    for (const [i, subject] of machine.batch.entries()) {
      const what = all[i]![part]?.what;
      if (!what) continue;
      await sink({ method, subject, epoch, number: part + 1, what, picture: pictures[i]! });
    }
  }
}

/** What the plans make of the batch, as bytes. */
async function run(
  { gpu, batch, augmenter, program, normalization, originals }: Machine,
  plans: PicturePlan[],
): Promise<Picture[]> {
  augmenter.upload(gpu, originals, plans, 0, await augmenter.cut(plans));
  program.run();
  const values = await readFloats(gpu, augmenter.output.data);
  return batch.map(({ picture: { width, height } }, i) => {
    const size = 4 * width * height;
    return toPicture(values.subarray(i * size, (i + 1) * size), width, height, normalization);
  });
}

function toPicture(
  values: Float32Array,
  width: number,
  height: number,
  { mean, std }: Normalization,
): Picture {
  const rgba = new Uint8Array(values.length);
  for (let i = 0; i < rgba.length; i++) {
    const channel = i % 4;
    rgba[i] = channel === 3 ? 255 : Math.round(255 * (values[i]! * std[channel]! + mean[channel]!));
  }
  return { width, height, rgba };
}
