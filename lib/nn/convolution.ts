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
}

/** Work of one invocation and one workgroup of a generated kernel. */
export interface Tile {
  /** Rows (pixels, or input channels of a weight gradient) per invocation. */
  rows: number;
  /** Columns (channels) per invocation, a multiple of four. */
  columns: number;
  /** Invocations per workgroup, along columns and along rows. */
  workgroup: readonly [number, number];
}

/** Generated WGSL and its workgroup counts. */
export interface GeneratedKernel {
  code: string;
  groups: [number, number, number];
}

/** Height and width of the output. */
export function outputSize({ height, width, kernel, stride, padding }: Geometry): [number, number] {
  const side = (size: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  return [side(height), side(width)];
}

/** Floating-point operations of one pass (forward, input gradient or weight gradient). */
export function flops(geometry: Geometry): number {
  const [height, width] = outputSize(geometry);
  const { batch, inputs, outputs, kernel } = geometry;
  return 2 * batch * height * width * inputs * outputs * kernel * kernel;
}

/** 0 … count - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** The lines of WGSL for every result (i, j) of a tile. */
export function lines(
  rows: number,
  columns: number,
  line: (i: number, j: number) => string,
): string {
  return range(rows).flatMap((i) => range(columns).map((j) => line(i, j))).join("\n");
}

/** Vectors of four channels. */
export function quads(channels: number): number {
  return Math.ceil(channels / 4);
}

/** A statement that runs where all conditions hold; without conditions, always. */
export function where(conditions: string[], statement: string): string {
  return conditions.length
    ? `  if (${conditions.join(" && ")}) { ${statement} }`
    : `  ${statement}`;
}

/**
 * 64 results in registers and no workgroup memory: the fastest shapes measured on the software
 * adapter. Few columns get a tall tile, so that the eight lanes still read side by side.
 */
export function defaultTile(rows: number, columns: number): Tile {
  const shape = columns <= 32 ? { rows: 16, columns: 4 } : { rows: 8, columns: 8 };
  let x = 1;
  while (x < 8 && x * shape.columns < columns) x *= 2;
  return { rows: Math.min(shape.rows, rows), columns: shape.columns, workgroup: [x, 64 / x] };
}
