import type { Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";
import { withGrey } from "./raster.ts";

/** One plane wave of grey, added: `single_frequency_greyscale`. */
export function singleFrequencyGreyscale(
  picture: Picture,
  strength: number,
  random: Stream,
): Picture {
  const first = random.between(-Math.PI, Math.PI);
  const second = random.between(-Math.abs(first), Math.abs(first));
  const [alongX, alongY] = random.chance() ? [first, second] : [second, first];
  const phase = random.between(0, 2 * Math.PI), scale = 196 / 255 * strength;
  return withGrey(picture, (x, y) => scale * Math.sin(x * alongX + y * alongY + phase));
}
