import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { checkData } from "../../lib/data/data_check.ts";
import { getData } from "../../lib/data/get_data.ts";
import { encodeNpyHeader } from "../../lib/data/npy.ts";
import { layermix } from "../train/fixture.ts";
import { ranged, withServer } from "./server.ts";

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "layermix-test-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The official archive but for its pictures, which are black. */
async function cifarArchive(): Promise<Uint8Array<ArrayBuffer>> {
  const names = [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`);
  const archive = pack(), bytes = new Uint8Array(30_730_000);
  const classes = "airplane automobile bird cat deer dog frog horse ship truck".split(" ");
  const folder = "cifar-10-batches-bin";
  archive.entry({ name: `${folder}/batches.meta.txt` }, classes.join("\n"));
  for (const name of [...names, "test_batch.bin"]) {
    archive.entry({ name: `${folder}/${name}` }, bytes);
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const whole = new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
  return new Uint8Array(gzipSync(whole, { level: 1 }));
}

Deno.test("getData() downloads, checks and unpacks, and leaves what is right alone", async () => {
  const archive = await cifarArchive();
  const md5 = createHash("md5").update(archive).digest("hex");
  await withFolder((out) =>
    withServer((request) => ranged(archive, request), async (address, requests) => {
      const tasks = new Set<string>();
      const options = {
        name: "cifar10",
        out,
        url: `${address}/cifar.tar.gz?download=1`,
        md5,
      } as const;
      const got = await getData({ ...options, progress: ({ task }) => tasks.add(task) });
      assert.equal(got.folder, join(out, "cifar-10-batches-bin"));
      assert.deepEqual(got.findings.map(({ found }) => found), [
        "50000 pictures of 10 classes",
        "10000 pictures of 10 classes",
      ]);
      assert.deepEqual([...tasks], ["downloading", "checking", "unpacking"]);
      assert.deepEqual([...Deno.readDirSync(out)].map(({ name }) => name), [
        "cifar-10-batches-bin",
      ]);
      assert.equal((await getData(options)).wasThere, true);
      assert.equal(requests.length, 1);
      const { code, stdout } = await layermix("data", "check", "cifar10", out);
      assert.deepEqual([code, stdout], [
        0,
        "ok     train  50000 pictures of 10 classes\nok     test   10000 pictures of 10 classes\n",
      ]);
      await Deno.truncate(join(got.folder, "data_batch_3.bin"), 30_729_999);
      await assert.rejects(getData(options), {
        message:
          /^Cannot use \S+cifar-10-batches-bin as cifar10: Cannot read .*data_batch_3\.bin: .*; remove the folder to download it anew$/,
      });
      const wrong = await layermix("data", "check", "cifar10", out, "--quiet");
      assert.equal(wrong.code, 1);
      assert.match(wrong.stdout, /^WRONG {2}train {2}Cannot read .*data_batch_3\.bin.*\n$/);
    })
  );
});

Deno.test("layermix data get refuses a wrong checksum and an absent file in one line", () =>
  withFolder((out) =>
    withServer(
      ({ path }) => path === "/there.tar.gz" ? { body: new Uint8Array(9) } : { status: 404 },
      async (address) => {
        const get = (path: string) =>
          layermix(
            "data",
            "get",
            "cifar10",
            "--out",
            out,
            "--url",
            `${address}/${path}`,
            "--quiet",
          );
        const wrong = await get("there.tar.gz");
        assert.deepEqual([wrong.code, wrong.stdout], [1, ""]);
        assert.match(
          wrong.stderr,
          /^layermix: Cannot use the 9 bytes that \S+ sent: expected the MD5 c32a\w+ but found \w+; they were removed\n$/,
        );
        const absent = await get("absent");
        assert.equal(absent.code, 1);
        assert.match(absent.stderr, /expected a file but found HTTP status 404\n$/);
        assert.deepEqual([...Deno.readDirSync(out)], []);
        const unknown = await layermix("data", "get", "cifar-10");
        assert.equal(unknown.code, 2);
        assert.match(unknown.stderr, /did you mean cifar10\?/);
      },
    )
  ));

/** A file of the right size, of which nothing is stored. */
async function writeHollow(path: string, type: "|u1" | "<i8", shape: number[]): Promise<void> {
  const header = encodeNpyHeader(type, shape);
  await Deno.writeFile(path, header);
  const size = shape.reduce((a, b) => a * b, type === "|u1" ? 1 : 8);
  await Deno.truncate(path, header.length + size);
}

Deno.test("checkData() names what is missing, of another shape or out of range in C and P", () =>
  withFolder(async (out) => {
    const c = join(out, "CIFAR-10-C"), p = join(out, "p");
    for (const folder of [c, p]) await Deno.mkdir(folder);
    await writeHollow(join(c, "fog.npy"), "|u1", [50_000, 32, 32, 3]);
    await writeHollow(join(c, "snow.npy"), "|u1", [10_000, 32, 32, 3]);
    await writeHollow(join(c, "spatter.npy"), "|u1", [50_000, 32, 32, 3]);
    await writeHollow(join(c, "labels.npy"), "<i8", [50_000]);
    const ofC = new Map((await checkData("cifar10-c", out)).map((one) => [one.name, one]));
    assert.equal(ofC.size, 17);
    assert.deepEqual(
      [...ofC.values()].filter(({ isRight }) => isRight).map(({ name, found }) => [name, found]),
      [
        ["fog.npy", "5 severities of 10000 pictures"],
        ["spatter.npy", "5 severities of 10000 pictures"],
        ["labels.npy", "50000 labels of 10 classes"],
      ],
    );
    assert.match(
      ofC.get("snow.npy")!.found,
      /expected shape \(50000, 32, 32, 3\) but found \(10000,/,
    );
    assert.match(ofC.get("frost.npy")!.found, /expected an npy file but found nothing there$/);
    await writeHollow(join(p, "tilt.npy"), "|u1", [10_000, 31, 32, 32, 3]);
    const ofP = await checkData("cifar100-p", p);
    assert.deepEqual(ofP.filter(({ isRight }) => isRight).map(({ name, found }) => [name, found]), [
      ["tilt.npy", "10000 sequences of 31 pictures"],
    ]);
    assert.equal(ofP.length, 10);
    const labels = new Uint8Array([
      ...encodeNpyHeader("|u1", [50_000]),
      ...new Uint8Array(50_000).fill(10),
    ]);
    await Deno.writeFile(join(c, "labels.npy"), labels);
    assert.match(
      (await checkData("cifar10-c", c)).at(-1)!.found,
      /labels of 0 … 9 but found 10 at 0$/,
    );
    await assert.rejects(
      checkData("cifar10", join(out, "absent")),
      /Cannot read \S+absent: expected/,
    );
  }));
