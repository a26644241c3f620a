import assert from "node:assert/strict";
import { join } from "node:path";
import { compileProgram } from "../../packaging/compile.ts";
import { withFolder } from "../data/folder.ts";

/** A network without Deno's release site. */
const offline = { HTTPS_PROXY: "http://127.0.0.1:9", https_proxy: "http://127.0.0.1:9" };

Deno.test("compile says that the runtime cannot be downloaded, and leaves what was there", () =>
  withFolder(async (folder) => {
    const output = join(folder, "layermix");
    await Deno.writeTextFile(output, "of an earlier time");
    // An empty folder, so that no runtime is in it.
    const env = { ...offline, DENO_DIR: join(folder, "deno") };
    await assert.rejects(
      compileProgram({ output, env }),
      /^Error: Cannot compile for [^\n]+; Deno's runtime is downloaded [^\n]+ deno task package$/,
    );
    assert.equal(await Deno.readTextFile(output), "of an earlier time");
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.deepEqual(names.sort(), ["deno", "layermix"]);
  }));

Deno.test("compile refuses a runtime whose product only looks like layermix", () =>
  withFolder(async (folder) => {
    const output = join(folder, "layermix"), env = { DENORT_BIN: Deno.execPath() };
    await assert.rejects(
      compileProgram({ output, env }),
      /^Error: Cannot compile: expected a program whose --version is \S+ but found "deno /,
    );
    const target = "aarch64-apple-darwin";
    assert.notEqual(target, Deno.build.target);
    await assert.rejects(compileProgram({ target, output, env }), /DENORT_BIN names one runtime/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }));
