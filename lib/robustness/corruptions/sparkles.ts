import type { Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";

/** A star of rays, longer and shorter ones. */
interface Star {
  x: number;
  y: number;
  /** The lengths of its rays, in pixels; the first points to the left, the next turn downwards. */
  rays: Float64Array;
  /** How fast it fades: the power of its squared distance. */
  fading: number;
}

/** Five white stars: `sparkles`. */
export function sparkles(picture: Picture, strength: number, random: Stream): Picture {
  const { width, height } = picture;
  const radius = 0.1 * strength * Math.min(width, height);
  const centers = Array.from({ length: 5 }, () => {
    const y = random.between(0, height);
    return { y, x: random.between(0, width) };
  });
  const stars = centers.map((center): Star => {
    const rays = drawRays(radius, random).map((length) => Math.max(length, 1));
    return { ...center, rays, fading: 1 };
  });
  const rgb = picture.rgb.slice();
  for (const star of stars) {
    forEachPixel(picture, star, (i, light) => rgb[i] = (1 - light) * rgb[i]! + light);
  }
  return { ...picture, rgb };
}

/** White but for one star, through which the picture is seen: `inverse_sparkles`. */
export function inverseSparkles(picture: Picture, strength: number, random: Stream): Picture {
  const { width, height } = picture;
  const y = random.between(0.25, 0.75) * height, x = random.between(0.25, 0.75) * width;
  const rays = drawRays(0.25 * Math.min(width, height), random);
  const rgb = new Float64Array(picture.rgb.length);
  forEachPixel(picture, { x, y, rays, fading: 1.3 * strength }, (i, light) => {
    // In bytes, where neither 255 nor what shows through loses by rounding.
    rgb[i] = (255 + light * (picture.rgb[i]! * 255 - 255)) / 255;
  });
  return { ...picture, rgb };
}

/** 50 to 199 lengths about `radius`, with a standard deviation of a quarter of it. */
function drawRays(radius: number, random: Stream): Float64Array {
  const rays = new Float64Array(50 + random.integer(150));
  for (let i = 0; i < rays.length; i++) rays[i] = radius + 0.25 * radius * random.normal();
  return rays;
}

/** Calls `light` with the place of each value of the picture and the star's light on it, 0 … 1. */
function forEachPixel(
  { width, height }: Picture,
  { x: centerX, y: centerY, rays, fading }: Star,
  light: (index: number, light: number) => void,
): void {
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const dx = x - centerX, dy = y - centerY;
      const turn = (Math.atan2(dx, dy) + Math.PI) / (2 * Math.PI) * rays.length;
      const ray = Math.floor(turn), between = turn - ray;
      const first = rays[ray % rays.length]!, second = rays[(ray + 1) % rays.length]!;
      const length = first + between * (second - first);
      const glow = (length * length / (dx * dx + dy * dy + 1e-4)) ** fading;
      const share = Math.min((1 - (between - 0.5) ** 2) * glow, 1);
      for (let c = 0; c < 3; c++) light(i + c, share);
    }
  }
}
