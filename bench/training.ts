import { recordAugment } from "../lib/augment/augmenter.ts";
import { openDataset, openMixingSet } from "../lib/data/open.ts";
import type { Gpu } from "../lib/gpu/device.ts";
import { Tape } from "../lib/gpu/tape.ts";
import { initialize } from "../lib/nn/initialize.ts";
import { cifarNormalization } from "../lib/robustness/predict.ts";
import { cifarDefaults, type CifarFlags, settingsOf } from "../lib/train/flags.ts";
import { openSession } from "../lib/train/session.ts";
import { milliseconds } from "./time.ts";

const first = (count: number) => Uint32Array.from({ length: count }, (_, i) => i);

/** Pictures a second through LayerMix alone: plan, upload, augment, normalise. */
export async function augmentationSpeed(gpu: Gpu, batch: number): Promise<number> {
  const data = await openDataset("shapes", undefined, "train");
  const tape = new Tape(gpu, false);
  const { width, height } = data;
  const options = { ...cifarDefaults, ...cifarNormalization, width, height, padding: 4, batch };
  const augmenter = recordAugment(tape, options, await openMixingSet("fractals"));
  const program = await tape.compile();
  const pictures = data.rgba.slice(0, 4 * width * height * batch);
  let epoch = 0;
  const time = await milliseconds(gpu, () => {
    augmenter.upload(gpu, pictures, augmenter.plan(first(batch), epoch++));
    program.run();
  });
  program.destroy();
  return 1000 * batch / time;
}

/** Milliseconds of one training step, from host pictures to updated weights, and its buffers. */
export async function stepTime(
  gpu: Gpu,
  flags: Partial<CifarFlags>,
): Promise<{ milliseconds: number; bytes: number }> {
  const data = await openDataset("shapes", undefined, "train");
  const settings = settingsOf({ ...cifarDefaults, ...flags }, data.classes.length);
  const session = await openSession(gpu, settings, data, await openMixingSet("fractals"));
  initialize(gpu, session.parameters, settings.seed);
  let number = 0;
  const time = await milliseconds(
    gpu,
    () => session.step(first(settings.batchSize), 0, number++, 1000),
    5,
  );
  const { bytes } = session;
  session.destroy();
  return { milliseconds: time, bytes };
}
