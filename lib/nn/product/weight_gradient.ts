import { type Geometry, outputSize } from "../convolution.ts";
import {
  columnInside,
  type GeneratedKernel,
  lines,
  quads,
  range,
  type Tile,
  where,
} from "./tile.ts";

/**
 * Sizes of dw = xᵀ · dy, whose rows are taps × input channels, and whose sum runs over output pixels.
 * Counts of channels are in vec4.
 */
export interface WeightProduct {
  /** Entry point of the kernel. */
  name: string;
  batch: number;
  height: number;
  width: number;
  kernel: number;
  stride: number;
  padding: number;
  outHeight: number;
  outWidth: number;
  /** Vectors of a pixel of x and of a pixel of dy, all groups of channels together. */
  inputs4: number;
  outputs4: number;
  /** Vectors of input channels (rows) and of output channels (columns) within a group. */
  rows4: number;
  columns4: number;
  /** Groups, and how many vectors the next group's x, dy and dw lie further on. */
  groups: { count: number; x: number; dy: number; dw: number };
}

/** The weight gradient of a convolution as a product. */
export function weightProduct(geometry: Geometry): WeightProduct {
  const { batch, height, width, kernel, stride, padding, inputs, outputs, groups } = geometry;
  const [outHeight, outWidth] = outputSize(geometry);
  const [inputs4, outputs4] = [quads(inputs), quads(outputs)];
  const [rows4, columns4] = [inputs4 / groups, outputs4 / groups];
  return {
    ...{ name: "conv2d_weight_gradient", batch, height, width, kernel, stride, padding },
    ...{ outHeight, outWidth, inputs4, outputs4, rows4, columns4 },
    groups: { count: groups, x: rows4, dy: columns4, dw: columns4 },
  };
}

/** Vectors of the whole weight gradient. */
export function weightSize({ kernel, rows4, columns4, groups }: WeightProduct): number {
  return kernel * kernel * 4 * rows4 * columns4 * groups.count;
}

/** The declarations of a weight gradient: x, dy, and the partial sums or their only part. */
export const weightBindings = `@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4<f32>>;
`;

/** How the direct kernel cuts its work. */
interface Cut {
  /** Taps of a line of the kernel per invocation, and pieces of such a line. */
  taps: number;
  pieces: number;
  /** Vectors of input channels, and of output channels, per invocation. */
  down: number;
  across: number;
  /** Tiles of input channels in a group. */
  rowTiles: number;
  /** Lines of output pixels in the whole batch, and in one part. */
  pixelLines: number;
  perPart: number;
  parts: number;
}

/** Results that one invocation may keep: more do not fit the registers and get slow. */
const MAX_RESULTS = 96;

/**
 * A weight gradient that reads the buffers directly. An invocation makes up to three taps that lie
 * side by side for a tile of channels: it moves along a line of pixels with a window of pixels of x,
 * of which it reads only those that are new.
 */
export function weightDirect(product: WeightProduct, tile: Tile): GeneratedKernel {
  const cut = cutWork(product, tile);
  const { kernel, groups, columns4, rows4 } = product;
  const { taps, pieces, down, across, rowTiles, parts } = cut;
  const [wx, wy] = tile.workgroup;
  const rowsOfWork = rowTiles * kernel * pieces;
  const code = `
${weightBindings}
@compute @workgroup_size(${wx}, ${wy})
fn ${product.name}(@builtin(global_invocation_id) id: vec3<u32>) {
  let column = id.x * ${across}u;
  if (column >= ${columns4}u || id.y >= ${rowsOfWork}u) { return; }
  let row = id.y % ${rowTiles}u * ${down}u;
  let ky = id.y / ${rowTiles}u / ${pieces}u;
  let firstTap = id.y / ${rowTiles}u % ${pieces}u * ${taps}u;
  let group = id.z % ${groups.count}u;
  let part = id.z / ${groups.count}u;
${lines(4 * down * taps, across, (i, j) => `  var c${i}_${j} = vec4<f32>();`)}
${walk(product, cut)}
  let to = part * ${weightSize(product)}u + group * ${groups.dw}u + column;
  let weight = (ky * ${kernel}u + firstTap) * ${4 * rows4}u + 4u * row;
${lines(4 * down * taps, across, (i, j) => store(i, j, product, cut))}
}
`;
  return {
    code,
    groups: [Math.ceil(columns4 / across / wx), Math.ceil(rowsOfWork / wy), groups.count * parts],
    parts,
  };
}

function cutWork(product: WeightProduct, { rows, columns, parts }: Tile): Cut {
  const { kernel, rows4, columns4, batch, outHeight } = product;
  const down = Math.min(Math.ceil(rows / 4), rows4);
  const across = Math.min(columns / 4, columns4);
  const most = Math.max(1, Math.floor(MAX_RESULTS / (16 * down * across)));
  const pieces = Math.ceil(kernel / Math.min(kernel, 3, most));
  const pixelLines = batch * outHeight;
  const perPart = Math.ceil(pixelLines / Math.min(parts, pixelLines));
  return {
    ...{ down, across, pieces, pixelLines, perPart },
    taps: Math.ceil(kernel / pieces),
    rowTiles: Math.ceil(rows4 / down),
    parts: Math.ceil(pixelLines / perPart),
  };
}

/** The loops over a part's lines and their pixels. */
function walk(product: WeightProduct, cut: Cut): string {
  const { height, width, stride, padding, outHeight, outWidth } = product;
  const { outputs4, groups } = product;
  const { down, across, perPart, pixelLines, taps: count } = cut;
  const kept = Math.max(0, count - stride);
  const each = (from: number, to: number, line: (tap: number, i: number) => string) =>
    range(to - from).flatMap((tap) => range(down).map((i) => line(from + tap, i))).join("\n");
  // At the start of a line the window stands one pixel before it: what it will keep is read here.
  const before = each(
    stride,
    count,
    (tap, i) => `    var a${tap}_${i} = ${pixel(product, `left + ${tap - stride}`, i)};`,
  );
  const others = each(
    0,
    Math.min(stride, count),
    (tap, i) => `    var a${tap}_${i} = vec4<f32>();`,
  );
  return `  for (var line = part * ${perPart}u; line < min((part + 1u) * ${perPart}u, ${pixelLines}u); line++) {
    let v = i32(line % ${outHeight}u) * ${stride} + i32(ky) - ${padding};
    if (v < 0 || v >= ${height}) { continue; }
    let start = i32(line / ${outHeight}u * ${height}u + u32(v)) * ${width};
    var left = i32(firstTap) - ${padding};
${before}
${others}
    for (var u = 0u; u < ${outWidth}u; u++) {
      let di = (line * ${outWidth}u + u) * ${outputs4}u + group * ${groups.dy}u + column;
${each(0, kept, (tap, i) => `      a${tap}_${i} = a${tap + stride}_${i};`)}
${each(kept, count, (tap, i) => `      a${tap}_${i} = ${pixel(product, `left + ${tap}`, i)};`)}
${
    range(across).map((j) => `      let b${j} = dy[di + ${j}u];`)
      .join("\n")
  }
${
    lines(
      4 * down * count,
      across,
      (r, j) =>
        `      c${r}_${j} += a${Math.floor(r / 4 / down)}_${(r >> 2) % down}.${
          "xyzw"[r & 3]
        } * b${j};`,
    )
  }
      left += ${stride};
    }
  }`;
}

/** Vector `i` of a tile's input channels at column `u` of the line, zero outside the picture. */
function pixel(product: WeightProduct, u: string, i: number): string {
  const { inputs4, padding, width, groups } = product;
  const at = (column: string) =>
    `x[u32(start + ${column}) * ${inputs4}u + group * ${groups.x}u + row + ${i}u]`;
  return padding === 0
    ? at(u)
    : `select(vec4<f32>(), ${at(`clamp(${u}, 0, ${width - 1})`)}, ${u} >= 0 && ${u} < ${width})`;
}

function store(i: number, j: number, product: WeightProduct, cut: Cut): string {
  const { kernel, rows4, columns4, outputs4 } = product;
  const { taps, pieces, down, across } = cut;
  const [tap, r] = [Math.floor(i / 4 / down), i % (4 * down)];
  const conditions = [
    ...(taps * pieces > kernel && tap ? [`firstTap + ${tap}u < ${kernel}u`] : []),
    ...(rows4 % down && r > 3 ? [`row + ${r >> 2}u < ${rows4}u`] : []),
    ...columnInside(j, columns4, across),
  ];
  const at = `to + (weight + ${tap * 4 * rows4 + r}u) * ${outputs4}u + ${j}u`;
  return where(conditions, `partials[${at}] = c${i}_${j};`);
}
