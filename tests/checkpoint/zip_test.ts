import assert from "node:assert/strict";
import { ZipArchive } from "../../lib/checkpoint/zip.ts";
import { PickleError } from "../../lib/pickle/error.ts";
import { ascii } from "../pickle/values.ts";
import { zip } from "./zip_writer.ts";

const text = ascii("layermix ".repeat(100));
const entries = [
  { name: "a/stored", content: text },
  { name: "a/deflated", content: text, deflate: true },
  { name: "a/empty", content: new Uint8Array(0) },
];

function refused(bytes: Uint8Array, name: string, message: RegExp): void {
  assert.throws(() => new ZipArchive(bytes).read(name), (error) => {
    assert(error instanceof PickleError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

for (const large of [false, true]) {
  Deno.test(`ZipArchive reads stored and deflated entries${large ? " of zip64" : ""}`, () => {
    const archive = new ZipArchive(zip(entries, { large }));
    assert.deepEqual(archive.names, entries.map(({ name }) => name));
    for (const { name, content } of entries) assert.deepEqual(archive.read(name), content);
    assert.equal(archive.read("a"), undefined);
    assert.equal(archive.read("__proto__"), undefined);
  });
}

Deno.test("ZipArchive finds the directory before a comment", () => {
  const bytes = zip(entries);
  const commented = new Uint8Array([...bytes, ...ascii("a comment")]);
  assert.equal(new ZipArchive(commented).names.length, 3);
});

Deno.test("ZipArchive refuses entries that lie, and does not inflate beyond their size", () => {
  const one = (entry: object) => zip([{ name: "x", content: text, ...entry }]);
  refused(one({ crc: 1 }), "x", /the sum 1 of the entry "x"/);
  refused(one({ size: 7 }), "x", /7 bytes in the entry "x" but found 900/);
  refused(one({ flags: 1 }), "x", /an encrypted one/);
  refused(one({ offset: 5 }), "x", /the entry "x" at byte 5 but found none/);
  refused(one({ offset: 2 ** 31 }), "x", /at byte 2147483648 but found its end/);
  const bomb = new Uint8Array(5_000_000);
  refused(one({ content: bomb, deflate: true, size: 1000 }), "x", /1000 deflated bytes in "x"/);
  refused(one({ deflate: true, size: 901 }), "x", /901 bytes in the entry "x" but found 900/);
  refused(one({ deflate: true, size: 2 ** 31 }), "x", /at most 1073741824 bytes of compressed/);
  refused(zip([...entries, entries[0]!]), "x", /"a\/stored" twice/);
});

Deno.test("ZipArchive refuses entries that share their bytes, since each would be summed again", () => {
  const archive = new ZipArchive(
    zip([
      { name: "a", content: text },
      ...["b", "c", "d"].map((name) => ({ name, content: text, offset: 0 })),
    ]),
  );
  const read = () => Array.from({ length: 8 }, (_, i) => archive.read("abcd"[i % 4]!));
  assert.throws(read, /entries that overlap/);
});

Deno.test("ZipArchive refuses an archive that is cut anywhere", () => {
  const bytes = zip(entries);
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => new ZipArchive(bytes.subarray(0, length)), PickleError);
  }
});
