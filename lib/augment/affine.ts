/** Rows (a, b, c), (d, e, f): output pixel (x, y) reads the input at (ax + by + c, dx + ey + f). */
export type AffineMap = readonly [number, number, number, number, number, number];

/** A map given by its linear part and a shift in pixels, about the centre of the picture. */
function centred(
  [a, b, d, e]: readonly [number, number, number, number],
  [shiftX, shiftY]: readonly [number, number],
  width: number,
  height: number,
): AffineMap {
  const x = (width - 1) / 2, y = (height - 1) / 2;
  return [a, b, x + shiftX - a * x - b * y, d, e, y + shiftY - d * x - e * y];
}

/** Turns by `degrees`, counter-clockwise where positive. */
export function rotation(degrees: number, width: number, height: number): AffineMap {
  const angle = degrees * Math.PI / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return centred([cos, -sin, sin, cos], [0, 0], width, height);
}

/** Shifts rows against each other by `tangent` pixels per row: torchvision's shear by atan(tangent). */
export function shearX(tangent: number, width: number, height: number): AffineMap {
  return centred([1, tangent, 0, 1], [0, 0], width, height);
}

/** Shifts columns against each other by `tangent` pixels per column. */
export function shearY(tangent: number, width: number, height: number): AffineMap {
  return centred([1, 0, tangent, 1], [0, 0], width, height);
}

/** Moves the picture right by `pixels`. */
export function translationX(pixels: number, width: number, height: number): AffineMap {
  return centred([1, 0, 0, 1], [-pixels, 0], width, height);
}

/** Moves the picture down by `pixels`. */
export function translationY(pixels: number, width: number, height: number): AffineMap {
  return centred([1, 0, 0, 1], [0, -pixels], width, height);
}

/** Mirrors left and right. */
export function mirror(_value: number, width: number, height: number): AffineMap {
  return centred([-1, 0, 0, 1], [0, 0], width, height);
}

// Pillow's maps: as above, but about (x + 1/2, y + 1/2), and its result is the place read.

/** Pillow's Image.rotate: turns by `degrees`, counter-clockwise where positive. */
export function pilRotation(degrees: number, width: number, height: number): AffineMap {
  const angle = -degrees * Math.PI / 180;
  const round = (value: number) => Math.round(value * 1e15) / 1e15;
  const [cos, sin] = [round(Math.cos(angle)), round(Math.sin(angle))];
  const x = width / 2, y = height / 2;
  return [cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y];
}

/** AugMix's shear: row y is read `level` · y pixels further right. */
export function pilShearX(level: number): AffineMap {
  return [1, level, 0, 0, 1, 0];
}

/** AugMix's shear: column x is read `level` · x pixels further down. */
export function pilShearY(level: number): AffineMap {
  return [1, 0, 0, level, 1, 0];
}

/** AugMix's translation: the picture moves left by `pixels`. */
export function pilTranslationX(pixels: number): AffineMap {
  return [1, 0, pixels, 0, 1, 0];
}

/** AugMix's translation: the picture moves up by `pixels`. */
export function pilTranslationY(pixels: number): AffineMap {
  return [1, 0, 0, 0, 1, pixels];
}

/** Whether a map that moves pixels along lines only does so along columns; else it is along rows. */
export function isDownwards([a, b, c]: AffineMap): boolean {
  return a === 1 && b === 0 && c === 0;
}

/** A row of one of Pillow's maps, as pixel (x, y) reads it at its own coordinates. */
export function atPixelCentres([a, b, c]: readonly number[]): [number, number, number] {
  return [a!, b!, c! + (a! + b!) / 2 - 0.5];
}

/** Whether a map moves the picture by whole pixels, mirrored or not. */
export function isWhole([a, b, c, d, e, f]: AffineMap): boolean {
  return Math.abs(a) === 1 && b === 0 && d === 0 && e === 1 && Number.isInteger(c) &&
    Number.isInteger(f);
}
