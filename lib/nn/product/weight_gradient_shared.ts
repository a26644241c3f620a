import { columnInside, type GeneratedKernel, lines, range, type Tile, where } from "./tile.ts";
import { weightBindings, type WeightProduct, weightSize } from "./weight_gradient.ts";

/**
 * A weight gradient whose workgroups copy what they multiply to their memory first, as
 * `windowShared` does: rows are taps × input channels, and the sum runs over `tile.shared` × 4
 * output pixels at a time.
 */
export function weightShared(product: WeightProduct, tile: Tile): GeneratedKernel {
  const { kernel, rows4, columns4, groups, batch, outHeight, outWidth } = product;
  const vectors = tile.columns / 4;
  const tall = Math.ceil(tile.rows / 4);
  const [wx, wy] = tile.workgroup;
  const [down, across, depth] = [wy * tall, wx * vectors, 4 * tile.shared];
  const rows = kernel * kernel * rows4;
  const pixels = batch * outHeight * outWidth;
  const perPart = Math.ceil(pixels / Math.min(tile.parts, pixels));
  const parts = Math.ceil(pixels / perPart);
  const code = `
${weightBindings}
var<workgroup> left: array<vec4<f32>, ${depth * down}>;
var<workgroup> right: array<vec4<f32>, ${depth * across}>;

${loadPixel(product)}
${loadGradient(product)}
@compute @workgroup_size(${wx}, ${wy})
fn ${product.name}(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let firstRow = workgroup.y * ${down}u;
  let firstColumn = workgroup.x * ${across}u;
  let group = workgroup.z % ${groups.count}u;
  let part = workgroup.z / ${groups.count}u;
  let end = min((part + 1u) * ${perPart}u, ${pixels}u);
${lines(4 * tall, vectors, (i, j) => `  var c${i}_${j} = vec4<f32>();`)}
  for (var step = part * ${perPart}u; step < end; step += ${depth}u) {
    for (var i = index; i < ${depth * down}u; i += ${wx * wy}u) {
      left[i] = load_pixel(step + i / ${down}u, end, firstRow + i % ${down}u, group);
    }
    for (var i = index; i < ${depth * across}u; i += ${wx * wy}u) {
      right[i] = load_gradient(step + i / ${across}u, end, firstColumn + i % ${across}u, group);
    }
    workgroupBarrier();
    for (var k = 0u; k < ${depth}u; k++) {
${
    range(tall).map((i) => `      let a${i} = left[k * ${down}u + local.y * ${tall}u + ${i}u];`)
      .join("\n")
  }
${
    range(vectors).map((j) =>
      `      let b${j} = right[k * ${across}u + local.x * ${vectors}u + ${j}u];`
    ).join("\n")
  }
${lines(4 * tall, vectors, (i, j) => `      c${i}_${j} += a${i >> 2}.${"xyzw"[i & 3]} * b${j};`)}
    }
    workgroupBarrier();
  }
  let row = firstRow + local.y * ${tall}u;
  let column = firstColumn + local.x * ${vectors}u;
  if (column >= ${columns4}u) { return; }
${lines(4 * tall, vectors, (i, j) => store(i, j, product, rows, vectors))}
}
`;
  return {
    code,
    groups: [Math.ceil(columns4 / across), Math.ceil(rows / down), groups.count * parts],
    parts,
  };
}

/** `load_pixel`: the vector of input channels that output pixel `step` meets at a row's tap. */
function loadPixel(product: WeightProduct): string {
  const { kernel, stride, padding, height, width, rows4, inputs4, outHeight, outWidth } = product;
  return `fn load_pixel(step: u32, end: u32, row: u32, group: u32) -> vec4<f32> {
  if (step >= end || row >= ${kernel * kernel * rows4}u) { return vec4<f32>(); }
  let tap = row / ${rows4}u;
  let v = i32(step / ${outWidth}u % ${outHeight}u * ${stride}u + tap / ${kernel}u) - ${padding};
  let u = i32(step % ${outWidth}u * ${stride}u + tap % ${kernel}u) - ${padding};
  if (v < 0 || v >= ${height} || u < 0 || u >= ${width}) { return vec4<f32>(); }
  let line = step / ${outHeight * outWidth}u * ${height}u + u32(v);
  return x[(line * ${width}u + u32(u)) * ${inputs4}u + group * ${product.groups.x}u + row % ${rows4}u];
}
`;
}

/** `load_gradient`: a vector of output pixel `step`'s gradient. */
function loadGradient({ outputs4, columns4, groups }: WeightProduct): string {
  return `fn load_gradient(step: u32, end: u32, column: u32, group: u32) -> vec4<f32> {
  if (step >= end || column >= ${columns4}u) { return vec4<f32>(); }
  return dy[step * ${outputs4}u + group * ${groups.dy}u + column];
}
`;
}

function store(
  i: number,
  j: number,
  product: WeightProduct,
  rows: number,
  vectors: number,
): string {
  const { columns4, outputs4, groups } = product;
  const conditions = [`row + ${i >> 2}u < ${rows}u`, ...columnInside(j, columns4, vectors)];
  const at =
    `part * ${weightSize(product)}u + ((row + ${i >> 2}u) * 4u + ${i & 3}u) * ${outputs4}u + ` +
    `group * ${groups.dw}u + column + ${j}u`;
  return where(conditions, `partials[${at}] = c${i}_${j};`);
}
