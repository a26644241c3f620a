import { deepEqual, fail, match, ok } from "node:assert/strict";
import { shapes } from "../../lib/data/shapes.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { inPrecision } from "../../lib/gpu/half.ts";
import { Tuning } from "../../lib/gpu/tuning.ts";
import { modelNames, models } from "../../lib/models/model.ts";
import { completed, settingsOf, type TrainFlags } from "../../lib/train/flags.ts";
import { recordTraining } from "../../lib/train/recorded_step.ts";
import { withFolder } from "../data/folder.ts";
import { describedGpu } from "../gpu.ts";
import { type BrowserPage, findChromium, withChromium } from "../report/chromium.ts";
import { hasAdapter, webgpu } from "./adapter.ts";

const chromium = await findChromium();
const pictures = {
  data: shapes("train", 1, 1),
  mixing: {
    ...{ count: 1, widths: Uint32Array.of(36), heights: Uint32Array.of(36) },
    cut: () => fail("nothing is to be read"),
  },
};

/** The WGSL of training and evaluating a network, by the name of a kernel that it has. */
function shadersOf(gpu: Gpu, flags: Partial<TrainFlags>): [name: string, code: string][] {
  const settings = settingsOf(completed({ dataset: "shapes", batchSize: 4, ...flags }), 100);
  const { tape, evaluation } = recordTraining(gpu, new Tuning(), settings, pictures);
  return [...tape.finish(), ...evaluation.tape.finish()].map(inPrecision)
    .map(({ kernel, code }) => [kernel, code]);
}

/**
 * The WGSL of all networks, methods and precisions, on processors and on GPUs, with the names of
 * their kernels; one of those that differ in numbers alone.
 */
function allShaders(): [name: string, code: string][] {
  const flags: Partial<TrainFlags>[] = [
    ...modelNames.map((model) => ({ model, layers: models[model].layers })),
    { precision: "f16", jsd: true, method: "augmix" },
    { method: "pixmix", emaDecay: 0.9, labelSmoothing: 0.1 },
    { method: "cutmix", precision: "f16", emaDecay: 0.9 },
    { method: "random_erasing", model: "imagenet_resnet18", layers: 18, precision: "f16" },
  ];
  const gpus = [true, false].map((software) => ({ ...describedGpu, software } as Gpu));
  const all = gpus.flatMap((gpu) => flags.flatMap((each) => shadersOf(gpu, each)));
  return [...new Map(all.map((shader) => [shader[1].replaceAll(/\d+/g, ""), shader])).values()];
}

/** What Chromium's compiler, which is stricter than Deno's, finds wrong. */
function errorsOf(page: BrowserPage, code: string): Promise<string[]> {
  // Its software adapter has no f16: there the name stands for f32, and the rest is checked.
  const checked = code.replace("enable f16;", "alias f16 = f32;");
  return page.evaluate(`(async () => {
    globalThis.device ??= await (await navigator.gpu.requestAdapter()).requestDevice();
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ code: ${JSON.stringify(checked)} });
    const { messages } = await module.getCompilationInfo();
    await device.popErrorScope();
    return messages.filter(({ type }) => type === "error").map((each) => each.lineNum + ": " + each.message);
  })()`);
}

Deno.test("the shaders of training and evaluation are WGSL to Chromium too", () =>
  withFolder(async (folder) => {
    if (!chromium) return console.log("skipped: there is no chromium here");
    const blank = `${folder}/blank.html`, shaders = allShaders();
    await Deno.writeTextFile(blank, "<!doctype html><title>shaders</title>");
    ok(shaders.some(([, code]) => code.startsWith("enable f16;")));
    await withChromium(chromium, async (page) => {
      await page.open(blank, 400);
      if (!await hasAdapter(page)) return;
      for (const [name, code] of shaders) {
        deepEqual(await errorsOf(page, code), [], `${name}:\n${code}`);
      }
      const [error] = await errorsOf(page, "@compute @workgroup_size(1) fn a() { b(); }");
      match(error!, /^1: unresolved call target 'b'/);
    }, webgpu);
  }));
