import type { TrainObserver } from "../lib/train/train.ts";
import { preparationDisplay, type Verbosity } from "./preparing.ts";
import { type Progress, progress } from "./progress.ts";

/** Shows a training run: what comes before it, one bar over all epochs, and a line for each epoch. */
export function trainingProgress(verbosity: Verbosity): {
  observer: TrainObserver;
  note: (line: string) => void;
  finish: () => void;
} {
  const preparation = preparationDisplay(verbosity);
  let bar: Progress | undefined;
  let seen = 0;
  let fields: Record<string, string> = {};
  const note = (line: string) => {
    if (bar) bar.note(line);
    else preparation.note(line);
  };
  const observer: TrainObserver = {
    preparing: preparation.show,
    step({ pictures, total, epoch, loss, accuracy }) {
      preparation.finish();
      bar ??= progress({ total, unit: "pictures", start: pictures, ...verbosity });
      seen = pictures;
      fields = { epoch: String(epoch) };
      if (loss !== undefined) fields.loss = loss.toFixed(3);
      if (accuracy !== undefined) fields.accuracy = `${(100 * accuracy).toFixed(1)} %`;
      bar.update(seen, fields);
    },
    evaluating({ done, count }) {
      bar?.update(seen, { ...fields, testing: `${Math.floor(100 * done / count)} %` });
    },
    epoch({ epoch, train_loss, test_loss, test_error, seconds, best }) {
      const figures = `train loss ${train_loss.toFixed(4)}, test loss ${
        test_loss.toFixed(4)
      }, test error ${(100 * test_error).toFixed(2)} %`;
      note(`epoch ${epoch}: ${figures}, ${seconds.toFixed(1)} s${best ? ", best so far" : ""}`);
    },
  };
  const finish = () => {
    preparation.finish();
    bar?.finish();
  };
  return { observer, note, finish };
}
