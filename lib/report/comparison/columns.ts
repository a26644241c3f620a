import type { Interval } from "../../robustness/interval.ts";
import { combinedMeanError } from "../../robustness/mce.ts";
import type { Results } from "../../robustness/results.ts";
import { maskWords } from "../../robustness/results_csv.ts";
import {
  corruptionNames,
  type CorruptionSuiteName,
  type ListSuiteName,
  severities,
  type SuiteName,
} from "../../robustness/suites.ts";
import type { Entry, SuiteSources } from "./entry.ts";

/** One figure of one network. */
export interface Reading {
  /** A fraction in 0..1. */
  value: number;
  /** 95 %, where it is known. */
  interval: Interval | null;
  /** What the figure is a part of, such as "30 of 75 sets"; null where all is there. */
  partial: string | null;
  /** What was measured on, and how: figures of another basis do not compare. */
  basis: string;
}

/** One figure that networks are compared by; smaller is better for all. */
export interface Column {
  /** Which figure. */
  id: ColumnId;
  /** Its heading. */
  title: string;
  /** One sentence of what it is. */
  about: string;
  /** What it is of, for people. */
  subject: string;
  /** The suites that it is from. */
  suites: readonly SuiteName[];
  /** The one data set that it is measured on, where it is not for all. */
  only?: "imagenet";
  /** undefined where it was not measured. */
  read(entry: Entry): Reading | undefined;
}

/** One of the figures that are compared. */
export type ColumnId =
  | "clean"
  | "c"
  | "c-alexnet"
  | "c-bar"
  | "both"
  | "r"
  | "a"
  | "p"
  | "pgd"
  | "rms"
  | "c-rms";

/** How many characters of a fingerprint people are shown. */
const SHORT = 12;

/** All columns, in the order of the table. Every figure is in percent where it is shown. */
export const columns: readonly Column[] = [
  {
    id: "clean",
    title: "Clean error",
    about: "share of the test pictures, as they are, with a wrong answer",
    subject: "Clean pictures",
    suites: ["clean"],
    read: ({ suites }) => whole(suites, "clean", "error"),
  },
  {
    id: "c",
    title: "C mCE",
    about: "mean error over 15 corruptions in 5 severities, plain: not divided by AlexNet's errors",
    subject: "C",
    suites: ["c"],
    read: ({ suites }) => corrupted(suites, "c"),
  },
  {
    id: "c-alexnet",
    title: "C mCE by AlexNet",
    about: "mean over the corruptions of C of the error divided by AlexNet's; may be above 100",
    subject: "C by AlexNet",
    only: "imagenet",
    suites: ["c"],
    read: ({ suites: { c } }) => c && byAlexNet(c),
  },
  {
    id: "c-bar",
    title: "C-bar mCE",
    about: "the same over the 10 corruptions of C-bar, which resemble no augmentation",
    subject: "C-bar",
    suites: ["c-bar"],
    read: ({ suites }) => corrupted(suites, "c-bar"),
  },
  {
    id: "both",
    title: "(15 C + 10 C-bar) / 25",
    about: "mean error over all 25 corruptions",
    subject: "C and C-bar together",
    suites: ["c", "c-bar"],
    read: ({ suites }) => combined(suites),
  },
  {
    id: "r",
    title: "R error",
    about: "error on ImageNet-R, renditions such as drawings and toys, among its classes",
    subject: "R",
    only: "imagenet",
    suites: ["r"],
    read: ({ suites }) => whole(suites, "r", "error"),
  },
  {
    id: "a",
    title: "A error",
    about:
      "error on ImageNet-A, photographs that networks took for something else, among its classes",
    subject: "A",
    only: "imagenet",
    suites: ["a"],
    read: ({ suites }) => whole(suites, "a", "error"),
  },
  {
    id: "p",
    title: "P mFP",
    about: "mean flip probability: how often the answer changes from frame to frame",
    subject: "P",
    suites: ["p"],
    read: ({ suites: { p } }) => p && flips(p),
  },
  {
    id: "pgd",
    title: "PGD error",
    about: "error on pictures changed against the network by projected gradient descent",
    subject: "PGD",
    suites: ["pgd"],
    read: ({ suites }) => whole(suites, "pgd", "error"),
  },
  {
    id: "rms",
    title: "RMS calibration, clean",
    about: "root mean square of confidence minus accuracy, on clean pictures",
    subject: "Calibration on clean pictures",
    suites: ["clean"],
    read: ({ suites }) => whole(suites, "clean", "rms"),
  },
  {
    id: "c-rms",
    title: "RMS calibration, C",
    about: "its mean over the corruptions and severities of C",
    subject: "Calibration on C",
    suites: ["c"],
    read: ({ suites }) => corrupted(suites, "c", "mean_rms", "partial_mean_rms"),
  },
];

function whole(
  suites: SuiteSources,
  suite: "clean" | "pgd" | ListSuiteName,
  figure: "error" | "rms",
): Reading | undefined {
  const results = suites[suite], row = results?.suites[suite];
  if (!results || !row || row[figure] === null) return undefined;
  return {
    value: row[figure],
    interval: figure === "error" ? row.error_interval : null,
    partial: null,
    basis: basisOf(results, suite),
  };
}

function basisOf(results: Results, suite: "clean" | "pgd" | ListSuiteName): string {
  if (suite === "clean") return testSet(results);
  if (suite === "pgd") return `${testSet(results)}, ${attack(results)}`;
  const source = results.sources[suite]!;
  return `${maskWords(source)}, SHA-256 ${source.fingerprint.slice(0, SHORT)}…`;
}

function testSet({ data: { count, fingerprint } }: Results): string {
  return `${count} test pictures of SHA-256 ${fingerprint.slice(0, SHORT)}…`;
}

function attack({ options: { pgd: { eps, steps, step_size, center } } }: Results): string {
  const levels = (value: number) => `${+(255 * value).toFixed(3)}/255`;
  return `eps ${levels(eps)}, ${steps} steps of ${levels(step_size)}, around the ${center} picture`;
}

function corrupted(
  suites: SuiteSources,
  suite: CorruptionSuiteName,
  mean: "mce" | "mean_rms" = "mce",
  partialMean: "partial_mean_error" | "partial_mean_rms" = "partial_mean_error",
): Reading | undefined {
  const results = suites[suite], result = results?.suites[suite];
  const value = result?.[mean] ?? result?.[partialMean] ?? null;
  if (!results || !result || value === null) return undefined;
  const whole = corruptionNames[suite].test.length * severities.length;
  return {
    value,
    interval: mean === "mce" ? result.mce_interval : null,
    partial: result.complete ? null : `${result.rows.length} of ${whole} sets`,
    basis: pictures(results, suite),
  };
}

function byAlexNet(results: Results): Reading | undefined {
  const value = results.suites.c!.mce_alexnet;
  if (value === null || results.data.dataset !== "imagenet") return undefined;
  return { value, interval: null, partial: null, basis: pictures(results, "c") };
}

function pictures({ sources }: Results, suite: CorruptionSuiteName | "p"): string {
  const { pictures, fingerprint } = sources[suite]!;
  return `${pictures}, SHA-256 ${fingerprint.slice(0, SHORT)}…`;
}

function combined(suites: SuiteSources): Reading | undefined {
  const [c, cBar] = [corrupted(suites, "c"), corrupted(suites, "c-bar")];
  if (!c || !cBar || c.partial || cBar.partial) return undefined;
  return {
    value: combinedMeanError(c.value, cBar.value),
    // Both means are of the same resamples only where they were measured together.
    interval: suites.c === suites["c-bar"] ? suites.c?.c_and_c_bar?.interval ?? null : null,
    partial: null,
    basis: `${c.basis}; ${cBar.basis}`,
  };
}

function flips(results: Results): Reading | undefined {
  const { mfp, partial_mfp, complete, rows, missing } = results.suites.p!;
  const value = mfp ?? partial_mfp;
  if (value === null) return undefined;
  return {
    value,
    interval: null,
    partial: complete ? null : `${rows.length} of ${rows.length + missing.length} sequences`,
    basis: `${pictures(results, "p")}, difficulty ${results.options.difficulty}`,
  };
}
