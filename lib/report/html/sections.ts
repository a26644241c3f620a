import type { Table } from "../comparison/compare.ts";
import { type ListedSuite, namesIn } from "../comparison/suite_errors.ts";
import { barPanels } from "./bars.ts";
import { draw, type Panel } from "./chart.ts";
import { severityChart, severityPanels } from "./curves.ts";
import { legend } from "./legend.ts";
import { type Html, markup } from "./markup.ts";
import { numbersTable } from "./numbers.ts";
import { type BinnedSuite, pooledBins, reliabilityChart } from "./reliability.ts";
import { curvesOf, trainingChart } from "./training.ts";

const nothing = markup``;

/** Bars of C, C-bar and P, as far as any was measured, and their figures. */
export async function corruptionSection(table: Table): Promise<Html> {
  const suites: [ListedSuite, string][] = [["c", "C"], ["c-bar", "C-bar"], ["p", "P"]];
  const there = suites.filter(([suite]) => namesIn(table.groups, suite).length > 0);
  if (there.length === 0) return nothing;
  const charts = await figures(there.flatMap(([suite]) => barPanels(table, suite)));
  return section(table, {
    title: "Error by corruption",
    about: "Mean over severities; whiskers are ± one standard deviation over seeds.",
    body: markup`<div class="charts">${charts}</div>${numbersTable(table, there)}`,
  });
}

/** Error by severity, over all corruptions and at each. */
export async function severitySection(table: Table): Promise<Html> {
  const titles = { c: "C", "c-bar": "C-bar" };
  const suites = (["c", "c-bar"] as const).filter((suite) => namesIn(table.groups, suite).length);
  if (suites.length === 0) return nothing;
  const means = suites.map((suite) => {
    const isPartial = table.groups.some(({ cells }) => cells[suite]?.partial);
    const title = `${titles[suite]}, mean over corruptions${isPartial ? " (some partial)" : ""}`;
    return { title, chart: severityChart(table, suite) };
  });
  const parts: Html[] = [];
  for (const suite of suites) {
    const charts = await figures(severityPanels(table, suite));
    parts.push(markup`<h4>Each corruption of ${titles[suite]}, error in %</h4>
<div class="charts small">${charts}</div>`);
  }
  return section(table, {
    title: "Error by severity",
    about: "Bands are ± one standard deviation over seeds.",
    body: markup`<div class="charts pair">${await figures(means)}</div>${parts}`,
  });
}

/** Reliability diagrams, where results hold what they are drawn from. */
export async function calibrationSection(table: Table): Promise<Html> {
  const suites: [BinnedSuite, string][] = [
    ["clean", "Clean pictures"],
    ["c", "C, all corruptions"],
    ["c-bar", "C-bar, all corruptions"],
  ];
  const there = suites.filter(([suite]) => table.groups.some((group) => pooledBins(group, suite)));
  if (there.length === 0) {
    return table.groups.some(({ cells }) => cells.clean)
      ? markup`<h3>Calibration</h3>
<p class="about">There is no diagram: these results are without bins of confidence. Evaluate again to have it.</p>`
      : nothing;
  }
  const charts = there.map(([suite, title]) => ({ title, chart: reliabilityChart(table, suite) }));
  return section(table, {
    title: "Calibration",
    about: "How often answers are right, by their confidence. On the dotted line confidence is " +
      "right; below it a network is too sure of itself. Larger points are more answers.",
    body: markup`<div class="charts">${await figures(charts)}</div>`,
  });
}

/** Training loss and test error by epoch, where runs have a log. */
export async function trainingSection(table: Table): Promise<Html> {
  if (curvesOf(table).length === 0) {
    return markup`<h3>Training</h3>
<p class="about">There are no curves: no run folder with log.jsonl was given.</p>`;
  }
  const charts = await figures([
    { title: "Training loss", chart: trainingChart(table, "train_loss") },
    { title: "Test error", chart: trainingChart(table, "test_error") },
  ]);
  return section(table, {
    title: "Training",
    about: "A line for each run. The loss is of augmented pictures, so it does not compare " +
      "between methods.",
    body: markup`<div class="charts pair">${charts}</div>`,
  });
}

function section(
  { groups }: Table,
  { title, about, body }: { title: string; about: string; body: Html },
): Html {
  return markup`<h3>${title}</h3>
<p class="about">${about}</p>
${legend(groups)}${body}
`;
}

async function figures(panels: readonly Panel[]): Promise<Html[]> {
  const drawn: Html[] = [];
  for (const { title, chart } of panels) {
    drawn.push(markup`<figure><figcaption>${title}</figcaption>${await draw(chart)}</figure>\n`);
  }
  return drawn;
}
