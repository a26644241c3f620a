import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { compareRuns } from "../../lib/report/comparison/compare.ts";
import { csvReport } from "../../lib/report/csv.ts";
import { draw } from "../../lib/report/html/chart.ts";
import { markup } from "../../lib/report/html/markup.ts";
import { htmlReport } from "../../lib/report/html/page.ts";
import { markdownReport } from "../../lib/report/markdown.ts";
import { withFolder } from "../data/folder.ts";
import { hostileRuns, madeDescription, madeLog, madeResults, writeRun } from "./runs.ts";

async function reportOf(folder: string, ...names: string[]): Promise<string> {
  return await htmlReport(await compareRuns(names.map((name) => join(folder, name))), "Title");
}

/** Every run of digits that stands alone in text, as a reader sees it. */
const textOf = (page: string) => page.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");

Deno.test("a report has every section, each chart described, and is the same every time", () =>
  withFolder(async (folder) => {
    for (const seed of [1, 2]) {
      await writeRun(join(folder, `seed${seed}`), {
        description: madeDescription({ seed }),
        log: madeLog(2),
        results: { "results.json": madeResults({ seed }) },
      });
    }
    const page = await reportOf(folder, "seed1", "seed2");
    const headings = [...page.matchAll(/<h[23]>([^<]*)</g)].map(([, text]) => text);
    deepEqual(headings, [
      ...["CIFAR-10, 10 classes", "Error by corruption", "Error by severity", "Calibration"],
      ...["Training", "What training sees", "Recipes"],
    ]);
    const charts = [...page.matchAll(/<svg xmlns[^>]* role="img" aria-label="([^"]*)"/g)];
    // C has 4 kinds, C-bar and P two halves each; 2 means and 25 corruptions; 3 diagrams; 2 curves.
    equal(charts.length, 8 + 2 + 25 + 3 + 2);
    ok(charts.every(([, alt]) => alt!.length > 40));
    match(
      page,
      /aria-label="Bars, error, mean over severities, %\. snow: LayerMix 40\.20; frost: /,
    );
    match(textOf(page), /WRN-10-1, 2 seeds: 1, 2 10\.00 ± 0\.00/);
    match(page, /<dt>data\.train\.fingerprint<\/dt><dd><code>(cd){32}<\/code>/);
    match(page, /<dt>kernels<\/dt><dd><code>fixed</);
    doesNotMatch(page, /NaN|undefined|\[object/);
    equal(await reportOf(folder, "seed1", "seed2"), page);
  }));

Deno.test("what is missing is said: suites, bins of confidence, evaluation", () =>
  withFolder(async (folder) => {
    const clean = madeResults({ suites: ["clean"] });
    Object.assign(clean.suites.clean!, { reliability: undefined });
    await writeRun(join(folder, "a"), { results: { "results.json": clean } });
    await writeRun(join(folder, "b"), { description: madeDescription({ method: "baseline" }) });
    const page = await reportOf(folder, "a", "b");
    match(textOf(page), /No run has figures of: C, C-bar, C and C-bar together, P, PGD, Calibr/);
    match(page, /these results are without bins of confidence/);
    match(page, /Baseline: not evaluated/);
    match(textOf(page), /There are no curves: .* No run folder has samples\.png/);
    match(page, /<span class="none">not evaluated<\/span>/);
    match(await reportOf(folder, "b"), /No run has figures of:<\/b> Clean pictures, C, /);
  }));

Deno.test("nothing of a run file is markup in a report, whatever it says", () =>
  withFolder(async (folder) => {
    const names = await hostileRuns(folder);
    const page = await reportOf(folder, ...names);
    const tags = page.match(/<[^>]*>/g)!.map((tag) => tag.replaceAll(/"[^"]*"/g, ""));
    deepEqual(tags.filter((tag) => /script|onerror|<img|<\/style>./i.test(tag)), []);
    ok(page.includes("&lt;script&gt;"), "the text itself is shown");
    deepEqual(page.match(/<style>/g)?.length, 1);
    ok(!/(?!\n)\p{C}/u.test(page), "no control character is left");
    match(page, /content="default-src &#39;none&#39;;/);
    const comparison = await compareRuns(names.map((name) => join(folder, name)));
    doesNotMatch(markdownReport(comparison, "<script>"), /(?<!\\)<|\n# .*\n=/);
    const cells = csvReport(comparison).split("\r\n").flatMap((line) => line.split(","));
    ok(cells.some((cell) => /^"?'=/.test(cell)));
    ok(!cells.some((cell) => /^"?[=+@]/.test(cell)));
  }));

Deno.test("markup`` escapes text in elements and attributes, and not what is markup", () => {
  const text = `<b a="1" c='2'>&`;
  const escaped = "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;";
  equal(
    markup`<i title="${text}">${[text, null, false, markup`<u>`, 0]}`.text,
    `<i title="${escaped}">${escaped}<u>0`,
  );
});

Deno.test("a chart escapes its text and its description, and no field is an expression", async () => {
  const name = `"><script>x</script>' + (()=>{throw 1})() + '`;
  const { text } = await draw({
    alt: name,
    ...{ width: 50, height: 20, padding: { left: 0, right: 0, top: 0, bottom: 0 } },
    rows: [{ name, x: 1 }],
    layer: [{
      mark: "text",
      encoding: { text: { field: "name" }, x: { field: "x", type: "quantitative" } },
    }],
  });
  doesNotMatch(text, /<script/);
  match(text, /&lt;script&gt;x&lt;\/script&gt;' \+ \(\(\)=&gt;/);
  match(text, /^<svg [^>]*aria-label="&quot;&gt;&lt;script/);
});
