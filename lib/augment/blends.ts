import add from "../../kernels/blend/add.wgsl" with { type: "text" };
import multiply from "../../kernels/blend/multiply.wgsl" with { type: "text" };
import randomElems from "../../kernels/blend/random_elems.wgsl" with { type: "text" };
import randomPixels from "../../kernels/blend/random_pixels.wgsl" with { type: "text" };
import type { Stream } from "../random/stream.ts";
import { opSwitch } from "./op_switch.ts";
import type { Blend } from "./plan.ts";

/** A way to make one picture of two. */
export type BlendName = "add" | "multiply" | "random_pixels" | "random_elems";

/** The WGSL function (p, q, blend, at) → color of each blend. */
export const blends: ReadonlyMap<BlendName, string> = new Map([
  ["add", add],
  ["multiply", multiply],
  ["random_pixels", randomPixels],
  ["random_elems", randomElems],
]);

/** The number by which kernels know each blend; 0 is no blend. */
export const blendCodes: ReadonlyMap<BlendName, number> = new Map(
  [...blends.keys()].map((name, i) => [name, i + 1]),
);

/** WGSL: all blends, and `apply_blend`, which runs one by its number. */
export const blendSource: string = [
  ...blends.values(),
  opSwitch("apply_blend", [...blends.keys()], "p", "q: vec4<f32>, blend: Blend, at: Point"),
].join("\n");

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
 * Draws one of the four blends with weights 2 : 2 : 1 : 1, and its numbers.
 *
 * @param ratio the blending ratio r: positive branch a ~ Beta(r, 1), b ~ Beta(1, r); negative
 * branch a ~ 1 + Beta(1, r), b ~ -Beta(1, r), each with probability 1/2
 */
export function drawBlend(stream: Stream, ratio: number): Blend {
  const kind = WEIGHTED[stream.integer(WEIGHTED.length)]!;
  if (kind === "random_pixels" || kind === "random_elems") {
    return { kind, keep: stream.uniform() };
  }
  return stream.chance()
    ? { kind, a: stream.betaR1(ratio), b: stream.beta1R(ratio) }
    : { kind, a: 1 + stream.beta1R(ratio), b: -stream.beta1R(ratio) };
}
