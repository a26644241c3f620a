import type { MixingPictures } from "../augment/mixing.ts";

/**
 * The first `count` of pictures (… × from × from × 4 bytes), each pixel repeated until a side has `side`
 * pixels: speed does not depend on what is to be seen.
 */
export function enlarged(rgba: Uint8Array, from: number, side: number, count: number): Uint8Array {
  const words = new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.byteLength / 4);
  const found = new Uint32Array(count * side * side);
  for (let at = 0; at < found.length; at++) {
    const picture = Math.floor(at / side ** 2);
    const row = Math.floor(at / side) % side, column = at % side;
    const [y, x] = [Math.floor(row * from / side), Math.floor(column * from / side)];
    found[at] = words[(picture * from + y) * from + x]!;
  }
  return new Uint8Array(found.buffer);
}

/** A set's first pictures, which are square, enlarged where they are smaller than `side`. */
export function enlargedSet(set: MixingPictures, side: number): MixingPictures {
  const from = set.widths[0]!;
  if (from >= side) return set;
  const count = Math.min(8, set.count);
  return {
    ...set,
    count,
    widths: new Uint32Array(count).fill(side),
    heights: new Uint32Array(count).fill(side),
    offsets: Uint32Array.from({ length: count }, (_, i) => i * side * side),
    rgba: enlarged(set.rgba, from, side, count),
  };
}
