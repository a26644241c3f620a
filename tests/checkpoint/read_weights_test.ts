import assert from "node:assert/strict";
import { join } from "node:path";
import { CheckpointError } from "../../lib/checkpoint/error.ts";
import { convertFloats } from "../../lib/checkpoint/floats.ts";
import { decodeWeights, readWeights } from "../../lib/checkpoint/read_weights.ts";
import { encodeSafetensors, type StoredTensor } from "../../lib/checkpoint/safetensors.ts";
import { Stream } from "../../lib/random/stream.ts";
import { withFolder } from "../data/folder.ts";
import { goldenFile } from "../golden.ts";
import { ascii } from "../pickle/values.ts";
import { dictPickle, goldenStateDict, tensorPickle, text, torchZip } from "./torch_fixture.ts";

const path = (name: string) => goldenFile(`files/${name}`).pathname;
const expected = goldenStateDict();

for (
  const [name, format, foundAt, stripped] of [
    ["ckpt_zip.pth", "pytorch", "state_dict", []],
    ["ckpt_old.pth.tar", "pytorch-legacy", "state_dict", []],
    ["bare_state_dict.pth", "pytorch", "", []],
    ["dataparallel_prefix.pth", "pytorch", "", ["module."]],
  ] as const
) {
  Deno.test(`readWeights() reads ${name} as PyTorch does`, async () => {
    const weights = await readWeights(path(name), { floats: "stored" });
    assert.deepEqual([...weights.tensors], [...expected]);
    assert.match(weights.sha256, /^[0-9a-f]{64}$/);
    const { file: _, sha256: __, tensors: ___, ...found } = weights;
    assert.deepEqual(found, { format, foundAt, stripped, leftOut: [], metadata: {} });
    for (const [tensor, values] of (await readWeights(path(name))).tensors) {
      assert.deepEqual(values, convertFloats(expected.get(tensor)!, "F32"));
    }
  });
}

Deno.test("readWeights() reads a Parameter", async () => {
  const { tensors } = await readWeights(path("parameter.pth"));
  assert.deepEqual([...tensors], [["w", expected.get("conv.weight")]]);
});

Deno.test("readWeights() knows a file by its content, whatever its name", () =>
  withFolder(async (folder) => {
    const file = join(folder, "weights.pth");
    await Deno.writeFile(file, encodeSafetensors(expected, { made: "by a test" }));
    const { tensors, format, metadata } = await readWeights(file, { floats: "stored" });
    assert.deepEqual([...tensors], [...expected]);
    assert.deepEqual([format, metadata], ["safetensors", { made: "by a test" }]);
    await Deno.copyFile(path("ckpt_zip.pth"), join(folder, "a.safetensors"));
    assert.equal((await readWeights(join(folder, "a.safetensors"))).tensors.size, 12);
  }));

const decode = (bytes: Uint8Array) => decodeWeights(bytes, "a.pth");

/** The message of the CheckpointError that `read` must throw. */
async function refusal(read: () => unknown): Promise<string> {
  try {
    await read();
  } catch (error) {
    assert(error instanceof CheckpointError, String(error));
    assert.match(error.message, /^Cannot read [^\n]+: expected [^\n]+ but found [^\n]+$/);
    assert(error.message.length < 500);
    return error.message;
  }
  throw new Error("nothing was refused");
}

Deno.test("readWeights() finds a state dict where training scripts put it", () => {
  const inner = dictPickle({ "w": tensorPickle() });
  for (const place of ["state_dict", "model", "net", "model_state_dict"]) {
    const { foundAt, tensors } = decode(torchZip(dictPickle({ epoch: "K\x07", [place]: inner })));
    assert.deepEqual([foundAt, [...tensors.keys()]], [place, ["w"]]);
  }
  const nested = dictPickle({ step: tensorPickle(), model: dictPickle({ state_dict: inner }) });
  assert.equal(decode(torchZip(nested)).foundAt, "model.state_dict");
});

Deno.test("readWeights() says what a file without a state dict holds", async () => {
  const found = (pickle: string) => refusal(() => decode(torchZip(pickle)));
  const places = "a state dict at the top or under state_dict, model_state_dict, model, net";
  assert.equal(
    await found(dictPickle({ epoch: "K\x07", "l\nr": "K\x01" })),
    `Cannot read a.pth: expected ${places} but found a dictionary of "epoch", "l\\nr"`,
  );
  assert.match(await found(tensorPickle()), /found a single tensor$/);
  assert.match(await found("]"), /found a list or tuple$/);
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, "N"]));
  assert.match(await found(dictPickle(many)), /"k7" and 12 more$/);
  assert.match(
    await found(`c__main__\nNet\n)R`),
    /refuses to run __main__\.Net; save model\.state_dict\(\) instead$/,
  );
  assert.match(await refusal(() => decode(encodeSafetensors(new Map(), {}))), /found no tensors$/);
  assert.match(await refusal(() => readWeights("/no/such.pth")), /found nothing there$/);
});

Deno.test("readWeights() takes prefixes off again and again, where all names have them", () => {
  const read = (...names: string[]) =>
    decode(torchZip(dictPickle(Object.fromEntries(names.map((name) => [name, tensorPickle()])))));
  const { stripped, tensors } = read("module._orig_mod.module.a", "module._orig_mod.module.b.w");
  assert.deepEqual(stripped, ["module.", "_orig_mod.", "module."]);
  assert.deepEqual([...tensors.keys()], ["a", "b.w"]);
  assert.deepEqual([...read("module.a", "b").tensors.keys()], ["module.a", "b"]);
});

Deno.test("readWeights() leaves momenta out, unless they are asked for", () => {
  const tensor: StoredTensor = { dtype: "F32", shape: [1], data: Float32Array.of(1) };
  const bytes = encodeSafetensors(
    new Map([["module.w", tensor], ["optimizer.momentum.module.w", tensor]]),
    {},
  );
  const { tensors, leftOut } = decode(bytes);
  assert.deepEqual([[...tensors.keys()], leftOut], [["w"], ["optimizer.momentum.module.w"]]);
  const kept = decodeWeights(bytes, "a", { keepOptimizer: true });
  assert.deepEqual([kept.tensors.size, kept.leftOut], [2, []]);
});

Deno.test("readWeights() reads strided views, and refuses those outside of their storage", async () => {
  const read = (view: Parameters<typeof tensorPickle>[0]) =>
    decode(torchZip(dictPickle({ w: tensorPickle(view) }))).tensors.get("w")!;
  assert.deepEqual([...read({ shape: [2, 2], strides: [1, 2] }).data], [1, 3, 2, 4]);
  assert.deepEqual([...read({ shape: [2], strides: [2], offset: 1 }).data], [2, 4]);
  assert.deepEqual([...read({ shape: [3], strides: [0], offset: 3 }).data], [4, 4, 4]);
  assert.deepEqual(read({ shape: [0, 9], strides: [9, 1], offset: 4 }).shape, [0, 9]);
  const found = (view: object) => refusal(() => read(view));
  assert.match(await found({ shape: [3], strides: [2] }), /"w" within storage 0 of 4.*needs 5/);
  assert.match(await found({ shape: [1], offset: 4 }), /needs 5: the storage is too small/);
  assert.match(await found({ elements: 5 }), /20 bytes in storage 0 but found 16: .* too small$/);
  assert.match(await found({ elements: 3 }), /12 bytes in storage 0 but found 16: .* too large$/);
  assert.match(await found({ storage: "DoubleStorage" }), /32 bytes in storage 0 but found 16/);
  assert.match(await found({ strides: [1, 1] }), /1 strides of a tensor but found 2/);
  assert.match(
    await found({ storage: "ComplexFloatStorage" }),
    /refuses to run torch\.ComplexFloatStorage/,
  );
});

Deno.test("readWeights() reads tensors of untyped storages and with attributes", async () => {
  const read = (tensor: string) => [
    ...decode(torchZip(dictPickle({ w: tensor }))).tensors.get("w")!.data,
  ];
  const untyped = (type: string, offset: number) =>
    `ctorch._utils\n_rebuild_tensor_v3\n((${text("storage")}ctorch.storage\nUntypedStorage\n` +
    `${text("0")}${text("cpu")}K\x10tQK${
      String.fromCharCode(offset)
    }K\x02\x85K\x01\x85\x89}${type}tR`;
  assert.deepEqual(read(untyped("ctorch\nfloat32\n", 2)), [3, 4]);
  assert.deepEqual(read(untyped("ctorch\nuint8\n", 14)), [128, 64]);
  const typed = tensorPickle();
  const named = typed.slice(0, typed.indexOf("(")) + "ctorch\nTensor\n" +
    typed.slice(typed.indexOf("("), -1);
  assert.deepEqual(read(`ctorch._tensor\n_rebuild_from_type_v2\n(${named}}tR`), [1, 2]);
  const message = (tensor: string) => refusal(() => read(tensor));
  assert.match(await message(untyped("N", 0)), /a tensor's element type but found None/);
  assert.match(
    await message("ctorch._tensor\n_rebuild_from_type_v2\n(ctorch\nSize\nN)}tR"),
    /a function that makes a tensor but found a Global/,
  );
});

Deno.test("readWeights() refuses a tensor that repeats its storage far beyond the file's size", async () => {
  const repeated = tensorPickle({ shape: Array(8).fill(255), strides: Array(8).fill(0) });
  const huge = await refusal(() => decode(torchZip(dictPickle({ w: repeated }))));
  assert.match(huge, /a size that a file can hold/);
  const large = tensorPickle({ shape: [255, 255, 255, 255], strides: [0, 0, 0, 0] });
  const message = await refusal(() => decode(torchZip(dictPickle({ w: large }))));
  assert.match(message, /in proportion to the file's size/);
});

Deno.test("readWeights() refuses big-endian files, other archives and other pickles", async () => {
  const weights = dictPickle({ w: tensorPickle() });
  const order = (content: string) => [{ name: "archive/byteorder", content: ascii(content) }];
  assert.equal(decode(torchZip(weights, order("little"))).tensors.size, 1);
  assert.match(await refusal(() => decode(torchZip(weights, order("big")))), /big-endian ones/);
  const two = [{ name: "b/data.pkl", content: ascii("N.") }];
  assert.match(await refusal(() => decode(torchZip(weights, two))), /one data\.pkl.*found 2/);
  assert.match(await refusal(() => readWeights(path("cifar10_py2.pkl"))), /without PyTorch's mark/);
  assert.match(await refusal(() => decode(ascii("").slice())), /neither in its 0 bytes/);
});

/** What `torch.save` wrote before 1.6, of one f32 storage "0", with a pickle of the byte order. */
function legacy(pickle: string, order = `}${text("little_endian")}\x88s.`): Uint8Array {
  const head = `L119547037146038801333356L\n.M\xe9\x03.${order}${pickle}.]${text("0")}a.`;
  const storage = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
  return new Uint8Array([...ascii(head), 4, 0, 0, 0, 0, 0, 0, 0, ...storage]);
}

Deno.test("readWeights() reads the old format as text, with views, and no big-endian one", async () => {
  const weights = dictPickle({ w: tensorPickle({ offset: 1 }) });
  assert.deepEqual([...decode(legacy(weights)).tensors.get("w")!.data], [2, 3]);
  const view = weights.replace("K\x04tQ", `K\x04(${text("view")}K\x02K\x02ttQ`);
  assert.deepEqual([...decode(legacy(view.replace("QK\x01", "QK\0"))).tensors.get("w")!.data], [
    3,
    4,
  ]);
  assert.match(await refusal(() => decode(legacy(view))), /needs 5: the storage is too small/);
  const big = `}${text("little_endian")}\x89s.`;
  assert.match(await refusal(() => decode(legacy(weights, big))), /big-endian ones/);
  assert.match(
    await refusal(() => decode(legacy(weights.replace("K\x04tQ", "K\x05tQ")))),
    /5 elements in storage 0 but found 4/,
  );
  assert.match(await refusal(() => decode(legacy(weights).slice(0, -1))), /the file: it is cut/);
});

for (const name of ["evil_zip.pth", "evil_old.pth.tar", "evil_raw.pkl"]) {
  Deno.test(`readWeights() refuses ${name} by the name of what it would run`, async () => {
    const message = await refusal(() => readWeights(path(name)));
    assert(message.includes(name));
    assert.match(message, /layermix refuses to run posix\.system$/);
    assert.equal(await Deno.stat("pwned").catch(() => "absent"), "absent");
  });
}

Deno.test("readWeights() refuses code in a pickle of text, too", async () => {
  const message = await refusal(() => decode(ascii("cposix\nsystem\n(S'touch pwned'\ntR.")));
  assert.match(message, /refuses to run posix\.system$/);
  assert.equal(await Deno.stat("pwned").catch(() => "absent"), "absent");
});

Deno.test("readWeights() says what is wrong with damaged files", async () => {
  const found = (name: string) => refusal(() => readWeights(path(name)));
  assert.match(await found("truncated.pth"), /a whole zip archive but found .*the file is cut$/);
  assert.match(await found("not_a_checkpoint.pth"), /PyTorch file but found neither in its 128 b/);
  assert.match(await found("short_storage.pth"), /96 bytes in storage 0 but found 92: .* small$/);
  assert.match(await found("u8_c.npy"), /a safetensors or PyTorch file/);
  for (const name of ["ckpt_zip.pth", "ckpt_old.pth.tar"]) {
    const bytes = Deno.readFileSync(path(name));
    for (let length = 0; length < bytes.length; length += 7) {
      await refusal(() => decode(bytes.subarray(0, length)));
    }
  }
});

Deno.test("readWeights() either reads or refuses 4000 damaged files", () => {
  const files = ["ckpt_old.pth.tar", "ckpt_zip.pth"].map((name) => Deno.readFileSync(path(name)));
  // The sums of an archive catch most damage: this one's are made after it.
  const tensors = { a: tensorPickle(), b: tensorPickle({ shape: [2, 2], strides: [1, 2] }) };
  const pickle = ascii(`\x80\x02${dictPickle({ state_dict: dictPickle(tensors), lr: "K\x01" })}.`);
  const draws = new Stream(7, 1);
  let refused = 0;
  for (let round = 0; round < 4000; round++) {
    const whole = round % 2 ? pickle : files[round % 4 / 2]!;
    const bytes = whole.slice();
    for (let change = draws.integer(4); change >= 0; change--) {
      bytes[draws.integer(bytes.length)] = draws.integer(256);
    }
    try {
      decode(round % 2 ? torchZip(bytes) : bytes);
    } catch (error) {
      assert(error instanceof CheckpointError, `${round}: ${error}`);
      assert.match(error.message, /^Cannot read a\.pth: [^\n]{1,500}$/);
      refused++;
    }
  }
  assert(refused > 1000 && refused < 4000, `${refused} were refused`);
});
