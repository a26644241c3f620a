import { type AugmentOptions, recordAugment } from "../augment/augmenter.ts";
import { methods, type MethodSettings } from "../augment/methods.ts";
import type { PicturePlan } from "../augment/plan.ts";
import type { Dataset } from "../data/dataset.ts";
import type { MixingSet } from "../data/mixing_set.ts";
import { type DatasetName, openDataset, openMixingSet } from "../data/open.ts";
import { encodePng } from "../data/picture_file.ts";
import type { Picture } from "../data/pixels.ts";
import { type AdapterChoice, Gpu } from "../gpu/device.ts";
import { readFloats } from "../gpu/program.ts";
import { Tape } from "../gpu/tape.ts";
import { grid } from "./grid.ts";

/** Which draws to show: each is what training with this seed sees in that epoch. */
export interface SampleOptions extends MethodSettings, Pick<AugmentOptions, "method" | "seed"> {
  /** Numbers of training pictures. */
  indices: readonly number[];
  /** The first epoch shown, counted from 1 as in `log.csv`. */
  epoch: number;
  /** How many epochs are shown. */
  draws: number;
  scale?: number;
}

/** `SampleOptions`, and where the pictures are. */
export interface DrawOptions extends SampleOptions {
  dataset: DatasetName;
  dataPath?: string;
  mixingSet?: string;
  adapter?: AdapterChoice;
}

/**
 * Opens data and GPU, and draws `samples` as a PNG.
 *
 * @throws {DataError | GpuError | RangeError} one line for the user
 */
export async function drawSamples(
  options: DrawOptions,
): Promise<{ png: Uint8Array; plans: PicturePlan[][] }> {
  const data = await openDataset(options.dataset, options.dataPath, "train");
  const mixing = options.mixingSet ? await openMixingSet(options.mixingSet) : undefined;
  const gpu = await Gpu.open(options.adapter);
  try {
    const { picture, plans } = await samples(gpu, options, data, mixing);
    return { png: encodePng(picture), plans };
  } finally {
    gpu.close();
  }
}

/** The grid, and what was drawn for each picture and epoch, in the order of rows, then columns. */
export interface Samples {
  picture: Picture;
  plans: PicturePlan[][];
}

/**
 * A labelled grid with a row for each picture: the original, then for each epoch the crop of the
 * mixing picture, where one is used, and the augmented picture, pixel for pixel what training sees.
 *
 * @throws {RangeError} when an index is not in the data set
 */
export async function samples(
  gpu: Gpu,
  options: SampleOptions,
  data: Dataset,
  mixing?: MixingSet,
): Promise<Samples> {
  for (const index of options.indices) {
    if (index < data.count) continue;
    throw new RangeError(
      `Cannot draw picture ${index}: expected an index in 0 … ${data.count - 1} of ${data.name}`,
    );
  }
  const drawn = await draw(gpu, options, data, mixing);
  const mixes = methods[options.method].mixing;
  const columns = [
    "original",
    ...drawn.flatMap(({ epoch }) => [
      ...(mixes ? [`mixing picture epoch ${epoch}`] : []),
      `${options.method} epoch ${epoch}`,
    ]),
  ];
  const rows = options.indices.map((index) => `${index} ${data.classes[data.labels[index]!]}`);
  const cells = options.indices.map((index, row) => [
    original(data, index),
    ...drawn.flatMap(({ plans, pictures }) => [
      ...(mixes ? [mixingCrop(plans[row]!, data, mixing)] : []),
      pictures[row]!,
    ]),
  ]);
  const picture = grid({
    columns,
    rows,
    cells,
    scale: options.scale,
    title: `${options.method} on ${data.name}`,
    footer:
      `seed ${options.seed}, ops ${options.ops}, magnitude ${options.magnitude}, blending ratio ${options.blendingRatio}`,
  });
  return { picture, plans: options.indices.map((_, row) => drawn.map(({ plans }) => plans[row]!)) };
}

interface Drawn {
  epoch: number;
  plans: PicturePlan[];
  pictures: Picture[];
}

async function draw(
  gpu: Gpu,
  options: SampleOptions,
  data: Dataset,
  mixing?: MixingSet,
): Promise<Drawn[]> {
  const { width, height } = data;
  const tape = new Tape(gpu, false);
  const plain = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const augmenter = recordAugment(tape, {
    ...options,
    ...plain,
    width,
    height,
    padding: 4,
    batch: options.indices.length,
  }, mixing);
  const program = await tape.compile();
  const bytes = 4 * width * height;
  const originals = new Uint8Array(options.indices.length * bytes);
  options.indices.forEach((index, i) =>
    originals.set(data.rgba.subarray(index * bytes, (index + 1) * bytes), i * bytes)
  );
  const drawn: Drawn[] = [];
  for (let epoch = options.epoch; epoch < options.epoch + options.draws; epoch++) {
    const plans = augmenter.plan(options.indices, epoch - 1);
    augmenter.upload(gpu, originals, plans);
    program.run();
    const values = await readFloats(gpu, augmenter.output.data);
    const pictures = options.indices.map((_, i) =>
      toPicture(values.subarray(i * bytes, (i + 1) * bytes), width, height)
    );
    drawn.push({ epoch, plans, pictures });
  }
  program.destroy();
  return drawn;
}

function toPicture(values: Float32Array, width: number, height: number): Picture {
  const rgba = Uint8Array.from(values, (value, i) => i % 4 === 3 ? 255 : Math.round(255 * value));
  return { width, height, rgba };
}

function original({ rgba, width, height }: Dataset, index: number): Picture {
  const bytes = 4 * width * height;
  return { width, height, rgba: rgba.slice(index * bytes, (index + 1) * bytes) };
}

/** The part of the mixing picture that was blended in; light grey where the plan uses none. */
function mixingCrop(
  { mixing: at }: PicturePlan,
  { width, height }: Dataset,
  mixing?: MixingSet,
): Picture {
  const rgba = new Uint8Array(4 * width * height).fill(235);
  if (at && mixing) {
    const stride = mixing.widths[at.picture]!;
    for (let y = 0; y < height; y++) {
      const from = 4 * (mixing.offsets[at.picture]! + (at.top + y) * stride + at.left);
      rgba.set(mixing.rgba.subarray(from, from + 4 * width), 4 * width * y);
    }
  }
  return { width, height, rgba };
}
