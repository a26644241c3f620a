import { deepEqual } from "node:assert/strict";
import random from "../../kernels/random.wgsl" with { type: "text" };
import { readFloats, write } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { type Counter, type Key, philox } from "../../lib/random/philox.ts";
import { gpuTest } from "../gpu.ts";

const ones = 0xffffffff;
/** Counter, key and result: Random123's kat_vectors for philox4x32-10. */
const known: [Counter, Key, number[]][] = [
  [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  [[ones, ones, ones, ones], [ones, ones], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

Deno.test("philox() gives Random123's known answers", () => {
  for (const [counter, key, expected] of known) deepEqual(philox(counter, key), expected);
});

const kernel = `${random}
@group(0) @binding(0) var<storage, read> inputs: array<u32>;
@group(0) @binding(1) var<storage, read_write> words: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> numbers: array<vec4<f32>>;

@compute @workgroup_size(64)
fn draw(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = 6u * id.x;
  let counter = vec4(inputs[i], inputs[i + 1u], inputs[i + 2u], inputs[i + 3u]);
  words[id.x] = philox(counter, vec2(inputs[i + 4u], inputs[i + 5u]));
  numbers[id.x] = uniform01(words[id.x]);
}
`;

gpuTest("random.wgsl draws the same words and numbers as the host", async (gpu) => {
  const count = 1024;
  const cases = Array.from({ length: count }, (_, i): [Counter, Key] => {
    if (i < known.length) return [known[i]![0], known[i]![1]];
    const [a, b, c, d] = philox([i, 1, 2, 3], [4, 5]);
    // Large words and the small ones that are used in practice.
    return i % 2 ? [[a, b, c, d], [b, a]] : [[a % 50000, b % 100, c % 4, i], [d % 100, i % 10]];
  });
  const tape = new Tape(gpu);
  const bindings = {
    inputs: tape.region("inputs", 24 * count),
    words: tape.region("words", 16 * count),
    numbers: tape.region("numbers", 16 * count),
  };
  tape.record([{ kernel: "draw", code: kernel, bindings, groups: [count / 64] }]);
  const program = await tape.compile();
  write(gpu, bindings.inputs, Uint32Array.from(cases.flat(2)));
  program.run();
  const words = new Uint32Array(await gpu.read(bindings.words.buffer!, 0, 16 * count));
  const numbers = await readFloats(gpu, bindings.numbers);
  const expected = Uint32Array.from(cases.flatMap(([counter, key]) => philox(counter, key)));
  deepEqual(words, expected);
  deepEqual(numbers.slice(0, 4 * count), Float32Array.from(expected, (w) => (w >>> 8) * 2 ** -24));
  program.destroy();
});
