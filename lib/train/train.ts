import { checkpointFiles, saveCheckpoint } from "../checkpoint/checkpoint.ts";
import { NotFiniteError } from "../checkpoint/error.ts";
import { batchesOf, type Dataset, type StreamedDataset } from "../data/dataset.ts";
import { HISTORY } from "../nn/loss.ts";
import { OneLineError } from "../one_line.ts";
import { Purpose, Stream } from "../random/stream.ts";
import { evaluateLogits, type Evaluation } from "../robustness/classification.ts";
import { logitsOf } from "../robustness/predict.ts";
import type { Preparation } from "../tune/record_tuned.ts";
import type { EpochRecord, RunRecord } from "./run_record.ts";
import { learningRateAt } from "./schedule.ts";
import type { Session } from "./session.ts";
import { noSums, type Progress, stepsPerEpoch, type TrainSettings } from "./settings.ts";

/** A training run that cannot go on. */
export class TrainError extends OneLineError {
  /** Which kind of error it is. */
  override name = "TrainError";
}

/** What a run tells while it goes on. */
export interface TrainObserver {
  /** Before the first step, while kernels are tuned and built. */
  preparing?(state: Preparation): void;
  /** After each step; pictures count from the run's beginning, means are over the epoch so far. */
  step?(
    state: { pictures: number; total: number; epoch: number; loss?: number; accuracy?: number },
  ): void;
  /** While the test set is being classified. */
  evaluating?(state: { done: number; count: number; epoch: number }): void;
  /** After each epoch. */
  epoch?(record: EpochRecord & { best: boolean }): void;
}

/** What one run works on. */
export interface TrainRun {
  session: Session;
  settings: TrainSettings;
  train: Dataset | StreamedDataset;
  test: Dataset | StreamedDataset;
  /** Training pictures that were left out, to choose the best epoch by. */
  holdout?: Dataset | StreamedDataset;
  record: RunRecord;
  progress: Progress;
  /** Steps between checkpoints within an epoch; 0: at epoch ends only. */
  saveEvery: number;
  /** When it fires, the step in hand is finished, a checkpoint written, and the run ends. */
  signal?: AbortSignal;
  observer?: TrainObserver;
}

/** How a run ended, and where. */
export interface TrainResult {
  /** Whether it was asked to end before its time. */
  interrupted: boolean;
  /** How far it is. */
  progress: Progress;
  /** The figures of the last epoch. */
  last?: Evaluation;
}

/** Steps after which the sums on the GPU are read: each read waits for the queue. */
const READ_EVERY = 50;

/** The order in which an epoch sees the training pictures. */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  return new Stream(seed, Purpose.shuffle, 0, epoch).permutation(count);
}

/**
 * Trains from `run.progress` to the last epoch: SGD with a cosine per step, one evaluation,
 * log row and checkpoint per epoch. Goes on with the same bits from any checkpoint.
 *
 * @throws {TrainError} when the loss or the network is not finite
 */
export async function train(run: TrainRun): Promise<TrainResult> {
  const { settings, train } = run;
  const perEpoch = stepsPerEpoch(train.count, settings.batchSize);
  const files = checkpointFiles(run.record.folder);
  let { progress } = run;
  let last: Evaluation | undefined;
  if (progress.step === 0) await save(run, files.last, progress);
  for (let epoch = progress.epoch; epoch < settings.epochs; epoch++) {
    const began = performance.now();
    progress = await trainEpoch(run, progress, perEpoch);
    const evaluation = await evaluate(run, run.test, epoch);
    const heldOut = evaluation && run.holdout && await evaluate(run, run.holdout, epoch);
    if (!evaluation || (run.holdout && !heldOut)) {
      await save(run, files.last, progress);
      return { interrupted: true, progress, last };
    }
    last = evaluation;
    const best = progress.best?.[heldOut ? "holdout_error" : "test_error"] ?? Infinity;
    const better = (heldOut ?? last).error < best;
    const errors = {
      test_error: last.error,
      ...(heldOut ? { holdout_error: heldOut.error } : {}),
    };
    const { sums } = progress;
    const record = {
      epoch: epoch + 1,
      seconds: (performance.now() - began) / 1000,
      train_loss: sums.loss / sums.count,
      train_error: 1 - sums.correct / sums.count,
      train_top5_error: 1 - sums.correct5 / sums.count,
      test_loss: last.loss,
      ...errors,
      ...(await run.session.lossScale?.read().then(({ scale: loss_scale, skipped_steps }) => ({
        loss_scale,
        skipped_steps,
      }))),
    };
    await run.record.append(record);
    progress = {
      step: progress.step,
      epoch: epoch + 1,
      sums: noSums(),
      best: better ? { epoch: epoch + 1, ...errors } : progress.best,
    };
    if (better) await save(run, files.best, progress);
    await save(run, files.last, progress);
    run.observer?.epoch?.({ ...record, best: better });
  }
  return { interrupted: false, progress, last };
}

async function save(run: TrainRun, file: string, progress: Progress): Promise<void> {
  const { session, settings, train } = run;
  const { name, classes, width, height } = train;
  const { model, ...rest } = settings;
  const loss_scale = await session.lossScale?.read();
  const header = {
    dataset: name,
    classes,
    width,
    height,
    model,
    settings: rest,
    progress: { ...progress, ...(loss_scale ? { loss_scale } : {}) },
  };
  try {
    await saveCheckpoint(session.gpu, session.parameters, file, header, session.averages);
  } catch (cause) {
    if (!(cause instanceof NotFiniteError)) throw cause;
    throw diverged(run, progress.step, `${cause.tensor} is not finite`, cause);
  }
}

/** The rest of the present epoch, or up to the step at which the signal fired. */
async function trainEpoch(
  run: TrainRun,
  from: Progress,
  perEpoch: number,
): Promise<Progress> {
  const { session, settings, train, signal, observer } = run;
  const { epoch } = from;
  const order = epochOrder(settings.seed, epoch, train.count);
  const totalSteps = settings.epochs * perEpoch;
  const { last } = checkpointFiles(run.record.folder);
  const progress = { ...from };
  let read = progress.step;
  const readSums = async () => {
    const sums = await session.sums(read, progress.step, progress.sums);
    if (!Number.isFinite(sums.loss)) throw await lossDiverged(run, read, progress.step);
    progress.sums = sums;
    read = progress.step;
  };
  const startOf = (step: number) => (step - epoch * perEpoch) * settings.batchSize;
  const rest = order.subarray(startOf(progress.step));
  for await (const batch of batchesOf(train, rest, settings.batchSize, epoch)) {
    if (signal?.aborted) break;
    const start = startOf(progress.step);
    const end = start + settings.batchSize, indices = order.subarray(start, end);
    const stepping = session.step(indices, epoch, progress.step, totalSteps, batch);
    if (end < order.length) session.expect(order.subarray(end, end + settings.batchSize), epoch);
    await stepping;
    progress.step++;
    const saving = run.saveEvery > 0 && progress.step % run.saveEvery === 0;
    if (progress.step - read >= Math.min(READ_EVERY, HISTORY) || saving) await readSums();
    if (saving) await save(run, last, progress);
    const { count, loss, correct } = progress.sums;
    observer?.step?.({
      pictures: epoch * train.count + start + indices.length,
      total: settings.epochs * train.count,
      epoch: epoch + 1,
      ...(count ? { loss: loss / count, accuracy: correct / count } : {}),
    });
  }
  await readSums();
  return progress;
}

/** The error that names the first of the steps `from` … `to` - 1 whose loss is not finite. */
async function lossDiverged(run: TrainRun, from: number, to: number): Promise<TrainError> {
  for (let step = from; step < to; step++) {
    const { loss } = await run.session.sums(step, step + 1);
    if (!Number.isFinite(loss)) return diverged(run, step + 1, `the loss is ${loss}`);
  }
  return diverged(run, to, "the sum of losses is too large");
}

/** After `step` steps. */
function diverged(
  { settings, train, record }: TrainRun,
  step: number,
  what: string,
  cause?: Error,
): TrainError {
  const perEpoch = stepsPerEpoch(train.count, settings.batchSize);
  const epoch = Math.ceil(step / perEpoch), total = settings.epochs * perEpoch;
  const rate = learningRateAt(settings, Math.max(0, step - 1), total);
  const { last } = checkpointFiles(record.folder);
  return new TrainError(
    `Cannot go on training: ${what} in epoch ${epoch}, after step ${step} of ${total}, with a ` +
      `learning rate of ${Number(rate.toPrecision(4))}; the last good checkpoint is ${last}`,
    { cause },
  );
}

/** The figures of pictures, or nothing when the signal fired before they were complete. */
async function evaluate(
  run: TrainRun,
  pictures: Dataset | StreamedDataset,
  epoch: number,
): Promise<Evaluation | undefined> {
  const { session: { predictor }, settings, observer, signal } = run;
  if (signal?.aborted) return undefined;
  const { count, labels } = pictures;
  const logits = await logitsOf(predictor, pictures, (done) => {
    observer?.evaluating?.({ done, count, epoch: epoch + 1 });
    return !signal?.aborted;
  });
  return logits && evaluateLogits(logits, labels, settings.model.classes, predictor.stride);
}
