import type { Raster } from "./raster.ts";
import { roundToEven } from "./rounding.ts";

/** Where the places of a zoomed line come from: two neighbours, and the share of the second. */
interface Places {
  first: Int32Array;
  second: Int32Array;
  share: Float64Array;
}

/**
 * The middle of a raster, enlarged `factor` ≥ 1 times, bilinear, and cut to the raster's size.
 *
 * Source: the published `clipped_zoom`, with scipy.ndimage.zoom of order 1 (the first and the last
 * place of the part stay where they are); width and height are each cut by themselves.
 */
export function clippedZoom(raster: Raster, factor: number): Raster {
  const { width, height, channels, values } = raster;
  const columns = zoomedPlaces(width, factor, channels);
  const rows = zoomedPlaces(height, factor, width * channels);
  const zoomed = new Float64Array(values.length);
  for (let y = 0, to = 0; y < height; y++) {
    const above = rows.first[y]!, below = rows.second[y]!, down = rows.share[y]!;
    for (let x = 0; x < width; x++) {
      const left = columns.first[x]!, right = columns.second[x]!, across = columns.share[x]!;
      for (let c = 0; c < channels; c++, to++) {
        const upper = values[above + left + c]! * (1 - across) +
          values[above + right + c]! * across;
        const lower = values[below + left + c]! * (1 - across) +
          values[below + right + c]! * across;
        zoomed[to] = upper * (1 - down) + lower * down;
      }
    }
  }
  return { ...raster, values: zoomed };
}

function zoomedPlaces(count: number, factor: number, stride: number): Places {
  const part = Math.ceil(count / factor);
  const start = Math.floor((count - part) / 2);
  const enlarged = roundToEven(part * factor);
  const trim = Math.floor((enlarged - count) / 2);
  const step = enlarged > 1 ? (part - 1) / (enlarged - 1) : 0;
  const first = new Int32Array(count), second = new Int32Array(count);
  const share = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const from = (trim + i) * step;
    const below = Math.min(Math.floor(from), part - 1);
    first[i] = (start + below) * stride;
    second[i] = (start + Math.min(below + 1, part - 1)) * stride;
    share[i] = from - below;
  }
  return { first, second, share };
}
