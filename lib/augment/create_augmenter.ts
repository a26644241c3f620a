import { BUILT_IN_MIXING_SET } from "../data/built_in_mixing.ts";
import { mixingSide, openMixing, openMixingSet } from "../data/open.ts";
import type { AugmenterOptions } from "./augmenter_options.ts";
import type { BatchAugmenter } from "./batch_augmenter.ts";
import { compileAugmenter, type OpenMixing } from "./compile_augmenter.ts";
import { mixingRoom } from "./mixing.ts";

/**
 * Gets a method ready for batches of pictures of one size: what `train` does to pictures with the
 * same settings, pixel for pixel; with mixing pictures of "fractals" only for 32 × 32 ones, since
 * these are always 36 × 36 here.
 *
 * @throws {RangeError} naming a setting that is out of range or not the method's, or a mixing
 *   picture that is smaller than `width` × `height`
 * @throws {DataError} when the mixing folder has no picture that can be read
 * @throws {GpuError} when there is no adapter, or batch or mixing set are larger than it holds
 */
export async function createAugmenter(options: AugmenterOptions): Promise<BatchAugmenter> {
  return await compileAugmenter(options, open);
}

const open: OpenMixing = async (path, { mixingMemory }, { width, height }, gpu) => {
  if (path === BUILT_IN_MIXING_SET) return await openMixingSet(path);
  const size = mixingSide(Math.max(width, height));
  return await openMixing(path, size, { most: mixingRoom(gpu, mixingMemory) });
};
