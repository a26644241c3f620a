import type { Comparison } from "./comparison/compare.ts";
import { csvReport } from "./csv.ts";
import { markdownReport } from "./markdown.ts";

/** What a report can be written as. */
export const reportFormats = ["html", "markdown", "csv"] as const;
/** One of them. */
export type ReportFormat = typeof reportFormats[number];

/**
 * A report as text: `html` with charts, in one file without scripts that loads nothing; `markdown`
 * with tables; `csv` with every figure. The same for the same runs.
 *
 * @param title what it is headed; not in CSV
 */
export async function renderReport(
  comparison: Comparison,
  format: ReportFormat,
  title: string,
): Promise<string> {
  if (format === "csv") return csvReport(comparison);
  if (format === "markdown") return markdownReport(comparison, title);
  // Nothing but charts needs Vega, which takes half a second to load.
  const { htmlReport } = await import("./html/page.ts");
  return await htmlReport(comparison, title);
}
