/** Which place stands for one outside of `count` places in a line; any whole number is allowed. */
export type Border = (place: number, count: number) => number;

/** The nearest one: a a a | a b c d | d d d. SciPy's "nearest", OpenCV's BORDER_REPLICATE. */
export const nearest: Border = (place, count) => Math.min(Math.max(place, 0), count - 1);

/** Mirrored about the edge: c b a | a b c d | d c b. SciPy's "reflect". */
export const reflect: Border = (place, count) => {
  const within = modulo(place, 2 * count);
  return within < count ? within : 2 * count - 1 - within;
};

/** Mirrored about the outermost place: d c b | a b c d | c b a. OpenCV's BORDER_REFLECT_101. */
export const reflect101: Border = (place, count) => {
  if (count === 1) return 0;
  const within = modulo(place, 2 * count - 2);
  return within < count ? within : 2 * count - 2 - within;
};

function modulo(value: number, divisor: number): number {
  const rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}
