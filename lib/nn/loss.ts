import code from "../../kernels/softmax_cross_entropy.wgsl" with { type: "text" };
import type { Launch, Region } from "../gpu/kernel.ts";
import { stepCode } from "../gpu/step.ts";
import { padded, type Tape, type Tensor } from "../gpu/tape.ts";

/** Steps whose sums are kept on the GPU until the host reads them. */
export const HISTORY = 64;

/** What the loss leaves on the GPU. */
export interface Loss {
  /** One u32 class per picture. */
  labels: Region;
  /** Per picture four f32: loss, top-1 hit, top-5 hit, 0. */
  results: Region;
  /** Per step four f32, the sums of `results`, at step number % HISTORY. */
  history: Region;
}

/**
 * The mean over the batch's real pictures of -log softmax(logits)[label], for logits
 * (batch × classes), and the start of the backward pass.
 */
export function softmaxCrossEntropy(tape: Tape, step: Region, logits: Tensor): Loss {
  const [batch, classes] = logits.shape as [number, number];
  const labels = tape.region("labels", 4 * batch);
  const results = tape.region("results", 16 * batch);
  const history = tape.region("history", 16 * HISTORY);
  const sizes = { BATCH: batch, CLASSES: classes, STRIDE: padded(classes) };
  const launch = (
    kernel: string,
    constants: Launch["constants"],
    bindings: Launch["bindings"],
    groups: number,
  ): Launch => ({
    kernel,
    code: stepCode + code,
    constants,
    bindings: { step, ...bindings },
    groups: [groups],
  });
  const groups = Math.ceil(batch / 64);
  const source = { logits: logits.data, labels };
  tape.record([
    launch("softmax_cross_entropy_forward", sizes, { ...source, results }, groups),
    launch("softmax_cross_entropy_history", { HISTORY }, { results, history }, 1),
  ], () => [
    launch(
      "softmax_cross_entropy_backward",
      sizes,
      { ...source, dlogits: tape.soleGradient(logits) },
      groups,
    ),
  ]);
  return { labels, results, history };
}
