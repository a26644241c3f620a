import addCode from "../../kernels/add.wgsl" with { type: "text" };
import dropoutCode from "../../kernels/dropout.wgsl" with { type: "text" };
import maskCode from "../../kernels/dropout_mask.wgsl" with { type: "text" };
import randomCode from "../../kernels/random.wgsl" with { type: "text" };
import reluCode from "../../kernels/relu.wgsl" with { type: "text" };
import type { Launch, Region } from "../gpu/kernel.ts";
import { stepCode } from "../gpu/step.ts";
import { paddedSize, type Tape, type Tensor } from "../gpu/tape.ts";
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
  shape: readonly number[],
  bindings: Launch["bindings"],
  accumulate = false,
): Launch {
  const matrices = Math.ceil(paddedSize(shape) / 16);
  return {
    kernel,
    code,
    constants: { MATRICES: matrices, ...(accumulate ? { ACCUMULATE: 1 } : {}) },
    bindings,
    groups: elementGroups(4 * matrices),
  };
}

/** y = max(x, 0); the gradient at 0 is 0. Any shape. */
export function relu(tape: Tape, x: Tensor): Tensor {
  const y = tape.tensor("relu", x.shape);
  const { shape } = x;
  tape.record([matrixLaunch("relu_forward", reluCode, shape, { x: x.data, y: y.data })], () => {
    const dy = tape.received(y);
    const dx = tape.gradient(x);
    return [
      matrixLaunch(
        "relu_backward",
        reluCode,
        shape,
        { x: x.data, dy, dx: dx.region },
        dx.accumulate,
      ),
    ];
  });
  return y;
}

/**
 * Gives an operand of a sum the gradient of the sum: `dy` itself, so that nothing is copied, unless
 * the operand has a gradient to which it must be added. `dy` must have no readers afterwards.
 */
export function passGradient(tape: Tape, dy: Region, operand: Tensor): Launch[] {
  if (tape.shareGradient(operand, dy)) return [];
  const { region, accumulate } = tape.gradient(operand);
  return [matrixLaunch("add_backward", addCode, operand.shape, { dy, dx: region }, accumulate)];
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
  const { shape } = a;
  tape.record(
    [matrixLaunch("add_forward", addCode, shape, { a: a.data, b: b.data, y: y.data })],
    () => {
      const dy = tape.received(y);
      const { region, accumulate } = tape.gradient(b);
      // The copy comes first: a may take dy's own buffer as its gradient and add to it.
      const copy = matrixLaunch("add_backward", addCode, shape, { dy, dx: region }, accumulate);
      return [copy, ...passGradient(tape, dy, a)];
    },
  );
  return y;
}

/** How much is dropped and where, which makes masks of different layers independent. */
export interface DropoutOptions {
  /** Probability of dropping, in [0, 1). */
  p: number;
  /** Its number, so that layers drop different values. */
  layer: number;
}

/**
 * WGSL of `masked`, which drops elements of a tensor like x, and its constants: after the code of a
 * kernel that binds `step`.
 *
 * @throws {RangeError} when p is outside [0, 1)
 */
export function dropoutMask(x: Tensor, { p, layer }: DropoutOptions): {
  code: string;
  constants: Record<string, number>;
} {
  if (!(p >= 0 && p < 1)) {
    throw new RangeError(`Cannot drop out: expected a rate in [0, 1) but found ${p}`);
  }
  const constants = {
    ...{ LAYER: layer, PURPOSE: Purpose.dropout, P: p },
    PER_ROW: paddedSize(x.shape) / 4 / x.shape[0]!,
  };
  return { code: randomCode + maskCode, constants };
}

/**
 * y = x / (1 - p) with probability 1 - p, else 0, drawn anew each step. For training only.
 *
 * @throws {RangeError} when p is outside [0, 1)
 */
export function dropout(tape: Tape, step: Region, x: Tensor, options: DropoutOptions): Tensor {
  const mask = dropoutMask(x, options);
  if (options.p === 0) return x;
  const y = tape.tensor("dropout", x.shape);
  const vectors = paddedSize(x.shape) / 4;
  const launch = (kernel: string, bindings: Launch["bindings"], accumulate = false): Launch => ({
    kernel,
    code: stepCode + dropoutCode + mask.code,
    constants: { ...mask.constants, VECTORS: vectors, ACCUMULATE: Number(accumulate) },
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
