import { quantisationSteps, quantise, restore } from "./blocks.ts";
import { downsample, fromYcc, type Plane, toYcc, upsample } from "./ycc.ts";

/**
 * What a baseline JPEG file gives back of (height × width × 3) bytes: colours at half the size
 * (4:2:0), blocks transformed, rounded to the steps of a quality in 1 … 100, and back.
 *
 * Only what loses is done, not the entropy coding, so that there are no bytes of a file. Every
 * rounding is that of libjpeg's default methods: the pixels are those that Pillow's
 * `save(…, "JPEG", quality=…)` and `open` give, bit for bit.
 */
export function jpegRoundTrip(
  rgb: Uint8Array,
  width: number,
  height: number,
  quality: number,
): Uint8Array {
  const [y, cb, cr] = toYcc(rgb, width, height);
  const { luma, chroma } = quantisationSteps(quality);
  throughBlocks(y, luma);
  const [blue, red] = [cb, cr].map((plane) => {
    const half = downsample(plane);
    throughBlocks(half, chroma);
    return upsample(half, width, height);
  }) as [Plane, Plane];
  return fromYcc(y, blue, red);
}

/** Transforms, rounds and transforms back each block of a plane, in place. */
function throughBlocks(plane: Plane, steps: Int32Array): void {
  const block = new Int32Array(64);
  for (let top = 0; top < plane.height; top += 8) {
    for (let left = 0; left < plane.width; left += 8) {
      quantise(plane, left, top, steps, block);
      restore(plane, left, top, steps, block);
    }
  }
}
