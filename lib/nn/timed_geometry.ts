import type { Gpu } from "../gpu/device.ts";
import { flops, type Geometry } from "./convolution.ts";

/** Floating-point operations of a timed launch at the most: some milliseconds. */
const TIMED_FLOPS = { software: 1e9, hardware: 3e11 };

/** The sizes a kernel is timed at: as many pictures as take some milliseconds, so tuning is short. */
export function timedGeometry(gpu: Gpu, geometry: Geometry): Geometry {
  const most = gpu.software ? TIMED_FLOPS.software : TIMED_FLOPS.hardware;
  const batch = Math.max(1, Math.floor(most / flops({ ...geometry, batch: 1 })));
  return { ...geometry, batch: Math.min(geometry.batch, batch) };
}
