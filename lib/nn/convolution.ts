/** Sizes of one convolution; channels are logical counts, stored in groups of four. */
export interface Geometry {
  batch: number;
  height: number;
  width: number;
  inputs: number;
  outputs: number;
  /** Side of the square kernel. */
  kernel: number;
  stride: number;
  padding: number;
  /** Groups of channels that do not mix; each has inputs / groups and outputs / groups of them. */
  groups: number;
}

/** Height and width of the output. */
export function outputSize({ height, width, kernel, stride, padding }: Geometry): [number, number] {
  const side = (size: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  return [side(height), side(width)];
}

/** Floating-point operations of one pass (forward, input gradient or weight gradient). */
export function flops(geometry: Geometry): number {
  const [height, width] = outputSize(geometry);
  const { batch, inputs, outputs, kernel, groups } = geometry;
  return 2 * batch * height * width * inputs / groups * outputs * kernel * kernel;
}

/** What tells a pass of one convolution from others in a tuning table. */
export function convolutionKey(pass: string, geometry: Geometry): string {
  const { batch, height, width, inputs, outputs, kernel, stride, padding, groups } = geometry;
  const grouped = groups > 1 ? ` in ${groups} groups` : "";
  return `${pass} ${kernel}x${kernel} stride ${stride} padding ${padding} ` +
    `${inputs}->${outputs}${grouped} ${batch}x${height}x${width}`;
}
