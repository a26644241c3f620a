import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { getData } from "../../lib/data/get_data.ts";
import { withFolder } from "./folder.ts";
import { ranged, withServer } from "./server.ts";
import { tarOf } from "./tar.ts";

const FOLDER = "cifar-10-batches-bin", ARCHIVE = "cifar-10-binary.tar.gz";
const digest = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** The official archive but for its pictures, which are black. */
async function cifarArchive(batches = [1, 2, 3, 4, 5]): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(30_730_000);
  const classes = "airplane automobile bird cat deer dog frog horse ship truck".replaceAll(
    " ",
    "\n",
  );
  const files = [...batches.map((n) => `data_batch_${n}`), "test_batch"];
  const archive = await tarOf([
    { name: `${FOLDER}/batches.meta.txt`, content: classes },
    ...files.map((name) => ({ name: `${FOLDER}/${name}.bin`, content })),
  ]);
  return new Uint8Array(gzipSync(archive, { level: 1 }));
}

Deno.test("getData() downloads, checks and unpacks, and leaves what is right alone", async () => {
  const archive = await cifarArchive(), md5 = digest(archive);
  await withFolder((root) =>
    withServer((request) => ranged(archive, request), async (address, requests) => {
      const out = join(root, "new/data"), folder = join(out, FOLDER);
      const tasks = new Set<string>(), notes: string[] = [];
      const options = {
        ...{ name: "cifar10" as const, out, url: `${address}/other-name?download=1`, md5 },
        progress: ({ task }: { task: string }) => tasks.add(task),
        note: (line: string) => notes.push(line),
      };
      const both = await Promise.all([getData(options), getData(options)]);
      assert.deepEqual(both.map(({ wasThere }) => wasThere).sort(), [false, true]);
      assert.deepEqual(notes, [`note: another process gets ${folder}; waiting for it`]);
      assert.equal(requests.length, 1);
      assert.deepEqual([...tasks], ["downloading", "checking", "unpacking"]);
      assert.deepEqual(names(out), [FOLDER]);
      const { archive: kept, findings } = both[0];
      assert.deepEqual([kept, findings.length], [undefined, 9]);
      assert.ok(findings.every(({ isRight }) => isRight));

      await Deno.truncate(join(folder, "data_batch_3.bin"), 30_729_999);
      await assert.rejects(getData(options), {
        message:
          /^Cannot use \S+cifar-10-batches-bin as cifar10: data_batch_3\.bin: expected .*; remove it to download it anew$/,
      });
      await Deno.remove(folder, { recursive: true });
      const again = await getData({ ...options, keepArchive: true });
      assert.deepEqual([again.archive, requests.length], [join(out, ARCHIVE), 2]);
      await Deno.remove(folder, { recursive: true });
      const progress = ({ task }: { task: string }) =>
        task === "unpacking" && Deno.mkdirSync(join(folder, "mine"), { recursive: true });
      await assert.rejects(getData({ ...options, progress }), {
        message: /^Cannot write \S+cifar-10-batches-bin: something else is there$/,
      });
      assert.deepEqual(names(folder), ["mine"]);
      await Deno.remove(folder, { recursive: true });
      const fromArchive = await getData(options);
      assert.deepEqual([fromArchive.wasThere, requests.length], [false, 2]);
      assert.deepEqual(names(out), [FOLDER, ARCHIVE]);
    })
  );
});

Deno.test("getData() gives what lacks a file no name, whatever its checksum", async () => {
  const archive = await cifarArchive([1, 2, 3, 5]);
  await withFolder((out) =>
    withServer((request) => ranged(archive, request), async (address) => {
      const options = { name: "cifar10", out, url: `${address}/a`, md5: digest(archive) } as const;
      await assert.rejects(getData(options), {
        name: "DataError",
        message:
          /^Cannot use \S+\.tar\.gz as cifar10: data_batch_4\.bin: expected a file .* found nothing there; remove it to/,
      });
      assert.deepEqual(names(out), [ARCHIVE]);
    })
  );
});

Deno.test("getData() refuses another archive that was there, and leaves it", () =>
  withFolder(async (out) => {
    await Deno.writeTextFile(join(out, ARCHIVE), "mine");
    await assert.rejects(getData({ name: "cifar10", out, url: "http://127.0.0.1:1/" }), {
      message:
        /^Cannot use \S+cifar-10-binary\.tar\.gz: expected the MD5 c32a\w+ but found \w{32}; remove it to download it anew$/,
    });
    assert.equal(await Deno.readTextFile(join(out, ARCHIVE)), "mine");
    assert.deepEqual(names(out), [ARCHIVE]);
  }));

Deno.test("getData() removes an archive of unknown checksum that is none", () =>
  withFolder((out) =>
    withServer(() => ({ body: new Uint8Array(600).fill(60) }), async (address) => {
      await assert.rejects(getData({ name: "cifar100-p", out, url: address }), {
        message:
          /^Cannot read \S+CIFAR-100-P\.tar: expected a (whole )?tar archive.*; it was removed$/,
      });
      assert.deepEqual(names(out), []);
    })
  ));

Deno.test("getData() refuses an archive of impossible size", () =>
  withFolder((out) =>
    withServer(() => ({ length: 2 ** 40 }), async (address) => {
      await assert.rejects(getData({ name: "cifar100-p", out, url: address }), {
        message: /: expected at most 42949672960 bytes but found 1099511627776$/,
      });
    })
  ));

Deno.test("getData() tells what cannot be written", () =>
  withFolder(async (root) => {
    const out = join(root, "file");
    await Deno.writeTextFile(out, "");
    await assert.rejects(getData({ name: "cifar10", out }), {
      message: /^Cannot write \S+file: something else is there$/,
    });
    await assert.rejects(getData({ name: "cifar10", out: join(out, "data") }), {
      message: /^Cannot write \S+data: a part of its path is not a folder$/,
    });
  }));
