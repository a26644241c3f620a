import type { Stream } from "../../random/stream.ts";
import { reflect } from "./border.ts";
import type { Picture } from "./corruption.ts";

/** Of six published pictures the last is never drawn. */
export const FROST_TEXTURES = 5;

/** How frost is laid on. */
export interface FrostCover {
  /** Of the picture and of the frost; together they may be more than 1. */
  weights: readonly [number, number];
  /** Every how many-th pixel of the frost is taken: 5 shrinks it to a fifth, as OpenCV does. */
  step: 1 | 5;
}

/**
 * A part, drawn at random, of one of the first five pictures of frost added: `frost`. Where the frost
 * is smaller than the picture it goes on mirrored.
 */
export function frost(
  picture: Picture,
  cover: FrostCover,
  textures: readonly Picture[],
  random: Stream,
): Picture {
  const texture = textures[random.integer(Math.min(FROST_TEXTURES, textures.length))]!;
  const small = (side: number) => Math.max(Math.round(side / cover.step), 1);
  const first = (side: number, needed: number) => random.integer(Math.max(side - needed, 1));
  const top = first(small(texture.height), picture.height);
  const left = first(small(texture.width), picture.width);
  return frosted(picture, cover, texture, top, left);
}

/** The picture under the part of the frost that starts at row `top` and column `left`. */
export function frosted(
  picture: Picture,
  { weights: [kept, added], step }: FrostCover,
  texture: Picture,
  top: number,
  left: number,
): Picture {
  const { width, height } = picture;
  // A fifth as large, OpenCV's bilinear pixels lie on the middle ones of five.
  const middle = (step - 1) / 2;
  const from = (place: number, side: number) => reflect(place * step + middle, side);
  const columns = Int32Array.from({ length: width }, (_, x) => from(left + x, texture.width));
  const rgb = new Float64Array(picture.rgb.length);
  for (let y = 0, i = 0; y < height; y++) {
    const row = from(top + y, texture.height) * texture.width;
    for (let x = 0; x < width; x++) {
      const at = (row + columns[x]!) * 3;
      for (let c = 0; c < 3; c++, i++) {
        // In bytes, as published: what is a whole number must not fall just short of it.
        rgb[i] = (kept * (picture.rgb[i]! * 255) + added * (texture.rgb[at + c]! * 255)) / 255;
      }
    }
  }
  return { ...picture, rgb };
}
