import { type Alternative, Tuning } from "../gpu/tuning.ts";
import { flops, type Geometry } from "../nn/convolution.ts";

/** Chooses as usual, and counts what the convolutions that ask compute. */
export class CountingTuning extends Tuning {
  /** Floating-point operations of all passes, were they computed directly. */
  flops = 0;

  override choose<Choice extends Alternative>(
    key: string,
    alternatives: readonly Choice[],
  ): Choice {
    this.flops += flops(geometryOfKey(key));
    return super.choose(key, alternatives);
  }
}

/** The sizes that `convolutionKey` put into a key. */
export function geometryOfKey(key: string): Geometry {
  const match = key.match(
    /^\w+ (\d+)x\d+ stride (\d+) padding (\d+) (\d+)->(\d+)(?: in (\d+) groups)? (\d+)x(\d+)x(\d+)$/,
  );
  if (!match) throw new RangeError(`Cannot read the sizes of ${key}`);
  const [kernel, stride, padding, inputs, outputs, groups, batch, height, width] = match.slice(1)
    .map((digits) => Number(digits ?? 1)) as [
      ...[number, number, number, number, number],
      ...[number, number, number, number],
    ];
  return { batch, height, width, inputs, outputs, kernel, stride, padding, groups };
}
