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

/** Generated WGSL, its workgroup counts and, for a split sum, the number of parts. */
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

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const quads = (channels: number) => Math.ceil(channels / 4);

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

/**
 * y = x ∗ w as an implicit matrix product: rows are output pixels, columns output channels, and
 * the sum runs over taps and input channels. The same generator makes the input gradient, whose
 * rows are input pixels, whose sum runs over taps and output channels, and which reads `w`
 * transposed: only the gather of a row's pixel differs.
 *
 * Bindings: x (batch × h × w × c), w (kernel × kernel × c × columns), y.
 */
export function gatherProduct(
  pass: "conv2d_forward" | "conv2d_input_gradient",
  geometry: Geometry,
  accumulate: boolean,
): GeneratedKernel {
  const forward = pass === "conv2d_forward";
  const [outHeight, outWidth] = outputSize(geometry);
  const { batch, kernel, height, width } = geometry;
  const [rowHeight, rowWidth] = forward ? [outHeight, outWidth] : [height, width];
  const [fromHeight, fromWidth] = forward ? [height, width] : [outHeight, outWidth];
  const rows = batch * rowHeight * rowWidth;
  const [inputs4, outputs4] = [quads(geometry.inputs), quads(geometry.outputs)];
  const [sum4, columns4] = forward ? [inputs4, outputs4] : [outputs4, inputs4];
  const tile = defaultTile(rows, 4 * columns4);
  const vectors = tile.columns / 4;
  const guard = columns4 % vectors !== 0;
  const source: Source = { ...geometry, height: fromHeight, width: fromWidth, sum4, forward };
  const aligned = rowWidth % tile.rows === 0 && (forward || geometry.stride === 1);
  const taps = aligned
    ? alignedRows(tile.rows, rowHeight, rowWidth, source)
    : freeRows(tile.rows, rows, rowHeight, rowWidth, source);
  const code = `
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(${tile.workgroup})
fn ${pass}(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * ${tile.rows}u;
  let column = id.x * ${vectors}u;
  if (row >= ${rows}u || column >= ${columns4}u) { return; }
${taps.corners}
${
    range(tile.rows).flatMap((i) => range(vectors).map((j) => `  var c${i}_${j} = vec4<f32>();`))
      .join("\n")
  }
  for (var tap = 0u; tap < ${kernel * kernel}u; tap++) {
    let ky = i32(tap / ${kernel}u);
    let kx = i32(tap % ${kernel}u);
${taps.gather}
    for (var c = 0u; c < ${sum4}u; c++) {
      let wc = (tap * ${sum4}u + c) * ${4 * columns4}u + column;
${taps.loads}
${range(4).map((q) => multiplyAdd(q, tile.rows, vectors, columns4, guard)).join("\n")}
    }
  }
${
    range(tile.rows).flatMap((i) =>
      range(vectors).map((j) => store(i, j, rows, columns4, tile, guard, accumulate))
    ).join("\n")
  }
}
`;
  return { code, groups: [...workgroups(tile, columns4, rows), 1] };
}

/** The pictures a gather reads: their size, vectors per pixel, and the direction of the taps. */
interface Source extends Geometry {
  sum4: number;
  forward: boolean;
}

/** WGSL that finds a tile's windows once, moves them to a tap, and loads one vector per row. */
interface Gather {
  corners: string;
  gather: string;
  loads: string;
}

/** A tile of pixels that lie side by side in one line: one window, moved along the line. */
function alignedRows(rows: number, rowHeight: number, rowWidth: number, source: Source): Gather {
  const { height, width, kernel, stride, padding, sum4, forward } = source;
  const [corner, sign] = forward ? [-padding, "+"] : [padding, "-"];
  const reach = (at: number) =>
    forward
      ? [at * stride - padding, at * stride - padding + kernel - 1]
      : [at + padding - kernel + 1, at + padding];
  const inside = (i: number) => reach(i)[0]! >= 0 && reach(rowWidth - rows + i)[1]! < width;
  return {
    corners: `  let y0 = i32((row / ${rowWidth}u) % ${rowHeight}u) * ${stride} + ${corner};
  let x0 = i32(row % ${rowWidth}u) * ${stride} + ${corner};
  let first = i32(row / ${rowHeight * rowWidth}u) * ${height};`,
    gather: `    let v = y0 ${sign} ky;
    let u = x0 ${sign} kx;
    if (v < 0 || v >= ${height}) { continue; }
    let start = ((first + v) * ${width} + u) * ${sum4};`,
    loads: range(rows).map((i) => {
      const at = `start + ${i * stride * sum4} + i32(c)`;
      if (inside(i)) return `      let a${i} = x[u32(${at})];`;
      const u = `u + ${i * stride}`;
      return `      let a${i} = select(vec4<f32>(), x[u32(max(${at}, 0))], ${u} >= 0 && ${u} < ${width});`;
    }).join("\n"),
  };
}

/** A tile whose pixels may lie in different lines and pictures: a window each. */
function freeRows(
  count: number,
  rows: number,
  rowHeight: number,
  rowWidth: number,
  source: Source,
): Gather {
  const { height, width, stride, padding, sum4, forward } = source;
  const corner = (v: string) =>
    forward ? `i32(${v}) * ${stride} - ${padding}` : `i32(${v}) + ${padding}`;
  const moved = (at: string, tap: string) =>
    forward ? `${at} + ${tap}` : stride === 1 ? `${at} - ${tap}` : `(${at} - ${tap}) / ${stride}`;
  // The input gradient of a strided convolution: only every stride-th pixel met this tap.
  const met = (i: number) =>
    forward || stride === 1
      ? ""
      : ` && (y${i} - ky) % ${stride} == 0 && (x${i} - kx) % ${stride} == 0`;
  return {
    corners: range(count).map((i) =>
      `  let r${i} = min(row + ${i}u, ${rows - 1}u);
  let n${i} = r${i} / ${rowHeight * rowWidth}u;
  let y${i} = ${corner(`(r${i} / ${rowWidth}u) % ${rowHeight}u`)};
  let x${i} = ${corner(`r${i} % ${rowWidth}u`)};`
    ).join("\n"),
    gather: range(count).map((i) =>
      `    let v${i} = ${moved(`y${i}`, "ky")};
    let u${i} = ${moved(`x${i}`, "kx")};
    let ok${i} = v${i} >= 0 && v${i} < ${height} && u${i} >= 0 && u${i} < ${width}${met(i)};
    let start${i} = select(0u, ((n${i} * ${height}u + u32(v${i})) * ${width}u + u32(u${i})) * ${sum4}u, ok${i});`
    ).join("\n") +
      `\n    if (!(${range(count).map((i) => `ok${i}`).join(" || ")})) { continue; }`,
    loads: range(count).map((i) =>
      `      let a${i} = select(vec4<f32>(), x[start${i} + c], ok${i});`
    ).join("\n"),
  };
}

/** Loads row `q` of the four weight rows and adds its products to all results. */
function multiplyAdd(
  q: number,
  rows: number,
  vectors: number,
  columns4: number,
  guard: boolean,
): string {
  const at = (j: number) =>
    guard
      ? `wc + ${q * columns4}u + min(${j}u, ${columns4 - 1}u - column)`
      : `wc + ${q * columns4 + j}u`;
  const loads = range(vectors).map((j) => `      let w${q}_${j} = w[${at(j)}];`);
  const sums = range(rows).flatMap((i) =>
    range(vectors).map((j) => `      c${i}_${j} += a${i}.${"xyzw"[q]} * w${q}_${j};`)
  );
  return [...loads, ...sums].join("\n");
}

function store(
  i: number,
  j: number,
  rows: number,
  columns4: number,
  tile: Tile,
  guard: boolean,
  accumulate: boolean,
): string {
  const conditions = [
    ...(rows % tile.rows && i ? [`row + ${i}u < ${rows}u`] : []),
    ...(guard && j ? [`column + ${j}u < ${columns4}u`] : []),
  ];
  const write = `y[(row + ${i}u) * ${columns4}u + column + ${j}u] ${
    accumulate ? "+=" : "="
  } c${i}_${j};`;
  return conditions.length ? `  if (${conditions.join(" && ")}) { ${write} }` : `  ${write}`;
}

function workgroups(tile: Tile, columns4: number, rows: number): [number, number] {
  return [
    Math.ceil(columns4 / (tile.columns / 4) / tile.workgroup[0]),
    Math.ceil(rows / tile.rows / tile.workgroup[1]),
  ];
}

/** How a weight gradient is cut: `parts` runs of picture rows, each summed by itself. */
export interface WeightGradientPlan extends GeneratedKernel {
  parts: number;
}

/**
 * dw = xᵀ · dy, tap by tap: rows are input channels, columns output channels, and the sum runs
 * over output pixels, cut into parts that `conv2d_sum_parts` adds in fixed order.
 *
 * Bindings: x, dy, partials (parts × kernel × kernel × inputs × outputs).
 */
export function weightGradient(geometry: Geometry): WeightGradientPlan {
  const { batch, height, width, kernel, stride, padding } = geometry;
  const [outHeight, outWidth] = outputSize(geometry);
  const [inputs4, outputs4] = [quads(geometry.inputs), quads(geometry.outputs)];
  const tile = { ...defaultTile(4 * inputs4, 4 * outputs4), columns: outputs4 > 1 ? 8 : 4 };
  const [down, across] = [tile.rows / 4, tile.columns / 4];
  const taps = kernel * kernel;
  const lines = batch * outHeight;
  const tiles = Math.ceil(inputs4 / down) * Math.ceil(outputs4 / across) * taps;
  const parts = Math.max(1, Math.min(64, lines, Math.ceil(4096 / tiles)));
  const perPart = Math.ceil(lines / parts);
  const code = `
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4<f32>>;

@compute @workgroup_size(${tile.workgroup[0]}, 1, ${tile.workgroup[1]})
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
${
    range(4 * down).flatMap((i) => range(across).map((j) => `  var c${i}_${j} = vec4<f32>();`))
      .join("\n")
  }
  for (var line = part * ${perPart}u; line < min((part + 1u) * ${perPart}u, ${lines}u); line++) {
    let v = i32(line % ${outHeight}u) * ${stride} + ky;
    if (v < 0 || v >= ${height}) { continue; }
    let base = i32((line / ${outHeight}u) * ${height}u + u32(v)) * ${width} + kx;
    for (var u = first; u < last; u++) {
      let xi = u32(base + i32(u) * ${stride}) * ${inputs4}u + row;
      let di = (line * ${outWidth}u + u) * ${outputs4}u + column;
${
    range(down).map((i) => `      let a${i} = x[${clampedIndex("xi", i, inputs4, down, "row")}];`)
      .join("\n")
  }
${
    range(across).map((j) =>
      `      let b${j} = dy[${clampedIndex("di", j, outputs4, across, "column")}];`
    ).join("\n")
  }
${
    range(4 * down).flatMap((i) =>
      range(across).map((j) => `      c${i}_${j} += a${i >> 2}.${"xyzw"[i & 3]} * b${j};`)
    ).join("\n")
  }
    }
  }
  let to = (id.z * ${4 * inputs4}u + row * 4u) * ${outputs4}u + column;
${
    range(4 * down).flatMap((i) =>
      range(across).map((j) => {
        const conditions = [
          ...(inputs4 % down && i > 3 ? [`row + ${i >> 2}u < ${inputs4}u`] : []),
          ...(outputs4 % across && j ? [`column + ${j}u < ${outputs4}u`] : []),
        ];
        const write = `partials[to + ${i * outputs4 + j}u] = c${i}_${j};`;
        return conditions.length ? `  if (${conditions.join(" && ")}) { ${write} }` : `  ${write}`;
      })
    ).join("\n")
  }
}
`;
  const depth = Math.ceil(taps * parts / tile.workgroup[1]);
  const across4 = Math.ceil(outputs4 / across / tile.workgroup[0]);
  return { code, parts, groups: [across4, Math.ceil(inputs4 / down), depth] };
}

/** An index that stays inside its row of `count` vectors where the tile overhangs. */
function clampedIndex(base: string, i: number, count: number, step: number, at: string): string {
  return count % step && i ? `${base} + min(${i}u, ${count - 1}u - ${at})` : `${base} + ${i}u`;
}
