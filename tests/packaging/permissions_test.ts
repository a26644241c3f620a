import assert from "node:assert/strict";
import {
  commandPermissions,
  commonPermissions,
  environmentVariables,
} from "../../packaging/permissions.ts";
import { writeCorruptions } from "../robustness/layouts.ts";
import { type Ended, ended, type Place, trainArgs, withPlace } from "../train/fixture.ts";

const root = new URL("../../", import.meta.url);

/** What all commands are given, but for files. */
const withoutFiles = commonPermissions.filter((flag) => !/^--allow-(read|write)$/.test(flag));

/** Runs layermix with these folders, and nothing else, to read and write. */
async function confined(
  { root: home }: Place,
  folders: { read: string[]; write: string[] },
  args: string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const files = [
    `--allow-read=${[...folders.read, ...folders.write].join(",")}`,
    `--allow-write=${folders.write.join(",")}`,
  ];
  const main = new URL("cli/main.ts", root).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", ...withoutFiles, ...files, main, ...args],
    cwd: root,
    env: { XDG_CACHE_HOME: `${home}/cache`, NO_COLOR: "1", ...env },
    stdin: "null",
  });
  return ended(await command.output());
}

Deno.test("train and evaluate need the folders that are named, and no others", () =>
  withPlace(async (place) => {
    const { data, mixing, path } = place;
    await writeCorruptions(path("c"), ["fog"]);
    const run = path("run"), read = [data, mixing, path("c")], write = [run];
    const trained = await confined(place, { read, write }, trainArgs(place, "run", ["--quiet"]));
    assert.deepEqual([trained.code, trained.stderr], [0, ""]);

    const checkpoint = path("run/last.safetensors");
    const suites = ["--suites", "clean,c,c-bar", "--make", "--c-dir", path("c")];
    const args = ["evaluate", "cifar", checkpoint, "--data-path", data, ...suites, "--no-tune"];
    const shard = ["--shard", "auto", "--shard-count", "1", "--quiet"];
    // Threads are started from the program's own files.
    const program = [new URL("lib", root).pathname];
    const readable = { read: [...read, ...program], write };
    const job = { JOB_COMPLETION_INDEX: "0" };
    const evaluated = await confined(place, readable, [...args, ...shard], job);
    assert.deepEqual([evaluated.code, evaluated.stderr.replaceAll(/^note: .*\n/gm, "")], [0, ""]);

    const blind = await confined(place, { read: [data], write }, args);
    assert.equal(blind.code, 1);
    assert.match(blind.stderr, /^layermix: [^\n]*Requires read access to [^\n]*\n$/);
    const other = { read, write: [path("other")] };
    const unsaved = await confined(place, other, trainArgs(place, "elsewhere"));
    assert.equal(unsaved.code, 1);
    assert.match(unsaved.stderr, /^layermix: [^\n]*Requires (read|write) access to [^\n]*\n$/m);
  }));

Deno.test("only the commands that need it may use the network or start programs", () => {
  const broad = /--allow-(all|net|run|ffi|import)|^-A/;
  assert.deepEqual(commonPermissions.filter((flag) => broad.test(flag)), []);
  assert.deepEqual(Object.keys(commandPermissions).sort(), ["data", "doctor", "evaluate"]);
  assert(commonPermissions.includes("--no-prompt"));
});

Deno.test("the variables that may be read are those that sources name", async () => {
  const named = new Set<string>();
  for (const folder of ["cli", "lib"]) {
    for (const text of await textsBelow(new URL(`${folder}/`, root))) {
      assert(!text.includes("env.toObject"), "that needs all variables");
      for (const [, name] of text.matchAll(/["\s{]([A-Z]+(?:_[A-Z]+)+|HOME|LOCALAPPDATA)["\s:]/g)) {
        named.add(name!);
      }
    }
  }
  assert.deepEqual(environmentVariables.filter((name) => !named.has(name)), []);
});

async function textsBelow(folder: URL): Promise<string[]> {
  const texts: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) texts.push(...await textsBelow(new URL(`${name}/`, folder)));
    else if (name.endsWith(".ts")) texts.push(await Deno.readTextFile(new URL(name, folder)));
  }
  return texts;
}
