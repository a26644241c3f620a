import { columnInside, type GeneratedKernel, lines, range, type Tile, where } from "./tile.ts";
import { resultSize, windowBindings, type WindowProduct, windowStore } from "./window.ts";

/**
 * A window product whose workgroups copy what they multiply to their memory first: each reads
 * `tile.shared` vectors of the sum for all its rows and columns, waits, and multiplies.
 *
 * Rows are pixels in any order, so tiles fill up whatever the pictures' size.
 */
export function windowShared(product: WindowProduct, tile: Tile): GeneratedKernel {
  const { kernel, sum4, columns4, groups, name } = product;
  const vectors = tile.columns / 4;
  const [wx, wy] = tile.workgroup;
  const [down, across, depth] = [wy * tile.rows, wx * vectors, tile.shared];
  const rows = product.lines * product.rowWidth;
  const steps = kernel * kernel * sum4;
  const parts = Math.min(tile.parts, steps);
  const perPart = Math.ceil(steps / parts);
  const code = `
${windowBindings(product, parts)}
var<workgroup> pixels: array<vec4<f32>, ${down * depth}>;
var<workgroup> weights: array<vec4<f32>, ${4 * depth * across}>;

${loadPixel(product, rows)}
${loadWeight(product)}
@compute @workgroup_size(${wx}, ${wy})
fn ${name}(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let firstRow = workgroup.y * ${down}u;
  let firstColumn = workgroup.x * ${across}u;
  let group = workgroup.z % ${groups.count}u;
  let part = workgroup.z / ${groups.count}u;
  let end = min((part + 1u) * ${perPart}u, ${steps}u);
${lines(tile.rows, vectors, (i, j) => `  var c${i}_${j} = vec4<f32>();`)}
  for (var step = part * ${perPart}u; step < end; step += ${depth}u) {
    for (var i = index; i < ${down * depth}u; i += ${wx * wy}u) {
      pixels[i] = load_pixel(firstRow + i / ${depth}u, step + i % ${depth}u, end, group);
    }
    for (var i = index; i < ${4 * depth * across}u; i += ${wx * wy}u) {
      weights[i] = load_weight(firstColumn + i % ${across}u, 4u * step + i / ${across}u, 4u * end, group);
    }
    workgroupBarrier();
    for (var k = 0u; k < ${depth}u; k++) {
${
    range(tile.rows).map((i) =>
      `      let a${i} = pixels[(local.y * ${tile.rows}u + ${i}u) * ${depth}u + k];`
    ).join("\n")
  }
${range(4).map((q) => multiplyAdd(q, tile.rows, vectors, across)).join("\n")}
    }
    workgroupBarrier();
  }
  let row = firstRow + local.y * ${tile.rows}u;
  let column = firstColumn + local.x * ${vectors}u;
  if (column >= ${columns4}u) { return; }
${lines(tile.rows, vectors, (i, j) => store(i, j, product, vectors, rows, parts))}
}
`;
  return {
    code,
    groups: [Math.ceil(columns4 / across), Math.ceil(rows / down), groups.count * parts],
    parts,
  };
}

function multiplyAdd(q: number, rows: number, vectors: number, across: number): string {
  const loads = range(vectors).map((j) =>
    `      let w${q}_${j} = weights[(4u * k + ${q}u) * ${across}u + local.x * ${vectors}u + ${j}u];`
  );
  const sums = lines(
    rows,
    vectors,
    (i, j) => `      c${i}_${j} += a${i}.${"xyzw"[q]} * w${q}_${j};`,
  );
  return [...loads, sums].join("\n");
}

/** `load_pixel`: vector `step` of the sum for one row, zero where there is none. */
function loadPixel(product: WindowProduct, rows: number): string {
  const { forward, kernel, stride, padding, sum4, rowHeight, rowWidth } = product;
  const { fromHeight, fromWidth, from4, groups } = product;
  const moved = (at: string, tap: string) =>
    forward
      ? `  let ${tap}At = ${at} * ${stride} + ${tap} - ${padding};`
      : `  let ${tap}Distance = ${at} + ${padding} - ${tap};
  if (${tap}Distance % ${stride} != 0) { return vec4<f32>(); }
  let ${tap}At = ${tap}Distance / ${stride};`;
  return `fn load_pixel(row: u32, step: u32, end: u32, group: u32) -> vec4<f32> {
  if (row >= ${rows}u || step >= end) { return vec4<f32>(); }
  let tap = step / ${sum4}u;
  let ky = i32(tap / ${kernel}u);
  let kx = i32(tap % ${kernel}u);
${moved(`i32(row / ${rowWidth}u % ${rowHeight}u)`, "ky")}
${moved(`i32(row % ${rowWidth}u)`, "kx")}
  if (kyAt < 0 || kyAt >= ${fromHeight} || kxAt < 0 || kxAt >= ${fromWidth}) { return vec4<f32>(); }
  let line = row / ${rowHeight * rowWidth}u * ${fromHeight}u + u32(kyAt);
  return x[(line * ${fromWidth}u + u32(kxAt)) * ${from4}u + group * ${groups.from}u + step % ${sum4}u];
}
`;
}

/** `load_weight`: row `step` of the weights, zero where there is none. */
function loadWeight({ sum4, columns4, weightRows, weight4, groups }: WindowProduct): string {
  return `fn load_weight(column: u32, step: u32, end: u32, group: u32) -> vec4<f32> {
  if (column >= ${columns4}u || step >= end) { return vec4<f32>(); }
  let row = step / ${4 * sum4}u * ${weightRows}u + step % ${4 * sum4}u;
  return w[group * ${groups.weights}u + row * ${weight4}u + column];
}
`;
}

function store(
  i: number,
  j: number,
  product: WindowProduct,
  vectors: number,
  rows: number,
  parts: number,
): string {
  const { to4, columns4, groups } = product;
  const conditions = [`row + ${i}u < ${rows}u`, ...columnInside(j, columns4, vectors)];
  const part = parts > 1 ? `part * ${resultSize(product)}u + ` : "";
  const at = `${part}(row + ${i}u) * ${to4}u + group * ${groups.to}u + column + ${j}u`;
  return where(conditions, windowStore(product, parts, at, `c${i}_${j}`));
}
