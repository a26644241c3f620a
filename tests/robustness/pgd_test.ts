import assert from "node:assert/strict";
import { shapes } from "../../lib/data/shapes.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import type { ModelOptions } from "../../lib/models/model.ts";
import { Parameters, toStored } from "../../lib/nn/parameters.ts";
import { type Attack, pgdDefaults, type PgdOptions, recordPgd } from "../../lib/robustness/pgd.ts";
import { recordPredictor } from "../../lib/robustness/predict.ts";
import { evaluateLogits } from "../../lib/robustness/classification.ts";
import { golden } from "../golden.ts";
import { gpuTest } from "../gpu.ts";
import { fromChannelsLast, toChannelsLast } from "../layout.ts";

const model: ModelOptions = { name: "wrn", layers: 10, widenFactor: 1, dropRate: 0, classes: 10 };
const size = { width: 32, height: 32 };
/** WRN-10-1 after three steps in PyTorch, and what its attack in float64 finds. */
const network = golden("wide_resnet");
const attacked = golden("pgd");
const x = network.get("x32_01")!.data as Float32Array;
const labels = network.get("wrn10_1_c10/labels")!.data as Int32Array;
const shape = [4, 3, 32, 32];

async function withAttack(
  gpu: Gpu,
  options: Partial<PgdOptions>,
  use: (tools: {
    attack: Attack;
    parameters: Parameters;
    set: (which: "clean" | "center" | "current", values: Float32Array) => void;
    read: () => Promise<Float32Array<ArrayBuffer>>;
  }) => Promise<void>,
  batch = 4,
): Promise<void> {
  const parameters = new Parameters(true);
  const recorded = recordPgd(gpu, parameters, model, size, batch, { ...pgdDefaults, ...options });
  parameters.allocate(gpu);
  const state = (name: string) =>
    network.get(`wrn10_1_c10/sgd3/state/${name}`)!.data as Float32Array;
  for (const { name, shape, data } of parameters.parameters) {
    write(gpu, data, toStored(state(name), shape));
  }
  for (const { name, data } of parameters.statistics) {
    write(gpu, data, state(name) as BufferSource);
  }
  const attack = await recorded.compile();
  try {
    const { regions } = recorded;
    await use({
      attack,
      parameters,
      set: (which, values) => write(gpu, regions[which], toChannelsLast(values, shape)),
      read: async () => fromChannelsLast(await readFloats(gpu, regions.current), shape),
    });
  } finally {
    attack.destroy();
    parameters.destroy();
  }
}

/** Stands for pictures that the test sends itself, with more precision than bytes have. */
const unsent = { ...size, count: 4, rgba: new Uint8Array(4 * 4096), labels, first: 0, seed: 0 };

function near(actual: Float32Array, name: string, shareEqual: number, logits: Float32Array): void {
  const expected = attacked.get(`wrn10_1_c10/${name}/adv01`)!.data as Float32Array;
  const equal = expected.filter((value, i) => Math.abs(value - actual[i]!) <= 1e-5).length;
  assert(equal >= shareEqual * expected.length, `${equal} of ${expected.length} are equal`);
  const answers = fromChannelsLast(logits, [4, 10]);
  const wanted = attacked.get(`wrn10_1_c10/${name}/logits`)!.data as Float32Array;
  const far = Math.max(...answers.map((value, i) => Math.abs(value - wanted[i]!)));
  assert(far <= 0.05, `logits are off by ${far}`);
}

for (const steps of [1, 3]) {
  gpuTest(
    `${steps} steps from the clean picture equal PyTorch's in float64`,
    (gpu) =>
      withAttack(gpu, {}, async ({ attack, set, read }) => {
        attack.begin(unsent);
        for (const which of ["clean", "center", "current"] as const) set(which, x);
        for (let i = 0; i < steps; i++) attack.step();
        near(await read(), `pgd${steps}`, 0.99, await attack.answers(4));
      }),
  );
}

for (
  const [center, name] of [["clean", "correct"], ["start", "reference_shared_centre"]] as const
) {
  gpuTest(
    `5 steps from a noisy start, around the ${center}, equal PyTorch's in float64`,
    (gpu) =>
      withAttack(gpu, { center }, async ({ attack, set, read }) => {
        const noise = attacked.get("wrn10_1_c10/pgd5_noise/noise")!.data as Float32Array;
        const start = x.map((value, i) => value + noise[i]!);
        attack.begin(unsent);
        set("clean", x);
        set("center", center === "start" ? start : x);
        set("current", start);
        for (let i = 0; i < 5; i++) attack.step();
        near(await read(), `pgd5_noise/${name}`, 0.97, await attack.answers(4));
      }),
  );
}

const pictures = { ...shapes("test", 4, 3), first: 7, seed: 5 };
const clean01 = fromChannelsLast(
  Float32Array.from(pictures.rgba, (v, i) => i % 4 === 3 ? 0 : v / 255),
  shape,
);
/** The largest distance of any channel from the clean picture. */
const distance = (values: Float32Array) =>
  values.reduce((most, value, i) => Math.max(most, Math.abs(value - clean01[i]!)), 0);
const lossOf = (logits: Float32Array) => evaluateLogits(logits, pictures.labels, 10, 12).loss;

for (const center of ["clean", "start"] as const) {
  const reach = (center === "clean" ? 1 : 2) * pgdDefaults.eps;
  gpuTest(
    `an attack around the ${center} stays within ${reach} and [0, 1], and the loss rises`,
    (gpu) =>
      withAttack(gpu, { center }, async ({ attack, read }) => {
        attack.begin(pictures);
        const noisy = distance(await read());
        assert(noisy > 0.99 * pgdDefaults.eps && noisy <= pgdDefaults.eps + 1e-6, `${noisy}`);
        const losses = [lossOf(await attack.answers(4))];
        for (let i = 0; i < 20; i++) attack.step();
        losses.push(lossOf(await attack.answers(4)));
        const found = await read();
        assert(found.every((value) => value >= 0 && value <= 1));
        const far = distance(found);
        assert(far > 0.9 * reach && far <= reach + 1e-6, `${far}`);
        assert(losses[1]! > losses[0]!, losses.join());
      }),
  );
}

gpuTest("logits() depend on picture, seed and number alone, not on the batch", async (gpu) => {
  const found: Float32Array[] = [];
  const options = { steps: 2 };
  const all = (attack: Attack, more = {}) => attack.logits({ ...pictures, ...more });
  await withAttack(gpu, options, async ({ attack }) => {
    const told: number[] = [];
    found.push((await attack.logits(pictures, (done) => told.push(done) > 0))!);
    assert.deepEqual(told, [4]);
    assert.notDeepEqual(await all(attack, { seed: 6 }), found[0]);
    assert.notDeepEqual(await all(attack, { first: 8 }), found[0]);
    assert.equal(await attack.logits(pictures, () => false), undefined);
  });
  await withAttack(gpu, options, async ({ attack }) => {
    found.push((await all(attack))!);
  }, 3);
  assert.deepEqual(found[1], found[0]);
});

gpuTest(
  "no attack leaves the answers of evaluation, and 20 steps raise the loss more than 1",
  (gpu) =>
    withAttack(gpu, { eps: 0, step_size: 0 }, async ({ attack, parameters }) => {
      const recorded = recordPredictor(gpu, parameters, model, pictures, 4);
      const predictor = await recorded.compile();
      const plain = (await predictor.logits(pictures))!;
      const unmoved = (await attack.logits(pictures))!;
      const largest = Math.max(...plain.map(Math.abs));
      plain.forEach((value, i) => assert(Math.abs(value - unmoved[i]!) < 1e-4 * largest));
      predictor.destroy();
      const losses: number[] = [];
      for (const steps of [1, 20]) {
        await withAttack(gpu, { steps }, async ({ attack }) => {
          losses.push(lossOf((await attack.logits(pictures))!));
        });
      }
      assert(losses[1]! > losses[0]!, losses.join());
    }),
);

gpuTest("a frozen network's attack makes no gradients of weights", (gpu) => {
  const kernels = (parameters: Parameters) =>
    recordPgd(gpu, parameters, model, size, 4, pgdDefaults).tape.finish().map((one) => one.kernel);
  const frozen = kernels(new Parameters(true)), trained = kernels(new Parameters());
  assert(trained.length >= frozen.length + 12);
  assert.deepEqual(frozen.filter((name) => /weight_gradient|bias_backward/.test(name)), []);
});
