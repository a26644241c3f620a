import { Purpose, Stream } from "../random/stream.ts";
import type { Orbit } from "./orbit.ts";
import { drawOrbit, type OrbitKind } from "./orbit_view.ts";
import { drawGround, drawPalette, type Rgb } from "./palette.ts";
import { drawSystem, type Frame, frameOf, type System } from "./system.ts";
import { drawTexture, type Texture, type TextureMode } from "./texture.ts";
import type { Point } from "./variation.ts";

/** The kernel that draws a picture, numbered as it is told to the GPU. */
export const Kernel = { chaosGame: 0, escapeTime: 1, texture: 2 } as const;

/** What a picture can be. */
export type Kind = "ifs" | "flame" | OrbitKind | TextureMode;

/** How many of a hundred pictures are of a kind; their order is part of a seed's meaning. */
export const kindShares: readonly (readonly [Kind, number])[] = [
  ["ifs", 10],
  ["flame", 22],
  ["mandelbrot", 14],
  ["julia", 16],
  ["newton", 8],
  ["noise", 7],
  ["ridges", 6],
  ["cells", 4],
  ["liquid", 5],
  ["waves", 4],
  ["folds", 4],
];

/** Everything that a picture is made of, before it has pixels. */
export interface FractalPicture {
  seed: number;
  /** Its number in the set. */
  number: number;
  /** 0, or how many pictures of this number were rejected. */
  attempt: number;
  kind: Kind;
  frame: Frame;
  /** How far the view is turned, in radians. */
  turn: number;
  palette: Float32Array<ArrayBuffer>;
  /** A value v has the palette position cycles × v + offset. */
  cycles: number;
  offset: number;
  /** How strongly light falls on the values as on hills, how steep those are, and from where. */
  relief: number;
  steepness: number;
  light: Point;
  /** Of chaos games: the power of the log-density. */
  gamma: number;
  /** Of chaos games: the power of colours, below 1 to lighten them on a dark ground. */
  lift: number;
  /** Of chaos games: the ground, from its near to its far side. */
  grounds: readonly [Rgb, Rgb];
  /** The one that its kernel needs. */
  system?: System;
  orbit?: Orbit;
  texture?: Texture;
}

/** Bytes of `Picture` in `kernels/fractals/picture.wgsl`. */
export const PICTURE_BYTES = 96;

/**
 * Attempts of one kind before another is drawn: at 32 × 32 pixels some textures are nearly always
 * rejected.
 */
const ATTEMPTS_OF_KIND = 16;

/**
 * Draws all that makes up attempt `attempt` at picture `number` of a seed: unsigned 32-bit numbers,
 * of which it is a function. The kind is the same for 16 attempts, so that rejecting pictures hardly
 * changes how many there are of each.
 */
export function drawPicture(seed: number, number: number, attempt: number): FractalPicture {
  const turn = Math.floor(attempt / ATTEMPTS_OF_KIND);
  const kind = drawKind(new Stream(seed, Purpose.mixing_set, number, turn));
  const random = new Stream(seed, Purpose.mixing_set, number, attempt, 1);
  const angle = random.between(0, 2 * Math.PI);
  const grounds = drawGrounds(random);
  const isDark = grounds.flat().reduce((sum, value) => sum + value, 0) < 3;
  return {
    seed,
    number,
    attempt,
    kind,
    palette: drawPalette(random),
    offset: random.uniform(),
    relief: random.chance(0.6) ? random.between(0.15, 0.6) : 0,
    steepness: random.between(0.01, 0.06),
    light: [Math.cos(angle), Math.sin(angle)],
    gamma: random.between(0.5, 0.9),
    grounds,
    lift: isDark ? random.between(0.4, 0.7) : random.between(1, 1.6),
    turn: random.between(0, 2 * Math.PI),
    ...drawContent(random, kind),
  };
}

function drawKind(random: Stream): Kind {
  let rest = random.integer(100);
  for (const [kind, share] of kindShares) {
    if (rest < share) return kind;
    rest -= share;
  }
  throw new RangeError("Cannot draw a kind: expected shares that add up to 100");
}

function drawGrounds(random: Stream): [Rgb, Rgb] {
  const near = drawGround(random);
  return [near, random.chance() ? near : drawGround(random)];
}

type Content = Pick<FractalPicture, "frame" | "cycles" | "system" | "orbit" | "texture">;

function drawContent(random: Stream, kind: Kind): Content {
  switch (kind) {
    case "ifs":
    case "flame": {
      const system = drawSystem(random, kind === "flame");
      return { system, frame: frameOf(system, random), cycles: random.between(0.5, 1.5) };
    }
    case "mandelbrot":
    case "julia":
    case "newton":
      return { ...drawOrbit(random, kind), cycles: 0.5 * 5 ** random.uniform() };
    default: {
      const texture = drawTexture(random, kind);
      // Off the middle, so that not all kaleidoscopes are round it.
      const centre: Point = [random.between(-0.3, 0.3), random.between(-0.3, 0.3)];
      const frame: Frame = { centre, width: 1 };
      return { texture, frame, cycles: 0.3 * 5 ** random.uniform() };
    }
  }
}

/** The number of the kernel that draws a picture. */
export function kernelOf({ system, orbit }: FractalPicture): number {
  return system ? Kernel.chaosGame : orbit ? Kernel.escapeTime : Kernel.texture;
}

/** Writes a picture as `Picture` of `kernels/fractals/picture.wgsl`. */
export function encodePicture(picture: FractalPicture, view: DataView, offset: number): void {
  const words = [kernelOf(picture), picture.seed, picture.number, picture.attempt];
  for (const [i, word] of words.entries()) view.setUint32(offset + 4 * i, word, true);
  const { frame, turn, cycles, offset: start, relief, steepness, light } = picture;
  const { gamma, lift, grounds } = picture;
  const floats = [...frame.centre, frame.width, turn, cycles, start, relief, steepness];
  floats.push(...light, gamma, lift, ...grounds[0], 1, ...grounds[1], 1);
  for (const [i, value] of floats.entries()) view.setFloat32(offset + 16 + 4 * i, value, true);
}
