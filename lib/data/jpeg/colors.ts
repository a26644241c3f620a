import { type Frame, mostSamples } from "./header.ts";
import { fromYcc, type Plane, upsample } from "./ycc.ts";

/** One component's plane at the frame's full size. Throws an Error where its sampling has no ratio. */
export function fullSize(plane: Plane, frame: Frame, i: number): Plane {
  const most = mostSamples(frame), { across, down } = frame.components[i]!;
  const [right, below] = [most.across / across, most.down / down];
  if (!Number.isInteger(right) || !Number.isInteger(below)) {
    throw new Error("a sampling that does not divide");
  }
  return upsample(plane, frame.width, frame.height, right, below);
}

/**
 * The pixels (red, green, blue, 255) of planes of full size, as libjpeg and PIL's `convert("RGB")`
 * make them: YCbCr or RGB of three, YCCK or CMYK of four, which are inverted in JPEG files.
 *
 * @param transform what Adobe's marker says, if there is one
 */
export function toRgba(planes: readonly Plane[], frame: Frame, transform?: number): Uint8Array {
  const [first, second, third, black] = planes as [Plane, Plane, Plane, Plane?];
  const ids = String.fromCharCode(...frame.components.map(({ id }) => id));
  const isCoded = transform === undefined ? !black && ids !== "RGB" : transform !== 0;
  const rgb = isCoded ? fromYcc(first, second, third) : undefined;
  const rgba = new Uint8Array(first.values.length * 4).fill(255);
  for (let i = 0; i < first.values.length; i++) {
    for (let c = 0; c < 3; c++) {
      const color = rgb ? rgb[3 * i + c]! : planes[c]!.values[i]!;
      // YCCK's colours are complements once more: ink, where CMYK has 255 - ink.
      rgba[4 * i + c] = black ? printed(rgb ? color : 255 - color, black.values[i]!) : color;
    }
  }
  return rgba;
}

/** Pillow's `cmyk2rgb` of one ink, where `light` is what black leaves: 255 - black ink. */
function printed(ink: number, light: number): number {
  const product = ink * light + 128;
  return light - (((product >> 8) + product) >> 8);
}
