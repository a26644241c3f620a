import type { CorruptPicture } from "../data/corrupt_pictures.ts";
import type { Dataset } from "../data/dataset.ts";
import { classify } from "./classification.ts";
import type { Outcome } from "./outcome.ts";
import { measurePerturbation } from "./perturbation.ts";
import type { Attack } from "./pgd.ts";
import type { Pictures, Predictor } from "./predict.ts";
import type { Sources, StreamedTest, Unreadable } from "./source.ts";
import { isNoise } from "./suites.ts";
import type { Unit } from "./units.ts";

/** What units are measured with. */
export interface Bench {
  test: Dataset | StreamedTest;
  sources: Sources;
  predictor: Predictor;
  /** Needed by units of pgd. */
  attack?: Attack;
  /** Of attacks, unsigned 32-bit. */
  seed: number;
  /** Frames from one to the next that is compared. */
  difficulty: number;
}

/** Told how many of a unit's pictures are done; false ends it. */
export type Watch = (done: number) => boolean;

/** Pictures that are read at once at the most, … */
const READ = 1024;
/** … and bytes of them, which is less where they are large. */
const READ_BYTES = 2 ** 25;

/**
 * Measures a unit, reading its pictures a few at a time.
 *
 * @param watch told of pictures done, or of frames in sequences
 * @returns nothing when `watch` answered false
 * @throws {DataError | GpuError} when pictures cannot be read, or the GPU fails
 */
export async function measureUnit(
  bench: Bench,
  unit: Unit,
  watch: Watch = () => true,
): Promise<Outcome | undefined> {
  const unreadable: CorruptPicture[] = [];
  const measure = unit.suite === "p" ? measureSequence : measurePictures;
  const outcome = await measure(bench, unit, watch, (picture) => unreadable.push(picture));
  return outcome && unreadable.length > 0 ? { ...outcome, unreadable } : outcome;
}

async function measurePictures(
  bench: Bench,
  unit: Unit,
  watch: Watch,
  unreadable: Unreadable,
): Promise<Outcome | undefined> {
  const { test, predictor, attack, seed } = bench;
  const { suite, first, count } = unit;
  const { columns, labels, ...list } = await listOf(bench, unit, unreadable);
  const compute: Compute = (pictures, at, progress) => {
    if (suite !== "pgd") return predictor.logits(pictures, progress);
    const own = labels.slice(at, at + pictures.count);
    return attack!.logits({ ...pictures, labels: own, first: first + at, seed }, progress);
  };
  const logits = await logitsOf(bench, { ...list, first, count, each: 1, compute }, watch);
  if (!logits) return undefined;
  const { stride } = predictor;
  if (columns === undefined) return classify(logits, labels, test.classes.length, stride);
  return classify(columnsOf(logits, stride, columns), labels, columns.length);
}

/** The labels of a unit's pictures, and how they are read. */
interface PictureList {
  labels: number[];
  read(first: number, count: number): Promise<Uint8Array>;
  /** Whether they are read as bytes r, g, b, ignored; else as r, g, b. */
  isPadded?: boolean;
  /** Classes that answers are looked for among; all where it is absent. */
  columns?: readonly number[];
}

async function listOf(
  { test, sources }: Bench,
  { suite, name, severity, first, count }: Unit,
  unreadable: Unreadable,
): Promise<PictureList> {
  const own = (labels: ArrayLike<number>): number[] =>
    Array.prototype.slice.call(labels, first, first + count);
  if (suite === "c" || suite === "c-bar") {
    const source = sources[suite]!;
    return {
      labels: own(await source.labels(severity, name)),
      read: (from, some) => source.read(name, severity, from, some, unreadable),
    };
  }
  if (suite !== "r" && suite !== "a" && "rgba" in test) {
    const { rgba, labels } = test, bytes = 4 * test.width * test.height;
    const read = (from: number, some: number) =>
      Promise.resolve(rgba.subarray(from * bytes, (from + some) * bytes));
    return { labels: own(labels), read, isPadded: true };
  }
  const list = suite === "r" || suite === "a" ? sources[suite]! : test as StreamedTest;
  return {
    labels: own(list.labels),
    read: (from, some) => list.read(from, some, unreadable),
    columns: "columns" in list ? list.columns : undefined,
  };
}

async function measureSequence(
  bench: Bench,
  { name, first, count }: Unit,
  watch: Watch,
  unreadable: Unreadable,
): Promise<Outcome | undefined> {
  const { test, sources, predictor, difficulty } = bench;
  const source = sources.p!;
  const { frames } = source.description.found.find((one) => one.name === name)!;
  const logits = await logitsOf(bench, {
    ...{ first, count, each: frames },
    read: (from, some) => source.read(name, from, some, unreadable),
    compute: (pictures, _, progress) => predictor.logits(pictures, progress),
  }, watch);
  if (logits?.length === 0) return { pairs: 0, flips: 0, top5_distance: 0, zipf_distance: 0 };
  const classes = test.classes.length, { stride } = predictor;
  const options = { frames, classes, stride, noise: isNoise(name), difficulty };
  return logits && measurePerturbation(logits, options);
}

/** Logits of pictures, of which `at` come before in the unit. */
type Compute = (
  pictures: Pictures,
  at: number,
  progress: Watch,
) => Promise<Float32Array | undefined>;

/** Rows `first` … of a source, each of them `each` pictures. */
interface Rows extends Pick<PictureList, "read" | "isPadded"> {
  first: number;
  count: number;
  each: number;
  compute: Compute;
}

/** Logits of rows, one after another; none of those that could not be read. */
async function logitsOf(
  { test: { width, height }, predictor }: Bench,
  { first, count, each, read, isPadded, compute }: Rows,
  watch: Watch,
): Promise<Float32Array | undefined> {
  const all = new Float32Array(count * each * predictor.stride);
  const most = Math.min(READ, READ_BYTES / (3 * width * height));
  const rows = Math.max(1, Math.floor(most / each));
  const readFrom = (done: number) => {
    const reading = read(first + done, Math.min(rows, count - done));
    // Whoever waits for it throws; until then it must not end the process.
    reading.catch(() => {});
    return reading;
  };
  const room = new Uint8Array(isPadded ? 0 : 4 * Math.min(rows, count) * each * width * height);
  let reading = readFrom(0), filled = 0;
  for (let done = 0; done < count; done += rows) {
    const rgba = isPadded ? await reading : withPadding(await reading, room);
    // The next ones are read, or made, while the GPU has these.
    if (done + rows < count) reading = readFrom(done + rows);
    const pictures = { width, height, count: rgba.length / (4 * width * height), rgba };
    const logits = await compute(pictures, done * each, (one) => watch(done * each + one));
    if (!logits) return undefined;
    all.set(logits, filled);
    filled += logits.length;
  }
  return all.subarray(0, filled);
}

/** Some columns of logits, row after row. */
function columnsOf(logits: Float32Array, stride: number, columns: readonly number[]): Float32Array {
  const rows = logits.length / stride;
  const some = new Float32Array(rows * columns.length);
  for (let row = 0, to = 0; row < rows; row++) {
    for (const column of columns) some[to++] = logits[row * stride + column]!;
  }
  return some;
}

/** Bytes r, g, b as r, g, b, ignored, in memory for at least as many. */
function withPadding(rgb: Uint8Array, room: Uint8Array): Uint8Array {
  const rgba = room.subarray(0, rgb.length / 3 * 4);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from]!;
    rgba[to + 1] = rgb[from + 1]!;
    rgba[to + 2] = rgb[from + 2]!;
  }
  return rgba;
}
