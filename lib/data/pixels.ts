/** A picture of 8-bit colours, as the GPU takes it: read as u32, red is the lowest byte. */
export interface Picture {
  /** In pixels, at least 1. */
  width: number;
  /** In pixels, at least 1. */
  height: number;
  /** Red, green, blue and 255 for each pixel, row by row: 4 × width × height bytes. */
  rgba: Uint8Array;
}
