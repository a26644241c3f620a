import { Buffer } from "node:buffer";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readCifar } from "../../../../lib/data/cifar.ts";
import { readClassList } from "../../../../lib/data/class_list.ts";
import { encodeNpyHeader, openNpy, readNpyIntegers } from "../../../../lib/data/npy.ts";
import { unpack } from "../../../../lib/data/unpack.ts";
import { tarOf } from "../../../data/tar.ts";
import type { Target } from "../target.ts";
import { goldenFiles } from "./weights.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

const tar = () =>
  tarOf([
    { name: "set", type: "directory" },
    { name: "set/a.txt", content: "one file" },
    { name: "set/inner/b.bin", content: new Uint8Array(700).fill(7) },
    { name: `set/${"long".repeat(40)}.txt`, content: "of a long name" },
  ]);

/** Of all files together, in bytes. */
const MOST = 2 ** 20;
/** What is read piece by piece at the most, by lib/data/unpack.ts, twice: unpacked, and in a file. */
const UNPACK = 2 * (2 ** 24 + MOST) + 2 ** 22;

async function unpackAndRemove(archive: string, folder: string): Promise<void> {
  const into = join(folder, "into");
  await Deno.mkdir(into);
  try {
    await unpack(archive, into, { folder: "set", most: MOST });
  } finally {
    await Deno.remove(into, { recursive: true });
  }
}

function archive(name: string, file: string, seeds: () => Promise<Uint8Array>): Target {
  return {
    name,
    seeds: async () => [await seeds()],
    file,
    errors: ["DataError"],
    bound: () => UNPACK,
    parse: (_bytes, folder) => unpackAndRemove(join(folder, file), folder),
  };
}

/** Puts the sums right of blocks that look like headers. */
function repairTar(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes.slice().buffer);
  for (let at = 0; at + 512 <= copy.length; at += 512) {
    if (copy.toString("latin1", at + 257, at + 262) !== "ustar") continue;
    copy.fill(0x20, at + 148, at + 156);
    const sum = copy.subarray(at, at + 512).reduce((sum, byte) => sum + byte, 0);
    copy.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
  }
  return new Uint8Array(copy);
}

const npys = () => [
  Buffer.concat([encodeNpyHeader("|u1", [6, 2, 2, 3]), Buffer.alloc(72, 9)]),
  Buffer.concat([
    encodeNpyHeader("<i8", [5]),
    Buffer.from(BigInt64Array.of(1n, 2n, 3n, 4n, 5n).buffer),
  ]),
  Buffer.concat([encodeNpyHeader("<f4", [3, 1]), Buffer.alloc(12)]),
];

async function readNpy(path: string): Promise<void> {
  const file = await openNpy(path);
  try {
    const rows = file.shape[0] ?? 0;
    if (file.shape.length > 0) await file.read(Math.max(0, rows - 64), Math.min(rows, 64));
  } finally {
    await file.close();
  }
  if (file.shape.length === 1 && !file.type.startsWith("<f")) await readNpyIntegers(path);
}

/** A file of CIFAR-10's test split, beside those of `others` that are whole. */
function cifar(
  name: string,
  file: string,
  seeds: () => Promise<Uint8Array[]>,
  others: () => Promise<Record<string, Uint8Array>> = () => Promise.resolve({}),
): Target {
  return {
    name,
    seeds,
    file,
    errors: ["DataError"],
    // Pixels become RGBA, and pickles take what lib/pickle/unpickle.ts states.
    bound: ({ length }) => 2 ** 24 + 32 * length,
    async parse(_bytes, folder) {
      for (const [other, content] of Object.entries(await others())) {
        await Deno.writeFile(join(folder, other), content);
      }
      await readCifar(folder, "cifar10", "test");
    },
  };
}

const digits = Array.from({ length: 10 }, (_, i) => `class ${i}`);
const namesPickle = `(dS'label_names'\n(l${digits.map((name) => `S'${name}'\na`).join("")}s.`;

/** Parsers of data sets and archives of them. */
export const dataTargets: Target[] = [
  {
    name: "npy",
    seeds: () => Promise.resolve(npys()),
    file: "a.npy",
    errors: ["DataError"],
    parse: (_bytes, folder) => readNpy(join(folder, "a.npy")),
  },
  { ...archive("tar", "set.tar", tar), repair: repairTar },
  archive("tar.gz", "set.tar.gz", async () => new Uint8Array(gzipSync(await tar()))),
  cifar("cifar binary", "test_batch.bin", () => goldenFiles("cifar10.bin")),
  cifar("cifar python", "test_batch", () => goldenFiles("cifar10_py2.pkl", "cifar10_py3.pkl")),
  cifar(
    "cifar class names",
    "batches.meta.txt",
    () => Promise.resolve([utf8(digits.join("\n"))]),
    () => Promise.resolve({ "test_batch.bin": new Uint8Array(3073) }),
  ),
  cifar(
    "cifar python class names",
    "batches.meta",
    () => Promise.resolve([utf8(namesPickle)]),
    async () => ({ test_batch: (await goldenFiles("cifar10_py2.pkl"))[0]! }),
  ),
  {
    name: "class list",
    seeds: () =>
      Promise.resolve([utf8("# classes\nn01443537 goldfish\nn01484850 shark\n\nn01494475\n")]),
    file: "classes.txt",
    errors: ["DataError"],
    // Each line becomes a string.
    bound: ({ length }) => 2 ** 24 + 64 * length,
    parse: (_bytes, folder) => readClassList(join(folder, "classes.txt")),
  },
];
