import type { Stream } from "../random/stream.ts";

/** Red, green and blue in [0, 255]. */
export type Color = readonly [number, number, number];

/** The map x' = a x + b y + e, y' = c x + d y + f. */
export interface AffineMap {
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
  /** How often it is drawn, in proportion to the others. */
  weight: number;
  color: Color;
}

/** The square of the plane that is drawn. */
export interface Frame {
  left: number;
  top: number;
  side: number;
}

/** Points that find the frame, and the first ones of a walk, which are left out. */
const FRAME_POINTS = 1500, WARM_UP = 24;

/**
 * Two to five random contractive affine maps, with neighbouring hues.
 *
 * Rotation · diag(±s1, ±s2) · rotation and a shift in [-1, 1]², where s1 + 2 s2 adds up to a number in
 * [(5+N)/2, (6+N)/2] over N maps: Anderson and Farrell, "Improving Fractal Pre-training", 2022.
 */
export function drawMaps(random: Stream): AffineMap[] {
  const count = 2 + random.integer(4);
  const singular = singularValues(count, random.between((5 + count) / 2, (6 + count) / 2), random);
  const hue = random.uniform(), spread = random.between(0.15, 1), pale = random.between(0.3, 1);
  return singular.map(([s1, s2], i) => {
    const turn = random.between(0, 2 * Math.PI), twist = random.between(0, 2 * Math.PI);
    const [x, y] = [random.chance() ? s1 : -s1, random.chance() ? s2 : -s2];
    const [cos, sin, cosTwist, sinTwist] = [
      Math.cos(turn),
      Math.sin(turn),
      Math.cos(twist),
      Math.sin(twist),
    ];
    return {
      a: cos * x * cosTwist - sin * y * sinTwist,
      b: -cos * x * sinTwist - sin * y * cosTwist,
      c: sin * x * cosTwist + cos * y * sinTwist,
      d: -sin * x * sinTwist + cos * y * cosTwist,
      e: random.between(-1, 1),
      f: random.between(-1, 1),
      weight: Math.max(s1 * s2, 0.02),
      color: fromHue(hue + spread * i / count, pale, random.between(0.6, 1)),
    };
  });
}

/** `count` pairs 1 > s1 ≥ s2 ≥ 0 with s1 + 2 s2 adding up to `total`, drawn by rejection. */
function singularValues(count: number, total: number, random: Stream): [number, number][] {
  for (;;) {
    const pairs = Array.from({ length: count }, (): [number, number] => {
      const [u, v] = [random.uniform(), random.uniform()];
      return [Math.max(u, v), Math.min(u, v)];
    });
    const scale = total / pairs.reduce((sum, [s1, s2]) => sum + s1 + 2 * s2, 0);
    if (pairs.every(([s1]) => s1 * scale < 0.98)) {
      return pairs.map(([s1, s2]) => [s1 * scale, s2 * scale]);
    }
  }
}

/** A colour of the colour wheel; hue in turns, saturation and value in [0, 1]. */
function fromHue(hue: number, saturation: number, value: number): Color {
  const channel = (shift: number) => {
    const wheel = Math.abs(((hue + shift) % 1) * 6 - 3) - 1;
    return 255 * value * (1 - saturation + saturation * Math.min(Math.max(wheel, 0), 1));
  };
  return [channel(0), channel(2 / 3), channel(1 / 3)];
}

/** The square about the middle 96 % of the attractor, in each direction, and a little more. */
export function findFrame(maps: readonly AffineMap[], random: Stream): Frame {
  const xs = new Float64Array(FRAME_POINTS), ys = new Float64Array(FRAME_POINTS);
  walk(maps, FRAME_POINTS, random, (x, y, _color, i) => {
    xs[i] = x;
    ys[i] = y;
  });
  const [low, high] = [Math.floor(FRAME_POINTS * 0.02), Math.floor(FRAME_POINTS * 0.98)];
  xs.sort();
  ys.sort();
  const [left, right, top, bottom] = [xs[low]!, xs[high]!, ys[low]!, ys[high]!];
  const side = Math.max(right - left, bottom - top, 1e-6) * 1.08;
  return { left: (left + right - side) / 2, top: (top + bottom - side) / 2, side };
}

/** Adds the points of a walk to (side × side × 4) cells: how many, and the sums of their colours. */
export function scatter(
  cells: Float32Array,
  side: number,
  maps: readonly AffineMap[],
  frame: Frame,
  points: number,
  random: Stream,
): void {
  const scale = side / frame.side;
  walk(maps, points, random, (x, y, color) => {
    const column = Math.floor((x - frame.left) * scale), row = Math.floor((y - frame.top) * scale);
    if (column < 0 || row < 0 || column >= side || row >= side) return;
    const at = (row * side + column) * 4;
    cells[at]! += 1;
    cells[at + 1]! += color[0]!;
    cells[at + 2]! += color[1]!;
    cells[at + 3]! += color[2]!;
  });
}

/** The chaos game: visits `points` points of the attractor, one map drawn for each. */
function walk(
  maps: readonly AffineMap[],
  points: number,
  random: Stream,
  visit: (x: number, y: number, color: Float64Array, i: number) => void,
): void {
  const total = maps.reduce((sum, { weight }) => sum + weight, 0);
  const color = new Float64Array(3).fill(128);
  let x = 0, y = 0;
  for (let i = -WARM_UP; i < points; i++) {
    let drawn = random.uniform() * total, k = 0;
    while (k < maps.length - 1 && drawn >= maps[k]!.weight) drawn -= maps[k++]!.weight;
    const map = maps[k]!;
    [x, y] = [map.a * x + map.b * y + map.e, map.c * x + map.d * y + map.f];
    for (let c = 0; c < 3; c++) color[c] = (color[c]! + map.color[c]!) / 2;
    if (i >= 0) visit(x, y, color, i);
  }
}
