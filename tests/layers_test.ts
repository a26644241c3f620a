import assert from "node:assert/strict";
import { relative } from "node:path";

/** From the bottom to the top: a file imports its own folder and lower lines only. */
const layers = [
  ["kernels", "deno.json"],
  ["lib/version.ts", "lib/json.ts", "lib/one_line.ts", "lib/shape.ts"],
  ["lib/gpu", "lib/random", "lib/pickle"],
  ["lib/nn", "lib/data"],
  ["lib/models", "lib/augment"],
  ["lib/checkpoint"],
  ["lib/tune"],
  ["lib/robustness"],
  ["lib/train"],
  ["lib/report", "lib/bench"],
  ["lib/fractals"],
  ["lib/tfjs"],
  ["mod.ts", "browser.ts", "tfjs.ts"],
  ["cli", "bench", "examples"],
  ["packaging"],
];

const root = new URL("../", import.meta.url);

function layerOf(path: string): { layer: number; part: string } {
  for (const [layer, parts] of layers.entries()) {
    const part = parts.find((part) => path === part || path.startsWith(`${part}/`));
    if (part) return { layer, part };
  }
  throw new Error(`${path} is in no layer: add its folder to this test`);
}

function* sources(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(folder || ".", root))) {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory) yield* sources(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

/** Paths, from the root, of the files that a source imports by a relative path. */
function imports(path: string): string[] {
  const source = Deno.readTextFileSync(new URL(path, root));
  return [...source.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, specifier]) =>
    relative(new URL(".", root).pathname, new URL(specifier!, new URL(path, root)).pathname)
  );
}

Deno.test("imports go down the layers only", () => {
  let seen = 0;
  for (
    const path of [
      "mod.ts",
      "browser.ts",
      "tfjs.ts",
      ...sources("lib"),
      ...sources("cli"),
      ...sources("bench"),
      ...sources("packaging"),
      ...sources("examples"),
    ]
  ) {
    const from = layerOf(path);
    for (const target of imports(path)) {
      seen++;
      const to = layerOf(target);
      assert.ok(to.layer < from.layer || to.part === from.part, `${path} imports ${target}`);
    }
  }
  assert.ok(seen > 100, `only ${seen} imports found`);
});

Deno.test("navigator.gpu, buffers and pipelines are made in lib/gpu alone", () => {
  const allowed = ["lib/gpu/", "lib/nn/parameters.ts"];
  for (const path of [...sources("lib"), ...sources("cli")]) {
    if (allowed.some((prefix) => path.startsWith(prefix))) continue;
    const source = Deno.readTextFileSync(new URL(path, root));
    assert.doesNotMatch(source, /navigator\.gpu|createBuffer\(|createComputePipeline/, path);
  }
});
