import assert from "node:assert/strict";
import { readCheckpoint } from "../../lib/checkpoint/checkpoint.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { recordModel } from "../../lib/models/model.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { imageNetRecipes } from "../../lib/train/recipes.ts";
import { dictPickle, tensorPickle } from "../checkpoint/torch_fixture.ts";
import { zip } from "../checkpoint/zip_writer.ts";
import { describedGpu } from "../gpu.ts";
import { ascii } from "../pickle/values.ts";
import { withTrees, write } from "./imagenet_fixture.ts";

/** Numbers of which every tensor of the file below has as many as it needs, from a place of its own. */
const numbers = Float32Array.from(
  { length: 2_500_000 },
  (_, i) => 0.01 + (i * 7919 % 1000) / 25000,
);

/** What torchvision's resnet18 has, with 1,000 classes, in its order. */
function torchvisionTensors(): [name: string, shape: readonly number[]][] {
  const tape = new Tape(describedGpu), parameters = new Parameters();
  const network = { tape, step: tape.region("step", 16), parameters, training: true };
  const pictures = tape.tensor("pictures", [1, 64, 64, 3]);
  const size = { layers: 18, widenFactor: 1, dropRate: 0, classes: 1000 };
  recordModel(network, pictures, { name: "imagenet_resnet18", ...size });
  return [...parameters.parameters, ...parameters.statistics].map((
    { name, shape },
  ) => [name, shape]);
}

const offsetOf = (place: number) => 100 * place;

/** A file as `torch.save(model.state_dict())` writes it. */
function torchFile(tensors: [string, readonly number[]][]): Uint8Array {
  const entries = tensors.flatMap(([name, shape], place) => {
    const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
    const offset = offsetOf(place), elements = numbers.length;
    const tensor = [name, tensorPickle({ shape: [...shape], strides, offset, elements })];
    const storage = "LongStorage",
      count = { shape: [], strides: [], elements: 1, storage, key: "1" };
    return name.endsWith("running_var")
      ? [tensor, [name.replace("running_var", "num_batches_tracked"), tensorPickle(count)]]
      : [tensor];
  });
  return zip([
    {
      name: "resnet18/data.pkl",
      content: ascii(`\x80\x02${dictPickle(Object.fromEntries(entries))}.`),
    },
    { name: "resnet18/data/0", content: new Uint8Array(numbers.buffer) },
    { name: "resnet18/data/1", content: new Uint8Array(8) },
  ]);
}

Deno.test("a published recipe begins with torchvision's weights, and draws the classifier of other classes", () =>
  withTrees(async ({ path, run }) => {
    const pretrained = path("resnet18.pth"), tensors = torchvisionTensors(), notes: string[] = [];
    await write(pretrained, torchFile(tensors));
    const flags = {
      ...imageNetRecipes["layermix-imagenet"],
      ...{
        model: "imagenet_resnet18",
        mixingSet: "fractals",
        pretrained,
        epochs: 1,
        batchSize: 11,
      } as const,
    };
    const note = (line: string) => void notes.push(line), signal = AbortSignal.abort();
    await run("tuned", flags, { signal, note });
    assert.ok(notes.includes(
      `beginning with the weights of ${pretrained}; for other classes, drawn anew: fc.weight, fc.bias`,
    ));
    const { tensors: found } = await readCheckpoint(path("tuned/last.safetensors"));
    for (const [place, [name, shape]] of tensors.entries()) {
      const { data, shape: own } = found.get(name)!, size = shape.reduce((a, b) => a * b, 1);
      if (name.startsWith("fc.")) {
        assert.deepEqual([own[0], shape[0]], [3, 1000]);
        continue;
      }
      const expected = numbers.subarray(offsetOf(place), offsetOf(place) + size);
      assert.ok(expected.every((value, i) => value === data[i]), name);
    }
    const { progress } = await run("tuned", flags, { resume: true });
    assert.equal(progress.epoch, 1);
  }));

Deno.test("weights of another ResNet are refused, by what is missing and what is unknown", () =>
  withTrees(async ({ path, run }) => {
    const pretrained = path("resnet34.pth");
    const [first, ...others] = torchvisionTensors();
    await write(pretrained, torchFile([...others, ["layer1.2.conv1.weight", [64, 64, 3, 3]]]));
    await assert.rejects(
      run("refused", { pretrained }),
      (error: Error) => {
        assert.equal(error.name, "CheckpointError");
        assert.match(
          error.message,
          /^Cannot load .*resnet34\.pth: expected the network's 102 tensors/,
        );
        assert.match(
          error.message,
          /1 unknown \(layer1\.2\.conv1\.weight\); 1 missing \(conv1\.weight\)/,
        );
        assert.equal(first![0], "conv1.weight");
        return true;
      },
    );
  }));
