import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { withFolder } from "../data/folder.ts";
import { madeResults, writeRun } from "../report/runs.ts";
import { layermix } from "../train/fixture.ts";

/** Writes two runs of other seeds, and gives their folders to `body`. */
function withRuns(body: (runs: string[], folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const runs = [1, 2].map(async (seed) =>
      await writeRun(join(folder, `run${seed}`), {
        results: { "results.json": madeResults({ seed, suites: ["clean"] }) },
      })
    );
    await body(await Promise.all(runs), folder);
  });
}

Deno.test("layermix report writes every format by its ending, and says what it wrote", () =>
  withRuns(async (runs, folder) => {
    const [html, markdown, csv] = ["a.html", "b.md", "c.csv"].map((name) => join(folder, name));
    const outs = ["-o", html!, "-o", markdown!, "--out", csv!];
    const { code, stdout, stderr } = await layermix("report", ...runs, ...outs, "--title", "<Two>");
    deepEqual([code, stderr], [0, ""]);
    equal(stdout, `2 runs, 1 method: written to ${html}, ${markdown}, ${csv}\n`);
    match(await Deno.readTextFile(html!), /^<!doctype html>\n[^]*<title>&lt;Two&gt;<\/title>/);
    match(
      await Deno.readTextFile(markdown!),
      /^# \\<Two\\>\n[^]*\| LayerMix \(WRN-10-1, 2 seeds: 1, 2\) \| 10\.00 ± 0\.00 \|/,
    );
    match(
      await Deno.readTextFile(csv!),
      /^dataset,[^]*\r\ncifar10,10,LayerMix,WRN-10-1,1 2,Clean error,,,0\.1,0,,,2,\r\n/,
    );
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    deepEqual(left, ["a.html", "b.md", "c.csv", "run1", "run2"]);
  }));

Deno.test("layermix report --json prints the numbers, and --format goes before the ending", () =>
  withRuns(async (runs, folder) => {
    const file = join(folder, "report.txt");
    const { code, stdout, stderr } = await layermix(
      "report",
      ...runs,
      "--json",
      "-o",
      file,
      "--format",
      "markdown",
    );
    deepEqual([code, stderr], [0, ""]);
    const { tables: [table] } = JSON.parse(stdout);
    const { method, seeds, figures: { clean } } = table.methods[0];
    deepEqual([method, seeds, clean.mean, clean.count], ["LayerMix", [1, 2], 0.1, 2]);
    deepEqual(table.absent.slice(0, 2), ["C", "C-bar"]);
    match(await Deno.readTextFile(file), /^# Robustness report\n/);
    const quiet = await layermix("report", ...runs, "--quiet", "-o", join(folder, "q.md"));
    deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);
  }));

Deno.test("layermix report refuses what it cannot read or write in one line, and writes nothing", () =>
  withRuns(async ([run], folder) => {
    const out = join(folder, "out.html");
    const wrong: [number, RegExp, string[]][] = [
      [2, /give the file to write/, [run!]],
      [2, /Cannot tell the format of \S+report\.pdf: expected/, [
        run!,
        "-o",
        join(folder, "report.pdf"),
      ]],
      [2, /Cannot use the format "htm": expected html, .* did you mean html\?/, [
        run!,
        "--format",
        "htm",
      ]],
      [
        1,
        /Cannot read \S+absent: expected a run folder or a results file but found nothing there/,
        [join(folder, "absent"), "-o", out],
      ],
      [1, /Cannot report on \S+: expected run\.json or results\.json in it but found neither/, [
        folder,
        "-o",
        out,
      ]],
      [1, /Cannot write \S+: its folder does not exist/, [
        run!,
        "-o",
        join(folder, "none", "a.html"),
      ]],
    ];
    for (const [expected, message, args] of wrong) {
      const { code, stdout, stderr } = await layermix("report", ...args);
      deepEqual([code, stdout], [expected, ""], stderr);
      match(stderr, message);
      match(stderr, /^layermix: [^\n]+\n$/);
    }
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["run1", "run2"]);
  }));
