import type { Gpu } from "../gpu/device.ts";
import type { Launch, Region } from "../gpu/kernel.ts";
import type { Tape } from "../gpu/tape.ts";
import { type Geometry, outputSize } from "./convolution.ts";
import { elementGroups } from "./elementwise.ts";
import { quads, type Tile } from "./product/tile.ts";
import { weightDirect, type WeightProduct, weightSize } from "./product/weight_gradient.ts";
import { weightShared } from "./product/weight_gradient_shared.ts";
import { matrixProduct, type WindowPass, type WindowProduct } from "./product/window.ts";
import { windowDirect } from "./product/window_direct.ts";
import { windowShared } from "./product/window_shared.ts";
import { sumParts } from "./sum_parts.ts";
import type { WeightOperands } from "./weight_kernels.ts";
import type { WindowOperands, WindowTask } from "./window_kernels.ts";
import {
  type Block,
  type BlockedPictures,
  gradientTransform,
  inputTransform,
  outputTransform,
  placesOf,
  type Transform,
  weightGradientTransform,
  weightTransform,
} from "./winograd_transform.ts";

/**
 * The sizes of blocks with which Winograd's transforms apply, the faster first: 3 × 3, stride 1, no
 * groups, and transformed pictures and weights that can be bound. With few channels the transforms cost more
 * than they save.
 */
export function winogradBlocks(gpu: Gpu, geometry: Geometry): Block[] {
  const { kernel, stride, padding, groups, height, width, inputs, outputs } = geometry;
  if (kernel !== 3 || stride !== 1 || padding > 2 || groups > 1) return [];
  if (Math.min(inputs, outputs) < MIN_CHANNELS) return [];
  const [inputs4, outputs4] = [quads(inputs), quads(outputs)];
  const channels4 = Math.max(inputs4, outputs4);
  const sizes = [outputSize(geometry), [height, width] as const];
  const limit = gpu.device.limits.maxStorageBufferBindingSize;
  return ([4, 2] as const).filter((block) =>
    [
      ...sizes.map((size) => cut(geometry, size, block, 0).blocks * channels4),
      4 * inputs4 * outputs4,
    ]
      .every((vectors) => 16 * placesOf(block) * vectors <= limit)
  );
}

const MIN_CHANNELS = 16;

/** Channels from which the transforms paid on every processor they were measured on. */
const PAYING_CHANNELS = 32;

/** Whether they are the better default: where nothing is timed. */
export function winogradFirst(gpu: Gpu, { inputs, outputs }: Geometry): boolean {
  return gpu.software && Math.min(inputs, outputs) >= PAYING_CHANNELS;
}

/** Pictures of a size, cut into blocks of results. */
function cut(
  { batch }: Geometry,
  [height, width]: readonly [number, number],
  block: Block,
  c4: number,
): BlockedPictures {
  const [down, across] = [Math.ceil(height / block), Math.ceil(width / block)];
  return { height, width, c4, down, across, blocks: batch * down * across };
}

/** Pictures and channels before and after a forward pass or an input gradient. */
function sides(pass: WindowPass, geometry: Geometry) {
  const inside = {
    size: [geometry.height, geometry.width] as const,
    channels: geometry.inputs,
    padding: geometry.padding,
  };
  // The window of an input gradient is the forward one seen from the other side.
  const outside = {
    size: outputSize(geometry),
    channels: geometry.outputs,
    padding: 2 - geometry.padding,
  };
  return pass === "conv2d_forward" ? { from: inside, to: outside } : { from: outside, to: inside };
}

/** The products between the transforms: blocks × channels, one for each place of a block. */
export function winogradProduct(
  { pass, geometry }: WindowTask,
  block: Block,
): WindowProduct {
  const { from, to } = sides(pass, geometry);
  const { blocks } = cut(geometry, to.size, block, 0);
  const sizes = { rows: blocks, sum: from.channels, columns: to.channels };
  return matrixProduct("winograd_product", { ...sizes, count: placesOf(block) });
}

/**
 * y = x ∗ w by F(block × block, 3 × 3); for an input gradient `w` is transposed tap by tap, and its
 * taps are read backwards.
 *
 * Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016:
 * Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A.
 */
export function winograd(
  tape: Tape,
  task: WindowTask,
  tile: Tile,
  block: Block,
  { x, w, y, residual }: WindowOperands,
): Launch[] {
  const { pass, geometry, epilogue } = task;
  const { from, to } = sides(pass, geometry);
  const [from4, to4] = [quads(from.channels), quads(to.channels)];
  const results = cut(geometry, to.size, block, to4);
  const read = { ...cut(geometry, from.size, block, from4), ...blocksOf(results) };
  const scratch = scratchOf(tape, block);
  const blocks = scratch("blocks", results.blocks * from4);
  const weights = scratch("weights", 4 * from4 * to4);
  const products = scratch("products", results.blocks * to4);
  const product = (tile.shared ? windowShared : windowDirect)(
    winogradProduct(task, block),
    { ...tile, parts: 1 },
  );
  const output = { x: products, y, ...(epilogue === "residual" ? { residual: residual! } : {}) };
  const turned = pass === "conv2d_input_gradient";
  return [
    launch("winograd_weights", weightTransform(block, 4 * from4 * to4, turned), {
      x: w,
      y: weights,
    }),
    launch("winograd_input", inputTransform(block, read, from.padding), { x, y: blocks }),
    {
      kernel: "winograd_product",
      code: product.code,
      groups: product.groups,
      bindings: { x: blocks, w: weights, y: products },
    },
    launch("winograd_output", outputTransform(block, results, epilogue), output),
  ];
}

/** The products of a weight gradient: one for each place, summed over all blocks. */
export function winogradWeightProduct(geometry: Geometry, block: Block): WeightProduct {
  const { inputs, outputs, batch } = geometry;
  const { down, across, blocks } = cut(geometry, outputSize(geometry), block, 0);
  const [rows4, columns4] = [quads(inputs), quads(outputs)];
  return {
    ...{ name: "winograd_weight_product", batch, height: 1, width: down * across },
    ...{ kernel: 1, stride: 1, padding: 0, outHeight: 1, outWidth: down * across },
    ...{ inputs4: rows4, outputs4: columns4, rows4, columns4 },
    groups: {
      count: placesOf(block),
      x: blocks * rows4,
      dy: blocks * columns4,
      dw: 4 * rows4 * columns4,
    },
  };
}

/** dw by the same transforms: dg = Gᵀ [Σ (Bᵀ d B) ⊙ (A dy Aᵀ)] G, summed over all blocks. */
export function winogradWeights(
  tape: Tape,
  geometry: Geometry,
  tile: Tile,
  block: Block,
  { x, dy, dw }: WeightOperands,
): Launch[] {
  const product = winogradWeightProduct(geometry, block);
  const { rows4, columns4 } = product;
  const results = cut(geometry, outputSize(geometry), block, columns4);
  const inside = cut(geometry, [geometry.height, geometry.width], block, rows4);
  const read = { ...inside, ...blocksOf(results) };
  const scratch = scratchOf(tape, block);
  const blocks = scratch("blocks", results.blocks * rows4);
  const gradients = scratch("gradients", results.blocks * columns4);
  const products = scratch("weights", 4 * rows4 * columns4);
  const { code, groups, parts } = (tile.shared ? weightShared : weightDirect)(product, tile);
  const size = weightSize(product);
  const partials = parts > 1 ? tape.scratch("conv2d.partials", 16 * parts * size) : products;
  const bindings = { x: blocks, dy: gradients, partials };
  return [
    launch("winograd_input", inputTransform(block, read, geometry.padding), { x, y: blocks }),
    launch("winograd_gradient", gradientTransform(block, results), { x: dy, y: gradients }),
    { kernel: "winograd_weight_product", code, groups, bindings },
    ...(parts > 1 ? [sumParts(partials, products, size, parts)] : []),
    launch("winograd_weight_gradient", weightGradientTransform(block, 4 * rows4 * columns4), {
      x: products,
      y: dw,
    }),
  ];
}

const blocksOf = ({ down, across, blocks }: BlockedPictures) => ({ down, across, blocks });

function scratchOf(tape: Tape, block: Block): (name: string, vectors: number) => Region {
  return (name, vectors) => tape.scratch(`winograd.${name}`, 16 * placesOf(block) * vectors);
}

function launch(
  kernel: string,
  { code, count }: Transform,
  bindings: Record<string, Region>,
): Launch {
  return { kernel, code, bindings, groups: elementGroups(count, 1) };
}
