import assert from "node:assert/strict";
import { join } from "node:path";
import { readCheckpoint } from "../../lib/checkpoint/checkpoint.ts";
import type { TrainFlags } from "../../lib/train/flags.ts";
import { layermix, run, runUntil, traces, TRAIN, trainArgs, withPlace } from "./fixture.ts";
import { mounted } from "./train_on.ts";

const flags = { method: "baseline" } as const;

/** The device that `work` opens, destroyed when `moment` is called, as a driver's reset does. */
async function losingDevice(work: (lose: () => void) => Promise<unknown>): Promise<unknown> {
  const { requestDevice } = GPUAdapter.prototype;
  let device: GPUDevice | undefined;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    return device = await requestDevice.call(this, descriptor);
  };
  try {
    return await work(() => device!.destroy()).then(() => "no error", (error) => error);
  } finally {
    GPUAdapter.prototype.requestDevice = requestDevice;
  }
}

Deno.test({
  name: "a lost device ends a run with one line, and the run resumes to the same bits",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    withPlace(async (place) => {
      await run(place, "straight", { flags });
      const error = await losingDevice((lose) => {
        const step = ({ pictures }: { pictures: number }) => void (pictures === 24 && lose());
        return run(place, "lost", { flags, saveEvery: 2, observer: { step } });
      });
      assert.match(String(error), /^GpuError: [^\n]*(lost|destroyed)[^\n]*$/i);
      const { header } = await readCheckpoint(place.path("lost/last.safetensors"));
      assert.equal(header!.progress.step, 2);
      await run(place, "lost", { flags, resume: true });
      assert.deepEqual(await traces(place.path("lost")), await traces(place.path("straight")));
    }),
});

Deno.test("a disk that fills up leaves the checkpoint before, and the run resumes", async (t) =>
  await withPlace(async (place) => {
    const disk = place.path("disk");
    if (!await mounted(disk, 2048)) {
      await t.step({ name: "skipped: mounting is not allowed here", ignore: true, fn() {} });
      return;
    }
    try {
      await run(place, "straight", { flags });
      await runUntil(place, "disk/run", { pictures: 16 }, { flags });
      const last = place.path("disk/run/last.safetensors");
      const before = await Deno.readFile(last);
      const filling = join(disk, "filling");
      const free = 2048 * 1024 - [...Deno.readDirSync(join(disk, "run"))]
        .reduce((sum, { name }) => sum + Deno.statSync(join(disk, "run", name)).size, 0);
      await Deno.writeFile(filling, new Uint8Array(free - before.length / 2));
      await assert.rejects(
        () => run(place, "disk/run", { flags, resume: true }),
        /^CheckpointError: Cannot write [^\n]*: the disk is full[^\n]*$/,
      );
      assert.deepEqual(await Deno.readFile(last), before);
      await Deno.remove(filling);
      await run(place, "disk/run", { flags, resume: true });
      assert.deepEqual(await traces(place.path("disk/run")), await traces(place.path("straight")));
    } finally {
      await new Deno.Command("umount", { args: [disk] }).output();
    }
  }));

Deno.test("other flags than a run began with are refused, and taken and recorded by force", () =>
  withPlace(async (place) => {
    await runUntil(place, "run", { epoch: 1, tested: 20 }, { flags });
    const given = { ...flags, learningRate: 0.02, batchSize: 11 };
    await assert.rejects(
      () => run(place, "run", { flags: given, resume: true }),
      /expected --batch-size 8, --learning-rate 0.1, .* found --batch-size 11, --learning-rate 0.02/,
    );
    const { progress } = await run(place, "run", { flags: given, resume: true, force: true });
    assert.deepEqual([progress.step, progress.epoch], [8, 2]);
    const json = JSON.parse(await Deno.readTextFile(place.path("run/run.json")));
    assert.deepEqual([json.flags.learningRate, json.flags.batchSize], [0.02, 11]);
    assert.deepEqual(json.changes, [{
      step: 4,
      flags: [
        { flag: "--batch-size", before: 8, now: 11 },
        { flag: "--learning-rate", before: 0.1, now: 0.02 },
      ],
    }]);
    const forced = (changes: Partial<TrainFlags>) =>
      run(place, "run", { flags: { ...given, ...changes }, resume: true, force: true });
    await assert.rejects(
      () => forced({ layers: 16 }),
      /expected a network with layers 16 but found 10/,
    );
    await assert.rejects(
      () => forced({ epochs: 1 }),
      /expected at least the 2 epochs that are done but found --epochs 1$/,
    );
  }));

Deno.test("batches and data of another size are taken by force between epochs alone", () =>
  withPlace(async (place) => {
    const method = "baseline";
    const forced = (name: string, flags: Partial<TrainFlags>) =>
      run(place, name, { flags: { method, ...flags }, resume: true, force: true });
    await runUntil(place, "within", { pictures: 16 }, { flags: { method } });
    await assert.rejects(
      () => forced("within", { batchSize: 16 }),
      /expected a checkpoint between two epochs, .* but found one after 16 pictures of epoch 1; /,
    );
    await run(place, "between", { flags: { method, epochs: 1, holdout: 0 } });
    // With fewer pictures an epoch has fewer steps: the second begins where it should.
    const { progress } = await forced("between", { epochs: 2, holdout: 16 });
    const perEpoch = Math.ceil((TRAIN - 16) / 8);
    assert.deepEqual([progress.epoch, progress.step], [2, 2 * perEpoch]);
  }));

Deno.test("a recipe sets the published flags, and others override it", () =>
  withPlace(async (place) => {
    const small = trainArgs({ ...place, flags: { ...place.flags, epochs: 1 } }, "run");
    const { code, stderr } = await layermix(...small, "--recipe", "pixmix-cifar", "--quiet");
    assert.deepEqual([code, stderr], [0, ""]);
    const { flags } = JSON.parse(await Deno.readTextFile(place.path("run/run.json")));
    assert.deepEqual(
      [flags.method, flags.ops, flags.allOps, flags.layers, flags.epochs],
      ["pixmix", "pil", true, 10, 1],
    );
    const refused = await layermix("train", "cifar", "--recipe", "best");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /layermix-cifar, pixmix-cifar/);
  }));
