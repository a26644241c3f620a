import type { Gpu } from "../gpu/device.ts";
import type { Launch, Region } from "../gpu/kernel.ts";
import type { Tape } from "../gpu/tape.ts";
import type { Alternative } from "../gpu/tuning.ts";
import { type Geometry, outputSize } from "./convolution.ts";
import { storedSize } from "./parameters.ts";
import { type Tile, tileName } from "./product/tile.ts";
import { weightTiles } from "./product/tiles.ts";
import { weightDirect, weightProduct, weightSize } from "./product/weight_gradient.ts";
import { weightShared } from "./product/weight_gradient_shared.ts";
import { timedGeometry } from "./timed_geometry.ts";
import { sumParts } from "./sum_parts.ts";
import {
  winogradBlocks,
  winogradFirst,
  winogradWeightProduct,
  winogradWeights,
} from "./winograd.ts";

/** Buffers of dw = xᵀ · dy, the weight gradient of a convolution. */
export interface WeightOperands {
  x: Region;
  dy: Region;
  dw: Region;
}

/** One way to run a weight gradient. */
export interface WeightKernel extends Alternative {
  launches(tape: Tape, operands: WeightOperands): Launch[];
}

/** All ways to run a weight gradient on a device; the first is the default. */
export function weightKernels(gpu: Gpu, geometry: Geometry): WeightKernel[] {
  const timed = timedGeometry(gpu, geometry);
  const kernel = (name: string, launches: Launches): WeightKernel => ({
    name,
    launches: (tape, operands) => launches(tape, geometry, operands),
    record: (tape) => tape.record(launches(tape, timed, declare(tape, timed))),
  });
  const plain = weightTiles(weightProduct(geometry), gpu).map((tile) =>
    kernel(
      tileName(tile),
      (tape, geometry, operands) => weightLaunches(tape, geometry, tile, operands),
    )
  );
  const byWinograd = winogradBlocks(gpu, geometry).flatMap((block) =>
    weightTiles(winogradWeightProduct(geometry, block), gpu).map((tile) =>
      kernel(
        `winograd ${block}x${block} ${tileName(tile)}`,
        (tape, geometry, operands) => winogradWeights(tape, geometry, tile, block, operands),
      )
    )
  );
  return winogradFirst(gpu, geometry) ? [...byWinograd, ...plain] : [...plain, ...byWinograd];
}

type Launches = (tape: Tape, geometry: Geometry, operands: WeightOperands) => Launch[];

/** Buffers of the sizes of a weight gradient, whatever they hold. */
function declare(tape: Tape, geometry: Geometry): WeightOperands {
  const { batch, height, width, inputs, outputs, kernel, groups } = geometry;
  return {
    x: tape.tensor("x", [batch, height, width, inputs]).data,
    dy: tape.tensor("dy", [batch, ...outputSize(geometry), outputs]).data,
    dw: tape.region("dw", 4 * storedSize([outputs, inputs / groups, kernel, kernel])),
  };
}

/** The launches of a weight gradient: its product, and the sum of the product's parts. */
export function weightLaunches(
  tape: Tape,
  geometry: Geometry,
  tile: Tile,
  { x, dy, dw }: WeightOperands,
): Launch[] {
  const product = weightProduct(geometry);
  const { code, groups, parts } = (tile.shared ? weightShared : weightDirect)(product, tile);
  const size = weightSize(product);
  const partials = parts > 1 ? tape.scratch("conv2d.partials", 16 * parts * size) : dw;
  const sums: Launch = {
    kernel: "conv2d_weight_gradient",
    code,
    groups,
    bindings: { x, dy, partials },
  };
  return parts > 1 ? [sums, sumParts(partials, dw, size, parts)] : [sums];
}
