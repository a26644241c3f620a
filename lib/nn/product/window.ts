import { type Geometry, outputSize } from "../convolution.ts";
import { quads } from "./tile.ts";

/** The two passes that gather a window of pixels for each pixel of their result. */
export type WindowPass = "conv2d_forward" | "conv2d_input_gradient";

/** What is done with the sums: y = sum, y = y + sum, or y = residual + sum. */
export type Epilogue = "store" | "accumulate" | "residual";

/**
 * A matrix product whose rows are pixels of one size, each gathered from a window of pictures of
 * another size, and whose sum runs over taps and channels. All counts of channels are in vec4.
 */
export interface WindowProduct {
  /** Entry point of the kernel. */
  name: string;
  /** Windows move with the row's pixel (forward), or the row's pixel lies in them (gradient). */
  forward: boolean;
  kernel: number;
  stride: number;
  padding: number;
  /** Lines of the result in the whole batch. */
  lines: number;
  rowHeight: number;
  rowWidth: number;
  fromHeight: number;
  fromWidth: number;
  /** Vectors of a source pixel and of a result pixel, all groups together. */
  from4: number;
  to4: number;
  /** Vectors that are summed over for each tap, and vectors of the result, within a group. */
  sum4: number;
  columns4: number;
  /** Rows of weights for each tap, and vectors in such a row. */
  weightRows: number;
  weight4: number;
  /** Groups, and how many vectors the next group's source, weights and result lie further on. */
  groups: { count: number; from: number; weights: number; to: number };
  epilogue: Epilogue;
}

/**
 * The forward pass or the input gradient of a convolution as a product. The input gradient reads
 * dy, and weights that are transposed tap by tap.
 */
export function windowProduct(
  pass: WindowPass,
  geometry: Geometry,
  epilogue: Epilogue,
): WindowProduct {
  const forward = pass === "conv2d_forward";
  const { batch, kernel, stride, padding, groups } = geometry;
  const [inputs4, outputs4] = [quads(geometry.inputs), quads(geometry.outputs)];
  const inside = [geometry.height, geometry.width, inputs4] as const;
  const outside = [...outputSize(geometry), outputs4] as const;
  const [[rowHeight, rowWidth, to4], [fromHeight, fromWidth, from4]] = forward
    ? [outside, inside]
    : [inside, outside];
  const [sum4, columns4] = [from4 / groups, to4 / groups];
  return flat({
    ...{ name: pass, forward, kernel, stride, padding, epilogue },
    ...{ lines: batch * rowHeight, rowHeight, rowWidth, fromHeight, fromWidth, from4, to4 },
    ...{ sum4, columns4 },
    weightRows: forward ? 4 * sum4 : 4 * from4,
    weight4: forward ? to4 : columns4,
    groups: {
      count: groups,
      from: sum4,
      weights: forward ? columns4 : 4 * sum4 * columns4,
      to: columns4,
    },
  });
}

/** Without a window the pixels need no order: one long line, which any tile divides well. */
function flat(product: WindowProduct): WindowProduct {
  const { kernel, stride, padding, lines, rowWidth } = product;
  if (kernel !== 1 || stride !== 1 || padding !== 0) return product;
  const width = lines * rowWidth;
  return {
    ...product,
    lines: 1,
    rowHeight: 1,
    rowWidth: width,
    fromHeight: 1,
    fromWidth: width,
  };
}

/** C = A · B for each of `count` matrices A (rows × sum) and B (sum × columns), sizes in fours. */
export function matrixProduct(
  name: string,
  { rows, sum, columns, count }: { rows: number; sum: number; columns: number; count: number },
): WindowProduct {
  const [sum4, columns4] = [quads(sum), quads(columns)];
  return {
    ...{ name, forward: true, kernel: 1, stride: 1, padding: 0, epilogue: "store" },
    ...{ lines: 1, rowHeight: 1, rowWidth: rows, fromHeight: 1, fromWidth: rows },
    ...{ from4: sum4, to4: columns4, sum4, columns4, weightRows: 4 * sum4, weight4: columns4 },
    groups: { count, from: rows * sum4, weights: 4 * sum4 * columns4, to: rows * columns4 },
  };
}

/** Vectors of the whole result. */
export function resultSize({ lines, rowWidth, columns4, groups }: WindowProduct): number {
  return lines * rowWidth * columns4 * groups.count;
}

/** The declarations of a window product: x, w, y, and what its epilogue reads or writes instead. */
export function windowBindings({ epilogue }: WindowProduct, parts: number): string {
  const result = parts > 1 ? "partials" : "y";
  const residual = parts === 1 && epilogue === "residual"
    ? "@group(0) @binding(3) var<storage, read> residual: array<vec4<f32>>;\n"
    : "";
  return `@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> ${result}: array<vec4<f32>>;
${residual}`;
}

/** The statement that stores `value` at `at`; partial sums get their epilogue when they are added. */
export function windowStore(
  { epilogue }: WindowProduct,
  parts: number,
  at: string,
  value: string,
): string {
  if (parts > 1) return `partials[${at}] = ${value};`;
  if (epilogue === "accumulate") return `y[${at}] += ${value};`;
  return `y[${at}] = ${epilogue === "residual" ? `residual[${at}] + ` : ""}${value};`;
}
