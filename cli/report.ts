import { extname } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { writeAtomic } from "../lib/checkpoint/atomic_write.ts";
import { compareRuns, type Comparison } from "../lib/report/comparison/compare.ts";
import { csvReport } from "../lib/report/csv.ts";
import { markdownReport } from "../lib/report/markdown.ts";
import { summarizeReport } from "../lib/report/report_summary.ts";
import { UsageError } from "./error.ts";
import { oneOf } from "./options.ts";

const example = `
Examples:
  layermix report runs/baseline runs/layermix -o report.html
  layermix report runs/*-seed* -o report.html -o report.md -o report.csv --title "Three seeds"
  layermix report runs/*/results.json --json

Runs that differ in their seed alone are one row: mean ± standard deviation. More: docs/report.md.`;

const formatNames = ["html", "markdown", "csv"] as const;
type FormatName = typeof formatNames[number];

const extensions: Record<string, FormatName> = {
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
      `${formatNames.join(", ")} (default: by the ending of --out)`,
      oneOf("the format", formatNames),
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
        await writeAtomic(file, await written(comparison, format, title));
      }
      if (json) console.log(JSON.stringify(summarizeReport(comparison)));
      else if (!quiet) console.log(described(comparison, files));
    });
}

function formatOf(file: string): FormatName {
  const ending = extname(file).toLowerCase();
  const format = Object.hasOwn(extensions, ending) ? extensions[ending] : undefined;
  if (format) return format;
  throw new UsageError(
    `Cannot tell the format of ${file}: expected it to end in .html, .md or .csv, or --format`,
  );
}

async function written(
  comparison: Comparison,
  format: FormatName,
  title: string,
): Promise<string> {
  if (format === "csv") return csvReport(comparison);
  if (format === "markdown") return markdownReport(comparison, title);
  // Charts take half a second to load, which no other command needs.
  const { htmlReport } = await import("../lib/report/html/page.ts");
  return await htmlReport(comparison, title);
}

function described({ tables, runs, notes }: Comparison, files: readonly string[]): string {
  const rows = tables.reduce((sum, { groups }) => sum + groups.length, 0);
  const told = tables.flatMap((table) => table.notes);
  return [
    `${runs.length} run${runs.length === 1 ? "" : "s"}, ${rows} method${
      rows === 1 ? "" : "s"
    }: written to ${files.join(", ")}`,
    ...[...notes, ...told].map((note) => `note: ${note}`),
  ].join("\n").replaceAll(/(?!\n)\p{C}/gu, "?");
}
