import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { download, type DownloadOptions } from "../../lib/data/download.ts";
import { type Answer, ranged, type Request, withServer } from "./server.ts";

const whole = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 2654435761) >>> 24);
const md5 = createHash("md5").update(whole).digest("hex");

/** One chunk in HTTP's chunked coding. */
function chunked(bytes: Uint8Array): Uint8Array {
  const [head, tail] = [`${bytes.length.toString(16)}\r\n`, "\r\n0\r\n\r\n"].map((text) =>
    new TextEncoder().encode(text)
  );
  return new Uint8Array([...head!, ...bytes, ...tail!]);
}

/** A server that sends no more than `most` bytes of what it promises. */
const dropping = (most: number, answer: Answer): Answer => ({
  ...answer,
  length: answer.body!.length,
  body: answer.body!.subarray(0, most),
});

interface Case {
  answer(request: Request, number: number): Answer;
  options?: DownloadOptions & { url?: string };
  /** What is on the disk before: a part, and what is known of it. */
  part?: { bytes: Uint8Array; etag?: string; lastModified?: string; total?: number; url?: string };
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
      assert.match(
        state.notes[0]!,
        /^note: expected 50000 bytes but found 20000 \(.*\); trying again from byte 20000 on$/,
      );
    },
  },
  "goes on with the part of an earlier call": {
    answer: (request) => ranged(whole, request),
    part: { bytes: whole.subarray(0, 30_000), etag: '"a"' },
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
    part: { bytes: new Uint8Array(30_000), etag: '"a"' },
    check: isWhole,
  },
  "begins anew where the part is of another address": {
    answer: (request) => ranged(whole, request),
    part: { bytes: new Uint8Array(30_000), etag: '"a"', url: "http://elsewhere" },
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
        ? {
          status: 416,
          headers: { "content-range": `bytes */${whole.length}` },
          body: new TextEncoder().encode("a page for people"),
        }
        : { body: whole },
    part: { bytes: whole, etag: '"a"' },
    check: (state) => {
      isWhole(state);
      assert.equal(state.requests.length, 1);
    },
  },
  "asks for nothing where the part is known to be whole": {
    answer: () => ({ status: 404 }),
    part: { bytes: whole, etag: '"a"', total: whole.length },
    check: (state) => {
      isWhole(state);
      assert.equal(state.requests.length, 0);
    },
  },
  "refuses an empty file by the checksum": {
    answer: () => ({}),
    check: ({ error, file, part }) => {
      assert.match(error!.message, /^Cannot use the 0 bytes that \S+ sent: expected the MD5/);
      assert.deepEqual([file, part], [undefined, undefined]);
    },
  },
  "tells that there is no server": {
    answer: () => ({}),
    options: { url: "http://absent.invalid/a" },
    check: ({ error, requests }) => {
      assert.match(
        error!.message,
        /^Cannot download http:\/\/absent\.invalid\/a: expected an answer but found, 3 times without getting further, error sending request: /,
      );
      assert.equal(requests.length, 0);
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
        /^Cannot download http:\S+: expected a file but found, 3 times without getting further, HTTP status 500; 20000 bytes are kept, and the same command goes on$/,
      );
      assert.deepEqual([file, part, requests.length], [undefined, whole.subarray(0, 20_000), 4]);
    },
  },
  "gives up on a server that promises more than it ever sends": {
    answer: (request) => {
      const promised = new Uint8Array(60_000);
      promised.set(whole);
      return dropping(Math.max(0, 50_000 - (request.from ?? 0)), ranged(promised, request));
    },
    check: ({ error, file, part, requests }) => {
      assert.match(
        error!.message,
        /: expected 60000 bytes but found, 3 times without getting further, 50000 \(.*\); 50000 bytes are kept/,
      );
      assert.deepEqual([file, part, requests.length], [undefined, whole, 4]);
    },
  },
  "gives up on a server that says one length, then another": {
    answer: (request) => ({ ...ranged(whole, request), length: 60_000 }),
    check: ({ error, file, requests }) => {
      assert.match(
        error!.message,
        /: expected bytes 50000 to 60000 of "a" but found, .*, HTTP status 206 with .*\/50000 of "a"; 0 bytes are kept/,
      );
      assert.equal(file, undefined);
      assert.ok(requests.length <= 5);
    },
  },
  "refuses a file that ends too soon by its checksum, and removes it": {
    answer: (request) => ({ ...ranged(whole, request), length: 100 }),
    check: ({ error, file, part }) => {
      assert.match(
        error!.message,
        /^Cannot use the 100 bytes that http:\S+ sent: expected the MD5 [0-9a-f]{32} but found [0-9a-f]{32}; they were removed$/,
      );
      assert.deepEqual([file, part], [undefined, undefined]);
    },
  },
  "refuses other bytes of the same length by the checksum": {
    answer: (request) => ranged(whole.map((byte, i) => i === 7 ? byte ^ 1 : byte), request),
    check: ({ error, file, part, requests }) => {
      assert.match(error!.message, /^Cannot use the 50000 bytes .*: expected the MD5/);
      assert.deepEqual([file, part, requests.length], [undefined, undefined, 1]);
    },
  },
  "refuses more bytes than there may be, by what the server says": {
    answer: (request) => ranged(whole, request),
    options: { most: 49_999 },
    check: ({ error, file, part, requests }) => {
      assert.match(error!.message, /: expected at most 49999 bytes but found 50000$/);
      assert.deepEqual([file, part?.length, requests.length], [undefined, 0, 1]);
    },
  },
  "refuses more bytes than there may be, where the server says nothing": {
    answer: () => ({ headers: { "transfer-encoding": "chunked" }, body: chunked(whole) }),
    options: { most: 49_999 },
    check: ({ error, file, part }) => {
      assert.match(error!.message, /: expected at most 49999 bytes but found more$/);
      assert.ok(part!.length <= 49_999);
      assert.equal(file, undefined);
    },
  },
  "takes a file of unsaid length": {
    answer: () => ({ headers: { "transfer-encoding": "chunked" }, body: chunked(whole) }),
    check: isWhole,
  },
  "begins anew where the answer is of another place than was asked for": {
    answer: (request, number) =>
      number === 0
        ? dropping(20_000, ranged(whole, request))
        : ranged(whole, number === 1 ? { ...request, from: 10_000 } : request),
    check: (state) => {
      isWhole(state);
      assert.deepEqual(state.requests.map(({ from }) => from), [undefined, 20_000, undefined]);
      assert.match(
        state.notes[1]!,
        /expected bytes 20000 to 50000 of "a" but found HTTP status 206 with bytes 10000-49999\/50000 of "a"; trying again from byte 0 on$/,
      );
    },
  },
  "begins anew where a range has other bytes after it": {
    answer: (request) =>
      request.from === undefined ? ranged(whole, request) : {
        ...ranged(whole, request),
        body: new Uint8Array(30_000),
      },
    part: { bytes: whole.subarray(0, 30_000), etag: '"a"' },
    check: (state) => {
      isWhole(state);
      assert.match(state.notes[0]!, /expected 50000 bytes but found more; .* byte 0 on$/);
    },
  },
  "begins anew where the content has changed and the server does not mind if-range": {
    answer: (request) => ranged(whole, request, '"b"'),
    part: { bytes: new Uint8Array(30_000), etag: '"a"' },
    check: (state) => {
      isWhole(state);
      assert.deepEqual(state.requests.map(({ from }) => from), [30_000, undefined]);
    },
  },
  "begins anew where the content has another date": {
    answer: (request) => {
      const answer = ranged(whole, request);
      return { ...answer, headers: { ...answer.headers, "last-modified": "Tue" } };
    },
    part: { bytes: new Uint8Array(30_000), lastModified: "Mon" },
    check: (state) => {
      isWhole(state);
      assert.equal(state.requests[0]!.headers.get("if-range"), "Mon");
    },
  },
  "begins anew where the content has another length": {
    answer: (request) => ranged(whole, request),
    part: { bytes: new Uint8Array(30_000), etag: '"a"', total: 49_000 },
    check: isWhole,
  },
  "begins anew where the part is longer than the file": {
    answer: (request) =>
      request.from === undefined
        ? ranged(whole, request)
        : { status: 416, headers: { "content-range": "bytes */50000" } },
    part: { bytes: new Uint8Array(60_000), etag: '"a"' },
    check: isWhole,
  },
  "does not go on by a weak ETag": {
    answer: (request) => ranged(whole, request, 'W/"a"'),
    part: { bytes: new Uint8Array(30_000), etag: 'W/"a"' },
    check: (state) => {
      isWhole(state);
      assert.deepEqual(state.requests.map(({ from }) => from), [undefined]);
    },
  },
  "gives up a connection that is silent, and goes on with another": {
    answer: (request) => ({ ...dropping(20_000, ranged(whole, request)), isStalling: true }),
    options: { stall: 200 },
    check: (state) => {
      isWhole(state);
      assert.match(
        state.notes[0]!,
        /expected further bytes but found none for 0\.2 s; .* 20000 on$/,
      );
    },
  },
  "is patient with a connection that is slow but not silent": {
    answer: (request) => ({ ...ranged(whole, request), pause: 100 }),
    options: { stall: 400 },
    check: (state) => {
      isWhole(state);
      assert.deepEqual([state.requests.length, state.notes], [1, []]);
    },
  },
  "goes on where a server sends less than was asked for": {
    answer: (request) => {
      const { from = 0 } = request;
      if (from === 0) return dropping(10_000, ranged(whole, request));
      const range = `bytes ${from}-${from + 9_999}/50000`;
      const headers = { etag: '"a"', "content-range": range };
      return { status: 206, headers, body: whole.subarray(from, from + 10_000) };
    },
    options: { md5: undefined },
    check: (state) => {
      isWhole(state);
      assert.equal(state.requests.length, 5);
    },
  },
  "takes what a server compressed on the way for what it is": {
    answer: (request) => {
      const answer = ranged(new Uint8Array(gzipSync(whole)), request);
      return { ...answer, headers: { ...answer.headers, "content-encoding": "gzip" } };
    },
    options: { md5: createHash("md5").update(gzipSync(whole)).digest("hex") },
    check: ({ error, file }) =>
      assert.deepEqual([error, file], [undefined, new Uint8Array(gzipSync(whole))]),
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
      const path = join(folder, "a.tar"), url = options?.url ?? `${address}/a.tar`;
      const read = (path: string) => Deno.readFile(path).catch(() => undefined);
      const notes: string[] = [];
      try {
        if (part) {
          await Deno.writeFile(`${path}.part`, part.bytes);
          const { bytes: _, ...origin } = { url, ...part };
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
    const notes: string[] = [];
    const options = { md5, pause: 1, note: (line: string) => notes.push(line) };
    await assert.rejects(
      download(`${address}/a.tar`, path, { ...options, progress, signal: stop.signal }),
      { name: "AbortError" },
    );
    assert.deepEqual(notes, []);
    assert.equal((await Deno.stat(`${path}.part`)).size, 20_000);
    await download(`${address}/a.tar`, path, options);
    assert.deepEqual(await Deno.readFile(path), whole);
    assert.deepEqual(requests.map(({ from }) => from), [undefined, 20_000, 40_000]);
    await Deno.remove(folder, { recursive: true });
  });
});

Deno.test("download() waits longer and longer between attempts", () =>
  withServer(() => ({ status: 503 }), async (address) => {
    const folder = await Deno.makeTempDir({ prefix: "layermix-test-" });
    const began = performance.now();
    const options = { attempts: 3, pause: 50 };
    await assert.rejects(download(address, join(folder, "a"), options), /HTTP status 503/);
    assert.ok(performance.now() - began >= 50 + 100);
    await Deno.remove(folder, { recursive: true });
  }));
