let bits: Uint32Array<ArrayBuffer> | undefined;

/**
 * A bit for each (lowest, highest, byte), at (lowest · 256 + highest) · 256 + byte: whether Pillow's
 * autocontrast, which computes in doubles and cuts off the fraction, makes one less of the byte than
 * the exact (byte - lowest) · 255 / (highest - lowest), rounded down.
 *
 * Source: Pillow's ImageOps.autocontrast, `int(ix * scale + offset)`.
 */
export function autocontrastShort(): Uint32Array<ArrayBuffer> {
  return bits ??= computed();
}

function computed(): Uint32Array<ArrayBuffer> {
  const short = new Uint32Array(2 ** 24 / 32);
  for (let low = 0; low < 256; low++) {
    for (let high = low + 1; high < 256; high++) {
      const scale = 255 / (high - low), offset = -low * scale;
      for (let byte = low; byte <= high; byte++) {
        const exact = ((byte - low) * 255 - (byte - low) * 255 % (high - low)) / (high - low);
        if (Math.trunc(byte * scale + offset) >= exact) continue;
        const bit = (low * 256 + high) * 256 + byte;
        short[bit >>> 5]! |= 1 << (bit & 31);
      }
    }
  }
  return short;
}
