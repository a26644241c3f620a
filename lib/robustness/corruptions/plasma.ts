import type { Stream } from "../../random/stream.ts";
import type { Raster } from "./raster.ts";

/** The first and largest displacement; later ones are divided by the decay. */
const FIRST_WIBBLE = 100;

/**
 * A cloud of `size` × `size` numbers from 0 to 1 that goes on at its opposite edge; `size` is a power
 * of two, at least 2. The larger the decay, the smoother.
 *
 * Source: the published `plasma_fractal`: diamond-square (Fournier, Fussell, Carpenter 1982), where
 * each step adds wibble × U(-wibble, wibble).
 */
export function plasma(size: number, decay: number, random: Stream): Raster {
  const map = new Float64Array(size * size);
  const at = (y: number, x: number) => map[(y & (size - 1)) * size + (x & (size - 1))]!;
  let wibble = FIRST_WIBBLE;
  const displaced = (sum: number) => sum / 4 + wibble * random.between(-wibble, wibble);
  for (let step = size; step >= 2; step /= 2, wibble /= decay) {
    const half = step / 2;
    for (let y = 0; y < size; y += step) {
      for (let x = 0; x < size; x += step) {
        const corners = at(y, x) + at(y + step, x) + at(y, x + step) + at(y + step, x + step);
        map[(y + half) * size + x + half] = displaced(corners);
      }
    }
    const diamonds = (top: number, left: number) => {
      for (let y = top; y < size; y += step) {
        for (let x = left; x < size; x += step) {
          const tips = at(y - half, x) + at(y + half, x) + at(y, x - half) + at(y, x + half);
          map[y * size + x] = displaced(tips);
        }
      }
    };
    diamonds(0, half);
    diamonds(half, 0);
  }
  return { width: size, height: size, channels: 1, values: normalised(map) };
}

function normalised(values: Float64Array): Float64Array {
  let least = Infinity, most = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return values.map((value) => (value - least) / (most - least));
}
