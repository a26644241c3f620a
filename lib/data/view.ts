import { Purpose, Stream } from "../random/stream.ts";
import { type Part, type PixelBytes, resample, type Resampling } from "./resample.ts";
import { centerPart, roundToEven, shorterSideSize, type Size } from "./resize.ts";

/** What a network sees of a picture of any size: a square of `size` pixels. */
export type View = EvaluationView | TrainingView | MixingView;

/** torchvision's Resize(resize) and CenterCrop(size). */
export interface EvaluationView {
  /** Which kind of view it is. */
  kind: "evaluation";
  /** Of the shorter side before the crop, in pixels, at least `size`. */
  resize: number;
  /** Of each side, in pixels. */
  size: number;
}

/** torchvision's RandomResizedCrop(size), of its scales and ratios, and RandomHorizontalFlip(). */
export interface TrainingView {
  /** Which kind of view it is. */
  kind: "training";
  /** Of each side, in pixels. */
  size: number;
  /** An unsigned 32-bit number. */
  seed: number;
}

/** torchvision's Resize(resize) and RandomCrop(size), for pictures that are mixed into others. */
export interface MixingView {
  /** Which kind of view it is. */
  kind: "mixing";
  /** Of the shorter side before the crop, in pixels, at least `size`. */
  resize: number;
  /** Of each side, in pixels. */
  size: number;
  /** An unsigned 32-bit number. */
  seed: number;
}

/** A cut of a picture, and whether left and right are exchanged after it. */
export interface ViewPlan extends Resampling {
  isFlipped: boolean;
}

/** Shares of a picture's area, and width over height, among which a training crop is drawn. */
const SCALE = [0.08, 1] as const, RATIO = [3 / 4, 4 / 3] as const;
/** Draws before a crop in the middle is taken. */
const ATTEMPTS = 10;

/**
 * What is cut out of picture `index` in an epoch: a function of these, the view's seed and the
 * picture's size alone.
 *
 * Source: torchvision's RandomResizedCrop.get_params(), whose draws ours follow in distribution.
 */
export function planView(view: View, size: Size, index: number, epoch: number): ViewPlan {
  if (view.kind === "training") return planTraining(view, size, index, epoch);
  const resized = shorterSideSize(size, view.resize);
  const whole = { top: 0, left: 0, width: size.width, height: size.height };
  let window = centerPart(resized, view.size);
  if (view.kind === "mixing") {
    const stream = new Stream(view.seed, Purpose.mixing_crop, index, epoch);
    const top = stream.integer(resized.height - view.size + 1);
    window = { ...window, top, left: stream.integer(resized.width - view.size + 1) };
  }
  return { part: whole, ...resized, window, isFlipped: false };
}

/**
 * Writes the planned view as red, green, blue and 255 for each pixel; the pixels are those that
 * PIL and torchvision give.
 *
 * @param output of 4 · size · size bytes
 */
export function drawView(input: PixelBytes, plan: ViewPlan, output: Uint8Array): void {
  resample(input, plan, output);
  if (plan.isFlipped) flip(output, plan.window.width);
}

function planTraining({ size, seed }: TrainingView, picture: Size, index: number, epoch: number) {
  const stream = new Stream(seed, Purpose.picture_crop, index, epoch);
  const isFlipped = stream.chance();
  const window = { top: 0, left: 0, width: size, height: size };
  return { part: drawPart(stream, picture), width: size, height: size, window, isFlipped };
}

function drawPart(stream: Stream, { width, height }: Size): Part {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = width * height * stream.between(...SCALE);
    const ratio = Math.exp(stream.between(Math.log(RATIO[0]), Math.log(RATIO[1])));
    const across = roundToEven(Math.sqrt(area * ratio));
    const down = roundToEven(Math.sqrt(area / ratio));
    if (across < 1 || across > width || down < 1 || down > height) continue;
    const top = stream.integer(height - down + 1);
    return { top, left: stream.integer(width - across + 1), width: across, height: down };
  }
  const ratio = Math.min(Math.max(width / height, RATIO[0]), RATIO[1]);
  const across = width / height > ratio ? roundToEven(height * ratio) : width;
  const down = width / height < ratio ? roundToEven(width / ratio) : height;
  const [top, left] = [Math.floor((height - down) / 2), Math.floor((width - across) / 2)];
  return { top, left, width: across, height: down };
}

function flip(rgba: Uint8Array, width: number): void {
  const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.length / 4);
  for (let from = 0; from < pixels.length; from += width) {
    pixels.subarray(from, from + width).reverse();
  }
}
