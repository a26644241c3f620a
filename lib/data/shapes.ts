import { Purpose, Stream } from "../random/stream.ts";
import { type Dataset, fingerprint, type Split } from "./dataset.ts";
import { type Outline, outlines } from "./outlines.ts";

const SIDE = 32;
/** Samples along each side of a pixel, for antialiasing. */
const SAMPLES = 3;
/** The smallest difference of brightness between a shape and the ground below it, of 255. */
const MIN_CONTRAST = 70;

/** The largest rotation of a shape either way. */
const MAX_TURN = Math.PI / 5;

type Color = readonly [number, number, number];

/** A picture being painted: (32 × 32 × 3) numbers around 0 to 255. */
type Canvas = Float32Array;

/**
 * The built-in data set: one of ten plain shapes on each 32 × 32 picture, made, not read.
 *
 * Place, size, rotation, aspect, outline, colours, ground, clutter, lines and noise vary. Picture
 * `index` of a split is a function of (seed, index) alone and has label `index % 10`, so that every
 * count is balanced. Throws a RangeError for a count that is no whole number above 0.
 */
export function shapes(split: Split, count: number, seed: number): Dataset {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`Cannot make shapes: expected a count of at least 1 but found ${count}`);
  }
  const purpose = split === "train" ? Purpose.shapes_train : Purpose.shapes_test;
  const labels = Uint8Array.from({ length: count }, (_, index) => index % outlines.length);
  const rgba = new Uint8Array(count * SIDE * SIDE * 4).fill(255);
  for (let index = 0; index < count; index++) {
    const canvas = paint(outlines[labels[index]!]!, new Stream(seed, purpose, index));
    let to = index * SIDE * SIDE * 4;
    for (let from = 0; from < canvas.length; from += 3, to += 4) {
      for (let c = 0; c < 3; c++) {
        rgba[to + c] = Math.round(Math.min(Math.max(canvas[from + c]!, 0), 255));
      }
    }
  }
  const classes = outlines.map(({ name }) => name);
  const pictures = { width: SIDE, height: SIDE, count, labels, rgba };
  return { name: "shapes", split, classes, ...pictures, fingerprint: fingerprint(labels, rgba) };
}

function paint(outline: Outline, random: Stream): Canvas {
  const canvas = new Float32Array(SIDE * SIDE * 3);
  const ground = color(random);
  paintGround(canvas, ground, random);
  for (let blobs = random.integer(4); blobs > 0; blobs--) paintBlob(canvas, random);
  for (let lines = random.integer(2); lines > 0; lines--) paintLine(canvas, random);
  paintShape(canvas, outline, contrasting(ground, random), random);
  if (random.chance(0.3)) paintLine(canvas, random);
  const noise = random.between(2, 10);
  for (let i = 0; i < canvas.length; i++) canvas[i]! += noise * 2 * (random.uniform() - 0.5);
  return canvas;
}

function color(random: Stream): Color {
  return [random.between(20, 235), random.between(20, 235), random.between(20, 235)];
}

function brightness([red, green, blue]: Color): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** A colour at least MIN_CONTRAST brighter or darker, and another one otherwise. */
function contrasting(ground: Color, random: Stream): Color {
  for (let attempt = 0; attempt < 64; attempt++) {
    const drawn = color(random);
    if (Math.abs(brightness(drawn) - brightness(ground)) >= MIN_CONTRAST) return drawn;
  }
  return brightness(ground) < 128 ? [235, 235, 235] : [20, 20, 20];
}

/** A colour with a gradient across it and, at times, soft spots or waves. */
function paintGround(canvas: Canvas, ground: Color, random: Stream): void {
  const angle = random.between(0, 2 * Math.PI), slope = random.between(0, 40);
  const waves = random.chance(0.5) ? random.between(4, 18) : 0;
  const frequency = random.between(0.2, 1.2), direction = random.between(0, 2 * Math.PI);
  const phase = random.between(0, 2 * Math.PI);
  const tint = [random.between(-1, 1), random.between(-1, 1), random.between(-1, 1)];
  const lattice = Float32Array.from({ length: 36 }, () => random.between(-18, 18));
  for (let y = 0, i = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const along = (x - 15.5) * Math.cos(angle) + (y - 15.5) * Math.sin(angle);
      const across = x * Math.cos(direction) + y * Math.sin(direction);
      const value = waves * Math.sin(frequency * across + phase) + smooth(lattice, x, y);
      for (let c = 0; c < 3; c++, i++) {
        canvas[i] = ground[c]! + along / 16 * slope * tint[c]! + value;
      }
    }
  }
}

/** The (6 × 6) lattice, stretched over the picture and interpolated. */
function smooth(lattice: Float32Array, x: number, y: number): number {
  const u = x / SIDE * 5, v = y / SIDE * 5;
  const column = Math.floor(u), row = Math.floor(v), at = row * 6 + column;
  const top = lattice[at]! + (lattice[at + 1]! - lattice[at]!) * (u - column);
  const bottom = lattice[at + 6]! + (lattice[at + 7]! - lattice[at + 6]!) * (u - column);
  return top + (bottom - top) * (v - row);
}

/** A small soft ellipse anywhere. */
function paintBlob(canvas: Canvas, random: Stream): void {
  const [centerX, centerY] = [random.between(0, SIDE), random.between(0, SIDE)];
  const [radiusX, radiusY] = [random.between(1, 4), random.between(1, 4)];
  const paint = color(random), strength = random.between(0.4, 0.9);
  forBox(centerX, centerY, 5, (x, y, i) => {
    const distance = Math.hypot((x + 0.5 - centerX) / radiusX, (y + 0.5 - centerY) / radiusY);
    blend(canvas, i, paint, strength * Math.min(Math.max((1.2 - distance) / 0.4, 0), 1));
  });
}

/** A thin straight line right across the picture. */
function paintLine(canvas: Canvas, random: Stream): void {
  const angle = random.between(0, Math.PI), offset = random.between(-14, 14);
  const half = random.between(0.4, 1), paint = color(random), strength = random.between(0.4, 0.9);
  forBox(SIDE / 2, SIDE / 2, SIDE / 2, (x, y, i) => {
    const distance = Math.abs(
      (x - 15.5) * Math.cos(angle) + (y - 15.5) * Math.sin(angle) - offset,
    );
    blend(canvas, i, paint, strength * Math.min(Math.max(half + 0.5 - distance, 0), 1));
  });
}

function paintShape(canvas: Canvas, outline: Outline, paint: Color, random: Stream): void {
  const radius = random.between(8, 14), aspect = random.between(0.8, 1.25);
  const reach = Math.max(0, SIDE / 2 - radius);
  const centerX = SIDE / 2 + random.between(-reach, reach);
  const centerY = SIDE / 2 + random.between(-reach, reach);
  const angle = random.between(-MAX_TURN, MAX_TURN), variant = random.uniform();
  const [scaleX, scaleY] = [1 / (radius * Math.sqrt(aspect)), Math.sqrt(aspect) / radius];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const shade = random.between(-20, 20);
  forBox(centerX, centerY, radius * 1.6, (x, y, i) => {
    let covered = 0;
    for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
      const dx = x + (sample % SAMPLES + 0.5) / SAMPLES - centerX;
      const dy = y + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES - centerY;
      const u = (cos * dx + sin * dy) * scaleX, v = (cos * dy - sin * dx) * scaleY;
      if (outline.inside(u, v, variant)) covered++;
    }
    const shift = shade * (y - centerY) / radius;
    const shaded: Color = [paint[0] + shift, paint[1] + shift, paint[2] + shift];
    blend(canvas, i, shaded, covered / (SAMPLES * SAMPLES));
  });
}

/** Calls `visit(x, y, index of the red number)` for each pixel no further than `reach` from a point. */
function forBox(
  centerX: number,
  centerY: number,
  reach: number,
  visit: (x: number, y: number, i: number) => void,
): void {
  const [left, top] = [centerX, centerY].map((at) => Math.max(0, Math.floor(at - reach)));
  const [right, bottom] = [centerX, centerY].map((at) => Math.min(SIDE, Math.ceil(at + reach)));
  for (let y = top!; y < bottom!; y++) {
    for (let x = left!; x < right!; x++) visit(x, y, (y * SIDE + x) * 3);
  }
}

function blend(canvas: Canvas, i: number, paint: Color, weight: number): void {
  if (weight === 0) return;
  for (let c = 0; c < 3; c++) canvas[i + c]! += (paint[c]! - canvas[i + c]!) * weight;
}
