import type { Stream } from "../random/stream.ts";
import { type Point, variation, variationNames } from "./variation.ts";

/** The map x' = a x + b y + e, y' = c x + d y + f. */
export interface AffineMap {
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
}

/** One map of a system: affine, then in part a variation. */
export interface SystemMap extends AffineMap {
  /** A number of `variationNames`. */
  variation: number;
  /** Share of the variation in [0, 1], against the affine map alone. */
  share: number;
  /** Where in the palette's span the map draws the walker, in [0, 1]. */
  color: number;
}

/** An iterated function system. */
export interface System {
  /** Two to six are drawn; the kernel has room for eight. */
  maps: readonly SystemMap[];
  /** The map for each of 64 equally likely draws. */
  picks: Uint32Array;
  /** Every point is turned by a random multiple of 1 / symmetry of a turn. */
  symmetry: number;
  /** Whether half of the points are mirrored as well. */
  mirrored: boolean;
}

/** A walker of the chaos game. */
export interface Walker {
  position: Point;
  color: number;
}

/** A square of the plane. */
export interface Frame {
  centre: Point;
  width: number;
}

/** Bytes of `System` in `kernels/fractals/chaos.wgsl`. */
export const SYSTEM_BYTES = 656;

const PICKS = 64, MAP_WORDS = 12, MAPS = 8, START_AGAIN = 1e6;
/** Points that find the frame, and the first ones of a walk, which are left out. */
const FRAME_POINTS = 3000, WARM_UP = 24;

/**
 * Two to six random maps, affine with singular values below 1, so that each brings any two points
 * nearer to each other. The areas to which they shrink a square add up to 0.7 … 1.5, so that the
 * attractor is neither dust nor a blot. In a flame each map has a share of one of two variations,
 * and areas add up to 0.9 … 2.2.
 */
export function drawSystem(random: Stream, isFlame: boolean): System {
  const { affine, areas } = drawAffine(random, isFlame ? [0.9, 2.2] : [0.7, 1.5]);
  const kinds = [random.integer(variationNames.length), random.integer(variationNames.length)];
  const spread = random.between(0.4, 1);
  const maps = affine.map((map, i) => ({
    ...map,
    variation: isFlame ? kinds[random.integer(2)]! : 0,
    share: isFlame ? random.between(0.3, 1) : 0,
    color: spread * i / (affine.length - 1),
  }));
  const symmetry = random.chance(isFlame ? 0.4 : 0.25) ? 2 + random.integer(5) : 1;
  return { maps, picks: picksOf(areas), symmetry, mirrored: random.chance(0.2) };
}

/** Draws maps until the areas add up to a number in a range. */
function drawAffine(
  random: Stream,
  [least, most]: Point,
): { affine: AffineMap[]; areas: number[] } {
  for (;;) {
    const count = 2 + random.integer(5);
    const singular = Array.from({ length: count }, (): Point => {
      const longer = random.between(0.4, 0.96);
      return [longer, longer * random.between(0.35, 1)];
    });
    const areas = singular.map(([longer, shorter]) => longer * shorter);
    const total = areas.reduce((a, b) => a + b);
    if (total < least || total > most) continue;
    return { affine: singular.map((values) => toMap(values, random)), areas };
  }
}

/** Rotation · diag(±longer, shorter) · rotation, and a shift in [-1, 1]². */
function toMap([longer, shorter]: Point, random: Stream): AffineMap {
  const turn = random.between(0, 2 * Math.PI), twist = random.between(0, 2 * Math.PI);
  const [cos, sin, cosTwist, sinTwist] = [turn, turn - Math.PI / 2, twist, twist - Math.PI / 2]
    .map(Math.cos) as [number, number, number, number];
  const first = random.chance(0.3) ? -longer : longer;
  return {
    a: cos * first * cosTwist - sin * shorter * sinTwist,
    b: -cos * first * sinTwist - sin * shorter * cosTwist,
    c: sin * first * cosTwist + cos * shorter * sinTwist,
    d: -sin * first * sinTwist + cos * shorter * cosTwist,
    e: random.between(-1, 1),
    f: random.between(-1, 1),
  };
}

/** Splits 64 picks in proportion to the areas, at least two for each map. */
function picksOf(areas: readonly number[]): Uint32Array {
  const spare = PICKS - 2 * areas.length;
  const total = areas.reduce((sum, area) => sum + area, 0);
  const picks = new Uint32Array(PICKS);
  let end = 0, sum = 0;
  for (const [k, area] of areas.entries()) {
    sum += area;
    const next = Math.round(2 * (k + 1) + spare * sum / total);
    picks.fill(k, end, next);
    end = next;
  }
  return picks;
}

/** One step of the chaos game, in float64: the map that the lowest 6 bits of `word` draw. */
export function walk({ maps, picks }: System, { position, color }: Walker, word: number): Walker {
  const map = maps[picks[word & (PICKS - 1)]!]!;
  const [x, y] = position;
  const q: Point = [map.a * x + map.b * y + map.e, map.c * x + map.d * y + map.f];
  const varied = variation(map.variation, q, (word & 64) !== 0);
  const next: Point = [
    q[0] + (varied[0] - q[0]) * map.share,
    q[1] + (varied[1] - q[1]) * map.share,
  ];
  const isNear = next[0] ** 2 + next[1] ** 2 < START_AGAIN;
  return { position: isNear ? next : [0.1, -0.1], color: (color + map.color) / 2 };
}

/** The point turned, and perhaps mirrored, as other bits of the word say. */
export function symmetric({ symmetry, mirrored }: System, [x, y]: Point, word: number): Point {
  const angle = 2 * Math.PI * ((word >>> 8) % symmetry) / symmetry;
  const side = mirrored && (word & 128) !== 0 ? -x : x;
  return [
    Math.cos(angle) * side - Math.sin(angle) * y,
    Math.sin(angle) * side + Math.cos(angle) * y,
  ];
}

/** The square about the middle 94 % of the attractor in each direction, or a part of it. */
export function frameOf(system: System, random: Stream): Frame {
  const xs = new Float64Array(FRAME_POINTS), ys = new Float64Array(FRAME_POINTS);
  let walker: Walker = { position: [0.3, -0.2], color: 0 };
  for (let i = -WARM_UP; i < FRAME_POINTS; i++) {
    const word = random.word();
    walker = walk(system, walker, word);
    if (i >= 0) [xs[i], ys[i]] = symmetric(system, walker.position, word);
  }
  const some = random.integer(FRAME_POINTS);
  const point: Point = [xs[some]!, ys[some]!];
  const [low, high] = [Math.floor(FRAME_POINTS * 0.03), Math.floor(FRAME_POINTS * 0.97)];
  xs.sort();
  ys.sort();
  const [left, right, top, bottom] = [xs[low]!, xs[high]!, ys[low]!, ys[high]!];
  const centre: Point = [(left + right) / 2, (top + bottom) / 2];
  const width = Math.max(right - left, bottom - top, 1e-3);
  if (random.chance(0.5)) return { centre, width: width * random.between(0.85, 1.1) };
  // A part of the attractor, about one of its points, fills the picture.
  const shift = random.between(0.2, 0.6);
  return {
    centre: [
      centre[0] + shift * (point[0] - centre[0]),
      centre[1] + shift * (point[1] - centre[1]),
    ],
    width: width * random.between(0.4, 0.75),
  };
}

/** Writes a system as `System` of `kernels/fractals/chaos.wgsl`. */
export function encodeSystem(system: System, view: DataView, offset: number): void {
  for (const [k, map] of system.maps.entries()) {
    const start = offset + 4 * MAP_WORDS * k;
    const floats = [map.a, map.b, map.c, map.d, map.e, map.f, map.share, map.color];
    for (const [i, value] of floats.entries()) view.setFloat32(start + 4 * i, value, true);
    view.setUint32(start + 32, map.variation, true);
  }
  const start = offset + 4 * MAP_WORDS * MAPS;
  for (const [i, pick] of system.picks.entries()) view.setUint32(start + 4 * i, pick, true);
  view.setUint32(start + 4 * PICKS, system.symmetry, true);
  view.setUint32(start + 4 * PICKS + 4, Number(system.mirrored), true);
}
