import crossEntropyCode from "../../kernels/softmax_cross_entropy.wgsl" with { type: "text" };
import type { Launch, Region } from "../gpu/kernel.ts";
import { stepCode } from "../gpu/step.ts";
import { padded, type Tape, type Tensor } from "../gpu/tape.ts";
import { lossScaleCode } from "./loss_scaling.ts";

/** Steps whose sums are kept on the GPU until the host reads them. */
export const HISTORY = 64;

/** What the loss reads and leaves on the GPU. */
export interface Loss {
  /** The labels of the pictures, 16 bytes for each; `Targets` has the layout. */
  targets: Region;
  /** Per picture four f32: loss, top-1 hit, top-5 hit (hits in [0, 1], weighted as labels), 0. */
  results: Region;
  /** Per step four f32, the sums of `results`, at step number % HISTORY. */
  history: Region;
}

/**
 * What a batch's pictures ought to be classified as, made once and filled for each step. A picture
 * has two labels, as MixUp and CutMix give it; a plain one is its own partner.
 */
export class Targets {
  /**
   * In the layout of `Target` in `kernels/softmax_cross_entropy.wgsl`: per picture u32 first class,
   * u32 second class, f32 weight of the first, 0.
   */
  readonly data: ArrayBuffer;
  readonly #classes: Uint32Array;
  readonly #weights: Float32Array;

  /** All pictures, `batch` of them, are of class 0 until they are set. */
  constructor(batch: number) {
    this.data = new ArrayBuffer(16 * batch);
    this.#classes = new Uint32Array(this.data);
    this.#weights = new Float32Array(this.data);
  }

  /** The targets of pictures that have one label each. */
  static of(labels: ArrayLike<number>): Targets {
    const targets = new Targets(labels.length);
    for (let i = 0; i < labels.length; i++) targets.set(i, labels[i]!);
    return targets;
  }

  /**
   * Makes picture `i` one of class `first` by `weight`, in [0, 1], and of class `second` by the rest;
   * with a weight of 1 the loss has the same bits whatever the second is.
   */
  set(i: number, first: number, second = first, weight = 1): void {
    this.#classes[4 * i] = first;
    this.#classes[4 * i + 1] = second;
    this.#weights[4 * i + 2] = weight;
  }
}

/** How a loss is recorded. */
export interface LossOptions {
  /** The part of each label that is spread over all classes alike, in [0, 1); by default 0. */
  smoothing?: number;
  /** The state of loss scaling, which the gradient is multiplied by; without it, it is not. */
  scaling?: Region;
}

/** Kernels of a loss, `<name>_forward` and `<name>_backward`. */
export interface LossKernels extends LossOptions {
  name: string;
  /** WGSL that goes after that of softmax cross-entropy, whose buffers and functions it uses. */
  code?: string;
  /** Rows of logits in succession that are of one picture, by default 1. */
  views?: number;
}

/**
 * The mean over the batch's real pictures of w · -log softmax(logits)[first] +
 * (1 - w) · -log softmax(logits)[second], for logits (batch × classes) and pairs of labels with
 * their weight w (one label where w = 1), and the start of the backward pass.
 *
 * Sources: Zhang et al. 2018 (arXiv 1710.09412) for label pairs; Szegedy et al. 2016
 * (arXiv 1512.00567) for `smoothing`, the part of each label that is spread over all classes alike.
 */
export function softmaxCrossEntropy(
  tape: Tape,
  step: Region,
  logits: Tensor,
  options: LossOptions = {},
): Loss {
  return recordLoss(tape, step, logits, { name: "softmax_cross_entropy", ...options });
}

/**
 * Records a loss of logits (views · pictures × classes): its forward kernel, the sums of what that
 * leaves in `results`, and its backward kernel. `step.batch` counts the rows that are real.
 */
export function recordLoss(
  tape: Tape,
  step: Region,
  logits: Tensor,
  { name, code = "", views = 1, smoothing = 0, scaling }: LossKernels,
): Loss {
  const [rows, classes] = logits.shape as [number, number];
  const pictures = rows / views;
  const targets = tape.region("targets", 16 * pictures);
  const results = tape.region("results", 16 * pictures);
  const history = tape.region("history", 16 * HISTORY);
  if (!(smoothing >= 0 && smoothing < 1)) {
    throw new RangeError(
      `Cannot record a loss: expected label smoothing in [0, 1) but found ${smoothing}`,
    );
  }
  const sizes = {
    ...{ BATCH: pictures, CLASSES: classes, STRIDE: padded(classes) },
    SMOOTHING: smoothing,
  };
  const launch = (
    kernel: string,
    constants: Launch["constants"],
    bindings: Launch["bindings"],
    groups: number,
  ): Launch => ({
    kernel,
    code: stepCode + crossEntropyCode + code + lossScaleCode(scaling, 6),
    constants,
    bindings: { step, ...bindings },
    groups: [groups],
  });
  const groups = Math.ceil(pictures / 64);
  const source = { logits: logits.data, targets };
  tape.record([
    launch(`${name}_forward`, sizes, { ...source, results }, groups),
    launch("loss_history", { HISTORY, VIEWS: views }, { results, history }, 1),
  ], () => [
    launch(
      `${name}_backward`,
      sizes,
      { ...source, ...(scaling ? { scaling } : {}), dlogits: tape.soleGradient(logits) },
      groups,
    ),
  ]);
  return { targets, results, history };
}
