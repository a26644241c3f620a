import { columnInside, type GeneratedKernel, lines, range, type Tile, where } from "./tile.ts";
import { resultSize, windowBindings, type WindowProduct, windowStore } from "./window.ts";

/** How a line of the result is cut, and which source pixels a piece reads. */
interface Cut {
  /** Pixels of a piece, and pieces of a line. */
  pixels: number;
  pieces: number;
  /** The source column that offset 0 of a piece means, in WGSL, and in the first and last piece. */
  base: string;
  first: number;
  last: number;
  /** The offset that pixel i reads for the tap kx, if it reads any. */
  offset(i: number, kx: number): number | undefined;
}

/**
 * A window product that reads the buffers directly. An invocation makes a piece of one line of
 * pixels: it reads a line of source pixels once for all taps of a line of the kernel, so that a
 * 3 × 3 convolution of 16 pixels takes 18 reads and not 48. The result's pixels are fixed to
 * source pixels when the kernel is generated, so strides cost nothing in either direction.
 */
export function windowDirect(product: WindowProduct, tile: Tile): GeneratedKernel {
  const cut = cutLine(product, tile.rows);
  const vectors = tile.columns / 4;
  const { kernel, sum4, columns4, groups, name } = product;
  const steps = kernel * sum4;
  const parts = Math.min(tile.parts, steps);
  const perPart = Math.ceil(steps / parts);
  const [wx, wy] = tile.workgroup;
  const total = product.lines * cut.pieces;
  const code = `
${windowBindings(product, parts)}
@compute @workgroup_size(${wx}, ${wy})
fn ${name}(@builtin(global_invocation_id) id: vec3<u32>) {
  let column = id.x * ${vectors}u;
  if (column >= ${columns4}u || id.y >= ${total}u) { return; }
  let line = id.y / ${cut.pieces}u;
  let piece = id.y % ${cut.pieces}u;
  let picture = i32(line / ${product.rowHeight}u);
  let row = i32(line % ${product.rowHeight}u);
  let group = id.z % ${groups.count}u;
  let part = id.z / ${groups.count}u;
  let base = ${cut.base};
  let source = i32(group * ${groups.from}u);
  let weights = group * ${groups.weights}u + column;
${lines(cut.pixels, vectors, (i, j) => `  var c${i}_${j} = vec4<f32>();`)}
  for (var step = part * ${perPart}u; step < min((part + 1u) * ${perPart}u, ${steps}u); step++) {
    let ky = step / ${sum4}u;
    let c = step % ${sum4}u;
${sourceLine(product)}
    let start = ((picture * ${product.fromHeight} + v) * ${product.fromWidth} + base) * ${product.from4} + source + i32(c);
${loads(product, cut)}
${range(kernel).map((kx) => tap(kx, product, cut, vectors)).join("\n")}
  }
${lines(cut.pixels, vectors, (i, j) => store(i, j, product, cut, vectors, parts))}
}
`;
  const across = Math.ceil(columns4 / vectors / wx);
  return { code, groups: [across, Math.ceil(total / wy), groups.count * parts], parts };
}

function cutLine({ forward, stride, padding, rowWidth }: WindowProduct, wanted: number): Cut {
  const pieces = Math.ceil(rowWidth / wanted);
  const step = forward ? 1 : stride;
  // A gradient's piece starts on a multiple of the stride, so that all have the same pattern.
  const pixels = pieces === 1 ? rowWidth : Math.ceil(rowWidth / pieces / step) * step;
  const count = Math.ceil(rowWidth / pixels);
  const at = (piece: number) =>
    forward ? piece * pixels * stride - padding : piece * pixels / stride;
  return {
    pixels,
    pieces: count,
    base: forward
      ? `i32(piece) * ${pixels * stride} - ${padding}`
      : `i32(piece) * ${Math.floor(pixels / step)}`,
    first: at(0),
    last: at(count - 1),
    offset(i, kx) {
      if (forward) return i * stride + kx;
      const distance = i + padding - kx;
      return distance % stride === 0 ? distance / stride : undefined;
    },
  };
}

/** Finds the source line `v` of this step's line of the kernel, or goes on where there is none. */
function sourceLine({ forward, stride, padding, fromHeight }: WindowProduct): string {
  if (forward) {
    return `    let v = row * ${stride} + i32(ky) - ${padding};
    if (v < 0 || v >= ${fromHeight}) { continue; }`;
  }
  const met = stride > 1 ? ` || distance % ${stride} != 0` : "";
  return `    let distance = row + ${padding} - i32(ky);
    let v = distance / ${stride};
    if (distance < 0${met} || v >= ${fromHeight}) { continue; }`;
}

function usedOffsets({ kernel }: WindowProduct, cut: Cut): number[] {
  const offsets = range(cut.pixels).flatMap((i) => range(kernel).map((kx) => cut.offset(i, kx)));
  return [...new Set(offsets.filter((offset) => offset !== undefined))].sort((a, b) => a - b);
}

/** A WGSL name for the pixel at an offset, which may be negative. */
function pixelName(offset: number): string {
  return offset < 0 ? `a_${-offset}` : `a${offset}`;
}

function loads(product: WindowProduct, cut: Cut): string {
  return usedOffsets(product, cut).map((offset) => {
    const at = `start + ${offset * product.from4}`;
    const name = pixelName(offset);
    if (cut.first + offset >= 0 && cut.last + offset < product.fromWidth) {
      return `    let ${name} = x[u32(${at})];`;
    }
    const u = `base + ${offset}`;
    return `    let ${name} = select(vec4<f32>(), x[u32(max(${at}, 0))], ${u} >= 0 && ${u} < ${product.fromWidth});`;
  }).join("\n");
}

/** The products of one tap: four rows of weights, each with all pixels that meet this tap. */
function tap(kx: number, product: WindowProduct, cut: Cut, vectors: number): string {
  const { kernel, weightRows, weight4 } = product;
  const meeting = range(cut.pixels).filter((i) => cut.offset(i, kx) !== undefined);
  if (!meeting.length) return "";
  const rows = range(4).map((q) => {
    const loads = range(vectors).map((j) => `      let w${q}_${j} = w[at + ${q * weight4 + j}u];`);
    const sums = meeting.flatMap((i) =>
      range(vectors).map((j) =>
        `      c${i}_${j} += ${pixelName(cut.offset(i, kx)!)}.${"xyzw"[q]} * w${q}_${j};`
      )
    );
    return [...loads, ...sums].join("\n");
  });
  return `    {
      let at = weights + ((ky * ${kernel}u + ${kx}u) * ${weightRows}u + c * 4u) * ${weight4}u;
${rows.join("\n")}
    }`;
}

function store(
  i: number,
  j: number,
  product: WindowProduct,
  { pixels, pieces }: Cut,
  vectors: number,
  parts: number,
): string {
  const { rowWidth, to4, columns4, groups } = product;
  const conditions = [
    ...(pixels * pieces > rowWidth && i ? [`piece * ${pixels}u + ${i}u < ${rowWidth}u`] : []),
    ...columnInside(j, columns4, vectors),
  ];
  const part = parts > 1 ? `part * ${resultSize(product)}u + ` : "";
  const at = `${part}(line * ${rowWidth}u + piece * ${pixels}u + ${i}u) * ${to4}u + ` +
    `group * ${groups.to}u + column + ${j}u`;
  return where(conditions, windowStore(product, parts, at, `c${i}_${j}`));
}
