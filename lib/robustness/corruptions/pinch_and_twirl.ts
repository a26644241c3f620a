import type { Stream } from "../../random/stream.ts";
import { takenFrom } from "./bilinear.ts";
import type { Picture, Scale } from "./corruption.ts";

/**
 * Each circle of a grid drawn to its middle and turned to one side or the other:
 * `pinch_and_twirl`. There are 3 × 3, or 5 × 5 at the scale of ImageNet.
 */
export function pinchAndTwirl(
  picture: Picture,
  strength: number,
  random: Stream,
  scale: Scale,
): Picture {
  const count = scale === "cifar" ? 3 : 5;
  const cellX = Math.floor(picture.width / count), cellY = Math.floor(picture.height / count);
  const radius = Math.min(cellX, cellY) / 2, pinch = 0.4 * strength + 0.1;
  const angles = Float64Array.from(
    { length: count * count },
    () => (random.chance() ? 1 : -1) * Math.PI / 2 * strength,
  );
  return takenFrom(picture, (x, y, place) => {
    place[0] = x;
    place[1] = y;
    const column = Math.floor(x / cellX), row = Math.floor(y / cellY);
    // What is left over beside and below the grid stays as it is.
    if (!(column < count && row < count)) return;
    const centerX = (column + 0.5) * cellX, centerY = (row + 0.5) * cellY;
    const dx = x - centerX, dy = y - centerY, distance = Math.hypot(dx, dy);
    if (distance > radius || distance < 0.0005) return;
    const part = distance / radius;
    const pull = Math.sin(Math.PI / 2 * part) ** -pinch;
    const turn = angles[column * count + row]! * (1 - part) ** 2;
    const cosine = Math.cos(turn) * pull, sine = Math.sin(turn) * pull;
    place[0] = centerX + dy * sine + dx * cosine;
    place[1] = centerY + dy * cosine - dx * sine;
  });
}
