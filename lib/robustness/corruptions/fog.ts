import type { Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";
import { plasma } from "./plasma.ts";

/**
 * A cloud laid over the picture, which keeps its brightest value: `fog`. The cloud is cut from one
 * whose side is the next power of two.
 */
export function fog(picture: Picture, strength: number, decay: number, random: Stream): Picture {
  const { width, height } = picture;
  const size = 2 ** Math.max(Math.ceil(Math.log2(Math.max(width, height))), 1);
  const cloud = plasma(size, decay, random).values;
  const brightest = picture.rgb.reduce((a, b) => Math.max(a, b));
  const scale = brightest / (brightest + strength);
  const rgb = new Float64Array(picture.rgb.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const added = strength * cloud[y * size + x]!;
      for (const end = i + 3; i < end; i++) rgb[i] = (picture.rgb[i]! + added) * scale;
    }
  }
  return { ...picture, rgb };
}
