import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { compareRuns } from "../../lib/report/comparison/compare.ts";
import { htmlReport } from "../../lib/report/html/page.ts";
import { withFolder } from "../data/folder.ts";
import { type BrowserPage, findChromium, type Theme, withChromium } from "./chromium.ts";
import { hostileRuns, madeDescription, madeLog, madeResults, writeRun } from "./runs.ts";

const chromium = await findChromium();
if (!chromium) console.log("skipped: there is no chromium here to open reports in");

/** Writes a report of a method's two seeds, of another one and of hostile runs. */
async function writeReports(folder: string): Promise<{ plain: string; hostile: string }> {
  const seeds = [1, 2, 3];
  for (const seed of seeds) {
    const method = seed < 3 ? "layermix" : "baseline";
    await writeRun(join(folder, `run${seed}`), {
      description: madeDescription({ method, seed }),
      log: madeLog(3, 1 / seed),
      results: { "results.json": madeResults({ method, seed }) },
      files: {
        "samples.png": await Deno.readFile(new URL("../../docs/samples.png", import.meta.url)),
      },
    });
  }
  const write = async (name: string, runs: string[]) => {
    const path = join(folder, name);
    const comparison = await compareRuns(runs.map((run) => join(folder, run)));
    await Deno.writeTextFile(path, await htmlReport(comparison, "Report"));
    return path;
  };
  return {
    plain: await write("report.html", seeds.map((seed) => `run${seed}`)),
    hostile: await write("hostile.html", await hostileRuns(folder)),
  };
}

/** The width of A4 in CSS pixels, without margins of 1 cm. */
const A4 = 718;

/** Nothing was loaded but the page and the pictures in it, and the console is empty. */
function assertQuiet({ told }: BrowserPage): void {
  deepEqual(told.console, []);
  const loaded = told.requests.filter((url) => !url.startsWith("data:image/png"));
  equal(loaded.length, 1, loaded.join());
}

Deno.test({
  name:
    "a report opens in Chromium: no error, no request, whole on a phone and on a desk, in both themes",
  ignore: !chromium,
  fn: () =>
    withFolder(async (folder) => {
      const { plain, hostile } = await writeReports(folder);
      await withChromium(chromium!, async (page) => {
        for (const width of [360, 768, 1280]) {
          for (const path of [plain, hostile]) {
            await page.open(path, width);
            assertQuiet(page);
            const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
            ok(wide <= width, `${path} is ${wide} wide on a page of ${width}`);
          }
        }
        await page.open(plain, A4, { media: "print" });
        ok(await page.evaluate<number>("document.documentElement.scrollWidth") <= A4);
        await page.open(plain, 1280);
        const sizes = await page.evaluate<number[]>(
          `[...document.querySelectorAll("figure > *:last-child")].map((one) => one.getBoundingClientRect().width)`,
        );
        equal(sizes.length, 43);
        ok(sizes.every((width) => width > 100), String(sizes));
        const samples = await page.evaluate<number>("document.querySelector('img').naturalWidth");
        ok(samples > 500);
        const colors =
          "getComputedStyle(document.body).backgroundColor + getComputedStyle(document.querySelector('figure svg path[fill^=var]')).fill";
        const themes = [{ scheme: "light" }, { scheme: "dark" }, {
          scheme: "dark",
          media: "print",
        }];
        const found: string[] = [];
        for (const theme of themes as Theme[]) {
          await page.open(plain, 1280, theme);
          found.push(await page.evaluate<string>(colors));
        }
        const [light, dark, print] = found;
        notEqual(dark, light);
        equal(print, light);
      });
    }),
});

Deno.test({
  name: "nothing of a hostile run runs in Chromium, also without the policy of the page",
  ignore: !chromium,
  fn: () =>
    withFolder(async (folder) => {
      const { hostile } = await writeReports(folder);
      const text = await Deno.readTextFile(hostile);
      const bare = join(folder, "bare.html");
      await Deno.writeTextFile(bare, text.replace(/<meta http-equiv[^>]*>/, ""));
      await withChromium(chromium!, async (page) => {
        for (const path of [hostile, bare]) {
          await page.open(path, 1280);
          assertQuiet(page);
          equal(await page.evaluate<string>("typeof window.ran"), "undefined");
          equal(await page.evaluate<number>("document.scripts.length"), 0);
          ok(
            await page.evaluate<boolean>(
              "document.body.innerText.includes('<script>window.ran=1')",
            ),
          );
        }
      });
    }),
});
