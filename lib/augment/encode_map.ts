import { type AffineMap, atPixelCentres, isDownwards, isWhole } from "./affine.ts";
import type { Op } from "./ops.ts";

/** The kernel of an op whose map is `map`, if it has one. */
export function kernelFor({ kernel, wholeKernel }: Op, map?: AffineMap): string {
  return wholeKernel && map && isWhole(map) ? wholeKernel : kernel;
}

/** Writes the words that a kernel knows its map by; the kernels' files say which. */
export function encodeMap(kernel: string, map: AffineMap, words: Uint32Array, at: number): void {
  const x = map.slice(0, 3), y = map.slice(3), isColumn = isDownwards(map);
  const floats = new Float32Array(words.buffer);
  if (kernel === "translate") {
    words.set([map[2], map[0], map[5]], at);
  } else if (kernel === "affine") {
    floats.set(x, at);
    floats.set(y, at + 4);
  } else if (kernel === "affine_line") {
    floats.set(isColumn ? y : x, at);
    words[at + 4] = Number(isColumn);
  } else if (kernel === "pil_affine") {
    encodeFixed(x, words, at);
    encodeFixed(y, words, at + 6);
  } else {
    encodeFixed(isColumn ? y : x, words, at);
    words[at + 6] = Number(isColumn);
  }
}

/** A row of one of Pillow's maps, each number as its whole part and 32 bits of fraction. */
function encodeFixed(row: readonly number[], words: Uint32Array, at: number): void {
  atPixelCentres(row).forEach((number, i) => {
    const whole = Math.floor(number);
    const fraction = Math.round((number - whole) * 2 ** 32);
    words[at + 2 * i] = whole + Number(fraction === 2 ** 32);
    words[at + 2 * i + 1] = fraction;
  });
}
