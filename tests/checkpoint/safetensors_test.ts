import assert from "node:assert/strict";
import { CheckpointError } from "../../lib/checkpoint/error.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
} from "../../lib/checkpoint/safetensors.ts";
import { Stream } from "../../lib/random/stream.ts";
import { golden, goldenFile } from "../golden.ts";

const metadata = { epoch: "3", "naïve": 'a "quoted"\nline' };

/** One tensor of each element type, with names that a JavaScript object would reorder. */
function sample(): Map<string, StoredTensor> {
  return new Map<string, StoredTensor>([
    ["fc.weight", { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, -2, 3e-40, NaN, 0, 7) }],
    ["9", { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 255) }],
    ["1", { dtype: "I64", shape: [], data: BigInt64Array.of(-(2n ** 62n)) }],
    ["__proto__", { dtype: "BF16", shape: [1, 2], data: Uint16Array.of(0x3f80, 0xffff) }],
    ["empty", { dtype: "I32", shape: [4, 0], data: new Int32Array(0) }],
    ["half", { dtype: "F16", shape: [1], data: Uint16Array.of(0x3c00) }],
    ["double", { dtype: "F64", shape: [1], data: Float64Array.of(Math.PI) }],
    ["i", { dtype: "I32", shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) }],
  ]);
}

/** A file with the given header text and `size` bytes of values. */
function file(header: string, size: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

Deno.test("decodeSafetensors() gives back what encodeSafetensors() was given, in order", () => {
  const decoded = decodeSafetensors(encodeSafetensors(sample(), metadata), "x");
  assert.deepEqual([...decoded.tensors], [...sample()]);
  assert.deepEqual(decoded.metadata, metadata);
});

Deno.test("encodeSafetensors() aligns the values to 8 bytes with spaces", () => {
  for (let extra = 0; extra < 8; extra++) {
    const bytes = encodeSafetensors(sample(), { x: "y".repeat(extra) });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    assert.equal(length % 8, 0);
    const json = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    assert.match(json, /^\{.*\} {0,7}$/);
  }
});

Deno.test("encodeSafetensors() refuses data that does not fit its shape, type or name", () => {
  const bad = (name: string, tensor: StoredTensor) => () =>
    encodeSafetensors(new Map([[name, tensor]]), {});
  const data = new Float32Array(6);
  assert.throws(
    bad("w", { dtype: "F32", shape: [2, 2], data }),
    /"w": expected 16 bytes.*found 24/,
  );
  assert.throws(bad("w", { dtype: "I32", shape: [6], data }), CheckpointError);
  assert.throws(bad("__metadata__", { dtype: "F32", shape: [6], data }), CheckpointError);
});

Deno.test("decodeSafetensors() reads files of the safetensors library at any alignment", () => {
  const bytes = Deno.readFileSync(goldenFile("metrics.safetensors"));
  const moved = new Uint8Array(bytes.length + 3);
  moved.set(bytes, 3);
  const { tensors } = decodeSafetensors(moved.subarray(3), "metrics");
  const expected = golden("metrics");
  assert.equal(tensors.size, expected.size);
  for (const [name, tensor] of expected) assert.deepEqual(tensors.get(name), tensor);
});

Deno.test("decodeSafetensors() copies, so that later writes to the file's bytes do not show", () => {
  const bytes = encodeSafetensors(sample(), {});
  const { tensors } = decodeSafetensors(bytes, "x");
  bytes.fill(0);
  assert.deepEqual(tensors.get("9")?.data, Uint8Array.of(1, 2, 255));
});

Deno.test("decodeSafetensors() refuses a file cut at any byte", () => {
  const bytes = encodeSafetensors(sample(), metadata);
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(
      () => decodeSafetensors(bytes.subarray(0, length), "run/last.safetensors"),
      (error) =>
        error instanceof CheckpointError &&
        /^Cannot read run\/last\.safetensors: expected .+ but found .+/.test(error.message),
    );
  }
  assert.throws(() => decodeSafetensors(Uint8Array.of(...bytes, 0), "x"), CheckpointError);
});

Deno.test("decodeSafetensors() refuses headers that lie, and says how", () => {
  const one = (dtype: string, shape: string, offsets: string) =>
    `{"a":{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}}`;
  const two = (first: string, second: string) =>
    `{"a":{"dtype":"U8","shape":[4],"data_offsets":${first}},` +
    `"b":{"dtype":"U8","shape":[4],"data_offsets":${second}}}`;
  const cases: [string, number, RegExp][] = [
    [one("F99", "[1]", "[0,4]"), 4, /dtype.*"F99"/],
    [one("toString", "[1]", "[0,4]"), 4, /dtype/],
    [one("F32", "[2]", "[0,4]"), 4, /8 bytes for tensor "a"/],
    [one("F32", "[-1]", "[0,4]"), 4, /shape/],
    [one("F32", "[1.5]", "[0,6]"), 6, /shape/],
    [one("U8", "[9007199254740991,9007199254740991,0]", "[0,0]"), 0, /bytes for tensor/],
    [one("U8", "[1e300,1e300]", "[0,4]"), 4, /shape/],
    [one("U8", "[1000000000000]", "[0,1000000000000]"), 4, /1000000000000 bytes.*4 bytes/],
    [one("U8", "[4]", "[4,0]"), 4, /4 bytes.*-4 bytes/],
    [one("U8", "[4]", "[0,4,8]"), 4, /two data_offsets/],
    [one("U8", "[4]", "[1,5]"), 5, /at byte 0/],
    [one("U8", "[4]", "[0,4]"), 5, /4 bytes of values.*5 bytes/],
    [two("[0,4]", "[2,6]"), 6, /"b" at byte 4/],
    [two("[0,4]", "[5,9]"), 9, /"b" at byte 4/],
    ['{"a":null}', 0, /dtype/],
    ['{"__metadata__":{"x":1}}', 0, /__metadata__ of strings/],
    ["[]", 0, /JSON object/],
    ["null", 0, /JSON object/],
    ["{nope", 0, /JSON header/],
    ["[".repeat(100_000), 0, /JSON header/],
  ];
  for (const [header, size, message] of cases) {
    assert.throws(() => decodeSafetensors(file(header, size), "x"), (error) => {
      assert(error instanceof CheckpointError, String(error));
      assert.match(error.message, message);
      assert(error.message.length < 400);
      return true;
    });
  }
});

Deno.test("decodeSafetensors() refuses a header longer than the file without allocating it", () => {
  for (const length of [0n, 9n, 2n ** 40n, 2n ** 64n - 1n]) {
    const bytes = new Uint8Array(16).fill(0x20);
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    assert.throws(() => decodeSafetensors(bytes, "x"), /header length of/);
  }
});

Deno.test("decodeSafetensors() either reads or refuses 4000 damaged files", () => {
  const whole = encodeSafetensors(sample(), metadata);
  const draws = new Stream(1, 1);
  let refused = 0;
  for (let round = 0; round < 4000; round++) {
    const bytes = whole.slice();
    for (let change = draws.integer(4); change >= 0; change--) {
      bytes[draws.integer(bytes.length)] = draws.integer(256);
    }
    try {
      const { tensors } = decodeSafetensors(bytes, "x");
      const size = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
      assert(size <= bytes.length);
    } catch (error) {
      assert(error instanceof CheckpointError, String(error));
      refused++;
    }
  }
  assert(refused > 1000, `only ${refused} were refused`);
});
