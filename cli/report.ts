import { extname } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { writeAtomic } from "../lib/checkpoint/atomic_write.ts";
import { compareRuns, type Comparison } from "../lib/report/comparison/compare.ts";
import { renderReport, type ReportFormat, reportFormats } from "../lib/report/render.ts";
import { summarizeReport } from "../lib/report/report_summary.ts";
import { counted } from "./counted.ts";
import { UsageError } from "./error.ts";
import { oneOf } from "./options.ts";

const example = `
Examples:
  layermix report runs/baseline runs/layermix -o report.html
  layermix report runs/*-seed* -o report.html -o report.md -o report.csv --title "Three seeds"
  layermix report runs/*/results.json --json

Runs that differ in their seed alone are one row: mean ± standard deviation. More: docs/report.md.`;

const extensions: Record<string, ReportFormat> = {
  ".html": "html",
  ".htm": "html",
  ".md": "markdown",
  ".markdown": "markdown",
  ".csv": "csv",
};

/** `layermix report`: what runs have come to, in tables and charts. */
export function report() {
  return new Command("report")
    .description("Compare runs: tables, charts and recipes in one file that needs no network.")
    .argument("<runs...>", "run folders, or files that `layermix evaluate` wrote")
    .option(
      "-o, --out <file>",
      "where to write: .html, .md or .csv; may be given several times",
      (file: string, files: string[]) => [...files, file],
      [] as string[],
    )
    .option(
      "--format <name>",
      `${reportFormats.join(", ")} (default: by the ending of --out)`,
      oneOf("the format", reportFormats),
    )
    .option("--title <text>", "what the report is headed", "Robustness report")
    .option("--quiet", "print nothing but errors")
    .option("--json", "print the numbers as JSON; without --out, do nothing else")
    .addHelpText("after", example)
    .action(async (paths, { out: files, format, title, quiet, json }) => {
      if (files.length === 0 && !json) {
        throw new UsageError("Cannot report: give the file to write, --out report.html, or --json");
      }
      const outputs = files.map((file) => ({ file, format: format ?? formatOf(file) }));
      const comparison = await compareRuns(paths);
      for (const { file, format } of outputs) {
        await writeAtomic(file, await renderReport(comparison, format, title));
      }
      if (json) console.log(JSON.stringify(summarizeReport(comparison)));
      else if (!quiet) console.log(described(comparison, files));
    });
}

function formatOf(file: string): ReportFormat {
  const ending = extname(file).toLowerCase();
  const format = Object.hasOwn(extensions, ending) ? extensions[ending] : undefined;
  if (format) return format;
  throw new UsageError(
    `Cannot tell the format of ${file}: expected it to end in .html, .md or .csv, or --format`,
  );
}

function described({ tables, runs, notes }: Comparison, files: readonly string[]): string {
  const rows = tables.reduce((sum, { groups }) => sum + groups.length, 0);
  const told = tables.flatMap((table) => table.notes);
  return [
    `${counted(runs.length, "run")}, ${counted(rows, "method")}: written to ${files.join(", ")}`,
    ...[...notes, ...told].map((note) => `note: ${note}`),
  ].join("\n").replaceAll(/(?!\n)\p{C}/gu, "?");
}
