import type { Gpu } from "../gpu/device.ts";
import { describeNeed, fits, type Weight } from "../gpu/memory.ts";
import { Tuning } from "../gpu/tuning.ts";
import { type Pictures, recordTraining, weightOf } from "./recorded_step.ts";
import type { TrainSettings } from "./settings.ts";

/**
 * The settings with as few equal parts of a batch as fit the adapter, with its fixed kernels: the whole
 * where that fits, and where nothing does.
 *
 * @param note told in one line when batches are made in parts, since batch norm's statistics are then
 *   each part's own
 */
export function inPartsThatFit(
  gpu: Gpu,
  settings: TrainSettings,
  pictures: Pictures,
  note: (line: string) => void,
): TrainSettings {
  const { batchSize } = settings;
  const weigh = (accumulate: number): Weight =>
    weightOf(recordTraining(gpu, new Tuning(), { ...settings, accumulate }, pictures));
  const whole = weigh(1);
  if (fits(gpu, whole) || !fits(gpu, weigh(batchSize))) return settings;
  // More parts take less: the first that fit are looked for between none and one picture each.
  const counts = divisors(batchSize);
  let [low, high] = [0, counts.length - 1];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(gpu, weigh(counts[middle]!))) high = middle;
    else low = middle;
  }
  const accumulate = counts[high]!;
  note(
    `note: a batch of ${batchSize} does not fit: ${describeNeed(gpu, whole)}; it is made in ` +
      `${accumulate} parts of ${
        batchSize / accumulate
      }, as with --accumulate ${accumulate}: equal but ` +
      "for batch norm's statistics, which are each part's own",
  );
  return { ...settings, accumulate };
}

/** All whole numbers that divide n, in rising order. */
function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((count) => n % count === 0);
}
