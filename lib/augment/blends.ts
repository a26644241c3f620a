import add from "../../kernels/blend/add.wgsl" with { type: "text" };
import erase from "../../kernels/blend/erase.wgsl" with { type: "text" };
import multiply from "../../kernels/blend/multiply.wgsl" with { type: "text" };
import randomElems from "../../kernels/blend/random_elems.wgsl" with { type: "text" };
import randomPixels from "../../kernels/blend/random_pixels.wgsl" with { type: "text" };
import weigh from "../../kernels/blend/weigh.wgsl" with { type: "text" };
import type { Stream } from "../random/stream.ts";
import type { Blend } from "./plan.ts";

/** The ways to make one picture of two that methods draw from. */
export type BlendName = "add" | "multiply" | "random_pixels" | "random_elems";

/** WGSL of each blend: a function (job, pixel, p, q) → color, of the same name. */
export const blendKernels: ReadonlyMap<Blend["kind"], string> = new Map([
  ["add", add],
  ["multiply", multiply],
  ["random_pixels", randomPixels],
  ["random_elems", randomElems],
  ["weigh", weigh],
  ["erase", erase],
]);

/** All of them. */
export const blendNames: readonly BlendName[] = [
  "add",
  "multiply",
  "random_pixels",
  "random_elems",
];

/** Drawn with equal probability: add and multiply have twice the weight of the random blends. */
const WEIGHTED: readonly BlendName[] = [
  "add",
  "add",
  "multiply",
  "multiply",
  "random_pixels",
  "random_elems",
];

/**
 * Draws a blend, and its numbers.
 *
 * @param ratio the blending ratio r: positive branch a ~ Beta(r, 1), b ~ Beta(1, r); negative
 * branch a ~ 1 + Beta(1, r), b ~ -Beta(1, r), each with probability 1/2
 * @param kinds drawn from with equal probability; by default LayerMix's four blends with weights
 * 2 : 2 : 1 : 1
 */
export function drawBlend(
  stream: Stream,
  ratio: number,
  kinds: readonly BlendName[] = WEIGHTED,
): Blend {
  const kind = kinds[stream.integer(kinds.length)]!;
  if (kind === "random_pixels" || kind === "random_elems") {
    return { kind, keep: stream.uniform() };
  }
  return stream.chance()
    ? { kind, a: stream.betaR1(ratio), b: stream.beta1R(ratio) }
    : { kind, a: 1 + stream.beta1R(ratio), b: -stream.beta1R(ratio) };
}
