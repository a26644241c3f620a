import type { Stream } from "../../random/stream.ts";
import { takenFrom } from "./bilinear.ts";
import type { Picture } from "./corruption.ts";

/** Waves along both axes, each of a drawn length and phase: `ripple`. */
export function ripple(picture: Picture, strength: number, random: Stream): Picture {
  const side = Math.min(picture.width, picture.height), amplitude = 0.025 * strength * side;
  const lengthY = random.between(0.1, 0.3) * side, lengthX = random.between(0.1, 0.3) * side;
  const phaseY = random.between(0, 2 * Math.PI), phaseX = random.between(0, 2 * Math.PI);
  return takenFrom(picture, (x, y, place) => {
    place[0] = x + amplitude * Math.sin(2 * Math.PI * x / lengthX + phaseX);
    place[1] = y + amplitude * Math.sin(2 * Math.PI * y / lengthY + phaseY);
  });
}
