import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { withFolder } from "../data/folder.ts";
import { type Answer, ranged, type Request, withServer } from "../data/server.ts";
import { tarOf } from "../data/tar.ts";
import { command, ended, layermix } from "../train/fixture.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** CIFAR-100's official archive but for its pictures, which are black. */
async function archive(): Promise<{ bytes: Uint8Array; md5: string }> {
  const folder = "cifar-100-binary";
  const classes = Array.from({ length: 100 }, (_, i) => `class ${i}`).join("\n");
  const bytes = gzipSync(
    await tarOf([
      { name: `${folder}/`, type: "directory" },
      { name: `${folder}/train.bin`, content: new Uint8Array(50_000 * 3074) },
      { name: `${folder}/test.bin`, content: new Uint8Array(10_000 * 3074) },
      { name: `${folder}/fine_label_names.txt`, content: classes },
    ]),
    { level: 1 },
  );
  return { bytes, md5: createHash("md5").update(bytes).digest("hex") };
}

/** Calls `test` with a server of one answer, and a command that gets CIFAR-100 from it. */
const withMirror = (
  answer: (request: Request, number: number) => Answer,
  test: (
    get: (...flags: string[]) => ReturnType<typeof layermix>,
    place: { out: string; url: string; requests: Request[] },
  ) => Promise<void>,
) =>
  withFolder((out) =>
    withServer(answer, (address, requests) => {
      const url = `${address}/a.tar.gz`;
      const get = (...flags: string[]) =>
        layermix("data", "get", "cifar100", "--out", out, "--url", url, ...flags);
      return test(get, { out, url, requests });
    })
  );

Deno.test("layermix data get goes on after a dropped connection, and says what is there", async () => {
  const { bytes, md5 } = await archive();
  const answer = (request: Request, number: number) => {
    const whole = ranged(bytes, request);
    return number > 0 ? whole : { ...whole, length: bytes.length, body: bytes.subarray(0, 50_000) };
  };
  await withMirror(answer, async (get, { out, requests }) => {
    const first = await get("--md5", md5.toUpperCase(), "--keep-archive");
    assert.equal(first.code, 0, first.stderr);
    assert.deepEqual(requests.map(({ from }) => from), [undefined, 50_000]);
    assert.match(first.stderr, /^note: expected \d+ bytes but found 50000 .*; trying again from/m);
    const lines = first.stdout.trimEnd().split("\n");
    assert.equal(lines[0], "ok     train.bin             50000 pictures");
    const folder = join(out, "cifar-100-binary"), file = join(out, "cifar-100-binary.tar.gz");
    assert.equal(lines.at(-1), `cifar100 is in ${folder}, its archive is ${file}`);
    assert.deepEqual(names(out), ["cifar-100-binary", "cifar-100-binary.tar.gz"]);
    const second = await get("--json");
    const { name, was_there, findings } = JSON.parse(second.stdout);
    assert.deepEqual([name, was_there, findings.length], ["cifar100", true, 5]);
    assert.deepEqual([second.code, second.stderr, requests.length], [0, "", 2]);
    const { code, stdout, stderr } = await get("--quiet");
    assert.deepEqual([code, stdout, stderr], [0, "", ""]);
  });
});

Deno.test("layermix data get refuses a wrong checksum, an absent file and wrong flags in one line", () =>
  withMirror(
    (_, number) => number === 0 ? { body: new Uint8Array(9) } : { status: 404 },
    async (get, { out }) => {
      const cases: [string[], number, RegExp][] = [
        [
          [],
          1,
          /^layermix: Cannot use the 9 bytes .* the MD5 03b5\w+ but found \w+; they were rem/,
        ],
        [[], 1, /^layermix: Cannot download \S+: expected a file but found HTTP status 404\n$/],
        [["--url", "ftp://a/b"], 1, /^layermix: Cannot download ftp:\S+: expected an address that/],
        [["--md5", "12"], 2, /'--md5 <digits>' argument '12' is invalid\. Expected 32 hex/],
      ];
      for (const [flags, expected, message] of cases) {
        const { code, stdout, stderr } = await get("--quiet", ...flags);
        assert.deepEqual([code, stdout], [expected, ""], stderr);
        assert.match(stderr, message);
      }
      assert.deepEqual(names(out), []);
      const unknown = await layermix("data", "get", "cifar-10");
      assert.equal(unknown.code, 2);
      assert.match(unknown.stderr, /did you mean cifar10\?/);
    },
  ));

Deno.test("layermix data get says where no MD5 is known", () =>
  withMirror(() => ({ status: 404 }), async (_, { out, url }) => {
    const { code, stderr } = await layermix(
      ...["data", "get", "cifar100-p", "--out", out, "--url", url],
    );
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^note: no MD5 of cifar100-p is known, so that only its content is checked\n/,
    );
  }));

Deno.test("layermix data get ends with 130 when interrupted, and keeps what came", async () => {
  if (Deno.build.os === "windows") return;
  const body = new Uint8Array(50_000);
  const stalling = () => ({ body, length: 60_000, headers: { etag: '"a"' }, isStalling: true });
  await withMirror(stalling, async (_, { out, url, requests }) => {
    const child = command(["data", "get", "cifar10", "--out", out, "--url", url]).spawn();
    const part = join(out, "cifar-10-binary.tar.gz.part");
    const size = () => Deno.stat(part).then(({ size }) => size, () => 0);
    while (await size() < body.length) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    const { code, stderr } = ended(await child.output());
    assert.equal(code, 130);
    assert.match(
      stderr,
      /stopped; the same command goes on from there\n$/,
    );
    assert.deepEqual([await size(), requests.length], [body.length, 1]);
    assert.deepEqual(names(out), [
      "cifar-10-binary.tar.gz.part",
      "cifar-10-binary.tar.gz.part.json",
    ]);
  });
});
