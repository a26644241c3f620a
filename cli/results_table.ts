import { modelTitle } from "../lib/models/model.ts";
import type {
  CorruptionResult,
  EvaluationRow,
  Results,
  SequenceResult,
} from "../lib/robustness/results.ts";

type Line = [what: string, figure: string];

/** The figures of an evaluation as lines of text, errors in percent. */
export function resultsTable({ model, data, suites, c_and_c_bar }: Results): string {
  const lines: Line[] = [
    ...cleanLines(suites.clean),
    ...corruptionLines("C", suites.c),
    ...corruptionLines("C-bar", suites["c-bar"]),
    ...(c_and_c_bar ? [["C and C-bar, mCE", percent(c_and_c_bar.mean_error)] as Line] : []),
    ...sequenceLines(suites.p),
    ...(suites.pgd ? [["PGD error", withInterval(suites.pgd)] as Line] : []),
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

function withInterval({ error, error_interval: [low, high] }: EvaluationRow): string {
  return `${percent(error)}  (95 %: ${(100 * low).toFixed(2)} … ${(100 * high).toFixed(2)})`;
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

function corruptionLines(suite: string, result: CorruptionResult | undefined): Line[] {
  if (!result) return [];
  const { mce, mean_rms, partial_mean_error, mean_errors, missing, rows, validation_rows } = result;
  const lines: Line[] = Object.entries(mean_errors).map(([name, error]) => [
    `  ${name}`,
    percent(error),
  ]);
  const absent = missing.map(({ corruption, severities }) =>
    severities.length === 5 ? corruption : `${corruption} ${severities.join(" ")}`
  );
  return [
    ...(mce === null ? [] : [[`${suite} mCE, plain`, percent(mce)] as Line]),
    ...(mean_rms === null ? [] : [[`${suite} mean RMS`, percent(mean_rms)] as Line]),
    ...(partial_mean_error === null ? [] : [
      [
        `${suite} PARTIAL mean error`,
        `${percent(partial_mean_error)}, ${rows.length} sets`,
      ] as Line,
    ]),
    ...(absent.length ? [[`${suite} missing`, absent.join(", ")] as Line] : []),
    ...lines,
    ...(validation_rows.length
      ? [
        [
          "  not in the mean",
          [...new Set(validation_rows.map((row) => row.corruption))].join(", "),
        ] as Line,
      ]
      : []),
  ];
}

function sequenceLines(result: SequenceResult | undefined): Line[] {
  if (!result) return [];
  const { mfp, mt5d, partial_mfp, partial_mt5d, missing, rows } = result;
  const [flips, moves] = [mfp ?? partial_mfp, mt5d ?? partial_mt5d];
  const word = missing.length ? "P PARTIAL" : "P";
  return [
    ...(flips === null ? [] : [[`${word} mean flip probability`, percent(flips)] as Line]),
    ...(moves === null ? [] : [[`${word} mean top-5 distance`, moves.toFixed(4)] as Line]),
    ...(missing.length ? [["P missing", missing.join(", ")] as Line] : []),
    ...rows.map((row) => [`  ${row.sequence}`, percent(row.flip_probability)] as Line),
  ];
}
