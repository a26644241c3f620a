import type { Measured, Provenance, Results } from "./results.ts";
import type { ListDescription } from "./source.ts";

const figures = [
  ...["count", "error", "error_low", "error_high", "top5_error", "loss"],
  ...["rms", "rms_reference", "mad", "aurra", "soft_f1"],
  ...["flip_probability", "top5_distance", "zipf_distance"],
] as const;

const provenance: readonly (keyof Measured)[] = [
  ...["model", "weights", "method", "ops", "jsd", "gray_mixing", "epochs", "seed"] as const,
  ...["checkpoint_sha256", "alexnet_errors"] as const,
];

type Row = Record<string, unknown>;

/**
 * The figures of results as CSV (RFC 4180), a row for each suite, corruption and severity, each with
 * what it is of; validation corruptions are in suite `<suite>-validation`. What a row has no figure
 * for is empty, and so is what is no number.
 */
export function resultsCsv(results: Results): string {
  const columns = ["suite", "corruption", "severity", ...figures, "pictures", ...provenance];
  const lines = rowsOf(results).map((row) => columns.map((name) => csvCell(row[name])).join(","));
  return [columns.join(","), ...lines, ""].join("\r\n");
}

function rowsOf({ suites, measured, sources }: Results): Row[] {
  const whole = (["clean", "pgd"] as const).flatMap((suite) =>
    suites[suite] ? [{ suite, ...flat(suites[suite]), pictures: "test set" }] : []
  );
  const corrupted = (["c", "c-bar"] as const).flatMap((suite) =>
    listed(suite, suites[suite], sources[suite])
  );
  const others = (["r", "a"] as const).flatMap((suite) =>
    suites[suite] ? [{ suite, ...flat(suites[suite]), pictures: maskWords(sources[suite]!) }] : []
  );
  const perturbed = listed("p", suites.p, sources.p).map(({ sequence, videos, ...row }) => {
    return { ...row, corruption: sequence, count: videos };
  });
  return [...whole, ...corrupted, ...others, ...perturbed].map((row) => ({ ...row, ...measured }));
}

/** What pictures of R or A are, and among which classes answers were looked for. */
export function maskWords({ pictures, classes, network_classes }: ListDescription): string {
  return `${pictures}, ${classes} of ${network_classes} classes`;
}

/** The rows of a suite, and those of its validation corruptions. */
function listed(
  suite: string,
  result: { rows: object[]; validation_rows: object[] } | undefined,
  source: Provenance["sources"]["c" | "p"],
): Row[] {
  if (!result) return [];
  const { pictures } = source!;
  const named = (suite: string, rows: object[]) =>
    rows.map((row) => ({ ...flat(row), suite, pictures }));
  return [...named(suite, result.rows), ...named(`${suite}-validation`, result.validation_rows)];
}

function flat(row: object): Row {
  const { error_interval: [error_low, error_high] = [], ...others } = row as {
    error_interval?: number[];
  };
  return { ...others, error_low, error_high };
}

/** A value as a cell of CSV (RFC 4180); what is no number, null or undefined is empty. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
