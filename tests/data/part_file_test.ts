import assert from "node:assert/strict";
import { join } from "node:path";
import { discardPart, readPart, sizeOfPart, writeOrigin } from "../../lib/data/part_file.ts";
import { withFolder } from "./folder.ts";

const url = "https://example.org/a.tar";

Deno.test("a part is known again by what was written of it", () =>
  withFolder(async (folder) => {
    const part = join(folder, "a.part");
    assert.equal(await readPart(url, part), undefined);
    const origin = { url, etag: '"a"', lastModified: "Mon", total: 90 };
    await writeOrigin(part, origin);
    assert.equal(await readPart(url, part), undefined, "an empty one is of no use");
    await Deno.writeFile(part, new Uint8Array(30));
    assert.deepEqual(await readPart(url, part), { ...origin, size: 30, validator: '"a"' });
    assert.equal(await readPart(`${url}.gz`, part), undefined);
    await discardPart(part);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    assert.equal(await sizeOfPart(part), 0);
  }));

const damaged = {
  "no JSON": "{",
  "no object": "[]",
  "an ETag that is a number": JSON.stringify({ url, etag: 1 }),
  "an ETag that cannot be sent": JSON.stringify({ url, etag: '"a"\r\nhost: b' }),
  "an empty ETag": JSON.stringify({ url, etag: "" }),
  "a date that is an object": JSON.stringify({ url, lastModified: {} }),
  "a date of other letters": JSON.stringify({ url, lastModified: "Lün" }),
  "a length that is a text": JSON.stringify({ url, etag: '"a"', total: "90" }),
  "a length below 0": JSON.stringify({ url, etag: '"a"', total: -1 }),
  "many levels": "[".repeat(9999),
  "more text than there can be": JSON.stringify({ url, etag: '"a"', more: "x".repeat(2 ** 16) }),
};

for (const [what, text] of Object.entries(damaged)) {
  Deno.test(`a part of which ${what} is told is begun anew`, () =>
    withFolder(async (folder) => {
      const part = join(folder, "a.part");
      await Deno.writeFile(part, new Uint8Array(30));
      await Deno.writeTextFile(`${part}.json`, text);
      assert.equal(await readPart(url, part), undefined);
    }));
}
