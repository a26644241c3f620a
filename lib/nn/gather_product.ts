import {
  defaultTile,
  type GeneratedKernel,
  type Geometry,
  lines,
  outputSize,
  quads,
  range,
  type Tile,
  where,
} from "./convolution.ts";

/** The two passes that gather a window of pixels for each result. */
export type GatherPass = "conv2d_forward" | "conv2d_input_gradient";

/** An implicit matrix product: its rows are pixels of one size, gathered from pictures of another. */
interface Product {
  forward: boolean;
  kernel: number;
  stride: number;
  padding: number;
  rows: number;
  rowHeight: number;
  rowWidth: number;
  fromHeight: number;
  fromWidth: number;
  /** Vectors of channels that are summed over, for each tap. */
  sum4: number;
  /** Vectors of channels of the result. */
  columns4: number;
  tile: Tile;
  accumulate: boolean;
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
  pass: GatherPass,
  geometry: Geometry,
  accumulate: boolean,
): GeneratedKernel {
  const product = describe(pass, geometry, accumulate);
  const { tile, rows, columns4, rowWidth, forward, stride } = product;
  const aligned = rowWidth % tile.rows === 0 && (forward || stride === 1);
  const across = Math.ceil(columns4 / (tile.columns / 4) / tile.workgroup[0]);
  return {
    code: source(pass, product, aligned ? alignedRows(product) : freeRows(product)),
    groups: [across, Math.ceil(rows / tile.rows / tile.workgroup[1]), 1],
  };
}

function describe(pass: GatherPass, geometry: Geometry, accumulate: boolean): Product {
  const forward = pass === "conv2d_forward";
  const { batch, kernel, stride, padding } = geometry;
  const inside = [geometry.height, geometry.width, quads(geometry.inputs)] as const;
  const outside = [...outputSize(geometry), quads(geometry.outputs)] as const;
  const [[rowHeight, rowWidth, columns4], [fromHeight, fromWidth, sum4]] = forward
    ? [outside, inside]
    : [inside, outside];
  const rows = batch * rowHeight * rowWidth;
  const tile = defaultTile(rows, 4 * columns4);
  return {
    ...{ forward, kernel, stride, padding, accumulate, tile },
    ...{ rows, rowHeight, rowWidth, columns4, fromHeight, fromWidth, sum4 },
  };
}

function source(pass: GatherPass, product: Product, taps: Gather): string {
  const { kernel, rows, sum4, columns4, tile } = product;
  const vectors = tile.columns / 4;
  return `
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(${tile.workgroup})
fn ${pass}(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y * ${tile.rows}u;
  let column = id.x * ${vectors}u;
  if (row >= ${rows}u || column >= ${columns4}u) { return; }
${taps.corners}
${lines(tile.rows, vectors, (i, j) => `  var c${i}_${j} = vec4<f32>();`)}
  for (var tap = 0u; tap < ${kernel * kernel}u; tap++) {
    let ky = i32(tap / ${kernel}u);
    let kx = i32(tap % ${kernel}u);
${taps.gather}
    for (var c = 0u; c < ${sum4}u; c++) {
      let wc = (tap * ${sum4}u + c) * ${4 * columns4}u + column;
${taps.loads}
${range(4).map((q) => multiplyAdd(q, product)).join("\n")}
    }
  }
${lines(tile.rows, vectors, (i, j) => store(i, j, product))}
}
`;
}

/** WGSL that finds a tile's windows once, moves them to a tap, and loads one vector per row. */
interface Gather {
  corners: string;
  gather: string;
  loads: string;
}

/** A tile of pixels that lie side by side in one line: one window, moved along the line. */
function alignedRows(product: Product): Gather {
  const { forward, kernel, stride, padding, sum4, tile } = product;
  const { rowHeight, rowWidth, fromHeight, fromWidth } = product;
  const [corner, sign] = forward ? [-padding, "+"] : [padding, "-"];
  // The first and the last column that pixel `at` of a line reads.
  const reach = (at: number) =>
    forward
      ? [at * stride - padding, at * stride - padding + kernel - 1]
      : [at + padding - kernel + 1, at + padding];
  const inside = (i: number) =>
    reach(i)[0]! >= 0 && reach(rowWidth - tile.rows + i)[1]! < fromWidth;
  return {
    corners: `  let y0 = i32((row / ${rowWidth}u) % ${rowHeight}u) * ${stride} + ${corner};
  let x0 = i32(row % ${rowWidth}u) * ${stride} + ${corner};
  let first = i32(row / ${rowHeight * rowWidth}u) * ${fromHeight};`,
    gather: `    let v = y0 ${sign} ky;
    let u = x0 ${sign} kx;
    if (v < 0 || v >= ${fromHeight}) { continue; }
    let start = ((first + v) * ${fromWidth} + u) * ${sum4};`,
    loads: range(tile.rows).map((i) => {
      const at = `start + ${i * stride * sum4} + i32(c)`;
      if (inside(i)) return `      let a${i} = x[u32(${at})];`;
      const u = `u + ${i * stride}`;
      return `      let a${i} = select(vec4<f32>(), x[u32(max(${at}, 0))], ${u} >= 0 && ${u} < ${fromWidth});`;
    }).join("\n"),
  };
}

/** A tile whose pixels may lie in different lines and pictures: a window each. */
function freeRows(product: Product): Gather {
  const { forward, stride, padding, sum4, rows, tile } = product;
  const { rowHeight, rowWidth, fromHeight, fromWidth } = product;
  const corner = (v: string) =>
    forward ? `i32(${v}) * ${stride} - ${padding}` : `i32(${v}) + ${padding}`;
  const moved = (at: string, tap: string) =>
    forward ? `${at} + ${tap}` : stride === 1 ? `${at} - ${tap}` : `(${at} - ${tap}) / ${stride}`;
  // The input gradient of a strided convolution: only every stride-th pixel met this tap.
  const met = (i: number) =>
    forward || stride === 1
      ? ""
      : ` && (y${i} - ky) % ${stride} == 0 && (x${i} - kx) % ${stride} == 0`;
  const each = (line: (i: number) => string) => range(tile.rows).map(line);
  const none = `    if (!(${each((i) => `ok${i}`).join(" || ")})) { continue; }`;
  const gathered = each((i) =>
    `    let v${i} = ${moved(`y${i}`, "ky")};
    let u${i} = ${moved(`x${i}`, "kx")};
    let ok${i} = v${i} >= 0 && v${i} < ${fromHeight} && u${i} >= 0 && u${i} < ${fromWidth}${met(i)};
    let start${i} = select(0u, ((n${i} * ${fromHeight}u + u32(v${i})) * ${fromWidth}u + u32(u${i})) * ${sum4}u, ok${i});`
  );
  const corners = each((i) =>
    `  let r${i} = min(row + ${i}u, ${rows - 1}u);
  let n${i} = r${i} / ${rowHeight * rowWidth}u;
  let y${i} = ${corner(`(r${i} / ${rowWidth}u) % ${rowHeight}u`)};
  let x${i} = ${corner(`r${i} % ${rowWidth}u`)};`
  );
  return {
    corners: corners.join("\n"),
    gather: [...gathered, none].join("\n"),
    loads: each((i) => `      let a${i} = select(vec4<f32>(), x[start${i} + c], ok${i});`).join(
      "\n",
    ),
  };
}

/** Whether the last tile of columns hangs over the edge. */
function overhangs({ columns4, tile }: Product): boolean {
  return columns4 % (tile.columns / 4) !== 0;
}

/** Loads row `q` of the four weight rows and adds its products to all results. */
function multiplyAdd(q: number, product: Product): string {
  const { columns4, tile } = product;
  const vectors = tile.columns / 4;
  const at = (j: number) =>
    overhangs(product)
      ? `wc + ${q * columns4}u + min(${j}u, ${columns4 - 1}u - column)`
      : `wc + ${q * columns4 + j}u`;
  const loads = range(vectors).map((j) => `      let w${q}_${j} = w[${at(j)}];`);
  const sums = lines(
    tile.rows,
    vectors,
    (i, j) => `      c${i}_${j} += a${i}.${"xyzw"[q]} * w${q}_${j};`,
  );
  return [...loads, sums].join("\n");
}

function store(i: number, j: number, product: Product): string {
  const { rows, columns4, tile, accumulate } = product;
  const conditions = [
    ...(rows % tile.rows && i ? [`row + ${i}u < ${rows}u`] : []),
    ...(overhangs(product) && j ? [`column + ${j}u < ${columns4}u`] : []),
  ];
  const at = `(row + ${i}u) * ${columns4}u + column + ${j}u`;
  return where(conditions, `y[${at}] ${accumulate ? "+=" : "="} c${i}_${j};`);
}
