import { BUILT_IN_MIXING_SET, builtInFractals } from "../data/built_in_mixing.ts";
import { packPictures, resizedPicture } from "../data/packed_pictures.ts";
import type { Picture } from "../data/pixels.ts";
import type { AugmenterOptions } from "./augmenter_options.ts";
import type { BatchAugmenter } from "./batch_augmenter.ts";
import { compileAugmenter } from "./compile_augmenter.ts";
import type { MixingPictures } from "./mixing.ts";

/** Of the built-in mixing pictures, in pixels, as `createAugmenter` has them. */
const BUILT_IN_SIDE = 36;

/**
 * `createAugmenter` without files, for pages: the same pixels, but `mixing` is "fractals", pictures in
 * memory, or a set that is open.
 *
 * @throws {RangeError} naming a setting that is out of range or not the method's, or a mixing
 *   picture that is smaller than `width` × `height`; and for a folder
 * @throws {GpuError} when there is no adapter, or batch or mixing set are larger than it holds
 */
export async function createAugmenterInMemory(options: AugmenterOptions): Promise<BatchAugmenter> {
  return await compileAugmenter(options, (path) => {
    if (path === BUILT_IN_MIXING_SET) return builtIn();
    throw new RangeError(
      `Cannot open the mixing set ${path} here: expected "${BUILT_IN_MIXING_SET}" or pictures; ` +
        "read a folder with readMixingSet() first",
    );
  });
}

/**
 * A mixing set of pictures in memory, in the order given.
 *
 * @param size what the shorter side of each becomes, in pixels: at least the longer side of the pictures
 *   that they are mixed into
 * @throws {RangeError} for a picture whose bytes are not four for each pixel
 * @throws {DataError} for a picture more than 32 times as long as it is short
 */
export function mixingPictures(pictures: readonly Picture[], size: number): MixingPictures {
  return packPictures(
    pictures.map((picture, i) => resizedPicture(picture, size, `mixing picture ${i}`)),
  );
}

function builtIn(): MixingPictures {
  return mixingPictures(
    builtInFractals(BUILT_IN_SIDE).map(({ picture }) => picture),
    BUILT_IN_SIDE,
  );
}
