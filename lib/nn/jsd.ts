import code from "../../kernels/jensen_shannon.wgsl" with { type: "text" };
import type { Region } from "../gpu/kernel.ts";
import type { Tape, Tensor } from "../gpu/tape.ts";
import { type Loss, type LossOptions, recordLoss } from "./loss.ts";

/** Rows of logits per picture: its clean view and two others. */
export const VIEWS = 3;

/**
 * AugMix's loss, the mean over the batch's real pictures of the clean view's cross-entropy (as
 * `softmaxCrossEntropy` has it) + 12 · the Jensen-Shannon divergence of the three views' softmax
 * (in nats, the views' mean clipped to 1e-7 … 1), and the start of the backward pass.
 *
 * The cross-entropy is against smoothed labels, where asked. Row 3 i + v of `logits` (3 pictures × classes) is view v of picture i, and view 0 is the clean one.
 * `step.batch` counts rows, 3 for each picture that is real. Targets, results and history are of
 * pictures, and hits are of clean views.
 *
 * Source: Hendrycks et al. 2020 (arXiv 1912.02781) and its published code.
 *
 * @throws {RangeError} when the rows are not three for each picture
 */
export function jsdCrossEntropy(
  tape: Tape,
  step: Region,
  logits: Tensor,
  options: LossOptions = {},
): Loss {
  const [rows] = logits.shape as [number];
  if (rows % VIEWS) {
    throw new RangeError(
      `Cannot record a loss: expected ${VIEWS} views of each picture but found ${rows} in all`,
    );
  }
  return recordLoss(tape, step, logits, { name: "jensen_shannon", code, views: VIEWS, ...options });
}
