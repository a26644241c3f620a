import type { Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";
import { cubicSpline } from "./cubic_spline.ts";
import { roundToEven } from "./rounding.ts";

/**
 * One colour as it is, one enlarged by a quarter and one by half of `strength`, all a little
 * smoothed: `transverse_chromatic_abberation`, as it is spelt.
 *
 * Source: scipy.ndimage.zoom of order 3 without its prefilter, of bytes.
 */
export function transverseChromaticAbberation(
  picture: Picture,
  strength: number,
  random: Stream,
): Picture {
  const { width, height } = picture;
  const rgb = new Float64Array(picture.rgb.length), value = new Float64Array(1);
  const order = random.permutation(3);
  for (let c = 0; c < 3; c++) {
    const scale = 1 + 0.25 * strength * order[c]!;
    const values = Float64Array.from(
      { length: width * height },
      (_, i) => picture.rgb[3 * i + c]! * 255,
    );
    const spline = cubicSpline({ width, height, channels: 1, values });
    const columns = zoomedPlaces(width, scale), rows = zoomedPlaces(height, scale);
    for (let i = 0; i < values.length; i++) {
      value[0] = 0;
      spline(columns[i % width]!, rows[Math.floor(i / width)]!, 1, value, 0);
      rgb[3 * i + c] = Math.floor(value[0] + 0.5) / 255;
    }
  }
  return { ...picture, rgb };
}

/** From where the middle `count` places of a line enlarged `scale` times are taken. */
function zoomedPlaces(count: number, scale: number): Float64Array {
  const enlarged = roundToEven(count * scale), trim = Math.floor((enlarged - count) / 2);
  const step = enlarged > 1 ? (count - 1) / (enlarged - 1) : 0;
  return Float64Array.from({ length: count }, (_, i) => (trim + i) * step);
}
