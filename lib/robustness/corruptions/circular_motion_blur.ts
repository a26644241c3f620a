import type { Picture } from "./corruption.ts";
import { cubicSpline, splineCoefficients } from "./cubic_spline.ts";
import { rasterOf } from "./raster.ts";

/** How many turned pictures are added up. */
const TURNS = 21;

/**
 * Turned to and fro about its middle by up to 15° × `strength`, most of the time near where it was;
 * black comes in at the corners: `circular_motion_blur`.
 */
export function circularMotionBlur(picture: Picture, strength: number): Picture {
  const { width, height } = picture;
  const middleX = (width - 1) / 2, middleY = (height - 1) / 2;
  const spline = cubicSpline(splineCoefficients(rasterOf(picture)));
  const turns = Array.from({ length: TURNS }, (_, i) => {
    const part = 2 * i / (TURNS - 1) - 1, angle = part * 15 * strength * Math.PI / 180;
    return { cosine: Math.cos(angle), sine: Math.sin(angle), weight: Math.exp(-2 * part * part) };
  });
  const total = turns.reduce((sum, { weight }) => sum + weight, 0);
  const rgb = new Float64Array(picture.rgb.length);
  for (const { cosine, sine, weight } of turns) {
    const startX = middleX - (cosine * middleX - sine * middleY);
    const startY = middleY - (sine * middleX + cosine * middleY);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i += 3) {
        const fromX = cosine * x - sine * y + startX, fromY = sine * x + cosine * y + startY;
        spline(fromX, fromY, weight / total, rgb, i);
      }
    }
  }
  return { ...picture, rgb };
}
