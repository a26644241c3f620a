import type { Preparation } from "../lib/tune/record_tuned.ts";
import { type Progress, progress } from "./progress.ts";

/** What help says of `--no-tune`. */
export const noTune = "use fixed kernels, instead of the fastest that were found on the adapter";

/** How much is shown. */
export interface Verbosity {
  quiet?: boolean;
  json?: boolean;
}

/** Shows what comes before the first step: one bar for each task, gone on to when it is done. */
export interface PreparationDisplay {
  show(state: Preparation): void;
  /** Shows a line of its own on standard error, above the bar if there is one. */
  note(line: string): void;
  /** Ends the bar; needed where a task ended before its end. */
  finish(): void;
}

/** Milliseconds that building has to take before it is worth a word; tuning always does. */
const QUICK = 2000;

/** A display that draws nothing until something is shown. */
export function preparationDisplay(verbosity: Verbosity): PreparationDisplay {
  let shown: { task: Preparation["task"]; bar: Progress } | undefined;
  let began: number | undefined;
  const finish = () => {
    shown?.bar.finish();
    shown = undefined;
  };
  return {
    show({ task, done, total }) {
      if (task === "building" && performance.now() - (began ??= performance.now()) < QUICK) return;
      if (shown?.task !== task) {
        finish();
        // What was built unseen says nothing of the speed.
        const start = task === "building" ? done : 0;
        shown = { task, bar: progress({ task, total, start, unit: "kernels", ...verbosity }) };
      }
      shown!.bar.update(done);
      if (done === total) finish();
    },
    note(line) {
      if (shown) shown.bar.note(line);
      else if (!verbosity.quiet) {
        console.error(verbosity.json ? JSON.stringify({ note: line }) : line);
      }
    },
    finish,
  };
}
