import type { Stream } from "../random/stream.ts";

/** Colours of a palette; as in `kernels/fractals/picture.wgsl`. */
export const PALETTE_COLORS = 64;

/** Red, green and blue in [0, 1], as sRGB. */
export type Rgb = readonly [number, number, number];

/** Lightness in [0, 1], chroma in [0, 0.4] and hue in turns: OKLCh. */
type Lch = readonly [number, number, number];

/**
 * A cyclic palette of PALETTE_COLORS colours, four numbers each (the fourth is 1): three to seven key
 * colours, joined smoothly. Their hues are neighbours, opposites, thirds of the colour wheel or
 * anything; dark and light ones take turns, so that structure shows in grey, too.
 */
export function drawPalette(random: Stream): Float32Array<ArrayBuffer> {
  const keys = drawKeys(random).map(toLab);
  const palette = new Float32Array(PALETTE_COLORS * 4);
  for (let i = 0; i < PALETTE_COLORS; i++) {
    const at = i * keys.length / PALETTE_COLORS;
    const [a, b] = [keys[Math.floor(at)]!, keys[(Math.floor(at) + 1) % keys.length]!];
    const share = 0.5 - 0.5 * Math.cos(Math.PI * (at % 1));
    const mixed = a.map((value, c) => value + (b[c]! - value) * share);
    palette.set([...labToSrgb(mixed as [number, number, number]), 1], i * 4);
  }
  return palette;
}

/** A quiet colour to draw on: near black, near white or of a dark hue. */
export function drawGround(random: Stream): Rgb {
  const kind = random.uniform();
  const [light, chroma] = kind < 0.45
    ? [random.between(0, 0.15), random.between(0, 0.03)]
    : kind < 0.6
    ? [random.between(0.85, 1), random.between(0, 0.06)]
    : [random.between(0.2, 0.5), random.between(0.03, 0.12)];
  return labToSrgb(toLab([light, chroma, random.uniform()]));
}

/** Each scheme gives the hue of key `k` in turns, from the first hue. */
const schemes: readonly ((k: number, random: Stream) => number)[] = [
  (_k, random) => random.between(-0.09, 0.09),
  (k, random) => 0.5 * (k % 2) + random.between(-0.05, 0.05),
  (k, random) => (k % 3) / 3 + random.between(-0.05, 0.05),
  (_k, random) => random.uniform(),
  (k) => 0.11 * k,
];

function drawKeys(random: Stream): Lch[] {
  const hueOf = schemes[random.integer(schemes.length)]!;
  const hue = random.uniform(), vivid = random.between(0.08, 0.3);
  const count = 3 + random.integer(5), dark = random.between(0.05, 0.4);
  const light = random.between(0.7, 0.97);
  return Array.from({ length: count }, (_, k) => {
    const isDark = k % 2 === 0;
    const l = isDark ? dark + random.between(0, 0.2) : light - random.between(0, 0.3);
    return [l, vivid * random.between(0.3, 1.1), hue + hueOf(k, random)];
  });
}

function toLab([lightness, chroma, hue]: Lch): Rgb {
  const angle = 2 * Math.PI * hue;
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

/** OKLab to sRGB, cut to [0, 1] (Ottosson, "A perceptual color space for image processing", 2020). */
function labToSrgb([lightness, a, b]: Rgb): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3;
  return [
    toGamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    toGamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    toGamma(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s),
  ];
}

function toGamma(linear: number): number {
  const value = Math.min(Math.max(linear, 0), 1);
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}
