/**
 * Pictures in host memory, row by row, three (r, g, b) or four numbers (r, g, b, ignored) a pixel:
 * bytes, or floats in [0, 1], of which v stands for the byte round(255 v).
 */
export type HostPictures = Uint8Array | Uint8ClampedArray | Float32Array;

/**
 * The bytes r, g, b, ignored of some pictures.
 *
 * @param pixels how many there are in all pictures together
 * @param scratch gives at least 4 · `pixels` bytes, for pictures that are something else
 * @returns the pictures' own memory where they are that already; else the scratch memory
 * @throws {RangeError} when there are fewer or more pixels, or a float is not in [0, 1]
 */
export function pictureBytes(
  pictures: HostPictures,
  pixels: number,
  scratch: () => Uint8Array<ArrayBuffer>,
): Uint8Array {
  const channels = channelsOf(pictures, pixels);
  const isFloat = pictures instanceof Float32Array;
  if (channels === 4 && !isFloat) {
    return new Uint8Array(pictures.buffer, pictures.byteOffset, pictures.length);
  }
  const bytes = scratch().subarray(0, 4 * pixels);
  if (isFloat) checkFloats(pictures, channels);
  const scale = isFloat ? 255 : 1;
  for (let from = 0, to = 0; to < bytes.length; from += channels, to += 4) {
    // Rounded: the values are not negative.
    bytes[to] = scale * pictures[from]! + 0.5;
    bytes[to + 1] = scale * pictures[from + 1]! + 0.5;
    bytes[to + 2] = scale * pictures[from + 2]! + 0.5;
  }
  return bytes;
}

/** Throws where a color's value is not in [0, 1], or no number; a fourth channel does not matter. */
function checkFloats(pictures: HostPictures, channels: number): void {
  for (let at = 0; at < pictures.length; at++) {
    const value = pictures[at]!;
    if ((value >= 0 && value <= 1) || at % channels === 3) continue;
    throw new RangeError(
      `Cannot augment floats: expected values in [0, 1] but found ${value} at place ${at}`,
    );
  }
}

function channelsOf({ length }: HostPictures, pixels: number): number {
  const channels = length / pixels;
  if (channels === 3 || channels === 4) return channels;
  const hint = channels === 1 ? "; of grey pictures, give each value three times" : "";
  throw new RangeError(
    `Cannot augment: expected ${3 * pixels} numbers (r, g, b) or ${4 * pixels} ` +
      `(r, g, b, ignored) but found ${length}${hint}`,
  );
}
