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
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      const at = channels * pixel + channel, value = pictures[at]!;
      // Also refuses what is not a number.
      if (isFloat && !(value >= 0 && value <= 1)) {
        throw new RangeError(
          `Cannot augment floats: expected values in [0, 1] but found ${value} at place ${at}`,
        );
      }
      bytes[4 * pixel + channel] = isFloat ? Math.round(255 * value) : value;
    }
  }
  return bytes;
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
