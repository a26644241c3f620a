/** Work of one invocation and of one workgroup of a generated product; all give equal results. */
export interface Tile {
  /** Rows of the result per invocation (TM). */
  rows: number;
  /** Columns of the result per invocation (TN), a multiple of four. */
  columns: number;
  /** Invocations per workgroup, along columns and along rows. */
  workgroup: readonly [number, number];
  /**
   * Vectors of the sum that a workgroup holds in its memory at once (BK), which pays on GPUs whose
   * cores share one fast memory; 0 reads the buffers directly, which is faster on processors.
   */
  shared: number;
  /** Parts the sum is cut into (split-K), each written apart and then added in fixed order. */
  parts: number;
}

/** Generated WGSL, its workgroup counts, and the parts its sum is really cut into. */
export interface GeneratedKernel {
  code: string;
  groups: [number, number, number];
  parts: number;
}

/** For example "16x4 wg 8x8 shared 4 parts 2"; names a tile in caches and tables. */
export function tileName({ rows, columns, workgroup, shared, parts }: Tile): string {
  const extra = (shared ? ` shared ${shared}` : "") + (parts > 1 ? ` parts ${parts}` : "");
  return `${rows}x${columns} wg ${workgroup.join("x")}${extra}`;
}

/**
 * Invocations of a workgroup, `total` at the most, along columns as far as they reach: lanes that
 * read side by side share what they read. At most 64 along rows, which workgroup memory has to hold.
 */
export function workgroupFor(columns4: number, vectors: number, total = 64): [number, number] {
  let x = 1;
  while (x < 16 && x * vectors < columns4) x *= 2;
  return [x, Math.min(64, total / x)];
}

/** 0 … count - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** The lines of WGSL for every result (i, j) of `rows` rows and `vectors` vectors of columns. */
export function lines(
  rows: number,
  vectors: number,
  line: (i: number, j: number) => string,
): string {
  return range(rows).flatMap((i) => range(vectors).map((j) => line(i, j))).join("\n");
}

/** Vectors of four channels. */
export function quads(channels: number): number {
  return Math.ceil(channels / 4);
}

/** A statement that runs where all conditions hold; without conditions, always. */
export function where(conditions: readonly string[], statement: string): string {
  return conditions.length
    ? `  if (${conditions.join(" && ")}) { ${statement} }`
    : `  ${statement}`;
}

/**
 * The conditions under which vector `j` of a tile of columns is stored. What lies over the edge is
 * summed all the same, from whatever is read there: WebGPU bounds every read.
 */
export function columnInside(j: number, columns4: number, vectors: number): string[] {
  return columns4 % vectors && j ? [`column + ${j}u < ${columns4}u`] : [];
}
