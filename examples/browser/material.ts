import { fractals, type MixingPictures, mixingPictures } from "../../browser.ts";

/** Of the pictures, in pixels. */
export const SIDE = 224;
/** Pictures that are drawn at a time. */
export const DRAWS = 8;

let made: MixingPictures | undefined;

/** Eight fractals, made when they are first needed; as large as training has them. */
export function mixing(): MixingPictures {
  return made ??= mixingPictures(fractals(8, 96, 1).map(({ picture }) => picture), SIDE * 8 / 7);
}
