import assert from "node:assert/strict";
import { recordAugment } from "../../lib/augment/augmenter.ts";
import { type MethodName, methods } from "../../lib/augment/methods.ts";
import { fractals } from "../../lib/data/fractals.ts";
import { mixingSetFromPictures } from "../../lib/data/mixing_set.ts";
import type { Picture } from "../../lib/data/pixels.ts";
import { shapes } from "../../lib/data/shapes.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { cifarNormalization } from "../../lib/robustness/predict.ts";

/** Pictures to draw. */
export const data = shapes("train", 24, 2);
/** Pictures to mix in. */
export const mixing = mixingSetFromPictures(fractals(3, 44, 2), 36);
/** Of all draws. */
export const seed = 7;

/** A picture of `data`, by its number. */
export function original(index: number): Picture {
  return { width: 32, height: 32, rgba: data.rgba.slice(4096 * index, 4096 * (index + 1)) };
}

/** What training sees of pictures of one size in an epoch counted from 0, as bytes. */
export async function trained(
  gpu: Gpu,
  method: MethodName,
  indices: number[],
  epoch: number,
  pictures = indices.map(original),
  padding = 4,
): Promise<Map<number, Picture>> {
  const tape = new Tape(gpu);
  const { width, height } = pictures[0]!;
  const size = { width, height, padding, batch: indices.length + 2 };
  const options = { ...methods[method].defaults, ...cifarNormalization, ...size, seed, method };
  const augmenter = recordAugment(tape, options, mixing);
  const program = await tape.compile();
  const bytes = new Uint8Array(pictures.flatMap(({ rgba }) => [...rgba]));
  augmenter.upload(gpu, bytes, augmenter.plan(indices, epoch));
  program.run();
  const values = await readFloats(gpu, augmenter.output.data);
  program.destroy();
  const count = 4 * width * height;
  return new Map(indices.map((index, i) => {
    const part = values.subarray(count * i, count * (i + 1));
    const rgba = Uint8Array.from(
      part,
      (value, i) => i % 4 === 3 ? 255 : Math.round(127.5 * value + 127.5),
    );
    return [index, { width, height, rgba }];
  }));
}

/** The top left corner of the only place where `part` is. */
export function find(whole: Picture, part: Picture): [number, number] {
  const found = places(whole, part);
  assert.equal(found.length, 1, `found ${found.length} times`);
  return found[0]!;
}

/** The top left corners of all places where `part` is. */
export function places(whole: Picture, part: Picture): [number, number][] {
  const lines = Array.from(
    { length: part.height },
    (_, y) => part.rgba.subarray(4 * y * part.width, 4 * (y + 1) * part.width),
  );
  const isAt = (left: number, top: number) =>
    lines.every((line, y) => {
      const start = 4 * ((top + y) * whole.width + left);
      return line.every((byte, i) => byte === whole.rgba[start + i]);
    });
  const found: [number, number][] = [];
  for (let top = 0; top <= whole.height - part.height; top++) {
    for (let left = 0; left <= whole.width - part.width; left++) {
      if (isAt(left, top)) found.push([left, top]);
    }
  }
  return found;
}

/** A crop of a mixing picture. */
export function cut(
  { picture, top, left }: { picture: number; top: number; left: number },
): Picture {
  const rgba = new Uint8Array(4096);
  for (let i = 0; i < 4096; i++) {
    const x = left + (i >> 2) % 32, y = top + (i >> 7);
    rgba[i] = mixing
      .rgba[4 * (mixing.offsets[picture]! + y * mixing.widths[picture]! + x) + i % 4]!;
  }
  return { width: 32, height: 32, rgba };
}
