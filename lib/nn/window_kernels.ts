import code from "../../kernels/conv2d.wgsl" with { type: "text" };
import type { Gpu } from "../gpu/device.ts";
import type { Launch, Region } from "../gpu/kernel.ts";
import type { Tape } from "../gpu/tape.ts";
import type { Alternative } from "../gpu/tuning.ts";
import { type Geometry, outputSize } from "./convolution.ts";
import { storedSize } from "./parameters.ts";
import { quads, type Tile, tileName } from "./product/tile.ts";
import { windowTiles } from "./product/tiles.ts";
import { type Epilogue, resultSize, type WindowPass, windowProduct } from "./product/window.ts";
import { windowDirect } from "./product/window_direct.ts";
import { windowShared } from "./product/window_shared.ts";
import { sumParts } from "./sum_parts.ts";
import { timedGeometry } from "./timed_geometry.ts";
import { winograd, winogradBlocks, winogradFirst, winogradProduct } from "./winograd.ts";
import type { Block } from "./winograd_transform.ts";

/** Buffers of a forward pass, y = x ∗ w, or of an input gradient, where x is dy and y is dx. */
export interface WindowOperands {
  x: Region;
  /** Taps × inputs × outputs, whatever the pass. */
  w: Region;
  y: Region;
  /** What the epilogue "residual" adds. */
  residual?: Region;
}

/** One way to run a forward pass or an input gradient. */
export interface WindowKernel extends Alternative {
  launches(tape: Tape, operands: WindowOperands): Launch[];
}

/** A pass of one size. */
export interface WindowTask {
  pass: WindowPass;
  geometry: Geometry;
  epilogue: Epilogue;
}

/** All ways to run a forward pass or an input gradient on a device; the first is the default. */
export function windowKernels(gpu: Gpu, task: WindowTask): WindowKernel[] {
  const { pass, geometry, epilogue } = task;
  const plain = windowTiles(windowProduct(pass, geometry, epilogue), gpu)
    .map((tile) => kernel(gpu, task, tileName(tile), windowLaunches, tile));
  const byWinograd = winogradBlocks(gpu, geometry).flatMap((block) =>
    // The places are products enough to keep a device busy: their sums are not cut.
    windowTiles(winogradProduct(task, block), gpu).filter(({ parts }) => parts === 1).map(
      (tile) => {
        const launches: Launches = (tape, task, tile, operands) =>
          winogradLaunches(tape, task, tile, operands, block);
        return kernel(gpu, task, `winograd ${block}x${block} ${tileName(tile)}`, launches, tile);
      },
    )
  );
  return winogradFirst(gpu, geometry) ? [...byWinograd, ...plain] : [...plain, ...byWinograd];
}

type Launches = (tape: Tape, task: WindowTask, tile: Tile, operands: WindowOperands) => Launch[];

function kernel(
  gpu: Gpu,
  task: WindowTask,
  name: string,
  launches: Launches,
  tile: Tile,
): WindowKernel {
  const timed = { ...task, geometry: timedGeometry(gpu, task.geometry) };
  return {
    name,
    launches: (tape, operands) => launches(tape, task, tile, operands),
    record: (tape) => tape.record(launches(tape, timed, tile, declare(tape, timed))),
  };
}

/** Buffers of the sizes of a task, whatever they hold. */
function declare(tape: Tape, { pass, geometry, epilogue }: WindowTask): WindowOperands {
  const { batch, height, width, inputs, outputs, kernel, groups } = geometry;
  const inside = tape.tensor("inside", [batch, height, width, inputs]).data;
  const outside = tape.tensor("outside", [batch, ...outputSize(geometry), outputs]).data;
  const [x, y] = pass === "conv2d_forward" ? [inside, outside] : [outside, inside];
  const w = tape.region("w", 4 * storedSize([outputs, inputs / groups, kernel, kernel]));
  return epilogue === "residual"
    ? { x, y, w, residual: tape.region("residual", y.bytes, y.half) }
    : { x, y, w };
}

/** The launches of a product straight from pixels and weights. */
export function windowLaunches(
  tape: Tape,
  { pass, geometry, epilogue }: WindowTask,
  tile: Tile,
  { x, w, y, residual }: WindowOperands,
): Launch[] {
  const product = windowProduct(pass, geometry, epilogue);
  const { code, groups, parts } = (tile.shared ? windowShared : windowDirect)(product, tile);
  const before = pass === "conv2d_forward" ? [] : [transpose(tape, geometry, w)];
  const weights = before[0]?.bindings.transposed ?? w;
  if (parts > 1) {
    const partials = tape.scratch("conv2d.partials", 16 * parts * resultSize(product));
    const sums = { kernel: pass, code, groups, bindings: { x, w: weights, partials } };
    return [...before, sums, sumParts(partials, y, resultSize(product), parts, epilogue, residual)];
  }
  const bindings = {
    x,
    w: weights,
    y,
    ...(epilogue === "residual" ? { residual: residual! } : {}),
  };
  return [...before, { kernel: pass, code, groups, bindings }];
}

/** The launches of the same by Winograd's transforms around a product for each place of a block. */
export function winogradLaunches(
  tape: Tape,
  task: WindowTask,
  tile: Tile,
  operands: WindowOperands,
  block: Block = 2,
): Launch[] {
  const before = task.pass === "conv2d_forward" ? [] : [transpose(tape, task.geometry, operands.w)];
  const w = before[0]?.bindings.transposed ?? operands.w;
  return [...before, ...winograd(tape, task, tile, block, { ...operands, w })];
}

/** Weights of an input gradient: taps × outputs × inputs of a group. */
function transpose(tape: Tape, { inputs, outputs, kernel, groups }: Geometry, w: Region): Launch {
  const constants = {
    INPUTS4: quads(inputs / groups),
    OUTPUTS4: quads(outputs),
    TAPS: kernel * kernel,
  };
  const count = constants.INPUTS4 * constants.OUTPUTS4 * constants.TAPS;
  return {
    kernel: "conv2d_transpose",
    code,
    constants,
    bindings: { w, transposed: tape.scratch("conv2d.transposed", 64 * count) },
    groups: [Math.ceil(count / 64)],
  };
}
