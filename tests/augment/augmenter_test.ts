import { deepEqual, ok, throws } from "node:assert/strict";
import { type AugmentOptions, recordAugment } from "../../lib/augment/augmenter.ts";
import { methods } from "../../lib/augment/methods.ts";
import type { MixingPictures } from "../../lib/augment/mixing.ts";
import { identityPlan, type PicturePlan } from "../../lib/augment/plan.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { bytes, cases, distance, mixingSet, planOf } from "./fixture.ts";

const options: AugmentOptions = {
  method: "layermix",
  ...methods.layermix.defaults,
  seed: 11,
  width: 32,
  height: 32,
  padding: 4,
  batch: 8,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

/** A picture of smooth color and noise, a function of its index alone. */
function picture(index: number, width = 32, height = 32): Uint8Array<ArrayBuffer> {
  const stream = new Stream(5, 99, index);
  const slopes = Array.from({ length: 8 }, () => 6 * stream.uniform());
  return new Uint8Array(4 * width * height).map((_, i) => {
    const c = i % 4, x = (i >> 2) % width, y = Math.floor((i >> 2) / width);
    return c === 3 ? 255 : (slopes[c]! * x + slopes[c + 4]! * y + 40 * stream.uniform()) % 256;
  });
}

const mixing = mixingSet([100, 101, 102].map((index) => picture(index, 36, 40)), 36, 40);

function join(pictures: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(4096 * pictures.length);
  pictures.forEach((one, i) => all.set(one, 4096 * i));
  return all;
}

/** Records, compiles, and runs batches of pictures one after another; the output of each. */
async function run(
  gpu: Gpu,
  changes: Partial<AugmentOptions>,
  batches: { pictures: Uint8Array[]; plans?: PicturePlan[]; indices?: number[]; epoch?: number }[],
  set: MixingPictures | undefined = mixing,
): Promise<Float32Array[][]> {
  const tape = new Tape(gpu), chosen = { ...options, ...changes };
  const augmenter = recordAugment(tape, chosen, set);
  const program = await tape.compile();
  const outputs = [];
  for (const { pictures, indices = [], epoch = 0, plans } of batches) {
    augmenter.upload(gpu, join(pictures), plans ?? augmenter.plan(indices, epoch));
    program.run();
    const all = await readFloats(gpu, augmenter.output.data);
    outputs.push(pictures.map((_, i) => all.slice(4096 * i, 4096 * (i + 1))));
  }
  program.destroy();
  return outputs;
}

gpuTest("crop and flip agree with the golden pictures", async (gpu) => {
  const source = bytes("resize", "small_u8");
  for (const { name, params, output } of cases("padcrop/")) {
    const { top, left, flip } = params;
    const plans = source.map((_, i) => ({ ...planOf([], i), crop: { top, left, flip } }));
    const [found] = await run(gpu, { method: "baseline" }, [{ pictures: source, plans }]);
    for (const [i, expected] of bytes("resize", output as string).entries()) {
      const scaled = Float32Array.from(expected, (v, at) => at % 4 === 3 ? 0 : v / 255);
      ok(distance(found![i]!, scaled) < 1e-7, name);
    }
  }
});

gpuTest(
  "the identity plan gives the normalised picture, at any method and padding",
  async (gpu) => {
    const mean = [0.485, 0.456, 0.406] as const, std = [0.229, 0.224, 0.225] as const;
    const one = picture(1);
    const expected = Float32Array.from(
      one,
      (v, i) => i % 4 === 3 ? 0 : (v / 255 - mean[i % 4]!) / std[i % 4]!,
    );
    for (const [method, padding] of [["layermix", 4], ["baseline", 4], ["baseline", 0]] as const) {
      const plans = [identityPlan(1, padding)];
      const [found] = await run(gpu, { method, padding, mean, std }, [{ pictures: [one], plans }]);
      ok(distance(found![0]!, expected) < 1e-6, `${method} ${padding}`);
    }
  },
);

gpuTest("a picture becomes the same in any batch, order and batch size", async (gpu) => {
  const indices = [0, 1, 2, 3, 4, 5, 6, 7], some = [6, 2, 5];
  const of = (list: number[]) => ({
    pictures: list.map((i) => picture(i)),
    indices: list,
    epoch: 2,
  });
  const [all] = await run(gpu, {}, [of(indices)]);
  const [few, reversed] = await run(gpu, {}, [of(some), of(indices.toReversed())]);
  const [small] = await run(gpu, { batch: 3 }, [of(some)]);
  for (const [place, index] of some.entries()) {
    deepEqual(few![place], all![index]);
    deepEqual(small![place], all![index]);
  }
  deepEqual(reversed!.toReversed(), all);
});

gpuTest("a replay gives the same bits, also after a part of a batch", async (gpu) => {
  const full = {
    pictures: Array.from({ length: 8 }, (_, i) => picture(i)),
    indices: [0, 1, 2, 3, 4, 5, 6, 7],
  };
  const part = { pictures: [picture(20)], indices: [20] };
  const [first, second, , again] = await run(gpu, {}, [full, full, part, full]);
  deepEqual(second, first);
  deepEqual(again, first);
});

gpuTest("a part of a batch leaves zeros in the other places, of both methods", async (gpu) => {
  for (const method of ["layermix", "baseline"] as const) {
    const tape = new Tape(gpu);
    const augmenter = recordAugment(tape, { ...options, method, batch: 3 }, mixing);
    const program = await tape.compile();
    for (const indices of [[0, 1, 2], [3]]) {
      const pictures = join(indices.map((i) => picture(i)));
      augmenter.upload(gpu, pictures, augmenter.plan(indices, 0));
      program.run();
    }
    const found = await readFloats(gpu, augmenter.output.data);
    ok(found.subarray(0, 4096).some((value) => value !== 0));
    ok(found.subarray(4096).every((value) => value === 0), method);
    program.destroy();
  }
});

gpuTest("LayerMix of many pictures stays in [0, 1] and differs from the baseline", async (gpu) => {
  const indices = Array.from({ length: 64 }, (_, i) => i);
  const pictures = indices.map((i) => picture(i % 8));
  const batches = [0, 1, 2, 3].map((epoch) => ({ pictures, indices, epoch }));
  const mixed = (await run(gpu, { batch: 64, magnitude: 10 }, batches)).flat();
  const plain = (await run(gpu, { batch: 64, method: "baseline" }, batches)).flat();
  ok(mixed.every((one) => one.every((value) => value >= 0 && value <= 1)));
  const same = mixed.filter((one, i) => distance(one, plain[i]!) === 0).length;
  ok(same < 8, `${same} of ${mixed.length} unchanged`);
});

gpuTest("recordAugment() refuses what cannot work", (gpu) => {
  const refuse = (changes: Partial<AugmentOptions>, message: RegExp, set?: MixingPictures) =>
    throws(() => recordAugment(new Tape(gpu), { ...options, ...changes }, set), message);
  refuse({}, /needs a mixing set/);
  refuse({ batch: 0 }, /batch/, mixing);
  refuse({ magnitude: 11 }, /magnitude in \(0, 10\] but found 11/, mixing);
  refuse({ std: [1, 0, 1] }, /std/, mixing);
  refuse({ width: 38 }, /at least 38 × 32 pixels but found 36 × 40/, mixing);
  const rgba = { byteLength: 2 ** 40 } as Uint8Array;
  refuse({}, /takes? .* binds at most/, { ...mixing, rgba });
  const augmenter = recordAugment(new Tape(gpu), options, mixing);
  const plans = augmenter.plan([1, 2], 0);
  throws(() => augmenter.upload(gpu, new Uint8Array(5), plans), /expected 8192 bytes but found 5/);
  return Promise.resolve();
});
