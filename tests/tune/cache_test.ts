import assert from "node:assert/strict";
import { join } from "node:path";
import { openCache, userCacheFolder } from "../../lib/tune/cache.ts";
import { layermixVersion } from "../../lib/version.ts";
import { withFolder } from "../data/folder.ts";

const adapter = "A GPU (driver 1.2)";
const best = new Map([["conv 3x3", "tile 8x8"], ["conv 1x1", "winograd"]]);

/** A cache in the folder, and what it noted. */
function cacheIn(folder: string, of = adapter) {
  const notes: string[] = [];
  return { ...openCache(of, folder, (line) => notes.push(line)), notes };
}

/** The path of the only file in the folder. */
function fileIn(folder: string): string {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assert.equal(names.length, 1, names.join());
  return join(folder, names[0]!);
}

Deno.test("a cache gives back what was added, by then and later", () =>
  withFolder(async (parent) => {
    const folder = join(parent, "new", "layermix");
    const { read, add, notes } = cacheIn(folder);
    assert.deepEqual(await read(), new Map());
    await add(best);
    assert.deepEqual(await read(), best);
    await cacheIn(folder).add(new Map([["conv 3x3", "tile 4x4"], ["conv 5x5", "tile 8x8"]]));
    assert.deepEqual(
      await cacheIn(folder).read(),
      new Map([["conv 3x3", "tile 4x4"], ["conv 1x1", "winograd"], ["conv 5x5", "tile 8x8"]]),
    );
    assert.match(fileIn(folder), /tuning-a-gpu-driver-1-2-\d+\.\d+\.\d+-[0-9a-f]{8}\.json$/);
    assert.deepEqual(notes, []);
  }));

Deno.test("a cache is for one adapter, whatever characters its name has", () =>
  withFolder(async (folder) => {
    await cacheIn(folder).add(best);
    for (
      const other of ["a gpu driver 1.2", "A GPU (driver 1.3)", "../../x", "", "é".repeat(300)]
    ) {
      const cache = cacheIn(folder, other);
      assert.deepEqual(await cache.read(), new Map(), other);
      await cache.add(new Map([["of", other]]));
      assert.deepEqual(await cache.read(), new Map([["of", other]]));
      assert.deepEqual(cache.notes, []);
    }
    assert.deepEqual(await cacheIn(folder).read(), best);
    assert.equal([...Deno.readDirSync(folder)].length, 6);
  }));

Deno.test("a cache of another adapter, version or format is ignored without a word", () =>
  withFolder(async (folder) => {
    await cacheIn(folder).add(best);
    const file = fileIn(folder);
    const content = JSON.parse(await Deno.readTextFile(file));
    assert.equal(content.version, layermixVersion);
    for (const change of [{ adapter: "B" }, { version: "0.0.1" }, { format: 2 }]) {
      await Deno.writeTextFile(file, JSON.stringify({ ...content, ...change }));
      const { read, add, notes } = cacheIn(folder);
      assert.deepEqual(await read(), new Map(), JSON.stringify(change));
      await add(best);
      assert.deepEqual(await read(), best);
      assert.deepEqual(notes, []);
    }
  }));

Deno.test("a damaged cache is ignored with a note, and replaced", () =>
  withFolder(async (folder) => {
    await cacheIn(folder).add(best);
    const file = fileIn(folder);
    const text = await Deno.readTextFile(file);
    const content = JSON.parse(text);
    const damaged = [
      "",
      text.slice(0, text.length / 2),
      "null",
      "[]",
      "7",
      "{}",
      '"text"',
      "\u0000\uffff",
      "[".repeat(100_000),
      JSON.stringify({ ...content, best: undefined }),
      JSON.stringify({ ...content, best: null }),
      JSON.stringify({ ...content, best: [] }),
      JSON.stringify({ ...content, best: { a: 1 } }),
      JSON.stringify({ ...content, best: { a: null } }),
      JSON.stringify({ ...content, best: { a: ["b"] } }),
      JSON.stringify({ ...content, best: { a: { toString: "b" } } }),
      JSON.stringify({ ...content, best: { ["a".repeat(501)]: "b" } }),
      JSON.stringify({ ...content, best: { a: "b".repeat(501) } }),
      JSON.stringify({ ...content, more: "x".repeat(5 * 2 ** 20) }),
    ];
    for (const other of damaged) {
      await Deno.writeTextFile(file, other);
      const { read, add, notes } = cacheIn(folder);
      assert.deepEqual(await read(), new Map(), other.slice(0, 99));
      assert.equal(notes.length, 1, other.slice(0, 99));
      assert.match(notes[0]!, /^note: ignored .*\.json: [^\n]+$/);
      await add(best);
      assert.deepEqual(await read(), best);
      assert.equal(notes.length, 1);
    }
  }));

Deno.test("a cache takes keys that mean something to JavaScript as any other", () =>
  withFolder(async (folder) => {
    const hostile = new Map([
      ["__proto__", "a"],
      ["constructor", "b"],
      ["toString", "__proto__"],
      ["", ""],
    ]);
    await cacheIn(folder).add(hostile);
    assert.deepEqual(await cacheIn(folder).read(), hostile);
    assert.equal(({} as Record<string, unknown>).a, undefined);
  }));

Deno.test("a cache that grows too large forgets what was added first", () =>
  withFolder(async (folder) => {
    const many = new Map(Array.from({ length: 6000 }, (_, i) => [`key ${i}`, "x".repeat(400)]));
    await cacheIn(folder).add(many);
    const { read, notes } = cacheIn(folder);
    const kept = await read();
    assert.deepEqual(notes, []);
    assert.equal([...kept.keys()].at(-1), "key 5999");
    assert(kept.size >= 1000 && kept.size < 6000, String(kept.size));
  }));

Deno.test("caches that are written at once leave one whole file", () =>
  withFolder(async (folder) => {
    const maps = Array.from({ length: 8 }, (_, i) => new Map([["a", `${i}`.repeat(300)]]));
    await Promise.all(maps.map((map) => cacheIn(folder).add(map)));
    const found = (await cacheIn(folder).read()).get("a");
    assert(maps.some((map) => map.get("a") === found));
    fileIn(folder);
  }));

Deno.test("a cache that cannot be kept is a note and no error", () =>
  withFolder(async (parent) => {
    await Deno.writeTextFile(join(parent, "file"), "");
    const { read, add, notes } = cacheIn(join(parent, "file", "layermix"));
    assert.deepEqual(await read(), new Map());
    await add(best);
    assert.match(notes.at(-1)!, /^note: cannot keep which kernels are fastest: [^\n]+$/);
    const folder = join(parent, "cache");
    await cacheIn(folder).add(best);
    const file = fileIn(folder);
    await Deno.remove(file);
    await Deno.mkdir(file);
    const blocked = cacheIn(folder);
    assert.deepEqual(await blocked.read(), new Map());
    await blocked.add(best);
    assert.equal(blocked.notes.length, 2);
  }));

Deno.test({
  name: "without permission, a home or a folder there is no cache, and nobody is asked",
  permissions: { read: true, write: false, env: false },
  async fn() {
    assert.equal(userCacheFolder(), undefined);
    for (const folder of [undefined, "", `${import.meta.dirname}/not-permitted`]) {
      const notes: string[] = [];
      const cache = openCache(adapter, folder, (line) => notes.push(line));
      await cache.add(best);
      assert.deepEqual(await cache.read(), new Map());
      assert.deepEqual(notes, []);
    }
  },
});

Deno.test({
  name: "userCacheFolder() is where each system keeps caches",
  ignore: Deno.build.os === "windows",
  fn() {
    const of = (os: typeof Deno.build.os, variables: Record<string, string>) =>
      userCacheFolder(os, (name) => variables[name]);
    const HOME = "/home/me";
    assert.equal(of("linux", { HOME }), "/home/me/.cache/layermix");
    assert.equal(of("linux", { HOME, XDG_CACHE_HOME: "/c" }), "/c/layermix");
    assert.equal(of("linux", { HOME, XDG_CACHE_HOME: "relative" }), "/home/me/.cache/layermix");
    assert.equal(of("linux", { HOME, XDG_CACHE_HOME: "" }), "/home/me/.cache/layermix");
    assert.equal(of("darwin", { HOME, XDG_CACHE_HOME: "/c" }), "/home/me/Library/Caches/layermix");
    assert.equal(of("windows", { HOME, LOCALAPPDATA: "/local" }), "/local/layermix");
    for (const os of ["linux", "darwin", "windows"] as const) assert.equal(of(os, {}), undefined);
  },
});
