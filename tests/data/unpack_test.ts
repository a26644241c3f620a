import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { unpack } from "../../lib/data/unpack.ts";

type Entry = Partial<Header> & { name: string; content?: string };

/** A tar archive of entries, as any program may write it. */
export async function tarOf(entries: readonly Entry[]): Promise<Uint8Array<ArrayBuffer>> {
  const archive = pack();
  for (const { content = "", ...header } of entries) archive.entry(header, content);
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

/** Unpacks `bytes` into a folder of its own; all that is there afterwards, with its content. */
async function unpacked(bytes: Uint8Array, most = 1000) {
  const root = await Deno.makeTempDir({ prefix: "layermix-test-" });
  const archive = join(root, "archive"), into = join(root, "into");
  await Deno.writeFile(archive, bytes);
  try {
    const sizes: number[] = [];
    const progress = (done: number) => sizes.push(done);
    const error = await unpack(archive, into, { folder: "set", most, progress })
      .then(() => undefined, (error: Error) => error);
    return { error, files: await list(root), last: sizes.at(-1) };
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
    const { error, files, last } = await unpacked(compress(await tarOf(good)));
    assert.equal(error, undefined);
    assert.deepEqual(files, { "into/set/a.txt": "one", "into/set/deep/b.txt": "two, and longer" });
    assert.equal(last, 18);
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
    /files of at most 1000 bytes but found more$/,
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

Deno.test("unpack() reads no further than the limit, whatever a header says", async () => {
  const bomb = new Uint8Array(2 ** 26);
  bomb.set((await tarOf([{ name: "set/a", content: "x" }])).subarray(0, 512));
  const { error, files } = await unpacked(gzipSync(bomb), 1000);
  assert.ok(error);
  assert.deepEqual(files, {});
  const longName = await tarOf([{
    name: `set/${"n".repeat(300)}`,
    content: "x",
    pax: { comment: "c".repeat(2 ** 25) },
  }]);
  assert.match(
    (await unpacked(longName)).error!.message,
    /expected a tar archive of set but found Header exceeds max size/,
  );
});
