import type { Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";

/** Coloured clouds of folded sines, blended with the picture: `plasma_noise`. */
export function plasmaNoise(picture: Picture, strength: number, random: Stream): Picture {
  const { width, height } = picture;
  const time = random.between(0, 6 * Math.PI), folds = 4 + random.integer(3);
  const sharpness = random.between(0.5, 1);
  const scale = random.between(0.075, 0.2) * Math.min(width, height);
  const share = 64 / 255 * strength;
  const rgb = picture.rgb.map((value) => (1 - share) * value);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i += 3) {
      let x = column / scale, y = row / scale;
      let frequency = 1, slowness = 1, divisor = 1;
      for (let fold = 0; fold < folds; fold++) {
        const moveX = Math.cos(y * frequency + time / slowness) / divisor;
        const moveY = Math.sin(x * frequency + time / slowness) / divisor;
        x += moveX - 0.3 * moveY;
        y += moveY + 0.3 * moveX;
        frequency *= 1.93;
        slowness *= 1.15;
        divisor *= 2.25 - sharpness;
      }
      rgb[i] = rgb[i]! + share * Math.sin(x - time);
      rgb[i + 1] = rgb[i + 1]! + share * Math.sin((x + y + Math.sin(time)) * 0.5);
      rgb[i + 2] = rgb[i + 2]! + share * Math.sin(y + time);
    }
  }
  return { ...picture, rgb };
}
