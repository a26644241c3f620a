import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { readCheckpoint } from "../../lib/checkpoint/checkpoint.ts";
import { encodeSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { evaluateCifar, type EvaluateOptions } from "../../lib/robustness/evaluate_cifar.ts";
import { type Place, run, TEST, withPlace, writeCifar } from "../train/fixture.ts";
import { schemaErrors } from "./schema.ts";
import { scripted } from "../tune/fixture.ts";

/** Calls `test` with the last checkpoint of a short run, and a function that evaluates files. */
function withTrained(
  test: (
    place: Place,
    file: string,
    evaluate: (
      checkpoint: string,
      more?: Partial<EvaluateOptions>,
    ) => ReturnType<typeof evaluateCifar>,
  ) => Promise<void>,
): Promise<void> {
  return withPlace(async (place) => {
    await run(place, "run", { flags: { method: "baseline", epochs: 1 } });
    const options = { suites: ["clean"] as const, dataPath: place.data, batchSize: 7 };
    await test(
      place,
      join(place.path("run"), "last.safetensors"),
      (checkpoint, more) => evaluateCifar({ ...options, checkpoint, ...more }),
    );
  });
}

/** Writes the file's tensors whose names match, as PyTorch would save them, with other names too. */
async function writePlain(from: string, to: string, keep: RegExp): Promise<void> {
  const { tensors } = await readCheckpoint(from);
  for (const name of tensors.keys()) if (!keep.test(name)) tensors.delete(name);
  await Deno.writeFile(to, encodeSafetensors(tensors, { format: "pt" }));
}

Deno.test("evaluateCifar() gives the figures of the run's log, and says what they are of", () =>
  withTrained(async (place, file, evaluate) => {
    const told: unknown[] = [];
    const results = await evaluate(file, { progress: (state) => told.push(state) });
    const log = await Deno.readTextFile(join(place.path("run"), "log.jsonl"));
    const { test_error, test_loss } = JSON.parse(log.trim());
    const { clean } = results.suites;
    assert.equal(clean!.error, test_error);
    assert.equal(clean!.loss, test_loss);
    const figures = [
      "error",
      "top5_error",
      "loss",
      "rms",
      "rms_reference",
      "mad",
      "aurra",
      "soft_f1",
    ];
    assert.deepEqual(
      Object.keys(clean!).sort(),
      [...figures, "count", "error_interval", "reliability"].sort(),
    );
    for (const name of figures) assert(Number.isFinite(clean![name as "error"]), name);
    assert.equal(clean!.count, TEST);
    assert.equal(schemaErrors(results), "");
    const sha256 = createHash("sha256").update(await Deno.readFile(file)).digest("hex");
    assert.deepEqual(results.checkpoint, {
      file,
      sha256,
      header: (await readCheckpoint(file)).header,
    });
    const runJson = JSON.parse(await Deno.readTextFile(join(place.path("run"), "run.json")));
    const { fingerprint } = runJson.data.test;
    const data = { dataset: "cifar10", path: place.data, count: TEST, fingerprint, missing: [] };
    assert.deepEqual(results.data, data);
    assert.deepEqual(results.model, runJson.settings.model);
    assert.deepEqual(results.adapter, runJson.adapter);
    assert.equal(new Date(results.date).toISOString(), results.date);
    assert.deepEqual(told.at(-1), {
      ...{ suite: "clean", name: "", done: TEST, count: TEST, before: 0 },
    });
    const { settings } = runJson;
    assert.deepEqual(results.measured, {
      ...{ model: "WRN-10-1", weights: "averaged", checkpoint_sha256: sha256 },
      ...{ method: "baseline", ops: null, jsd: false, gray_mixing: null },
      ...{ epochs: 1, seed: settings.seed },
      alexnet_errors: results.measured.alexnet_errors,
    });
  }));

Deno.test("evaluateCifar() takes a plain PyTorch state_dict once it knows the architecture", () =>
  withTrained(async (place, file, evaluate) => {
    const plain = place.path("plain.safetensors");
    await writePlain(file, plain, /^(?!optimizer)/);
    const { suites: { clean } } = await evaluate(file);
    const shape = { model: "wrn", layers: 10, widenFactor: 1 } as const;
    const results = await evaluate(plain, { dataset: "cifar10", ...shape });
    assert.deepEqual(results.suites.clean, clean);
    assert.equal(results.checkpoint.header, undefined);
    await assert.rejects(
      () => evaluate(plain, shape),
      /^CheckpointError: .*it does not name its data set; give --dataset$/,
    );
    await assert.rejects(
      () => evaluate(plain, { dataset: "cifar10", layers: 10 }),
      /^CheckpointError: .*give --model, and for wrn --layers and --widen-factor$/,
    );
    await assert.rejects(
      () => evaluate(plain, { dataset: "cifar10", ...shape, layers: 16 }),
      /expected the network's 69 tensors but found 30 missing \(block1\.layer\.1\.bn1\.weight, /,
    );
    await writePlain(file, plain, /^fc/);
    await assert.rejects(
      () => evaluate(plain, { dataset: "cifar10", ...shape }),
      /39 tensors but found 37 missing \(conv1\.weight, /,
    );
  }));

Deno.test("evaluateCifar() refuses another architecture before it tunes", () =>
  withTrained(async (_place, file, evaluate) => {
    const timer = scripted({});
    const tune = { folder: "", timer };
    await assert.rejects(
      () => evaluate(file, { layers: 16, tune }),
      /with layers 16 but found 10$/,
    );
    assert.deepEqual(timer.calls, []);
  }));

Deno.test("evaluateCifar() refuses data or an architecture that is not the checkpoint's", () =>
  withTrained(async (place, file, evaluate) => {
    await writeCifar(place.path("cifar100"), 100);
    await assert.rejects(
      () => evaluate(file, { dataset: "cifar100", dataPath: place.path("cifar100") }),
      /^CheckpointError: .*expected a network with classes 100 but found 10$/,
    );
    await assert.rejects(
      () => evaluate(file, { layers: 16 }),
      /^CheckpointError: .*expected a network with layers 16 but found 10$/,
    );
    await assert.rejects(
      () => evaluate(file, { dataPath: undefined }),
      /^DataError: .*give the folder of its files with --data-path$/,
    );
  }));
