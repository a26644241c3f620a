import code from "../../kernels/conv2d.wgsl" with { type: "text" };
import type { Launch, Region } from "../gpu/kernel.ts";
import { elementGroups } from "./elementwise.ts";
import type { Epilogue } from "./product/window.ts";

/** Adds `parts` partial results of `size` vectors in fixed order. */
export function sumParts(
  partials: Region,
  y: Region,
  size: number,
  parts: number,
  epilogue: Epilogue = "store",
  residual?: Region,
): Launch {
  const constants = { SIZE: size, PARTS: parts };
  const groups = elementGroups(size, 1);
  if (epilogue === "residual") {
    const bindings = { partials, y, residual: residual! };
    return { kernel: "conv2d_sum_parts_residual", code, constants, bindings, groups };
  }
  return {
    kernel: "conv2d_sum_parts",
    code,
    constants: { ...constants, ACCUMULATE: Number(epilogue === "accumulate") },
    bindings: { partials, y },
    groups,
  };
}
