/** One channel of bytes. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  /** (height × width), of 0 … 255. */
  readonly values: Uint8Array;
}

/** A factor as a multiple of 2^-16. */
const fixed = (value: number) => Math.round(value * 65536);
const Y_R = fixed(0.299), Y_G = fixed(0.587), Y_B = fixed(0.114);
const CB_R = fixed(0.16874), CB_G = fixed(0.33126), HALF = fixed(0.5);
const CR_G = fixed(0.41869), CR_B = fixed(0.08131);
const R_CR = fixed(1.402), G_CB = fixed(0.34414), G_CR = fixed(0.71414), B_CB = fixed(1.772);

/** Luminance and the two colour differences of RGB bytes, as libjpeg rounds them (JFIF). */
export function toYcc(rgb: Uint8Array, width: number, height: number): [Plane, Plane, Plane] {
  const area = width * height;
  const [y, cb, cr] = [new Uint8Array(area), new Uint8Array(area), new Uint8Array(area)];
  const middle = (128 << 16) + HALF - 1;
  for (let i = 0; i < area; i++) {
    const r = rgb[3 * i]!, g = rgb[3 * i + 1]!, b = rgb[3 * i + 2]!;
    y[i] = (Y_R * r + Y_G * g + Y_B * b + HALF) >> 16;
    cb[i] = (HALF * b - CB_R * r - CB_G * g + middle) >> 16;
    cr[i] = (HALF * r - CR_G * g - CR_B * b + middle) >> 16;
  }
  const plane = (values: Uint8Array) => ({ width, height, values });
  return [plane(y), plane(cb), plane(cr)];
}

/** RGB bytes of planes of one size, as libjpeg rounds them. */
export function fromYcc(y: Plane, cb: Plane, cr: Plane): Uint8Array {
  const rgb = new Uint8ClampedArray(y.values.length * 3);
  for (let i = 0; i < y.values.length; i++) {
    const light = y.values[i]!, blue = cb.values[i]! - 128, red = cr.values[i]! - 128;
    rgb[3 * i] = light + ((R_CR * red + HALF) >> 16);
    rgb[3 * i + 1] = light + ((HALF - G_CB * blue - G_CR * red) >> 16);
    rgb[3 * i + 2] = light + ((B_CB * blue + HALF) >> 16);
  }
  return new Uint8Array(rgb.buffer);
}

/**
 * Half as wide and high, the means of 2 × 2 pixels, rounded down and up by turns. The last column
 * goes on to a multiple of 8, so that blocks are transformed with the edge that libjpeg sees.
 */
export function downsample({ width, height, values }: Plane): Plane {
  const columns = Math.ceil(width / 16) * 8, rows = Math.ceil(height / 2);
  const half = new Uint8Array(columns * rows);
  for (let y = 0, i = 0; y < rows; y++) {
    const upper = 2 * y * width, lower = Math.min(2 * y + 1, height - 1) * width;
    for (let x = 0; x < columns; x++, i++) {
      const left = Math.min(2 * x, width - 1), right = Math.min(2 * x + 1, width - 1);
      const sum = values[upper + left]! + values[upper + right]! + values[lower + left]! +
        values[lower + right]!;
      half[i] = (sum + 1 + x % 2) >> 2;
    }
  }
  return { width: columns, height: rows, values: half };
}

/**
 * A plane with one value for `across` × `down` pixels enlarged to `width` × `height` as libjpeg-turbo
 * does: where that is 2 × 2, 2 × 1 or 1 × 2, each pixel takes 3/4 of the nearest and 1/4 of the next
 * ("fancy upsampling"); in other ratios, and in up to 2 columns, values are repeated. Columns of the
 * plane that the picture does not reach play no part.
 *
 * Source: jdsample.c
 */
export function upsample(plane: Plane, width: number, height: number, across = 2, down = 2): Plane {
  const values = new Uint8Array(width * height);
  const columns = Math.ceil(width / across), sums = new Int32Array(columns);
  const isFancy = across <= 2 && down <= 2 && (across === 1 || columns > 2);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / down), line = values.subarray(y * width, (y + 1) * width);
    const near = row * plane.width;
    const far = inside(y % 2 ? row + 1 : row - 1, plane.height) * plane.width;
    const isSum = isFancy && down === 2;
    for (let x = 0; x < columns; x++) {
      const own = plane.values[near + x]!;
      sums[x] = isSum ? 3 * own + plane.values[far + x]! : own;
    }
    if (!isFancy) { for (let x = 0; x < width; x++) line[x] = sums[Math.floor(x / across)]!; }
    else if (across === 1) {
      const half = y % 2 ? 2 : 1;
      for (let x = 0; x < width; x++) line[x] = isSum ? (sums[x]! + half) >> 2 : sums[x]!;
    } else if (isSum) widen(sums, line, 8, 7, 4);
    else widen(sums, line, 1, 2, 2);
  }
  return { width, height, values };
}

/** Twice as many values; what is added before the shift differs for a left and a right one. */
function widen(
  sums: Int32Array,
  line: Uint8Array,
  left: number,
  right: number,
  shift: number,
): void {
  for (let x = 0; x < line.length; x++) {
    const here = x >> 1, isRight = x % 2;
    const next = inside(isRight ? here + 1 : here - 1, sums.length);
    line[x] = (3 * sums[here]! + sums[next]! + (isRight ? right : left)) >> shift;
  }
}

function inside(place: number, count: number): number {
  return Math.min(Math.max(place, 0), count - 1);
}
