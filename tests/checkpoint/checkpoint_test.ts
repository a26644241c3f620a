import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  type CheckpointHeader,
  readCheckpoint,
  restore,
  saveCheckpoint,
} from "../../lib/checkpoint/checkpoint.ts";
import { NotFiniteError } from "../../lib/checkpoint/error.ts";
import { readState } from "../../lib/checkpoint/network_state.ts";
import { encodeSafetensors } from "../../lib/checkpoint/safetensors.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { write } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { type ModelOptions, recordModel } from "../../lib/models/model.ts";
import { initialize } from "../../lib/nn/initialize.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { withFolder } from "../data/folder.ts";
import { gpuTest } from "../gpu.ts";
import { digest, digests } from "../train/fixture.ts";

const model: ModelOptions = { name: "wrn", layers: 10, widenFactor: 1, dropRate: 0, classes: 10 };

const header: CheckpointHeader = {
  dataset: "cifar10",
  classes: ["a", "ä", '"'],
  width: 32,
  height: 32,
  model,
  settings: { seed: 1 },
  progress: { step: 12, epoch: 3 },
};

function parametersOf(gpu: Gpu): Parameters {
  const tape = new Tape(gpu, false);
  const parameters = new Parameters();
  const network = { tape, step: tape.region("step", 16), parameters, training: false };
  recordModel(network, tape.tensor("pictures", [1, 32, 32, 3]), model);
  parameters.allocate(gpu);
  initialize(gpu, parameters, 5);
  return parameters;
}

gpuTest(
  "a saved checkpoint comes back with its header and every bit",
  (gpu) =>
    withFolder(async (folder) => {
      const file = join(folder, "a.safetensors");
      const [saved, restored] = [parametersOf(gpu), parametersOf(gpu)];
      write(gpu, restored.buffers.values, new Float32Array(restored.buffers.values.bytes / 4));
      await saveCheckpoint(gpu, saved, file, header);
      const checkpoint = await readCheckpoint(file);
      assert.deepEqual(checkpoint.header, header);
      const bytes = await Deno.readFile(file);
      assert.equal(checkpoint.sha256, createHash("sha256").update(bytes).digest("hex"));
      restore(gpu, restored, checkpoint, model);
      assert.deepEqual(
        digests(await readState(gpu, restored, 12)),
        digests(await readState(gpu, saved, 12)),
      );
      assert.equal(checkpoint.tensors.get("bn1.num_batches_tracked")!.data[0], 12n);
      await saveCheckpoint(gpu, restored, join(folder, "b"), header);
      assert.equal(digest(await Deno.readFile(join(folder, "b"))), digest(bytes));
      for (const parameters of [saved, restored]) parameters.destroy();
    }),
);

gpuTest(
  "saveCheckpoint() refuses numbers that are not finite, and leaves the old file",
  (gpu) =>
    withFolder(async (folder) => {
      const file = join(folder, "a.safetensors");
      const parameters = parametersOf(gpu);
      await saveCheckpoint(gpu, parameters, file, header);
      const old = digest(await Deno.readFile(file));
      const [conv1] = parameters.parameters;
      const mean = parameters.statistics[0]!;
      const cases = [
        [conv1!.data, NaN, "conv1.weight"],
        [conv1!.momentum, -Infinity, "optimizer.momentum.conv1.weight"],
        [mean.data, Infinity, mean.name],
      ] as const;
      for (const [region, value, name] of cases) {
        write(gpu, region, new Float32Array([value]));
        await assert.rejects(
          () => saveCheckpoint(gpu, parameters, file, header),
          new NotFiniteError(file, name),
        );
        write(gpu, region, new Float32Array([0]));
        assert.equal(digest(await Deno.readFile(file)), old);
      }
      assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["a.safetensors"]);
      parameters.destroy();
    }),
);

gpuTest("restore() names how the architectures differ", (gpu) =>
  withFolder(async (folder) => {
    const file = join(folder, "a.safetensors");
    const parameters = parametersOf(gpu);
    await saveCheckpoint(gpu, parameters, file, header);
    const checkpoint = await readCheckpoint(file);
    for (const [field, value] of Object.entries({ layers: 16, widenFactor: 2, classes: 100 })) {
      assert.throws(() => restore(gpu, parameters, checkpoint, { ...model, [field]: value }), {
        name: "CheckpointError",
        message: `Cannot load ${file}: expected a network with ${field} ${value} but found ${
          model[field as keyof ModelOptions]
        }`,
      });
    }
    restore(gpu, parameters, checkpoint, { ...model, dropRate: 0.5 });
    parameters.destroy();
  }));

Deno.test("readCheckpoint() reads files without a header, and refuses damaged ones", () =>
  withFolder(async (folder) => {
    const file = join(folder, "a.safetensors");
    const tensors = new Map([
      ["x", { dtype: "F32" as const, shape: [2], data: Float32Array.of(1, 2) }],
    ]);
    await Deno.writeFile(file, encodeSafetensors(tensors, { format: "pt" }));
    const checkpoint = await readCheckpoint(file);
    assert.equal(checkpoint.header, undefined);
    assert.deepEqual(checkpoint.tensors, tensors);
    const { progress: _, ...cut } = header;
    const damaged = [
      "{",
      "{}",
      "null",
      JSON.stringify(cut),
      JSON.stringify({ ...header, width: "" }),
    ];
    for (const text of damaged) {
      await Deno.writeFile(file, encodeSafetensors(tensors, { header: text }));
      await assert.rejects(() => readCheckpoint(file), {
        name: "CheckpointError",
        message: /^Cannot read .*: expected a layermix header but found a damaged one \(.*\)$/,
      });
    }
    await assert.rejects(
      () => readCheckpoint(join(folder, "none")),
      /Cannot read .*none: expected a safetensors file but found nothing there$/,
    );
    await assert.rejects(() => readCheckpoint(folder), /^CheckpointError: Cannot read [^\n]*$/);
  }));

Deno.test("readCheckpoint() refuses a header without settings, or of an endless network", () =>
  withFolder(async (folder) => {
    const file = join(folder, "a.safetensors");
    const models = [{ layers: 1200004 }, { widenFactor: 0 }, { widenFactor: -1 }, { classes: 1e9 }];
    const changes = models.map((change) => ({ model: { ...model, ...change } }));
    for (const change of [...changes, { settings: null }]) {
      const lying = JSON.stringify({ ...header, ...change });
      await Deno.writeFile(file, encodeSafetensors(new Map(), { header: lying }));
      await assert.rejects(
        () => readCheckpoint(file),
        /damaged one \(a field is missing or out of range\)$/,
      );
    }
  }));
