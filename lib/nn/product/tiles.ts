import type { Gpu } from "../../gpu/device.ts";
import { type Tile, tileName, workgroupFor } from "./tile.ts";
import type { WeightProduct } from "./weight_gradient.ts";
import type { WindowProduct } from "./window.ts";

/** Rows and columns per invocation, and vectors in workgroup memory. */
type Shape = readonly [rows: number, columns: number, shared?: number];

/** Invocations that keep a device busy; where the result has fewer, its sum is cut. */
const BUSY = { software: 4096, hardware: 65536 };
const MAX_PARTS = 64;

/**
 * Tiles worth timing for a forward pass or an input gradient, the fixed default first. Processors
 * want many results in registers, long pieces of lines and no workgroup memory; GPUs the reverse.
 */
export function windowTiles(product: WindowProduct, gpu: Gpu): Tile[] {
  const { columns4, rowWidth } = product;
  if (gpu.software) {
    return distinct(softwareShapes(product).map((shape) => softwareTile(shape, columns4)), gpu);
  }
  const rows = product.lines * rowWidth;
  return distinct(
    hardwareShapes.flatMap((shape) => {
      const tile = hardwareTile(shape, columns4);
      const invocations = rows / tile.rows * Math.ceil(4 * columns4 / tile.columns);
      const parts = partsFor(invocations * product.groups.count, BUSY.hardware);
      return parts > 1 ? [tile, { ...tile, parts }] : [tile];
    }),
    gpu,
  );
}

/** Narrow tiles keep all lanes of a processor side by side where there are few columns; wide ones read less. */
function softwareShapes({ kernel, columns4, rowWidth }: WindowProduct): Shape[] {
  const wide = columns4 >= 32;
  if (kernel === 1 && columns4 > 8) return [[16, 8], wide ? [12, 16] : [8, 8]];
  if (kernel === 1) return [[16, 4], [8, 8]];
  if (rowWidth < 16) return [[8, 8], [8, 4]];
  return wide ? [[16, 16], [16, 4]] : [[16, 4], [8, 8]];
}

/** Tiles worth timing for a weight gradient, the fixed default first. */
export function weightTiles(product: WeightProduct, gpu: Gpu): Tile[] {
  const { kernel, rows4, columns4, groups } = product;
  const windowed: Shape[] = columns4 <= 4 ? [[4, 4], [4, 8]] : [[4, 8], [4, 4]];
  const software: Shape[] = kernel === 1 ? [[8, 8], [8, 16]] : windowed;
  return distinct(
    (gpu.software ? software : hardwareShapes).map((shape) => {
      const tile = gpu.software ? softwareTile(shape, columns4) : hardwareTile(shape, columns4);
      const taps = tile.shared ? kernel * kernel : kernel;
      const invocations = Math.ceil(4 * rows4 / tile.rows) * taps * groups.count *
        Math.ceil(4 * columns4 / tile.columns);
      return {
        ...tile,
        parts: partsFor(invocations, gpu.software ? BUSY.software : BUSY.hardware),
      };
    }),
    gpu,
  );
}

const hardwareShapes: readonly Shape[] = [[4, 4, 4], [4, 8, 4], [8, 8, 4], [8, 8], [4, 4]];

function softwareTile([rows, columns]: Shape, columns4: number): Tile {
  const fitting = Math.min(columns, 4 * columns4);
  return {
    rows,
    columns: fitting,
    workgroup: workgroupFor(columns4, fitting / 4),
    shared: 0,
    parts: 1,
  };
}

function hardwareTile([rows, columns, shared = 0]: Shape, columns4: number): Tile {
  const fitting = Math.min(columns, 4 * columns4);
  const total = rows * columns > 32 ? 64 : 256;
  const workgroup = workgroupFor(columns4, fitting / 4, total);
  return { rows, columns: fitting, workgroup, shared, parts: 1 };
}

function partsFor(invocations: number, wanted: number): number {
  return Math.min(MAX_PARTS, Math.max(1, 2 ** Math.floor(Math.log2(wanted / invocations))));
}

/** Without repeats, and without those that the device cannot run. */
function distinct(tiles: readonly Tile[], { device: { limits } }: Gpu): Tile[] {
  const fits = ({ rows, columns, workgroup: [x, y], shared }: Tile) =>
    x * y <= limits.maxComputeInvocationsPerWorkgroup &&
    // Pixels and weights of a window product; a weight gradient takes as much.
    16 * shared * (y * rows + x * columns) <= limits.maxComputeWorkgroupStorageSize;
  return [...new Map(tiles.filter(fits).map((tile) => [tileName(tile), tile])).values()];
}
