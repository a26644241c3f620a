import addCode from "../../kernels/add.wgsl" with { type: "text" };
import dropoutCode from "../../kernels/dropout.wgsl" with { type: "text" };
import randomCode from "../../kernels/random.wgsl" with { type: "text" };
import reluCode from "../../kernels/relu.wgsl" with { type: "text" };
import type { Launch, Region } from "../gpu/kernel.ts";
import { stepCode } from "../gpu/step.ts";
import type { Tape, Tensor } from "../gpu/tape.ts";
import { Purpose } from "../random/stream.ts";

/** Workgroups of 64 for `vectors` vec4 at `each` per invocation, folded into two dimensions. */
export function elementGroups(vectors: number, each = 4): [number, number] {
  const groups = Math.ceil(vectors / each / 64);
  const rows = Math.ceil(groups / 32768);
  return [Math.ceil(groups / rows), rows];
}

function matrixLaunch(
  kernel: string,
  code: string,
  size: number,
  bindings: Launch["bindings"],
  accumulate = false,
): Launch {
  return {
    kernel,
    code,
    constants: { MATRICES: size / 64, ...(accumulate ? { ACCUMULATE: 1 } : {}) },
    bindings,
    groups: elementGroups(size / 16),
  };
}

/** y = max(x, 0); the gradient at 0 is 0. Any shape. */
export function relu(tape: Tape, x: Tensor): Tensor {
  const y = tape.tensor("relu", x.shape);
  const { bytes } = x.data;
  tape.record([matrixLaunch("relu_forward", reluCode, bytes, { x: x.data, y: y.data })], () => {
    const dy = tape.received(y);
    const dx = tape.gradient(x);
    return [
      matrixLaunch(
        "relu_backward",
        reluCode,
        bytes,
        { x: x.data, dy, dx: dx.region },
        dx.accumulate,
      ),
    ];
  });
  return y;
}

/**
 * y = a + b, of one shape.
 *
 * @throws {RangeError} when the shapes differ
 */
export function add(tape: Tape, a: Tensor, b: Tensor): Tensor {
  if (a.shape.join() !== b.shape.join()) {
    throw new RangeError(
      `Cannot add: expected shape ${a.shape.join(" × ")} but found ${b.shape.join(" × ")}`,
    );
  }
  const y = tape.tensor("add", a.shape);
  const { bytes } = a.data;
  tape.record(
    [matrixLaunch("add_forward", addCode, bytes, { a: a.data, b: b.data, y: y.data })],
    () => {
      const dy = tape.received(y);
      return [a, b].map((operand) => {
        const dx = tape.gradient(operand);
        return matrixLaunch("add_backward", addCode, bytes, { dy, dx: dx.region }, dx.accumulate);
      });
    },
  );
  return y;
}

/** How much is dropped and where, which makes masks of different layers independent. */
export interface DropoutOptions {
  /** Probability of dropping, in [0, 1). */
  p: number;
  layer: number;
}

/**
 * y = x / (1 - p) with probability 1 - p, else 0, drawn anew each step. For training only.
 *
 * @throws {RangeError} when p is outside [0, 1)
 */
export function dropout(tape: Tape, step: Region, x: Tensor, { p, layer }: DropoutOptions): Tensor {
  if (!(p >= 0 && p < 1)) {
    throw new RangeError(`Cannot drop out: expected a rate in [0, 1) but found ${p}`);
  }
  if (p === 0) return x;
  const y = tape.tensor("dropout", x.shape);
  const vectors = x.data.bytes / 16;
  const launch = (kernel: string, bindings: Launch["bindings"], accumulate = false): Launch => ({
    kernel,
    code: randomCode + stepCode + dropoutCode,
    constants: {
      VECTORS: vectors,
      LAYER: layer,
      PURPOSE: Purpose.dropout,
      P: p,
      ACCUMULATE: Number(accumulate),
    },
    bindings: { step, ...bindings },
    groups: elementGroups(vectors, 1),
  });
  tape.record([launch("dropout_forward", { x: x.data, y: y.data })], () => {
    const dy = tape.received(y);
    const dx = tape.gradient(x);
    return [launch("dropout_backward", { dy, dx: dx.region }, dx.accumulate)];
  });
  return y;
}
