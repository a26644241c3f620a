import type { Picture } from "./corruption.ts";

/** Changes hue, saturation and value of a pixel, each in [0, 1], in place. */
type HsvChange = (hsv: Float64Array) => void;

/**
 * A picture whose colours are changed as hue, saturation and value. What `change` leaves must be in
 * [0, 1].
 *
 * Source: skimage.color.rgb2hsv and hsv2rgb; where two channels are both the largest, the hue is
 * that of the later one.
 */
export function throughHsv(picture: Picture, change: HsvChange): Picture {
  const rgb = new Float64Array(picture.rgb.length);
  const hsv = new Float64Array(3);
  for (let i = 0; i < rgb.length; i += 3) {
    toHsv(picture.rgb, i, hsv);
    change(hsv);
    fromHsv(hsv, rgb, i);
  }
  return { ...picture, rgb };
}

function toHsv(rgb: Float64Array, at: number, hsv: Float64Array): void {
  const red = rgb[at]!, green = rgb[at + 1]!, blue = rgb[at + 2]!;
  const value = Math.max(red, green, blue);
  const range = value - Math.min(red, green, blue);
  let hue = 0;
  if (range > 0) {
    if (blue === value) hue = 4 + (red - green) / range;
    else if (green === value) hue = 2 + (blue - red) / range;
    else hue = (green - blue) / range;
    hue /= 6;
    hue -= Math.floor(hue);
  }
  hsv[0] = hue;
  hsv[1] = range > 0 ? range / value : 0;
  hsv[2] = value;
}

function fromHsv(hsv: Float64Array, rgb: Float64Array, at: number): void {
  const sixths = hsv[0]! * 6, saturation = hsv[1]!, value = hsv[2]!;
  const sector = Math.floor(sixths), part = sixths - sector;
  const low = value * (1 - saturation);
  const falling = value * (1 - part * saturation);
  const rising = value * (1 - (1 - part) * saturation);
  switch (sector % 6) {
    case 0:
      return write(rgb, at, value, rising, low);
    case 1:
      return write(rgb, at, falling, value, low);
    case 2:
      return write(rgb, at, low, value, rising);
    case 3:
      return write(rgb, at, low, falling, value);
    case 4:
      return write(rgb, at, rising, low, value);
    default:
      return write(rgb, at, value, low, falling);
  }
}

function write(rgb: Float64Array, at: number, red: number, green: number, blue: number): void {
  rgb[at] = red;
  rgb[at + 1] = green;
  rgb[at + 2] = blue;
}
