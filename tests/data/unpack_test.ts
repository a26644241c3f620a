import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DataError } from "../../lib/data/error.ts";
import { unpack } from "../../lib/data/unpack.ts";
import { isolateMemory } from "../isolate_memory.ts";
import { type Entry, tarOf } from "./tar.ts";

/** Unpacks `bytes` into a folder of its own; all that is there afterwards, with its content. */
async function unpacked(
  bytes: Uint8Array,
  most = 1000,
  accept?: (path: string) => Promise<void>,
  stop?: AbortController,
) {
  const root = await Deno.makeTempDir({ prefix: "layermix-test-" });
  const archive = join(root, "archive"), into = join(root, "into");
  await Deno.writeFile(archive, bytes);
  try {
    const left = join(into, ".set.unpacking/set");
    await Deno.mkdir(left, { recursive: true });
    await Deno.writeTextFile(join(left, "a.txt"), "of a killed process");
    let last = { done: 0, total: 0 };
    const progress = (state: typeof last) => {
      last = state;
      stop?.abort();
    };
    const options = { folder: "set", most, accept, progress, signal: stop?.signal };
    const error = await unpack(archive, into, options)
      .then(() => undefined, (error: Error) => error);
    return { error, files: await list(root), last };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function list(folder: string, prefix = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (name === "archive") continue;
    const path = join(folder, name);
    if (isDirectory) Object.assign(found, await list(path, `${prefix}${name}/`));
    else found[prefix + name] = await Deno.readTextFile(path);
  }
  return found;
}

const good: Entry[] = [
  { name: "set/", type: "directory" },
  { name: "./set/a.txt", content: "one" },
  { name: "set/deep/b.txt", content: "two, and longer" },
];

for (const [kind, compress] of [["plain", (x: Uint8Array) => x], ["gzipped", gzipSync]] as const) {
  Deno.test(`unpack() makes the files of a ${kind} archive`, async () => {
    const bytes = compress(await tarOf(good));
    const { error, files, last } = await unpacked(bytes);
    assert.equal(error, undefined);
    assert.deepEqual(files, { "into/set/a.txt": "one", "into/set/deep/b.txt": "two, and longer" });
    assert.deepEqual(last, { done: bytes.length, total: bytes.length });
  });
}

const hostile: Record<string, [Entry[], RegExp]> = {
  "a path that leaves the folder": [
    [...good, { name: "set/../../evil.txt", content: "x" }],
    /expected only what lies in set but found "set\/\.\.\/\.\.\/evil\.txt"$/,
  ],
  "an absolute path": [[{ name: "/etc/evil", content: "x" }], /found "\/etc\/evil"$/],
  "a path of Windows": [[{ name: "set/C:evil", content: "x" }], /found "set\/C:evil"$/],
  "backslashes": [[{ name: "set/..\\evil", content: "x" }], /only what lies in set/],
  "another folder": [[...good, { name: "other/a", content: "x" }], /found "other\/a"$/],
  "a file in place of the folder": [
    [{ name: "set", content: "x" }],
    /a folder set but found a file$/,
  ],
  "a symbolic link": [
    [{ name: "set/link", type: "symlink", linkname: "/etc/passwd" }],
    /expected files and folders only but found "set\/link", a symlink$/,
  ],
  "a hard link": [
    [{ name: "set/link", type: "link", linkname: "../x" }],
    /found "set\/link", a link$/,
  ],
  "a device": [[{ name: "set/dev", type: "character-device" }], /a character-device$/],
  "the same file twice": [
    [...good, { name: "set/a.txt", content: "x" }],
    /each file once but found ".*a\.txt" twice$/,
  ],
  "too much": [
    [{ name: "set/big", content: "x".repeat(1001) }],
    /at most 1000 bytes more but found 1001 of "set\/big"$/,
  ],
  "too much in several files": [
    [{ name: "set/a", content: "x".repeat(600) }, { name: "set/b", content: "x".repeat(600) }],
    /at most 400 bytes more but found 600 of "set\/b"$/,
  ],
  "a path that leaves the folder in an extended header": [
    [{ name: "set/a", content: "x", pax: { path: "set/../../evil" } }],
    /only what lies in set but found "set\/\.\.\/\.\.\/evil"$/,
  ],
  "a size in an extended header": [
    [{ name: "set/a", content: "x", pax: { size: "8000000000000000" } }],
    /at most 1000 bytes more but found 8000000000000000 of "set\/a"$/,
  ],
  "a file in a file": [
    [{ name: "set/a", content: "x" }, { name: "set/a/b", content: "x" }],
    /a tar archive of set but found \w+: /,
  ],
  "no entry": [[], /a tar archive of set but found nothing in it$/],
};
for (const [name, [entries, message]] of Object.entries(hostile)) {
  Deno.test(`unpack() refuses an archive with ${name}, and leaves nothing`, async () => {
    const { error, files } = await unpacked(await tarOf(entries));
    assert.equal(error?.name, "DataError");
    assert.match(error!.message, /^Cannot read \S+archive: /);
    assert.match(error!.message, message);
    assert.deepEqual(files, {});
  });
}

Deno.test("unpack() refuses archives that are cut or damaged, wherever", async () => {
  const whole = await tarOf(good), zipped = new Uint8Array(gzipSync(whole));
  const cuts = [0, 1, 100, 512, 700, 1100, 1536, 1600, 2000, whole.length - 1024];
  for (const bytes of cuts.map((at) => whole.slice(0, at))) {
    const { error, files } = await unpacked(bytes);
    assert.ok(error, `cut at ${bytes.length}`);
    assert.match(
      error.message,
      /^Cannot read \S+archive: expected a (whole )?tar archive/,
    );
    assert.deepEqual(files, {});
  }
  for (const at of [1, 20, zipped.length - 9]) {
    const { error, files } = await unpacked(zipped.slice(0, at));
    assert.ok(error, `gzip cut at ${at}`);
    assert.deepEqual(files, {});
  }
  const wrong = whole.slice();
  wrong[512 + 150] = wrong[512 + 150]! ^ 1;
  assert.match((await unpacked(wrong)).error!.message, /Invalid tar header/);
});

/** A block of a header, with its checksum. */
function header(name: string, type: string, size: Uint8Array): Uint8Array {
  const block = new Uint8Array(512), text = new TextEncoder();
  block.set(text.encode(name));
  block.set(text.encode("0000644\0"), 100);
  block.set(size, 124);
  block.set(text.encode(type), 156);
  block.set(text.encode("ustar\x0000"), 257);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((sum, byte) => sum + byte, 0);
  block.set(text.encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return block;
}

const octal = (size: number) => new TextEncoder().encode(`${size.toString(8).padStart(11, "0")}\0`);

const crafted: Record<string, [Uint8Array[], RegExp]> = {
  "a size of 2^62 bytes": [
    [header("set/a", "0", Uint8Array.of(0x80, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0))],
    /at most 1000 bytes more but found 4611686018427388000 of "set\/a"$/,
  ],
  "a negative size": [
    [header("set/a", "0", new Uint8Array(12).fill(0xff, 0, 11))],
    /found Invalid header$/,
  ],
  "a size that is none": [
    [header("set/a", "0", new Uint8Array(12).fill(0x90))],
    /at most 1000 bytes more but found null of "set\/a"$/,
  ],
  "an unknown type": [[header("set/a", "Z", octal(0))], /found "set\/a", a thing unknown$/],
  "a long name of GNU that leaves the folder": [
    [
      header("././@LongLink", "L", octal(14)),
      new TextEncoder().encode("set/../../evil".padEnd(512, "\0")),
      header("set/a", "0", octal(0)),
    ],
    /only what lies in set but found "set\/\.\.\/\.\.\/evil"$/,
  ],
  "a long name of 1 GiB": [
    [header("././@LongLink", "L", octal(2 ** 30))],
    /found Header exceeds max size$/,
  ],
};
for (const [name, [blocks, message]] of Object.entries(crafted)) {
  Deno.test(`unpack() refuses an archive with ${name}`, async () => {
    const bytes = new Uint8Array([...blocks, new Uint8Array(1024)].flatMap((block) => [...block]));
    const { error, files } = await unpacked(bytes);
    assert.match(error!.message, message);
    assert.deepEqual(files, {});
  });
}

Deno.test("unpack() takes zeros at the end of a cut file for no end of the archive", async () => {
  const whole = await tarOf([{ name: "set/zeros", content: "\0".repeat(5000) }]);
  for (const at of [2048, 3072, 5120]) {
    const { error, files } = await unpacked(whole.slice(0, at), 10_000);
    assert.match(
      error!.message,
      /expected 5000 bytes of set\/zeros but found the end of the archive$/,
    );
    assert.deepEqual(files, {});
  }
});

Deno.test("unpack() reads no further than the limit of a gzip bomb", async () => {
  const bomb = new Uint8Array(2 ** 26);
  bomb.set((await tarOf([{ name: "set/a", content: "x" }])).subarray(0, 1024));
  const archive = gzipSync(bomb);
  const before = isolateMemory();
  const { error, files } = await unpacked(archive, 1000);
  assert.match(error!.message, /at most 16778216 bytes once unpacked but found more$/);
  assert.ok(isolateMemory() - before < 2 ** 25);
  assert.deepEqual(files, {});
});

Deno.test("unpack() leaves nothing that is not accepted", async () => {
  const { error, files } = await unpacked(await tarOf(good), 1000, async (path) => {
    assert.equal(await Deno.readTextFile(join(path, "deep/b.txt")), "two, and longer");
    throw new DataError("not so");
  });
  assert.equal(error!.message, "not so");
  assert.deepEqual(files, {});
});

Deno.test("unpack() tells why a compressed file ends, rather than that it does", async () => {
  const content = crypto.getRandomValues(new Uint8Array(50_000));
  const zipped = new Uint8Array(gzipSync(await tarOf([{ name: "set/a", content }])));
  const { error } = await unpacked(zipped.slice(0, 40_000), 100_000);
  assert.match(error!.message, /expected a tar archive of set but found unexpected end of file$/);
});

Deno.test("unpack() stops when told, and leaves nothing", async () => {
  const stop = new AbortController();
  const accept = () => Promise.reject(new Error("must not come here"));
  const archive = await tarOf([{ name: "set/a", content: new Uint8Array(2 ** 20) }]);
  const { error, files, last } = await unpacked(archive, 2 ** 20, accept, stop);
  assert.deepEqual([error!.name, files], ["AbortError", {}]);
  assert.ok(last.done < archive.length);
});

Deno.test("unpack() tells what cannot be written or is not there", async () => {
  const root = await Deno.makeTempDir({ prefix: "layermix-test-" });
  const archive = join(root, "archive"), options = { folder: "set", most: 1000 };
  await Deno.writeFile(archive, await tarOf(good));
  const message = /^Cannot write \S+\.set\.unpacking: a part of its path is not a folder$/;
  await assert.rejects(unpack(archive, archive, options), { name: "DataError", message });
  await assert.rejects(
    unpack(join(root, "none"), root, options),
    /^DataError: Cannot read \S+none: /,
  );
  const taken = join(root, "set");
  await Deno.mkdir(taken);
  await Deno.writeTextFile(join(taken, "mine"), "");
  await assert.rejects(unpack(archive, root, options), {
    name: "DataError",
    message: /^Cannot write \S+set: something else is there$/,
  });
  assert.deepEqual([...Deno.readDirSync(taken)].map(({ name }) => name), ["mine"]);
  await Deno.remove(root, { recursive: true });
});
