import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { appendSynced, writeAtomic, writeAtomicBy } from "../../lib/checkpoint/atomic_write.ts";
import { CheckpointError } from "../../lib/checkpoint/error.ts";
import { withFolder } from "../data/folder.ts";

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("writeAtomic() writes bytes and text, replaces, and leaves nothing else", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.bin");
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, index) => index * 7);
    await writeAtomic(path, bytes);
    assert(Buffer.compare(await Deno.readFile(path), bytes) === 0);
    await writeAtomic(path, "häppy\n");
    assert.equal(await Deno.readTextFile(path), "häppy\n");
    await writeAtomic(path, bytes.subarray(5, 8));
    assert.deepEqual(await Deno.readFile(path), bytes.slice(5, 8));
    assert.deepEqual(names(folder), ["a.bin"]);
  }));

Deno.test("writeAtomic() never shows a reader a part of a file", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.bin");
    const size = 2_000_000;
    await writeAtomic(path, new Uint8Array(size));
    let isWriting = true;
    const writing = (async () => {
      for (let round = 1; round <= 5; round++) {
        await writeAtomic(path, new Uint8Array(size).fill(round));
      }
      isWriting = false;
    })();
    while (isWriting) {
      const bytes = await Deno.readFile(path);
      assert.equal(bytes.length, size);
      assert.equal(bytes[0], bytes[size - 1]);
    }
    await writing;
  }));

Deno.test("writeAtomic() may run at once for one path; one content wins whole", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a");
    const texts = Array.from({ length: 8 }, (_, index) => String(index).repeat(1000));
    await Promise.all(texts.map((text) => writeAtomic(path, text)));
    assert(texts.includes(await Deno.readTextFile(path)));
    assert.deepEqual(names(folder), ["a"]);
  }));

Deno.test("writeAtomic() names path and reason, and removes its temporary file", () =>
  withFolder(async (folder) => {
    const isFolder = join(folder, "sub");
    await Deno.mkdir(join(isFolder, "deeper"), { recursive: true });
    await Deno.writeTextFile(join(folder, "file"), "old");
    const cases: [string, string][] = [
      [isFolder, "it is a folder"],
      [join(folder, "absent", "x"), "its folder does not exist"],
      [join(folder, "file", "x"), "a part of its path is not a folder"],
    ];
    for (const [path, reason] of cases) {
      await assert.rejects(() => writeAtomic(path, "new"), (error) => {
        assert(error instanceof CheckpointError);
        assert.equal(error.message, `Cannot write ${path}: ${reason}`);
        return true;
      });
    }
    assert.deepEqual(names(folder), ["file", "sub"]);
    assert.equal(await Deno.readTextFile(join(folder, "file")), "old");
  }));

Deno.test({
  name: "writeAtomic() and appendSynced() report a full disk",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (folder) => {
      await assert.rejects(
        () => appendSynced("/dev/full", "x"),
        /Cannot write .*: the disk is full/,
      );
      await assert.rejects(
        () => writeAtomic("/proc/self/x", "x"),
        /Cannot write \/proc\/self\/x: /,
      );
      assert.deepEqual(names(folder), []);
    }),
});

Deno.test("appendSynced() adds to what is there", () =>
  withFolder(async (folder) => {
    const path = join(folder, "log");
    await appendSynced(path, "one\n");
    await appendSynced(path, "two\n");
    assert.equal(await Deno.readTextFile(path), "one\ntwo\n");
  }));

Deno.test("writeAtomicBy() replaces a file only where all of it was written", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.bin");
    await writeAtomic(path, "old");
    const part = async (file: { write(text: string): Promise<unknown> }) => {
      await file.write("ne");
      return false;
    };
    assert.equal(await writeAtomicBy(path, part), false);
    const broken = new RangeError("no such corruption");
    await assert.rejects(writeAtomicBy(path, () => Promise.reject(broken)), broken);
    assert.deepEqual([await Deno.readTextFile(path), names(folder)], ["old", ["a.bin"]]);
    const whole = async (file: { write(text: string, at: number): Promise<unknown> }) => {
      await file.write("w", 2);
      await file.write("ne", 0);
      return true;
    };
    assert.equal(await writeAtomicBy(path, whole), true);
    assert.deepEqual([await Deno.readTextFile(path), names(folder)], ["new", ["a.bin"]]);
    const nowhere = join(folder, "none", "a.bin");
    await assert.rejects(writeAtomicBy(nowhere, whole), CheckpointError);
  }));
