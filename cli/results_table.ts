import { modelTitle } from "../lib/models/model.ts";
import type { Interval } from "../lib/robustness/interval.ts";
import type {
  CorruptionResult,
  EvaluationRow,
  MissingCorruption,
  Results,
  SequenceResult,
  UnreadablePicture,
} from "../lib/robustness/results.ts";
import type { ListDescription } from "../lib/robustness/source.ts";
import { severities } from "../lib/robustness/suites.ts";

type Line = [what: string, figure: string];

/** The figures of an evaluation as lines of text, errors in percent. */
export function resultsTable(results: Results): string {
  const { model, data, suites, sources, c_and_c_bar, unreadable = [] } = results;
  const isLarge = data.dataset === "imagenet";
  const lines: Line[] = [
    ...cleanLines(suites.clean),
    ...corruptionLines("C", suites.c, isLarge),
    ...corruptionLines("C-bar", suites["c-bar"], isLarge),
    ...(c_and_c_bar
      ? [["C and C-bar, mCE", withInterval(c_and_c_bar.mean_error, c_and_c_bar.interval)] as Line]
      : []),
    ...listLines("ImageNet-R", suites.r, sources.r),
    ...listLines("ImageNet-A", suites.a, sources.a),
    ...sequenceLines(suites.p),
    ...(suites.pgd
      ? [["PGD error", withInterval(suites.pgd.error, suites.pgd.error_interval)] as Line]
      : []),
    ...(unreadable.length > 0 ? [["unreadable", unreadableWords(unreadable)] as Line] : []),
  ];
  const width = Math.max(20, ...lines.map(([what]) => what.length)) + 1;
  return [
    `${modelTitle(model)} on ${data.count} test pictures of ${data.dataset}`,
    ...lines.map(([what, figure]) => `${what.padEnd(width)}${figure}`),
  ].join("\n");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function withInterval(error: number, interval: Interval | null): string {
  if (!interval) return percent(error);
  const [low, high] = interval.map((end) => (100 * end).toFixed(2));
  return `${percent(error)}  (95 %: ${low} … ${high})`;
}

function cleanLines(clean: EvaluationRow | undefined): Line[] {
  if (!clean) return [];
  return [
    ["clean error", percent(clean.error)],
    ["top-5 error", percent(clean.top5_error)],
    ["loss", clean.loss.toFixed(4)],
    [
      "RMS calibration",
      `${percent(clean.rms)}  (as published code counts: ${percent(clean.rms_reference)})`,
    ],
    ["MAD calibration", percent(clean.mad)],
    ["AURRA", percent(clean.aurra)],
    ["soft F1", percent(clean.soft_f1)],
  ];
}

/** Error and calibration on R or A, and the classes they are of. */
function listLines(
  title: string,
  row: EvaluationRow | undefined,
  source: ListDescription | undefined,
): Line[] {
  if (!row || !source) return [];
  const { classes, network_classes } = source;
  return [
    [`${title} error`, withInterval(row.error, row.error_interval)],
    ["  top-5 error", percent(row.top5_error)],
    ["  RMS calibration", percent(row.rms)],
    ["  pictures", `${row.count}, among ${classes} of the network's ${network_classes} classes`],
  ];
}

/** How many pictures could not be read, and the first of them. */
function unreadableWords(unreadable: readonly UnreadablePicture[]): string {
  const { suite, corruption, severity, file } = unreadable[0]!;
  const set = [suite, corruption, severity || ""].filter(Boolean).join(" ");
  return `${unreadable.length}, the first ${file} of ${set}; results.json names all`;
}

/** AlexNet's errors are on ImageNet-C: divided by them, others say little, and are in the file alone. */
const noMce = { mce_alexnet: null, relative_mce_alexnet: null };

function corruptionLines(
  suite: string,
  result: CorruptionResult | undefined,
  isLarge: boolean,
): Line[] {
  if (!result) return [];
  const { mce, mce_interval, mean_rms, partial_mean_error, missing, rows } = result;
  const { mce_alexnet, relative_mce_alexnet } = isLarge ? result : noMce;
  const lines: Line[] = [];
  if (mce !== null) lines.push([`${suite} mCE, plain`, withInterval(mce, mce_interval)]);
  if (mce_alexnet !== null) lines.push([`${suite} mCE, by AlexNet`, percent(mce_alexnet)]);
  if (relative_mce_alexnet !== null) {
    lines.push([`${suite} relative mCE`, percent(relative_mce_alexnet)]);
  }
  if (mean_rms !== null) lines.push([`${suite} mean RMS`, percent(mean_rms)]);
  if (partial_mean_error !== null) {
    const figure = `${percent(partial_mean_error)}, ${rows.length} sets`;
    lines.push([`${suite} PARTIAL mean error`, figure]);
  }
  if (missing.length > 0) lines.push([`${suite} missing`, missing.map(missingWords).join(", ")]);
  for (const [name, error] of Object.entries(result.mean_errors)) {
    lines.push([`  ${name}`, percent(error)]);
  }
  const apart = [...new Set(result.validation_rows.map(({ corruption }) => corruption))];
  if (apart.length > 0) lines.push(["  not in the mean", apart.join(", ")]);
  return lines;
}

function missingWords({ corruption, severities: missing }: MissingCorruption): string {
  return missing.length === severities.length ? corruption : `${corruption} ${missing.join(" ")}`;
}

function sequenceLines(result: SequenceResult | undefined): Line[] {
  if (!result) return [];
  const { mfp, mt5d, partial_mfp, partial_mt5d, missing, rows } = result;
  const [flips, moves] = [mfp ?? partial_mfp, mt5d ?? partial_mt5d];
  const word = missing.length > 0 ? "P PARTIAL" : "P";
  const lines: Line[] = [];
  if (flips !== null) lines.push([`${word} mean flip probability`, percent(flips)]);
  if (moves !== null) lines.push([`${word} mean top-5 distance`, moves.toFixed(4)]);
  if (missing.length > 0) lines.push(["P missing", missing.join(", ")]);
  for (const row of rows) lines.push([`  ${row.sequence}`, percent(row.flip_probability)]);
  return lines;
}
