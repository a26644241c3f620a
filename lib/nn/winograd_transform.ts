import { range } from "./product/tile.ts";

type Matrix = readonly (readonly number[])[];

/** Side of the blocks of results: 2 × 2 or 4 × 4. */
export type Block = 2 | 4;

/** Bᵀ, G and Aᵀ of F(block × block, 3 × 3). */
interface Transforms {
  input: Matrix;
  weights: Matrix;
  output: Matrix;
}

/**
 * The points at which polynomials are evaluated, beside infinity. 0, ±1, ±2 are usual for 4 × 4; with
 * these the error is half as large.
 *
 * Source: Barabasz et al., "Error Analysis and Improving the Accuracy of Winograd Convolution for
 * Deep Neural Networks", 2020, on the choice of points; these were found by trying.
 */
const transforms: Record<Block, Transforms> = {
  2: toomCook([0, 1, -1], 2),
  4: toomCook([0, 2 / 3, -2 / 3, 3 / 2, -3 / 2], 4),
};

/**
 * The transforms for a choice of points: products of polynomials by their values at the points.
 *
 * Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, section 4.
 */
function toomCook(points: readonly number[], block: Block): Transforms {
  const others = points.map((point) => points.filter((other) => other !== point));
  const scale = points.map((point, i) =>
    others[i]!.reduce((product, other) => product * (point - other), 1)
  );
  return {
    input: [...others.map((roots) => [...polynomial(roots), 0]), polynomial(points)],
    weights: [
      ...points.map((point, i) => [0, 1, 2].map((power) => point ** power / scale[i]!)),
      [0, 0, 1],
    ],
    output: range(block).map((power) => [
      ...points.map((point) => point ** power),
      power === block - 1 ? 1 : 0,
    ]),
  };
}

/** Coefficients of Π (x - root), the constant first. */
function polynomial(roots: readonly number[]): number[] {
  return roots.reduce(
    (product, root) =>
      [0, ...product].map((coefficient, power) => coefficient - root * (product[power] ?? 0)),
    [1],
  );
}

/** Pictures that are read or written in blocks; `c4` vectors of channels. */
export interface BlockedPictures {
  height: number;
  width: number;
  c4: number;
  /** Blocks down and across a picture, and in the whole batch. */
  down: number;
  across: number;
  blocks: number;
}

/** A generated transform: one invocation for each of `count` vectors. */
export interface Transform {
  code: string;
  count: number;
}

const transposed = (matrix: Matrix): Matrix =>
  matrix[0]!.map((_, column) => matrix.map((row) => row[column]!));

/** Places of a transformed block. */
export const placesOf = (block: Block): number => (block + 2) ** 2;

/** `winograd_input`: places (× blocks × channels) = Bᵀ d B of the blocks d of x, which overlap. */
export function inputTransform(
  block: Block,
  pictures: BlockedPictures,
  padding: number,
): Transform {
  return picturesToPlaces("winograd_input", transforms[block].input, block, pictures, padding);
}

/** `winograd_gradient`: places = A dy Aᵀ of the blocks of dy, for the gradient of the weights. */
export function gradientTransform(block: Block, pictures: BlockedPictures): Transform {
  const matrix = transposed(transforms[block].output);
  return picturesToPlaces("winograd_gradient", matrix, block, pictures, 0);
}

/**
 * `winograd_weights`: places (× in × out) = G g Gᵀ of the 3 × 3 weights g (9 × in × out), of
 * `count` vectors a tap; backwards for an input gradient, which turns them round.
 */
export function weightTransform(block: Block, count: number, backwards: boolean): Transform {
  const tap = (i: number, j: number) => backwards ? 8 - 3 * i - j : 3 * i + j;
  const load = each(3, 3, (i, j) => `  let v${i}_${j} = x[${tap(i, j) * count}u + index];`);
  return kernel("winograd_weights", count, [
    load,
    twoSided(transforms[block].weights),
    storePlaces(block + 2, count),
  ]);
}

/** `winograd_weight_gradient`: dw (9 × in × out) = Gᵀ m G of the products m of every place. */
export function weightGradientTransform(block: Block, count: number): Transform {
  const store = each(3, 3, (i, j) => `  y[${(3 * i + j) * count}u + index] = r${i}_${j};`);
  return kernel("winograd_weight_gradient", count, [
    loadPlaces(block + 2, count),
    twoSided(transposed(transforms[block].weights)),
    store,
  ]);
}

/** `winograd_output`: y = Aᵀ m A of the products m, [y +] or [residual +]. */
export function outputTransform(
  block: Block,
  pictures: BlockedPictures,
  epilogue: "store" | "accumulate" | "residual",
): Transform {
  const { height, width, c4, blocks } = pictures;
  const store = each(block, block, (i, j) => {
    const at = `at + ${(i * width + j) * c4}u`;
    const value = epilogue === "residual" ? `residual[${at}] + r${i}_${j}` : `r${i}_${j}`;
    const conditions = [
      ...(i && height % block ? [`line + ${i}u < ${height}u`] : []),
      ...(j && width % block ? [`column + ${j}u < ${width}u`] : []),
    ];
    const put = `y[${at}] ${epilogue === "accumulate" ? "+=" : "="} ${value};`;
    return conditions.length ? `  if (${conditions.join(" && ")}) { ${put} }` : `  ${put}`;
  });
  const residual = epilogue === "residual"
    ? "@group(0) @binding(2) var<storage, read> residual: array<vec4<f32>>;\n"
    : "";
  return kernel("winograd_output", blocks * c4, [
    loadPlaces(block + 2, blocks * c4),
    twoSided(transforms[block].output),
    blockPosition(block, pictures),
    `  let at = ((picture * ${height}u + line) * ${width}u + column) * ${c4}u + index % ${c4}u;`,
    store,
  ], residual);
}

function picturesToPlaces(
  name: string,
  matrix: Matrix,
  block: Block,
  pictures: BlockedPictures,
  padding: number,
): Transform {
  const { height, width, c4, blocks } = pictures;
  const side = matrix[0]!.length;
  const load = each(
    side,
    side,
    (i, j) =>
      `  let v${i}_${j} = pixel(picture, i32(line) + ${i - padding}, i32(column) + ${
        j - padding
      }, index % ${c4}u);`,
  );
  const pixel = `fn pixel(picture: u32, line: i32, column: i32, channel: u32) -> vec4<f32> {
  let v = clamp(line, 0, ${height - 1});
  let u = clamp(column, 0, ${width - 1});
  let at = (picture * ${height}u + u32(v)) * ${width}u + u32(u);
  return select(vec4<f32>(), x[at * ${c4}u + channel], v == line && u == column);
}
`;
  const body = [
    blockPosition(block, pictures),
    load,
    twoSided(matrix),
    storePlaces(block + 2, blocks * c4),
  ];
  return kernel(name, blocks * c4, body, pixel);
}

/** Where the first result of an invocation's block lies. */
function blockPosition(block: Block, { c4, down, across }: BlockedPictures): string {
  return `  let picture = index / ${c4 * across * down}u;
  let line = index / ${c4 * across}u % ${down}u * ${block}u;
  let column = index / ${c4}u % ${across}u * ${block}u;`;
}

function kernel(
  name: string,
  count: number,
  body: readonly string[],
  declarations = "",
): Transform {
  const code = `
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
${declarations}
@compute @workgroup_size(64)
fn ${name}(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let index = id.x + id.y * groups.x * 64u;
  if (index >= ${count}u) { return; }
${body.join("\n")}
}
`;
  return { code, count };
}

function each(rows: number, columns: number, line: (i: number, j: number) => string): string {
  return range(rows).flatMap((i) => range(columns).map((j) => line(i, j))).join("\n");
}

function loadPlaces(side: number, count: number): string {
  return each(side, side, (i, j) => `  let v${i}_${j} = x[${(i * side + j) * count}u + index];`);
}

function storePlaces(side: number, count: number): string {
  return each(side, side, (i, j) => `  y[${(i * side + j) * count}u + index] = r${i}_${j};`);
}

/** r = matrix · v · matrixᵀ: along the lines first, then along the columns. */
function twoSided(matrix: Matrix): string {
  const [rows, columns] = [matrix.length, matrix[0]!.length];
  const along = each(
    columns,
    rows,
    (i, b) => `  let h${i}_${b} = ${combination(matrix[b]!, (j) => `v${i}_${j}`)};`,
  );
  const down = each(
    rows,
    rows,
    (a, b) => `  let r${a}_${b} = ${combination(matrix[a]!, (i) => `h${i}_${b}`)};`,
  );
  return `${along}\n${down}`;
}

/** The sum of coefficient × value, without those that are zero. */
function combination(coefficients: readonly number[], value: (at: number) => string): string {
  return coefficients
    .flatMap((factor, at) => {
      if (factor === 0) return [];
      const scaled = Math.abs(factor) === 1 ? value(at) : `${Math.abs(factor)} * ${value(at)}`;
      return [`${factor < 0 ? "-" : "+"} ${scaled}`];
    })
    .join(" ")
    .replace(/^\+ /, "");
}
