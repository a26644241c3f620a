import type { Frame } from "./jpeg_header.ts";

/** Samples of one component, row by row. */
export interface Samples {
  width: number;
  height: number;
  data: Uint8Array;
}

/**
 * One component's samples at the frame's full size: libjpeg-turbo's "fancy" upsampling where that
 * has one (half as many samples across, down or both), else each sample repeated.
 *
 * Source: jdsample.c of libjpeg-turbo. Throws an Error for a sampling that does not divide.
 */
export function upsample(
  samples: Samples,
  { width, height, components }: Frame,
  i: number,
): Samples {
  const { across, down } = components[i]!;
  const right = Math.max(...components.map((other) => other.across)) / across;
  const below = Math.max(...components.map((other) => other.down)) / down;
  if (!Number.isInteger(right) || !Number.isInteger(below)) {
    throw new Error("a sampling that does not divide");
  }
  const isFancy = right <= 2 && below <= 2 && (right === 1 || samples.width > 2);
  const column = new Int32Array(samples.width), data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.min(Math.floor(y / below), samples.height - 1);
    const other = isFancy && below === 2 ? nearest(row + (y % 2 ? 1 : -1), samples.height) : row;
    for (let x = 0; x < samples.width; x++) {
      const own = samples.data[row * samples.width + x]!;
      column[x] = below === 2 && isFancy ? 3 * own + samples.data[other * samples.width + x]! : own;
    }
    const line = data.subarray(y * width, (y + 1) * width);
    if (!isFancy) { for (let x = 0; x < width; x++) line[x] = column[Math.floor(x / right)]!; }
    else if (right === 1) {
      const bias = y % 2 ? 2 : 1;
      for (let x = 0; x < width; x++) line[x] = below === 2 ? (column[x]! + bias) >> 2 : column[x]!;
    } else if (below === 1) widen(column, line, 2, 1, 2);
    else widen(column, line, 4, 8, 7);
  }
  return { width, height, data };
}

/** Twice as many numbers, each three quarters the nearest and one quarter the next, rounded. */
function widen(
  column: Int32Array,
  line: Uint8Array,
  shift: number,
  left: number,
  right: number,
): void {
  for (let x = 0; x < line.length; x++) {
    const at = x >> 1, own = column[at]!;
    const other = column[nearest(at + (x & 1 ? 1 : -1), column.length)]!;
    line[x] = (3 * own + other + (x & 1 ? right : left)) >> shift;
  }
}

function nearest(position: number, length: number): number {
  return Math.min(Math.max(position, 0), length - 1);
}

/**
 * The pixels (red, green, blue, 255) of components at full size, as libjpeg and PIL's
 * `convert("RGB")` make them: YCbCr or RGB for three, CMYK or YCCK for four, which are inverted in
 * JPEG files.
 *
 * @param transform what Adobe's marker says, if there is one
 */
export function toRgba(
  planes: readonly Samples[],
  { components }: Frame,
  transform?: number,
): Uint8Array {
  const [first, second, third, black] = planes.map(({ data }) => data) as Uint8Array[];
  const ids = String.fromCharCode(...components.map(({ id }) => id));
  const isCoded = black
    ? transform !== undefined && transform !== 0
    : transform !== undefined
    ? transform !== 0
    : ids !== "RGB";
  const rgba = new Uint8Array(first!.length * 4), rgb = new Uint8ClampedArray(3);
  for (let i = 0; i < first!.length; i++) {
    if (isCoded) fromYcc(first![i]!, second![i]!, third![i]!, rgb);
    else rgb.set([first![i]!, second![i]!, third![i]!]);
    if (black) fromCmyk(rgb, black[i]!, isCoded);
    rgba.set(rgb, 4 * i);
    rgba[4 * i + 3] = 255;
  }
  return rgba;
}

/** jdcolor.c's YCbCr to RGB, with 16 bits after the point. */
function fromYcc(y: number, cb: number, cr: number, rgb: Uint8ClampedArray): void {
  const [blue, red] = [cb - 128, cr - 128];
  rgb[0] = y + ((91881 * red + 32768) >> 16);
  rgb[1] = y + ((-22554 * blue + 32768 - 46802 * red) >> 16);
  rgb[2] = y + ((116130 * blue + 32768) >> 16);
}

/**
 * Pillow's `cmyk2rgb`: what is stored is 255 - ink, of YCCK the colours are complements once more.
 */
function fromCmyk(colors: Uint8ClampedArray, black: number, isCoded: boolean): void {
  for (let c = 0; c < 3; c++) {
    const ink = isCoded ? colors[c]! : 255 - colors[c]!;
    const product = ink * black + 128;
    colors[c] = black - (((product >> 8) + product) >> 8);
  }
}
