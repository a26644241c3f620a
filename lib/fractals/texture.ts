import type { Stream } from "../random/stream.ts";
import type { Point } from "./variation.ts";

/** The structured pictures; numbered as in `kernels/fractals/texture.wgsl`. */
export const textureModes = ["noise", "ridges", "cells", "liquid", "waves", "folds"] as const;
export type TextureMode = typeof textureModes[number];

/** A structured picture of the plane; what the numbers do depends on the mode. */
export interface Texture {
  mode: TextureMode;
  octaves: number;
  /** Of the hashed lattices. */
  seed: number;
  /** Mirrors of a kaleidoscope; below 2 there is none. */
  mirrors: number;
  /** Lattice cells or waves along the picture. */
  frequency: number;
  /** How far the plane is bent before the value is taken. */
  warp: number;
  /** The height of an octave, in heights of the one before. */
  gain: number;
  phase: number;
  shift: Point;
  angle: number;
  detail: number;
}

/** Bytes of `Texture` in `kernels/fractals/texture.wgsl`. */
export const TEXTURE_BYTES = 48;

/** Ranges of frequency, octaves, warp and gain for each mode. */
const ranges: Record<TextureMode, Record<"frequency" | "octaves" | "warp" | "gain", Point>> = {
  noise: { frequency: [1.2, 4], octaves: [4, 7], warp: [0.3, 1.6], gain: [0.35, 0.55] },
  ridges: { frequency: [1.2, 4], octaves: [4, 7], warp: [0.1, 0.8], gain: [0.35, 0.58] },
  cells: { frequency: [3, 9], octaves: [3, 4], warp: [0, 0.8], gain: [0.25, 0.6] },
  liquid: { frequency: [4, 12], octaves: [3, 7], warp: [0.5, 1.3], gain: [0, 1] },
  waves: { frequency: [5, 18], octaves: [1, 5], warp: [0.1, 1], gain: [0.3, 1.2] },
  folds: { frequency: [1, 3], octaves: [3, 7], warp: [0, 1], gain: [0.5, 0.8] },
};

/** Draws the numbers of a structured picture, to be seen through a square of width 1 near 0. */
export function drawTexture(random: Stream, mode: TextureMode): Texture {
  const { frequency, octaves, warp, gain } = ranges[mode];
  return {
    mode,
    octaves: octaves[0] + random.integer(octaves[1] - octaves[0] + 1),
    seed: random.word(),
    mirrors: random.chance(0.2) ? 3 + random.integer(6) : 0,
    frequency: frequency[0] * (frequency[1] / frequency[0]) ** random.uniform(),
    warp: random.between(...warp),
    gain: random.between(...gain),
    phase: random.between(0, 20),
    shift: [random.between(0.35, 1.1), random.between(0.35, 1.1)],
    angle: random.between(0, 2 * Math.PI),
    detail: random.between(0.05, 0.5),
  };
}

/** Writes a texture as `Texture` of `kernels/fractals/texture.wgsl`. */
export function encodeTexture(texture: Texture, view: DataView, offset: number): void {
  const { mode, octaves, seed, mirrors } = texture;
  const words = [textureModes.indexOf(mode), octaves, seed, mirrors];
  for (const [i, word] of words.entries()) view.setUint32(offset + 4 * i, word, true);
  const { frequency, warp, gain, phase, shift, angle, detail } = texture;
  const floats = [frequency, warp, gain, phase, ...shift, angle, detail];
  for (const [i, value] of floats.entries()) view.setFloat32(offset + 16 + 4 * i, value, true);
}
