import type { Stream } from "../../random/stream.ts";
import { takenFrom } from "./bilinear.ts";
import { reflect } from "./border.ts";
import type { Picture } from "./corruption.ts";
import { gaussianFilter } from "./gaussian_filter.ts";
import { clip, roundToEven } from "./rounding.ts";

/** How much the lens bends light. */
const ETA = 4;

/** Seen through water whose surface is that of its caustics: `caustic_refraction`. */
export function causticRefraction(picture: Picture, strength: number, random: Stream): Picture {
  const { width, height } = picture, side = Math.min(width, height);
  const time = random.between(0.5, 2), size = random.between(0.75, 1.25) * side;
  const lens = 0.5 * side * strength, lighting = 2 * strength;
  const values = new Float64Array(width * height);
  for (let i = 0; i < values.length; i++) {
    values[i] = caustic(Math.floor(i / width) / size, i % width / size, time);
  }
  const water = gaussianFilter({ width, height, channels: 1, values }, 1, { border: reflect });
  const slopeX = slopes(water.values, width, height, 1, 0);
  const slopeY = slopes(water.values, width, height, 0, 1);
  const bent = takenFrom(picture, (x, y, place) => {
    const i = y * width + x;
    const pull = refraction(slopeX[i]!, slopeY[i]!) * lens;
    place[0] = x + roundToEven(slopeX[i]! * pull * 1000) / 1000;
    place[1] = y + roundToEven(slopeY[i]! * pull * 1000) / 1000;
  });
  const rgb = bent.rgb.map((value, j) => {
    const i = Math.floor(j / 3);
    return clip(value + (slopeY[i]! - slopeX[i]!) * lighting, 0, 1);
  });
  return { ...picture, rgb };
}

/** How bright the floor of a pool is at a place, 0 … 1; it repeats after 1. Source: joltz0r's. */
function caustic(y: number, x: number, time: number): number {
  const p = (y - Math.floor(y)) * 6.28318530718 - 250;
  const q = (x - Math.floor(x)) * 6.28318530718 - 250;
  let u = p, v = q, sum = 1;
  for (let n = 1; n <= 5; n++) {
    const t = time * (1 - 3.5 / n);
    const [before, after] = [u, v];
    u = p + Math.cos(t - before) + Math.sin(t + after);
    v = q + Math.sin(t - after) + Math.cos(t + before);
    const across = p * 0.005 / Math.sin(u + t), down = q * 0.005 / Math.cos(v + t);
    sum += 1 / Math.sqrt(across * across + down * down);
  }
  return clip(Math.abs(1.17 - (sum / 5) ** 1.4) ** 8, 0, 1);
}

/** What follows a place minus what comes before it, along one axis; 0 outside. */
function slopes(
  values: Float64Array,
  width: number,
  height: number,
  dx: number,
  dy: number,
): Float64Array {
  const at = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : values[y * width + x]!;
  return values.map((_, i) => {
    const x = i % width, y = Math.floor(i / width);
    return at(x + dx, y + dy) - at(x - dx, y - dy);
  });
}

/**
 * By how much a vertical ray is moved, as a multiple of the surface's slope: Snell's law, for a
 * surface whose normal is (slope, 1); 0 where that is nearly vertical.
 */
function refraction(slopeX: number, slopeY: number): number {
  const cosine = 1 / Math.sqrt(slopeX * slopeX + slopeY * slopeY + 1);
  if (cosine >= 1 - 1e-3) return 0;
  const sineOut = Math.sqrt(1 - cosine * cosine) / ETA;
  // The refracted ray lies between the normal n and what of the ray is at a right angle to n.
  return cosine * (Math.sqrt(1 - sineOut * sineOut) - cosine / ETA);
}
