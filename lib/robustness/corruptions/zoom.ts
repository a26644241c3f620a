import type { Raster } from "./raster.ts";
import { roundToEven } from "./rounding.ts";

/** Where the places of a zoomed line come from: two neighbours, and the share of the second. */
interface Places {
  first: number[];
  second: number[];
  share: number[];
}

/**
 * The middle of a raster, enlarged `factor` ≥ 1 times, bilinear, and cut to the raster's size; added
 * to `sum`, so that a mean of many needs no memory for each.
 *
 * Source: the published `clipped_zoom`, with scipy.ndimage.zoom of order 1 (the first and the last
 * place of the part stay where they are); width and height are each cut by themselves.
 */
export function addClippedZoom(raster: Raster, factor: number, sum: Float64Array): void {
  const { width, height, channels, values } = raster;
  const columns = zoomedPlaces(width, factor, channels);
  const rows = zoomedPlaces(height, factor, width * channels);
  for (let y = 0, to = 0; y < height; y++) {
    const above = rows.first[y]!, below = rows.second[y]!, down = rows.share[y]!;
    for (let x = 0; x < width; x++) {
      const left = columns.first[x]!, right = columns.second[x]!, across = columns.share[x]!;
      for (let c = 0; c < channels; c++, to++) {
        const upper = values[above + left + c]! * (1 - across) +
          values[above + right + c]! * across;
        const lower = values[below + left + c]! * (1 - across) +
          values[below + right + c]! * across;
        sum[to] = sum[to]! + (upper * (1 - down) + lower * down);
      }
    }
  }
}

/** The middle of a raster alone, enlarged and cut as by `addClippedZoom()`. */
export function clippedZoom(raster: Raster, factor: number): Raster {
  const values = new Float64Array(raster.values.length);
  addClippedZoom(raster, factor, values);
  return { ...raster, values };
}

function zoomedPlaces(count: number, factor: number, stride: number): Places {
  const part = Math.ceil(count / factor);
  const start = Math.floor((count - part) / 2);
  const enlarged = roundToEven(part * factor);
  const trim = Math.floor((enlarged - count) / 2);
  const step = enlarged > 1 ? (part - 1) / (enlarged - 1) : 0;
  const places: Places = { first: [], second: [], share: [] };
  for (let i = 0; i < count; i++) {
    const from = (trim + i) * step;
    const below = Math.min(Math.floor(from), part - 1);
    places.first.push((start + below) * stride);
    places.second.push((start + Math.min(below + 1, part - 1)) * stride);
    places.share.push(from - below);
  }
  return places;
}
