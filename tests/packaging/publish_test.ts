import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import configuration from "../../deno.json" with { type: "json" };
import { withFolder } from "../data/folder.ts";

const root = new URL("../../", import.meta.url);

async function deno(cwd: string | URL, ...args: string[]): Promise<string> {
  const options = { args, cwd, env: { NO_COLOR: "1" } };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  const decoder = new TextDecoder(), told = decoder.decode(stderr);
  assert.equal(code, 0, `deno ${args.join(" ")}: ${told}`);
  return decoder.decode(stdout) + told;
}

/** Paths of what would be published. */
async function publishedFiles(): Promise<string[]> {
  const told = await deno(root, "publish", "--dry-run", "--allow-dirty");
  const paths = [...told.matchAll(/file:\/\/(\/\S+)/g)].map(([, path]) => path!);
  const below = paths.filter((path) => path.startsWith(root.pathname));
  return [...new Set(below)].map((path) => path.slice(root.pathname.length));
}

const program = `
import { Gpu } from "@layermix/layermix";
import { createAugmenter } from "@layermix/layermix/augment";

const gpu: Gpu = await Gpu.open();
using augmenter = await createAugmenter({
  ...{ gpu, method: "layermix", mixing: "fractals" },
  ...{ width: 8, height: 8, batch: 2, seed: 1 },
});
const output = await augmenter.augment(new Uint8Array(2 * 8 * 8 * 3).fill(9), [0, 1], 0);
const shape: readonly number[] = output.shape;
console.log(shape.join());
gpu.close();
`;

/** Type-checks and runs a program of a project that has layermix by its configuration. */
async function assertAugments(folder: string, configuration: unknown): Promise<void> {
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(configuration));
  await Deno.writeTextFile(join(folder, "main.ts"), program);
  await deno(folder, "check", "main.ts");
  assert.equal(await deno(folder, "run", "--quiet", "-A", "main.ts"), "2,8,8,3\n");
}

Deno.test("all that is exported is documented, and all it refers to is exported", async () => {
  const { "./cli": _, ...entries } = configuration.exports;
  await deno(root, "doc", "--lint", ...Object.values(entries));
});

Deno.test("another project has layermix by its path, and augments", () =>
  withFolder((folder) => {
    const imports = { "@layermix/layermix": `jsr:@layermix/layermix@${configuration.version}` };
    return assertAugments(folder, { links: [root.pathname], imports });
  }));

Deno.test("what is published is enough for another project to augment", () =>
  withFolder(async (folder) => {
    const files = await publishedFiles();
    assert(files.includes("mod.ts") && files.some((path) => path.endsWith(".wgsl")));
    const foreign = files.filter((path) => /^(tests|bench|packaging|docs|\.)/.test(path));
    assert.deepEqual(foreign, []);
    for (const path of files) {
      const copy = join(folder, "layermix", path);
      await Deno.mkdir(dirname(copy), { recursive: true });
      await Deno.copyFile(new URL(path, root), copy);
    }
    await assertAugments(folder, { workspace: ["./layermix"] });
  }));
