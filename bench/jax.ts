import configuration from "../deno.json" with { type: "json" };
import type { Work } from "../lib/bench/clock.ts";
import type { Operation, PassName } from "../lib/bench/operations.ts";
import type { Peer } from "../lib/bench/peer.ts";
import { outputSize } from "../lib/nn/convolution.ts";
import { jaxStep } from "./jax_step.ts";

/**
 * The parts of jax-js that are used. Functions consume their arguments; `.ref` keeps one for later.
 */
export interface JaxArray {
  ref: JaxArray;
  shape: number[];
  dispose(): void;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray | number): JaxArray;
  mul(other: JaxArray | number): JaxArray;
}
type Axes = number | number[];
export interface Jax {
  init(device: string): Promise<string[]>;
  defaultDevice(device: string): unknown;
  blockUntilReady<Tree>(arrays: Tree): Promise<Tree>;
  jit<Run>(run: Run): Run & { dispose(): void };
  vjp(
    run: (x: JaxArray) => JaxArray,
    at: [JaxArray],
  ): [JaxArray, ((dy: JaxArray) => [JaxArray]) & { dispose(): void }];
  valueAndGrad(
    run: (parameters: JaxArray[], ...others: JaxArray[]) => JaxArray,
  ): (parameters: JaxArray[], ...others: JaxArray[]) => [JaxArray, JaxArray[]];
  numpy: {
    ones(shape: number[]): JaxArray;
    zeros(shape: number[]): JaxArray;
    array(values: number[]): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    mean(x: JaxArray, axes?: Axes, options?: { keepdims: boolean }): JaxArray;
    square(x: JaxArray): JaxArray;
    sqrt(x: JaxArray): JaxArray;
    reciprocal(x: JaxArray): JaxArray;
    sum(x: JaxArray, axes?: Axes): JaxArray;
  };
  nn: { relu(x: JaxArray): JaxArray; logSoftmax(x: JaxArray): JaxArray };
  random: { key(seed: number): JaxArray; normal(key: JaxArray, shape: number[]): JaxArray };
  lax: {
    convGeneralDilated(
      x: JaxArray,
      w: JaxArray,
      strides: number[],
      padding: [number, number][],
    ): JaxArray;
  };
}

/** @throws {Error} when it finds no adapter */
export async function openJax(): Promise<Peer> {
  const name = "@jax-js/jax";
  const specifier: string = name;
  const jax = await import(specifier) as Jax;
  if (!(await jax.init("webgpu")).includes("webgpu")) throw new Error("it finds no WebGPU adapter");
  jax.defaultDevice("webgpu");
  return {
    name: "jaxjs",
    // It does not tell its version.
    title: `jax-js ${configuration.imports[name].split("@").at(-1)}`,
    operation: (operation, pass) => openPass(jax, operation, pass),
    step: (size) => jaxStep(jax, size),
  };
}

/** Its pictures are channels first. */
export function convolve(
  jax: Jax,
  x: JaxArray,
  w: JaxArray,
  stride: number,
  padding: number,
): JaxArray {
  const sides: [number, number] = [padding, padding];
  return jax.lax.convGeneralDilated(x, w, [stride, stride], [sides, sides]);
}

function openPass(jax: Jax, { geometry }: Operation, pass: PassName): Work {
  const { batch, height, width, inputs, outputs, kernel, stride, padding } = geometry;
  const isMatrix = height * width * kernel === 1;
  const random = (shape: number[]) => jax.random.normal(jax.random.key(shape.length), shape);
  const x = random(isMatrix ? [batch, inputs] : [batch, inputs, height, width]);
  const w = random(isMatrix ? [inputs, outputs] : [outputs, inputs, kernel, kernel]);
  const dy = random([batch, outputs, ...outputSize(geometry)]);
  const forward = (x: JaxArray, w: JaxArray) =>
    isMatrix ? jax.numpy.matmul(x, w) : convolve(jax, x, w, stride, padding);
  const run: Record<PassName, () => JaxArray> = {
    forward: () => forward(x.ref, w.ref),
    input_gradient: () => gradient(jax, (x) => forward(x, w.ref), x, dy),
    weight_gradient: () => gradient(jax, (w) => forward(x.ref, w), w, dy),
  };
  let kept: JaxArray[] = [];
  return {
    // Nothing is computed of a result that is freed before it is waited for.
    call: () => kept.push(run[pass]()),
    async idle() {
      await jax.blockUntilReady(kept);
      for (const result of kept) result.dispose();
      kept = [];
    },
    release: () => [x, w, dy].forEach((array) => array.dispose()),
  };
}

/** The result of the forward pass is freed at once, so only the gradient is computed. */
function gradient(
  jax: Jax,
  run: (at: JaxArray) => JaxArray,
  at: JaxArray,
  dy: JaxArray,
): JaxArray {
  const [y, backward] = jax.vjp(run, [at.ref]);
  y.dispose();
  const [result] = backward(dy.ref);
  backward.dispose();
  return result;
}
