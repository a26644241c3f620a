import {
  defaultTile,
  type GeneratedKernel,
  type Geometry,
  lines,
  outputSize,
  quads,
  range,
  where,
} from "./convolution.ts";

/** A weight gradient is cut into `parts` runs of picture lines, each summed by itself. */
export interface WeightGradientPlan extends GeneratedKernel {
  parts: number;
}

/** How the work is laid out. */
interface Layout {
  inputs4: number;
  outputs4: number;
  /** Vectors of input channels, and of output channels, per invocation. */
  down: number;
  across: number;
  taps: number;
  /** Lines of output pixels in the whole batch, and in one part. */
  pixelLines: number;
  perPart: number;
  parts: number;
  workgroup: readonly [number, number];
}

/** Parts of the sum at the most: more would cost more memory than they bring speed. */
const MAX_PARTS = 64;
/** Invocations that keep every processor of a small adapter busy. */
const INVOCATIONS = 4096;

/**
 * dw = xᵀ · dy, tap by tap: rows are input channels, columns output channels, and the sum runs
 * over output pixels, cut into parts that `conv2d_sum_parts` adds in fixed order.
 *
 * Bindings: x, dy, partials (parts × kernel × kernel × inputs × outputs).
 */
export function weightGradient(geometry: Geometry): WeightGradientPlan {
  const layout = lay(geometry);
  const { inputs4, outputs4, down, across, taps, parts, workgroup } = layout;
  return {
    code: source(geometry, layout),
    parts,
    groups: [
      Math.ceil(outputs4 / across / workgroup[0]),
      Math.ceil(inputs4 / down),
      Math.ceil(taps * parts / workgroup[1]),
    ],
  };
}

function lay(geometry: Geometry): Layout {
  const [inputs4, outputs4] = [quads(geometry.inputs), quads(geometry.outputs)];
  const { rows, workgroup } = defaultTile(4 * inputs4, 4 * outputs4);
  const [down, across] = [rows / 4, outputs4 > 1 ? 2 : 1];
  const taps = geometry.kernel ** 2;
  const pixelLines = geometry.batch * outputSize(geometry)[0];
  const tiles = Math.ceil(inputs4 / down) * Math.ceil(outputs4 / across) * taps;
  const parts = Math.min(MAX_PARTS, pixelLines, Math.ceil(INVOCATIONS / tiles));
  const perPart = Math.ceil(pixelLines / parts);
  return { inputs4, outputs4, down, across, taps, pixelLines, perPart, parts, workgroup };
}

function source(geometry: Geometry, layout: Layout): string {
  const { height, width, kernel, stride, padding } = geometry;
  const [outHeight, outWidth] = outputSize(geometry);
  const { inputs4, outputs4, down, across, taps, pixelLines, perPart, parts, workgroup } = layout;
  return `
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4<f32>>;

@compute @workgroup_size(${workgroup[0]}, 1, ${workgroup[1]})
fn conv2d_weight_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let column = id.x * ${across}u;
  let row = id.y * ${down}u;
  if (column >= ${outputs4}u || row >= ${inputs4}u || id.z >= ${taps * parts}u) { return; }
  let tap = id.z % ${taps}u;
  let part = id.z / ${taps}u;
  let ky = i32(tap / ${kernel}u) - ${padding};
  let kx = i32(tap % ${kernel}u) - ${padding};
  // Output columns whose tap lies inside the picture, so that the inner loop needs no test.
  let first = u32(max(0, (${stride - 1} - kx) / ${stride}));
  let last = u32(clamp((${width - 1 + stride} - kx) / ${stride}, 0, ${outWidth}));
${lines(4 * down, across, (i, j) => `  var c${i}_${j} = vec4<f32>();`)}
  for (var line = part * ${perPart}u; line < min((part + 1u) * ${perPart}u, ${pixelLines}u); line++) {
    let v = i32(line % ${outHeight}u) * ${stride} + ky;
    if (v < 0 || v >= ${height}) { continue; }
    let base = i32((line / ${outHeight}u) * ${height}u + u32(v)) * ${width} + kx;
    for (var u = first; u < last; u++) {
      let xi = u32(base + i32(u) * ${stride}) * ${inputs4}u + row;
      let di = (line * ${outWidth}u + u) * ${outputs4}u + column;
${
    range(down).map((i) => `      let a${i} = x[${within("xi", i, inputs4, down, "row")}];`).join(
      "\n",
    )
  }
${
    range(across).map((j) =>
      `      let b${j} = dy[${within("di", j, outputs4, across, "column")}];`
    ).join("\n")
  }
${lines(4 * down, across, (i, j) => `      c${i}_${j} += a${i >> 2}.${"xyzw"[i & 3]} * b${j};`)}
    }
  }
  let to = (id.z * ${4 * inputs4}u + row * 4u) * ${outputs4}u + column;
${lines(4 * down, across, (i, j) => store(i, j, layout))}
}
`;
}

/** An index that stays inside its row of `count` vectors where the tile overhangs. */
function within(base: string, i: number, count: number, step: number, at: string): string {
  return count % step && i ? `${base} + min(${i}u, ${count - 1}u - ${at})` : `${base} + ${i}u`;
}

function store(i: number, j: number, { inputs4, outputs4, down, across }: Layout): string {
  const conditions = [
    ...(inputs4 % down && i > 3 ? [`row + ${i >> 2}u < ${inputs4}u`] : []),
    ...(outputs4 % across && j ? [`column + ${j}u < ${outputs4}u`] : []),
  ];
  return where(conditions, `partials[to + ${i * outputs4 + j}u] = c${i}_${j};`);
}
