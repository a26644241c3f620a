import type { Dataset } from "../data/dataset.ts";
import { classify } from "./classification.ts";
import type { Outcome } from "./outcome.ts";
import { measurePerturbation } from "./perturbation.ts";
import type { Attack } from "./pgd.ts";
import type { Predictor } from "./predict.ts";
import type { Sources } from "./source.ts";
import { isNoise } from "./suites.ts";
import type { Unit } from "./units.ts";

/** What units are measured with. */
export interface Bench {
  test: Dataset;
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

/** Pictures that are read at once: some megabytes. */
const READ = 1024;

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
  const { test, sources, predictor, attack, seed } = bench;
  const { suite, name, severity, first, count } = unit;
  if (suite === "p") return await measureSequence(bench, unit, watch);
  const { stride } = predictor;
  if (suite === "c" || suite === "c-bar") {
    const source = sources[suite]!;
    const labels = Array.prototype.slice.call(source.labels(severity), first, first + count);
    const read = (from: number, some: number) => source.read(name, severity, from, some);
    const logits = await logitsOf(bench, { first, count, each: 1 }, read, watch);
    return logits && classify(logits, labels, test.classes.length, stride);
  }
  const labels = test.labels.subarray(first, first + count);
  const bytes = 4 * test.width * test.height;
  const rgba = test.rgba.subarray(first * bytes, (first + count) * bytes);
  const pictures = { ...sizeOf(test), count, rgba, labels, first, seed };
  const logits = suite === "pgd"
    ? await attack!.logits(pictures, watch)
    : await predictor.logits(pictures, watch);
  return logits && classify(logits, labels, test.classes.length, stride);
}

async function measureSequence(
  bench: Bench,
  { name, first, count }: Unit,
  watch: Watch,
): Promise<Outcome | undefined> {
  const { test, sources, predictor, difficulty } = bench;
  const source = sources.p!;
  const { frames } = source.description.found.find((one) => one.name === name)!;
  const read = (from: number, some: number) => source.read(name, from, some);
  const logits = await logitsOf(bench, { first, count, each: frames }, read, watch);
  const classes = test.classes.length, { stride } = predictor;
  const options = { frames, classes, stride, noise: isNoise(name), difficulty };
  return logits && measurePerturbation(logits, options);
}

/** Logits of rows `first` … of a source, each of them `each` pictures. */
async function logitsOf(
  { test, predictor }: Bench,
  { first, count, each }: { first: number; count: number; each: number },
  read: (first: number, count: number) => Promise<Uint8Array>,
  watch: Watch,
): Promise<Float32Array | undefined> {
  const all = new Float32Array(count * each * predictor.stride);
  const rows = Math.max(1, Math.floor(READ / each));
  const readFrom = (done: number) => {
    const reading = read(first + done, Math.min(rows, count - done));
    // Whoever waits for it throws; until then it must not end the process.
    reading.catch(() => {});
    return reading;
  };
  let reading = readFrom(0);
  for (let done = 0; done < count; done += rows) {
    const rgba = withPadding(await reading);
    // The next ones are read, or made, while the GPU has these.
    if (done + rows < count) reading = readFrom(done + rows);
    const pictures = { ...sizeOf(test), count: rgba.length / (4 * test.width * test.height), rgba };
    const logits = await predictor.logits(pictures, (one) => watch(done * each + one));
    if (!logits) return undefined;
    all.set(logits, done * each * predictor.stride);
  }
  return all;
}

function sizeOf({ width, height }: Dataset): { width: number; height: number } {
  return { width, height };
}

/** Bytes r, g, b as r, g, b, ignored. */
function withPadding(rgb: Uint8Array): Uint8Array {
  const rgba = new Uint8Array(rgb.length / 3 * 4);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from]!;
    rgba[to + 1] = rgb[from + 1]!;
    rgba[to + 2] = rgb[from + 2]!;
  }
  return rgba;
}
