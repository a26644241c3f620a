import type { Picture } from "./corruption.ts";

/** Numbers on a grid, row after row, the channels of a place together: a Picture has three. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** (height × width × channels) */
  readonly values: Float64Array;
}

/** The same numbers as a raster of three channels; nothing is copied. */
export function rasterOf({ width, height, rgb }: Picture): Raster {
  return { width, height, channels: 3, values: rgb };
}

/** The same numbers as a picture, of a raster of three channels; nothing is copied. */
export function pictureOf({ width, height, values }: Raster): Picture {
  return { width, height, rgb: values };
}

/** A raster of one channel as large as the picture, its values drawn row after row by `draw`. */
export function drawnField(
  { width, height }: Pick<Picture, "width" | "height">,
  draw: () => number,
): Raster {
  const values = new Float64Array(width * height);
  for (let i = 0; i < values.length; i++) values[i] = draw();
  return { width, height, channels: 1, values };
}

/** A raster of the same size with every value replaced. */
export function mapped(raster: Raster, change: (value: number) => number): Raster {
  return { ...raster, values: raster.values.map(change) };
}

/** A picture to which grey is added: `grey` is called for each pixel, row after row. */
export function withGrey(picture: Picture, grey: (x: number, y: number) => number): Picture {
  const { width, height } = picture;
  const rgb = picture.rgb.slice();
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const added = grey(x, y);
      for (let c = i; c < i + 3; c++) rgb[c] = rgb[c]! + added;
    }
  }
  return { ...picture, rgb };
}
