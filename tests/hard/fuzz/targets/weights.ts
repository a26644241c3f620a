import { parseHeader } from "../../../../lib/checkpoint/checkpoint.ts";
import { decodeWeights } from "../../../../lib/checkpoint/read_weights.ts";
import { decodeSafetensors, encodeSafetensors } from "../../../../lib/checkpoint/safetensors.ts";
import { storageOf, torchGlobals } from "../../../../lib/checkpoint/torch_globals.ts";
import { ZipArchive } from "../../../../lib/checkpoint/zip.ts";
import { unpickle } from "../../../../lib/pickle/unpickle.ts";
import { dictPickle, tensorPickle, torchZip } from "../../../checkpoint/torch_fixture.ts";
import { zip } from "../../../checkpoint/zip_writer.ts";
import { goldenFile } from "../../../golden.ts";
import { ascii, goldenPickles } from "../../../pickle/values.ts";
import type { Target } from "../target.ts";

/** Golden files of PyTorch, NumPy and CIFAR. */
export const goldenFiles = (...names: string[]) =>
  Promise.all(names.map((name) => Deno.readFile(goldenFile(`files/${name}`))));

const header = {
  ...{ dataset: "cifar10", classes: ["a", "b"], width: 32, height: 32, settings: { seed: 1 } },
  model: { name: "wrn", layers: 10, widenFactor: 1, dropRate: 0.3, classes: 2 },
  progress: { step: 12, epoch: 1, sums: { count: 0, loss: 0, correct: 0, correct5: 0 } },
};

function safetensors(): Uint8Array {
  const data = Float32Array.from({ length: 24 }, (_, i) => i);
  const tensors = new Map([
    ["conv.weight", { dtype: "F32" as const, shape: [2, 3, 4], data }],
    ["count", { dtype: "I64" as const, shape: [], data: BigInt64Array.of(7n) }],
    ["half", { dtype: "F16" as const, shape: [2, 0], data: new Uint16Array() }],
  ]);
  return encodeSafetensors(tensors, { layermix: "0.1.0", header: JSON.stringify(header) });
}

/** What a pickle may allocate is stated in lib/pickle/unpickle.ts. */
const pickleBound = ({ length }: Uint8Array) => 2 ** 24 + 32 * length;

/** What views of a PyTorch file's storages may take is stated in lib/checkpoint/torch_tensor.ts. */
const tensorBound = (bytes: Uint8Array) => pickleBound(bytes) + 2 * (8 * bytes.length + 2 ** 26);

const tensors = {
  a: tensorPickle(),
  b: tensorPickle({ shape: [2, 2], strides: [1, 2] }),
  c: tensorPickle({ shape: [1, 3], strides: [0, 1], offset: 1 }),
};
const weightsPickle = ascii(`\x80\x02${dictPickle({ state_dict: dictPickle(tensors) })}.`);

const entries = [
  { name: "stored", content: ascii("stored ".repeat(9)) },
  { name: "deflated", content: ascii("deflated ".repeat(99)), deflate: true },
  { name: "empty", content: new Uint8Array() },
];

/** Parsers of files of weights. */
export const weightTargets: Target[] = [
  {
    name: "safetensors",
    seeds: () => Promise.resolve([safetensors()]),
    file: "a.safetensors",
    inMemory: true,
    errors: ["CheckpointError"],
    parse(bytes) {
      const { metadata } = decodeSafetensors(bytes, "a.safetensors");
      if (metadata.header !== undefined) parseHeader(metadata.header, "a.safetensors");
    },
  },
  {
    name: "checkpoint header",
    seeds: () => Promise.resolve([new TextEncoder().encode(JSON.stringify(header))]),
    file: "a.safetensors",
    inMemory: true,
    errors: ["CheckpointError"],
    json: "whole",
    bound: ({ length }) => 2 ** 24 + 64 * length,
    parse: (bytes) => parseHeader(new TextDecoder().decode(bytes), "a.safetensors"),
  },
  {
    name: "pickle",
    seeds: async () => [
      ...goldenPickles("values").map(([, bytes]) => bytes),
      ...await goldenFiles("cifar10_py2.pkl"),
      weightsPickle,
    ],
    file: "",
    inMemory: true,
    errors: ["PickleError", "RefusedGlobalError"],
    begins: "expected ",
    bound: pickleBound,
    parse: (bytes) => unpickle(bytes, { globals: torchGlobals, persistent: storageOf }),
  },
  {
    name: "pytorch",
    seeds: () =>
      goldenFiles(
        "ckpt_zip.pth",
        "bare_state_dict.pth",
        "dataparallel_prefix.pth",
        "parameter.pth",
      ),
    file: "a.pth",
    inMemory: true,
    errors: ["CheckpointError"],
    bound: tensorBound,
    parse: (bytes) => decodeWeights(bytes, "a.pth"),
  },
  {
    name: "pytorch data.pkl",
    seeds: () => Promise.resolve([weightsPickle]),
    file: "a.pth",
    inMemory: true,
    errors: ["CheckpointError"],
    bound: tensorBound,
    // The sums of an archive would catch most damage: this one's are made after it.
    parse: (bytes) => decodeWeights(torchZip(bytes), "a.pth"),
  },
  {
    name: "pytorch legacy",
    seeds: () => goldenFiles("ckpt_old.pth.tar"),
    file: "a.pt",
    inMemory: true,
    errors: ["CheckpointError"],
    bound: tensorBound,
    parse: (bytes) => decodeWeights(bytes, "a.pt"),
  },
  {
    name: "zip",
    seeds: () => Promise.resolve([zip(entries), zip(entries, { large: true })]),
    file: "",
    inMemory: true,
    errors: ["PickleError"],
    begins: "expected ",
    // Of compressed entries, as lib/checkpoint/zip.ts states it: deflate makes 1032 bytes of one.
    bound: ({ length }) => 1032 * length,
    parse(bytes) {
      const archive = new ZipArchive(bytes);
      for (const name of archive.names) archive.read(name);
    },
  },
];
