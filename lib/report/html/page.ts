import { Buffer } from "node:buffer";
import { layermixVersion } from "../../version.ts";
import type { Comparison, Table } from "../comparison/compare.ts";
import { titleOf } from "../comparison/titles.ts";
import { counted, tableTitle } from "../figure_words.ts";
import { mainTable } from "./main_table.ts";
import { Html, markup } from "./markup.ts";
import { recipeDetails } from "./recipe.ts";
import {
  calibrationSection,
  corruptionSection,
  severitySection,
  trainingSection,
} from "./sections.ts";
import { style } from "./style.ts";

/** Nothing is loaded and nothing runs, whatever a file of results says. */
const POLICY = [
  ...["default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"],
  ...["base-uri 'none'", "form-action 'none'"],
].join("; ");

/** A comparison as one HTML file that needs no network and no script; the same for the same input. */
export async function htmlReport(comparison: Comparison, title: string): Promise<string> {
  const { tables, runs, notes } = comparison;
  const sections: Html[] = [];
  for (const table of tables) sections.push(await tableSection(table));
  const recipes = tables.flatMap(({ groups }) => groups.map(recipeDetails));
  const { text } = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="layermix ${layermixVersion}">
<title>${title}</title><style>${new Html(style)}</style></head>
<body><main><h1>${title}</h1>
<p class="lead">${lead(comparison)}</p>
${noteList(notes)}${sections}${samples(comparison)}<h2>Recipes</h2>
<p class="about">Flags, versions, adapters and fingerprints, to measure every figure again.</p>
${recipes}<footer>Made by layermix ${layermixVersion} from ${counted(runs.length, "run")}.</footer>
</main></body></html>
`;
  return text;
}

function lead({ tables, runs }: Comparison): string {
  const methods = tables.reduce((sum, { groups }) => sum + groups.length, 0);
  const sets = new Set(tables.map(({ dataset }) => titleOf(dataset)));
  return `${counted(methods, "method")} in ${counted(runs.length, "run")} on ${
    [...sets].join(", ")
  }. All figures of tables are in percent; smaller is better.`;
}

function noteList(notes: readonly string[]): Html {
  const items = notes.map((note) => markup`<li>${note}</li>`);
  return items.length ? markup`<ul class="notes" aria-label="Notes">${items}</ul>\n` : markup``;
}

async function tableSection(table: Table): Promise<Html> {
  const { columns, notes } = table;
  return markup`<section><h2>${tableTitle(table)}</h2>
${columns.length ? mainTable(table) : null}
${terms(table)}
${noteList(notes)}${await corruptionSection(table)}${await severitySection(
    table,
  )}${await calibrationSection(
    table,
  )}${await trainingSection(table)}</section>
`;
}

/** What the columns are, and which there is nothing of. */
function terms({ columns, absent }: Table): Html {
  const items = columns.map(({ title, about }) => markup`<li><b>${title}</b>: ${about}</li>`);
  return markup`${
    columns.length > 0 &&
    markup`<p class="about">The best figure is bold. ± is the sample standard deviation over seeds; brackets are the 95 % interval of a single network.</p>`
  }<ul class="terms">${items}</ul>${
    absent.length > 0 &&
    markup`<p class="about"><b>No run has figures of:</b> ${absent.join(", ")}.</p>`
  }`;
}

function samples({ runs }: Comparison): Html {
  const figures = runs.flatMap(({ path, samples }) =>
    samples
      ? [
        markup`<figure><figcaption>${path}</figcaption><img alt="Grid of training pictures, augmented, of ${path}" src="data:image/png;base64,${
          Buffer.from(samples).toString("base64")
        }"></figure>\n`,
      ]
      : []
  );
  const lack =
    markup`<p class="about">No run folder has samples.png, which <code>layermix samples</code> draws.</p>\n`;
  return markup`<h2>What training sees</h2>${figures.length ? figures : lack}`;
}
