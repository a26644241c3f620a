import { Buffer } from "node:buffer";
import { layermixVersion } from "../../version.ts";
import type { Comparison, Table } from "../comparison/compare.ts";
import { type ListedSuite, namesIn } from "../comparison/suite_errors.ts";
import { counted } from "../figure_words.ts";
import { barPanels } from "./bars.ts";
import { type Chart, draw } from "./chart.ts";
import { severityChart, severityPanels } from "./curves.ts";
import { legend } from "./legend.ts";
import { mainTable } from "./main_table.ts";
import { Html, markup } from "./markup.ts";
import { numbersTable } from "./numbers.ts";
import { recipeDetails } from "./recipe.ts";
import { type BinnedSuite, pooledBins, reliabilityChart } from "./reliability.ts";
import { style } from "./style.ts";
import { curvesOf, trainingChart } from "./training.ts";

/** Nothing may be loaded and nothing may run, whatever a file of results says. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** A comparison as one HTML file that needs no network and no script; the same for the same input. */
export async function htmlReport(comparison: Comparison, title: string): Promise<string> {
  const { tables, runs, notes } = comparison;
  const sections = [];
  for (const table of tables) sections.push(await tableSection(table));
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${POLICY}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="generator" content="layermix ${layermixVersion}">
        <title>${title}</title>
        <style>${new Html(style)}</style>
      </head>
      <body>
        <main><h1>${title}</h1>
    <p class="lead">${leadOf(comparison)}</p>${noteList(notes)}
    ${sections}
    ${samples(comparison)}
    <h2>Recipes</h2><p class="about">All flags, versions, adapters and fingerprints, so that every figure can be measured again.</p>
    ${tables.flatMap(({ groups }) => groups.map(recipeDetails))}
    <footer>Made by layermix ${layermixVersion} from ${counted(runs.length, "run")}.</footer>
        </main>
      </body>
    </html>
  `;
  return page.text;
}

function leadOf({ tables, runs }: Comparison): string {
  const methods = tables.reduce((sum, { groups }) => sum + groups.length, 0);
  const sets = tables.map(({ dataset, classes }) => `${dataset} (${classes} classes)`);
  return `${counted(methods, "method")} in ${counted(runs.length, "run")} on ${sets.join(", ")}. ` +
    "All figures are in percent, and smaller is better.";
}

function noteList(notes: readonly string[]): Html {
  return notes.length
    ? markup`<ul class="notes" aria-label="Notes">${
      notes.map((note) => markup`<li>${note}</li>`)
    }</ul>`
    : markup``;
}

async function tableSection(table: Table): Promise<Html> {
  const { dataset, classes, columns, absent, notes } = table;
  return markup`<section><h2>${dataset}, ${classes} classes</h2>
${columns.length ? mainTable(table) : markup`<p>No run was evaluated.</p>`}
<p class="about">Best in bold. ± is the sample standard deviation over seeds; brackets are the 95 % interval of one network. ${
    columns.map(({ title, about }) => markup`<b>${title}</b>: ${about}. `)
  }${absent.length > 0 && markup`<b>Not evaluated in any run:</b> ${absent.join(", ")}.`}</p>
${noteList(notes)}
${await corruptionSection(table)}
${await severitySection(table)}
${await calibrationSection(table)}
${await trainingSection(table)}</section>`;
}

const suiteTitles: [ListedSuite, string][] = [["c", "C"], ["c-bar", "C-bar"], ["p", "P"]];

async function corruptionSection(table: Table): Promise<Html> {
  const there = suiteTitles.filter(([suite]) => namesIn(table.groups, suite).length > 0);
  if (there.length === 0) return markup``;
  const panels = there.flatMap(([suite]) => barPanels(table, suite));
  return markup`<h3>Error by corruption</h3>
<p class="about">Mean over severities; whiskers are ± one standard deviation over seeds.</p>
${legend(table.groups)}<div class="charts">${await figures(panels)}</div>
${numbersTable(table, there)}`;
}

async function severitySection(table: Table): Promise<Html> {
  const suites = (["c", "c-bar"] as const).filter((suite) => namesIn(table.groups, suite).length);
  if (suites.length === 0) return markup``;
  const name = { c: "C", "c-bar": "C-bar" };
  const means = suites.map((suite) => {
    const isPartial = table.groups.some(({ cells }) => cells[suite]?.partial);
    return {
      title: `${name[suite]}, mean over corruptions${isPartial ? " (partial)" : ""}`,
      chart: severityChart(table, suite),
    };
  });
  const small = [];
  for (const suite of suites) {
    small.push(markup`
      <h4>${name[suite]}: error in % by severity</h4>
      <div class="charts small">${await figures(severityPanels(table, suite))}</div>
    `);
  }
  return markup`<h3>Error by severity</h3>
<p class="about">Bands are ± one standard deviation over seeds.</p>
${legend(table.groups)}<div class="charts">${await figures(means)}</div>${small}`;
}

async function calibrationSection(table: Table): Promise<Html> {
  const titles: [BinnedSuite, string][] = [
    ["clean", "Clean pictures"],
    ...[["c", "C, all corruptions"], ["c-bar", "C-bar, all corruptions"]] as [
      BinnedSuite,
      string,
    ][],
  ];
  const there = titles.filter(([suite]) => table.groups.some((group) => pooledBins(group, suite)));
  const measured = table.groups.some(({ cells }) => cells.clean);
  if (there.length === 0) {
    return measured
      ? markup`
        <h3>Calibration</h3>
        <p class="about">These results hold no reliability bins: evaluate again to have a diagram.</p>
      `
      : markup``;
  }
  const charts = there.map(([suite, title]) => ({ title, chart: reliabilityChart(table, suite) }));
  return markup`
    <h3>Calibration</h3>
    <p
      class="about">How often answers of a confidence are right. On the dotted line confidence is right; below it the network is too sure of itself. Larger points stand for more answers.</p>
    ${legend(table.groups)}<div class="charts">${await figures(charts)}</div>
  `;
}

async function trainingSection(table: Table): Promise<Html> {
  if (curvesOf(table).length === 0) return markup``;
  const charts = [
    { title: "Training loss", chart: trainingChart(table, "train_loss") },
    { title: "Test error", chart: trainingChart(table, "test_error") },
  ];
  return markup`
    <h3>Training</h3>
    <p
      class="about">A line for each run. The loss is that of augmented pictures, so it does not compare between methods.</p>
    ${legend(table.groups)}<div class="charts">${await figures(charts)}</div>
  `;
}

async function figures(
  panels: readonly { title: string; chart: Chart }[],
): Promise<Html[]> {
  const drawn: Html[] = [];
  for (const { title, chart } of panels) {
    drawn.push(markup`
      <figure><figcaption>${title}</figcaption>${await draw(chart)}</figure>
    `);
  }
  return drawn;
}

function samples({ runs }: Comparison): Html {
  const there = runs.filter((run) => run.samples);
  if (there.length === 0) return markup``;
  return markup`<h2>What training sees</h2>${
    there.map(({ path, samples }) =>
      markup`<figure><figcaption>${path}</figcaption><img alt="Grid of augmented training pictures of ${path}" src="data:image/png;base64,${
        Buffer.from(samples!).toString("base64")
      }"></figure>`
    )
  }`;
}
