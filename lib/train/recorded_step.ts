import { type Augmenter, recordAugment } from "../augment/augmenter.ts";
import type { Mixing } from "../augment/mixing.ts";
import type { Dataset, StreamedDataset } from "../data/dataset.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Region } from "../gpu/kernel.ts";
import type { Weight } from "../gpu/memory.ts";
import { STEP_BYTES } from "../gpu/step.ts";
import { Tape } from "../gpu/tape.ts";
import type { Tuning } from "../gpu/tuning.ts";
import { recordModel } from "../models/model.ts";
import { jsdCrossEntropy, VIEWS } from "../nn/jsd.ts";
import { type Loss, softmaxCrossEntropy } from "../nn/loss.ts";
import { declareLossScaling } from "../nn/loss_scaling.ts";
import { Parameters } from "../nn/parameters.ts";
import { averageWeights, sgd } from "../nn/sgd.ts";
import { normalizationOf, type RecordedPredictor, recordPredictor } from "../robustness/predict.ts";
import type { TrainSettings } from "./settings.ts";

/** What a run's pictures are. */
export interface Pictures {
  data: Dataset | StreamedDataset;
  mixing?: Mixing;
}

/** A training step, of a batch or of one of its parts. */
export interface RecordedStep {
  tape: Tape;
  step: Region;
  augmenter: Augmenter;
  loss: Loss;
  parameters: Parameters;
  averages?: Parameters;
  scaling?: Region;
}

/** A training step and an evaluation, to be weighed and then compiled. */
export interface RecordedTraining extends RecordedStep {
  evaluation: RecordedPredictor;
}

/** Pixels around pictures of which crops are made; those that are streamed are crops already. */
const PADDING = 4;

/** Rows that the network sees of each picture. */
export function viewsOf({ jsd }: TrainSettings): number {
  return jsd ? VIEWS : 1;
}

/** Records both for `settings.batchSize / settings.accumulate` pictures; takes no memory of the GPU. */
export function recordTraining(
  gpu: Gpu,
  tuning: Tuning,
  settings: TrainSettings,
  pictures: Pictures,
): RecordedTraining {
  const recorded = recordStep(gpu, tuning, settings, pictures);
  // Its kernels are asked for before those of the evaluation, which takes less of the time.
  recorded.tape.finish();
  const { model, batchSize, evalBatchSize, accumulate } = settings, { data } = pictures;
  const batch = Math.min(evalBatchSize, batchSize / accumulate);
  const parameters = recorded.averages ?? recorded.parameters;
  return {
    ...recorded,
    evaluation: recordPredictor(gpu, parameters, model, data, batch, {
      tuning,
      normalization: normalizationOf(data.name),
    }),
  };
}

/** What it would take. */
export function weightOf({ tape, evaluation, parameters, averages }: RecordedTraining): Weight {
  const bytes = tape.bytes() + evaluation.tape.bytes() + parameters.bytes + (averages?.bytes ?? 0);
  return { bytes, largest: tape.largest() };
}

function recordStep(
  gpu: Gpu,
  tuning: Tuning,
  settings: TrainSettings,
  { data, mixing }: Pictures,
): RecordedStep {
  const { width, height, name } = data;
  const { jsd, model, labelSmoothing: smoothing, accumulate, emaDecay, batchSize, precision } =
    settings;
  const tape = new Tape(gpu, true, tuning, precision);
  const scaling = precision === "f16" ? declareLossScaling(tape) : undefined;
  const step = tape.region("step", STEP_BYTES);
  const augmenter = recordAugment(
    tape,
    {
      ...settings,
      ...normalizationOf(name),
      batch: batchSize / accumulate,
      sources: batchSize,
      views: viewsOf(settings),
      width,
      height,
      padding: "rgba" in data ? PADDING : 0,
    },
    mixing,
  );
  const parameters = new Parameters();
  const network = { tape, step, parameters, training: true };
  const logits = recordModel(network, augmenter.output, model);
  const recordLoss = jsd ? jsdCrossEntropy : softmaxCrossEntropy;
  const loss = recordLoss(tape, step, logits, { smoothing, scaling });
  sgd(tape, step, parameters, { ...settings, inParts: accumulate > 1, scaling });
  const averages = emaDecay > 0 ? parameters.untrainedTwin() : undefined;
  if (averages) averageWeights(tape, step, parameters, averages, emaDecay);
  return { tape, step, augmenter, loss, parameters, averages, scaling };
}
