import type { Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";
import { withGrey } from "./raster.ts";

/** Rings about a place, from dark to light, that a wave bends: `cocentric_sine_waves`. */
export function cocentricSineWaves(picture: Picture, strength: number, random: Stream): Picture {
  const { width, height } = picture, tenth = Math.min(width, height) / 10;
  const centerX = random.between(0, width), centerY = random.between(0, height);
  const frequency = random.between(0, 10), amplitude = random.between(0, tenth);
  // Never 0, by which there is no dividing.
  const ring = random.open() * tenth;
  const scale = 128 / 255 * strength;
  return withGrey(picture, (x, y) => {
    const dx = x - centerX, dy = y - centerY;
    const wave = Math.sin(Math.atan2(dx, dy) * frequency) * amplitude;
    const rings = (Math.sqrt(dx * dx + dy * dy) + wave) / ring;
    return scale * (rings - Math.floor(rings) - 0.5);
  });
}
