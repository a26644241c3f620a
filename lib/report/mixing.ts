import { fractals } from "../data/fractals.ts";
import { type MixingSet, mixingSetFromPictures } from "../data/mixing_set.ts";
import type { MixingStream } from "../data/mixing_stream.ts";
import { BUILT_IN_MIXING_SET } from "../data/built_in_mixing.ts";
import { type MixingMemory, mixingSide, openMixing, openMixingSet } from "../data/open.ts";
import type { Subjects } from "./subjects.ts";

/** The shorter side of a mixing picture, in pixels, for pictures of CIFAR's size. */
const CIFAR_SIDE = 36;

/** Built-in fractals for large pictures: few and small, as they are made on the processor. */
const LARGE = { count: 16, size: 144, seed: 1 };

/**
 * Opens a mixing set for the given pictures: as training does for squares of one size, but for
 * "fractals", which are others where pictures are not of CIFAR's size. Where pictures are not all
 * squares of one size, the shorter side of a mixing picture is as long as their longest side, so that
 * it covers each.
 *
 * @param path a folder tree of pictures, a pack, or "fractals"
 * @param memory where the set is kept
 * @throws {DataError} when there is no picture in it
 */
export async function openMixingSetFor(
  path: string,
  { pictures }: Subjects,
  memory: MixingMemory,
): Promise<MixingSet | MixingStream> {
  const sides = pictures.flatMap(({ picture: { width, height } }) => [width, height]);
  const longest = Math.max(...sides);
  const isSquare = sides.every((side) => side === longest);
  const size = isSquare ? mixingSide(longest) : longest;
  if (path !== BUILT_IN_MIXING_SET) return await openMixing(path, size, memory);
  if (size === CIFAR_SIDE) return await openMixingSet(path);
  return mixingSetFromPictures(
    fractals(LARGE.count, Math.min(size, LARGE.size), LARGE.seed),
    size,
  );
}
