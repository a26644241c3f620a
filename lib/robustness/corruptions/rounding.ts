/** The nearest whole number; halves go to the even one, as in Python's round and OpenCV's cvRound. */
export function roundToEven(value: number): number {
  const down = Math.floor(value), rest = value - down;
  if (rest !== 0.5) return rest < 0.5 ? down : down + 1;
  return down % 2 === 0 ? down : down + 1;
}

/** The value cut to [low, high]. */
export function clip(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
