import { deepEqual, doesNotMatch, equal, ok, rejects, throws } from "node:assert/strict";
import * as browser from "../../browser.ts";
import { fractals } from "../../lib/data/fractals.ts";
import { createAugmenter, mixingSetFromPictures } from "../../mod.ts";
import { gpuTest } from "../gpu.ts";
import { indices, optionsOf, rgba, using } from "./create_augmenter_fixture.ts";

gpuTest("the augmenter for pages gives the pixels of createAugmenter()", async (gpu) => {
  for (const method of browser.methodNames) {
    const options = optionsOf(gpu, method);
    await using(options, async (augmenter) => {
      const expected = await (await augmenter.augment(rgba, indices, 3)).read();
      using same = await browser.createAugmenter(options);
      deepEqual(await (await same.augment(rgba, indices, 3)).read(), expected, method);
    });
  }
});

gpuTest("its built-in mixing set is that of createAugmenter()", async (gpu) => {
  const options = optionsOf(gpu, "layermix", { mixing: "fractals" });
  const draws = await Promise.all([createAugmenter, browser.createAugmenter].map(async (create) => {
    using augmenter = await create(options);
    return [...await (await augmenter.augment(rgba, indices, 3)).read()];
  }));
  deepEqual(draws[1], draws[0]);
});

gpuTest("it refuses a folder, and says what to do", async (gpu) => {
  await rejects(browser.createAugmenter(optionsOf(gpu, "pixmix", { mixing: "some/folder" })), {
    name: "RangeError",
    message: 'Cannot open the mixing set some/folder here: expected "fractals" or pictures; ' +
      "read a folder with readMixingSet() first",
  });
});

Deno.test("mixingPictures() packs as mixingSetFromPictures() does", () => {
  const named = fractals(3, 24, 1);
  const { count, widths, heights, offsets, rgba } = mixingSetFromPictures(named, 20);
  const pictures = named.map(({ picture }) => picture);
  const packed = browser.mixingPictures(pictures, 20);
  deepEqual(packed, { count, widths, heights, offsets, rgba });
  const strip = { width: 33, height: 1, rgba: new Uint8Array(132) };
  throws(() => browser.mixingPictures([strip], 20), /mixing picture 0.*33x1/);
});

Deno.test("browser.ts bundles into one script of less than 128 KiB without Node's modules", async () => {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--minify", "browser.ts"],
    cwd: new URL("../../", import.meta.url),
    stderr: "inherit",
  }).output();
  ok(success);
  const script = new TextDecoder().decode(stdout);
  doesNotMatch(script, /["'](node|npm):|\brequire\(/);
  // What there is of Deno is asked for only where it is.
  const asked = new Set(script.match(/\bDeno\.\w+/g));
  equal([...asked].sort().join(), "Deno.build,Deno.env");
  ok(script.length < 2 ** 17, `it has ${script.length} bytes`);
});
