import type { Gpu } from "../gpu/device.ts";
import { write } from "../gpu/program.ts";
import { Purpose, Stream } from "../random/stream.ts";
import { type Parameter, type Parameters, toStored } from "./parameters.ts";

/** Fills a parameter of PyTorch's shape with `draw(i)`, in row-major order. */
function filled(
  shape: readonly number[],
  draw: (stream: Stream) => number,
  stream: Stream,
): Float32Array {
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => draw(stream));
}

/**
 * The start values of one parameter in PyTorch's order: convolutions N(0, sqrt(2 / (k k out))),
 * norms 1 and 0, linear weights U(±1/sqrt(in)) as PyTorch's default, biases 0 (WideResNet's rule).
 * A function of (seed, number of the parameter) alone.
 */
export function initialValues(
  { name, shape }: Parameter,
  seed: number,
  number: number,
): Float32Array {
  const stream = new Stream(seed, Purpose.initialize, number);
  const [outputs, inputs, kernel] = shape as [number, number?, number?];
  if (kernel !== undefined) {
    const deviation = Math.sqrt(2 / (kernel * kernel * outputs));
    return filled(shape, (s) => deviation * s.normal(), stream);
  }
  if (inputs !== undefined) {
    const bound = 1 / Math.sqrt(inputs);
    return filled(shape, (s) => s.between(-bound, bound), stream);
  }
  return new Float32Array(outputs).fill(name.endsWith(".bias") ? 0 : 1);
}

/** Writes the start values of all parameters, which must be allocated. */
export function initialize(gpu: Gpu, parameters: Parameters, seed: number): void {
  parameters.parameters.forEach((parameter, number) => {
    write(gpu, parameter.data, toStored(initialValues(parameter, seed, number), parameter.shape));
    gpu.flush();
  });
}
