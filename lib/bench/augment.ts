import { type AugmentOptions, recordAugment } from "../augment/augmenter.ts";
import { type MethodName, methods } from "../augment/methods.ts";
import { openDataset, openMixingSet } from "../data/open.ts";
import type { Gpu } from "../gpu/device.ts";
import { Tape } from "../gpu/tape.ts";
import { cifarNormalization } from "../robustness/predict.ts";
import type { Work } from "./clock.ts";
import { enlarged, enlargedSet } from "./enlarge.ts";
import { boundBytes } from "./profile.ts";

/** An augmentation that is measured: batches of square pictures. */
export interface AugmentSize {
  method: MethodName;
  /** Pixels of a side, a multiple of 32. */
  side: number;
  batchSize: number;
}

/** An augmentation that is ready to be timed. */
export interface OpenedAugment extends Work {
  /** Of all buffers, and those that a batch's launches bind. */
  readonly bytes: number;
  readonly boundBytes: number;
  /** Milliseconds that JavaScript took to plan and send the last batch. */
  readonly hostMs: number;
}

/** For example "augment_pixmix_32_b128". */
export function augmentName({ method, side, batchSize }: AugmentSize): string {
  return `augment_${method}_${side}_b${batchSize}`;
}

/**
 * Records and compiles an augmentation of built-in pictures, enlarged where they are too small. A call
 * plans a batch of another epoch, sends it and makes it.
 */
export async function openAugment(
  gpu: Gpu,
  { method, side, batchSize: batch }: AugmentSize,
): Promise<OpenedAugment> {
  const data = await openDataset("shapes", undefined, "train");
  const set = methods[method].mixing ? await openMixingSet("fractals") : undefined;
  const options: AugmentOptions = {
    ...{ ...methods[method].defaults, ...cifarNormalization, method, batch, seed: 0 },
    ...{ width: side, height: side, padding: side / 8 },
  };
  const tape = new Tape(gpu, false);
  const augmenter = recordAugment(tape, options, set && enlargedSet(set, side));
  const program = await tape.compile();
  const indices = Uint32Array.from({ length: batch }, (_, i) => i);
  const pictures = enlarged(data.rgba, data.width, side, batch);
  const bound = tape.finish().reduce((sum, launch) => sum + boundBytes(launch), 0);
  let [epoch, hostMs] = [0, 0];
  return {
    bytes: tape.bytes(),
    boundBytes: bound,
    get hostMs() {
      return hostMs;
    },
    call() {
      const began = performance.now();
      augmenter.upload(gpu, pictures, augmenter.plan(indices, epoch++));
      hostMs = performance.now() - began;
      program.run();
    },
    idle: () => gpu.idle(),
    release: () => program.destroy(),
  };
}
