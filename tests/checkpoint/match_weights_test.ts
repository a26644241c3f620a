import assert from "node:assert/strict";
import { CheckpointError } from "../../lib/checkpoint/error.ts";
import { compareWeights, matchWeights } from "../../lib/checkpoint/match_weights.ts";
import type { StoredTensor } from "../../lib/checkpoint/safetensors.ts";

const shapes: [string, number[]][] = [
  ["conv.weight", [8, 3, 3, 3]],
  ["bn.weight", [8]],
  ["bn.running_var", [8]],
  ["bn.num_batches_tracked", []],
  ["fc.weight", [10, 8]],
  ["fc.bias", [10]],
];
const network = new Map(shapes);
const classifier = ["fc.weight", "fc.bias"];

/** The network's tensors, with changes; undefined removes one. */
function tensors(changes: Record<string, number[] | undefined> = {}): Map<string, StoredTensor> {
  const all = Object.entries({ ...Object.fromEntries(shapes), ...changes });
  return new Map(
    all.filter(([, shape]) => shape).map(([name, shape]) => {
      const size = shape!.reduce((product, side) => product * side, 1);
      return [name, { dtype: "F32", shape: shape!, data: new Float32Array(size) }];
    }),
  );
}

function refusal(changes: Record<string, number[] | undefined>, names?: string[]): string {
  try {
    matchWeights(network, tensors(changes), { file: "a.pth", classifier: names });
  } catch (error) {
    assert(error instanceof CheckpointError, String(error));
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  throw new Error("nothing was refused");
}

Deno.test("matchWeights() gives back weights that fit", () => {
  const given = tensors();
  const { tensors: matched, leftOut } = matchWeights(network, given, { file: "a", classifier });
  assert.deepEqual([...matched], [...given]);
  assert.deepEqual(leftOut, []);
});

Deno.test("matchWeights() says all that is wrong at once", () => {
  const changes = {
    "conv.weight": undefined,
    "bn.weight": [4],
    "extra.weight": [2],
    "fc.bias": [1, 10],
  };
  assert.equal(
    refusal(changes),
    "Cannot load a.pth: expected the network's 6 tensors but found 1 unknown (extra.weight); " +
      "1 missing (conv.weight); 2 of another shape (bn.weight: 4 for 8, fc.bias: 1 × 10 for 10)",
  );
});

Deno.test("matchWeights() shows the first few of many names, and makes one line of them", () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`layer\n${i}`, [1]]));
  assert.match(refusal(many), /found 30 unknown \(layer\?0, layer\?1, layer\?2, layer\?3, …\)$/);
});

Deno.test("matchWeights() lets counts of batches be absent, or there where the network has none", () => {
  const absent = tensors({ "bn.num_batches_tracked": undefined });
  assert.equal(matchWeights(network, absent, { file: "a" }).tensors.size, 5);
  const without = new Map(shapes.filter(([name]) => !name.endsWith("tracked")));
  assert.equal(matchWeights(without, tensors(), { file: "a" }).tensors.size, 6);
  const other = { ...compareWeights(without, tensors({ "x.num_batches_tracked": [] })) };
  assert.deepEqual(other, { unknown: ["x.num_batches_tracked"], missing: [], mismatched: [] });
});

Deno.test("matchWeights() leaves a classifier of other classes out, where that is asked for", () => {
  const changes = { "fc.weight": [100, 8], "fc.bias": [100] };
  const { tensors: matched, leftOut } = matchWeights(network, tensors(changes), {
    file: "a",
    classifier,
  });
  assert.deepEqual(leftOut, classifier);
  assert.deepEqual([...matched.keys()], shapes.map(([name]) => name).slice(0, 4));
  assert.match(refusal(changes), /2 of another shape \(fc\.weight: 100 × 8 for 10 × 8, fc\.bias/);
  // Another number of features is another network.
  assert.match(refusal({ "fc.weight": [100, 9], "fc.bias": [100] }, classifier), /100 × 9/);
  assert.match(refusal({ "fc.bias": undefined }, classifier), /1 missing \(fc\.bias\)/);
});
