import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { download, type DownloadOptions } from "../../lib/data/download.ts";
import { type Answer, ranged, type Request, withServer } from "./server.ts";

const whole = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 2654435761) >>> 24);
const md5 = createHash("md5").update(whole).digest("hex");

/** A server that sends no more than `most` bytes of what it promises. */
const dropping = (most: number, answer: Answer): Answer => ({
  ...answer,
  length: answer.body!.length,
  body: answer.body!.subarray(0, most),
});

interface Case {
  answer(request: Request, number: number): Answer;
  options?: DownloadOptions;
  /** What is on the disk before: a part, and what is known of it. */
  part?: { bytes: Uint8Array; validator?: string; url?: string };
  check(state: {
    requests: Request[];
    error?: Error;
    file?: Uint8Array;
    part?: Uint8Array;
    notes: string[];
  }): void;
}

const isWhole = (
  { file, error, part }: { file?: Uint8Array; error?: Error; part?: Uint8Array },
) => {
  assert.equal(error, undefined);
  assert.deepEqual(file, whole);
  assert.equal(part, undefined);
};

const cases: Record<string, Case> = {
  "downloads and checks a file": {
    answer: (request) => ranged(whole, request),
    check: (state) => {
      isWhole(state);
      assert.equal(state.requests.length, 1);
    },
  },
  "goes on by ranges where a connection drops": {
    answer: (request) => dropping(20_000, ranged(whole, request)),
    check: (state) => {
      isWhole(state);
      assert.deepEqual(state.requests.map(({ from }) => from), [undefined, 20_000, 40_000]);
      assert.equal(state.requests[1]!.headers.get("if-range"), '"a"');
      assert.match(state.notes[0]!, /^note: at 20000 bytes: .*; trying again$/);
    },
  },
  "goes on with the part of an earlier call": {
    answer: (request) => ranged(whole, request),
    part: { bytes: whole.subarray(0, 30_000), validator: '"a"' },
    check: (state) => {
      isWhole(state);
      assert.deepEqual(state.requests.map(({ from }) => from), [30_000]);
    },
  },
  "begins anew where the content has changed": {
    answer: (request) => {
      const changed = request.headers.get("if-range") !== '"b"';
      return ranged(whole, changed ? { ...request, from: undefined } : request, '"b"');
    },
    part: { bytes: new Uint8Array(30_000), validator: '"a"' },
    check: isWhole,
  },
  "begins anew where the part is of another address": {
    answer: (request) => ranged(whole, request),
    part: { bytes: new Uint8Array(30_000), validator: '"a"', url: "http://elsewhere" },
    check: (state) => {
      isWhole(state);
      assert.deepEqual(state.requests.map(({ from }) => from), [undefined]);
    },
  },
  "begins anew where a server knows no ranges": {
    answer: (_, number) => number === 0 ? dropping(20_000, { body: whole }) : { body: whole },
    check: (state) => {
      isWhole(state);
      assert.deepEqual(state.requests.map(({ from }) => from), [undefined, undefined]);
    },
  },
  "takes a part that is whole already": {
    answer: ({ from }) =>
      from === whole.length
        ? { status: 416, headers: { "content-range": `bytes */${whole.length}` } }
        : { body: whole },
    part: { bytes: whole, validator: '"a"' },
    check: (state) => {
      isWhole(state);
      assert.equal(state.requests.length, 1);
    },
  },
  "tries again after errors of the server": {
    answer: (request, number) => number < 2 ? { status: 503 } : ranged(whole, request),
    check: (state) => {
      isWhole(state);
      assert.equal(state.requests.length, 3);
    },
  },
  "gives up when nothing comes any more, and keeps what came": {
    answer: (request, number) =>
      number === 0 ? dropping(20_000, ranged(whole, request)) : { status: 500 },
    check: ({ error, file, part, requests }) => {
      assert.match(
        error!.message,
        /^Cannot download http:\S+: expected an answer but 3 times found: HTTP status 500; 20000 bytes are kept/,
      );
      assert.deepEqual([file, part, requests.length], [undefined, whole.subarray(0, 20_000), 4]);
    },
  },
  "gives up on a server that promises more than it ever sends": {
    answer: (request) => ({ ...ranged(whole, request), length: 60_000 }),
    check: ({ error, file, requests }) => {
      assert.match(error!.message, /expected an answer but 3 times found/);
      assert.equal(file, undefined);
      assert.ok(requests.length <= 5);
    },
  },
  "refuses a file that ends too soon by its checksum, and removes it": {
    answer: (request) => ranged(whole.subarray(0, 100), request),
    check: ({ error, file, part }) => {
      assert.match(
        error!.message,
        /expected the MD5 [0-9a-f]{32} but found [0-9a-f]{32}; it was removed$/,
      );
      assert.deepEqual([file, part], [undefined, undefined]);
    },
  },
  "refuses other bytes of the same length by the checksum": {
    answer: (request) => ranged(whole.map((byte, i) => i === 7 ? byte ^ 1 : byte), request),
    check: ({ error, file, part, requests }) => {
      assert.match(error!.message, /^Cannot use what http:\S+ sent: expected the MD5/);
      assert.deepEqual([file, part, requests.length], [undefined, undefined, 1]);
    },
  },
  "does not mix the bytes of another place than was asked for": {
    answer: (request, number) =>
      number === 0
        ? dropping(20_000, ranged(whole, request))
        : { ...ranged(whole, { ...request, from: 10_000 }) },
    check: ({ error, part }) => {
      assert.match(error!.message, /bytes from 10000 on, not from 20000 on/);
      assert.equal(part!.length, 20_000);
    },
  },
  "refuses at once what is not there": {
    answer: () => ({ status: 404 }),
    check: ({ error, requests }) => {
      assert.match(error!.message, /expected a file but found HTTP status 404$/);
      assert.equal(requests.length, 1);
    },
  },
  "takes a file without a checksum as it is": {
    answer: (request) => ranged(whole, request),
    options: { md5: undefined },
    check: isWhole,
  },
};

for (const [name, { answer, options, part, check }] of Object.entries(cases)) {
  Deno.test(`download() ${name}`, () =>
    withServer(answer, async (address, requests) => {
      const folder = await Deno.makeTempDir({ prefix: "layermix-test-" });
      const path = join(folder, "a.tar"), url = `${address}/a.tar`;
      const read = (path: string) => Deno.readFile(path).catch(() => undefined);
      const notes: string[] = [];
      try {
        if (part) {
          await Deno.writeFile(`${path}.part`, part.bytes);
          const origin = { url: part.url ?? url, validator: part.validator };
          await Deno.writeTextFile(`${path}.part.json`, JSON.stringify(origin));
        }
        const quick = { md5, attempts: 3, pause: 1, note: (line: string) => notes.push(line) };
        const error = await download(url, path, { ...quick, ...options })
          .then(() => undefined, (error) => error);
        check({ requests, error, file: await read(path), part: await read(`${path}.part`), notes });
        if (!error) {
          assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["a.tar"]);
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    }));
}

Deno.test("download() stops when told, and goes on with the next call", () => {
  const slow = (request: Request) => dropping(20_000, ranged(whole, request));
  return withServer(slow, async (address, requests) => {
    const folder = await Deno.makeTempDir({ prefix: "layermix-test-" });
    const path = join(folder, "a.tar"), stop = new AbortController();
    const progress = ({ done }: { done: number }) => done >= 20_000 && stop.abort();
    const options = { md5, pause: 1 };
    await assert.rejects(
      download(`${address}/a.tar`, path, { ...options, progress, signal: stop.signal }),
      { name: "AbortError" },
    );
    assert.equal((await Deno.stat(`${path}.part`)).size, 20_000);
    await download(`${address}/a.tar`, path, options);
    assert.deepEqual(await Deno.readFile(path), whole);
    assert.deepEqual(requests.map(({ from }) => from), [undefined, 20_000, 40_000]);
    await Deno.remove(folder, { recursive: true });
  });
});
