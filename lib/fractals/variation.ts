/** A point of the plane. */
export type Point = readonly [number, number];

/**
 * Names of the variations, by their number in `kernels/fractals/variation.wgsl`; the order is part of
 * a seed's meaning. Source: Draves and Reckase, "The Fractal Flame Algorithm", 2003, appendix.
 */
export const variationNames = [
  "linear",
  "sinusoidal",
  "spherical",
  "swirl",
  "horseshoe",
  "polar",
  "handkerchief",
  "disc",
  "julia",
  "bent",
  "eyefish",
  "bubble",
] as const;

/**
 * The variation of a point; `flip` takes Julia's other square root. Where the paper divides by the
 * radius, a hundredth is added to it, so that every value is finite.
 */
export function variation(number: number, [x, y]: Point, flip: boolean): Point {
  const r2 = x * x + y * y, r = Math.sqrt(r2), theta = Math.atan2(x, y);
  const { sin, cos, PI } = Math;
  switch (variationNames[number]) {
    case "sinusoidal":
      return [sin(x), sin(y)];
    case "spherical":
      return [x / (r2 + 0.01), y / (r2 + 0.01)];
    case "swirl":
      return [x * sin(r2) - y * cos(r2), x * cos(r2) + y * sin(r2)];
    case "horseshoe":
      return [(x - y) * (x + y) / (r + 0.01), 2 * x * y / (r + 0.01)];
    case "polar":
      return [theta / PI, r - 1];
    case "handkerchief":
      return [r * sin(theta + r), r * cos(theta - r)];
    case "disc":
      return [theta / PI * sin(PI * r), theta / PI * cos(PI * r)];
    case "julia": {
      const half = theta / 2 + (flip ? PI : 0);
      return [Math.sqrt(r) * cos(half), Math.sqrt(r) * sin(half)];
    }
    case "bent":
      return [x < 0 ? 2 * x : x, y < 0 ? y / 2 : y];
    case "eyefish":
      return [2 * x / (r + 1), 2 * y / (r + 1)];
    case "bubble":
      return [4 * x / (r2 + 4), 4 * y / (r2 + 4)];
    default:
      return [x, y];
  }
}
