import assert from "node:assert/strict";
import { join } from "node:path";
import { command, ended } from "../train/fixture.ts";
import { documentedCommands, documents, withVariables } from "./commands.ts";
import { writeWorld } from "./world.ts";

/** What makes a command small, after its own flags; or why it is not run. */
type Smaller = readonly string[] | { notRun: string };

const few = ["--epochs", "1", "--no-tune", "--quiet"];
const cifar = ["--dataset", "cifar10", "--data-path", "cifar-10-batches-bin"];
const wideResNet = ["--layers", "10", "--widen-factor", "1", "--droprate", "0"];
const sizes: ReadonlyMap<string, Smaller> = new Map<string, Smaller>([
  ["train cifar", [...few, ...wideResNet, ...cifar, "--holdout", "0", "--batch-size", "22"]],
  [
    "train imagenet",
    [...few, "--model", "imagenet_resnet18", "--side", "32", "--batch-size", "100"],
  ],
  ["bench", ["--quick", "--no-tune", "--model", "wrn", "--side", "32", "--batch-size", "2"]],
  ["evaluate cifar", ["--no-tune", "--quiet", "--pgd-steps", "1"]],
  // The other suites take minutes; tests/robustness/evaluate_imagenet_test.ts has them.
  ["evaluate imagenet", ["--no-tune", "--quiet", "--suites", "clean,r"]],
  ["evaluate imagenet runs/small/best.safetensors", ["--no-tune", "--quiet"]],
  ["merge", ["--quiet"]],
  ["merge results.shard-*-of-16.json", { notRun: "it takes 16 machines" }],
  ["report", ["--quiet"]],
  ["samples", ["--index", "0"]],
  ["samples --images pictures/val/cats/000.png", []],
  ["mixing-set", ["--count", "2", "--size", "40", "--quiet"]],
  ["corrupt", ["--count", "2", "--quiet", "--workers", "1"]],
  ["convert", ["--quiet"]],
  ["pack", ["--quiet"]],
  ["data get", { notRun: "it downloads" }],
  ["data check", { notRun: "only the published files pass it" }],
]);

/** Words of a documented command, with those that make it small, as they are run in `root`. */
function smaller(root: string, words: readonly string[]): string[] | { notRun: string } {
  const [, first, second, third] = words;
  const names = [`${first} ${second} ${third}`, `${first} ${second}`, first!];
  const size = names.map((name) => sizes.get(name)).find((found) => found !== undefined);
  assert(size, `${words.join(" ")}: say in this test how it is run`);
  if ("notRun" in size) return size as { notRun: string };
  return [...words.slice(1).flatMap((word) => expanded(root, word)), ...size as readonly string[]];
}

/** Files of `root` that a word with a * stands for. */
function expanded(root: string, word: string): string[] {
  if (!word.includes("*")) return [word];
  const [folder, pattern] = word.includes("/") ? word.split("/") as [string, string] : [".", word];
  const matching = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
  const names = [...Deno.readDirSync(join(root, folder))].map(({ name }) => name).filter((name) =>
    matching.test(name)
  );
  return names.length ? names.sort().map((name) => join(folder, name)) : [word];
}

/** Removes what a command is about to write, which an earlier document has written. */
async function removeOutputs(root: string, words: readonly string[]): Promise<void> {
  for (const before of ["--save", "--out", "-o", "mixing-set"]) {
    const at = words.indexOf(before);
    if (at < 0) continue;
    await Deno.remove(join(root, words[at + 1]!), { recursive: true }).catch(() => {});
  }
}

Deno.test("the documents' commands do what they say", async (t) => {
  const root = await Deno.makeTempDir({ prefix: "layermix-docs-" });
  const slurm = { SLURM_ARRAY_TASK_ID: "0", SLURM_ARRAY_TASK_COUNT: "16" };
  try {
    await writeWorld(root);
    const done = new Set<string>();
    for (const document of documents()) {
      for (const { words } of documentedCommands(document)) {
        if (words[0] !== "layermix" || done.has(words.join(" "))) continue;
        done.add(words.join(" "));
        const small = smaller(root, words.map(withVariables));
        const ignore = "notRun" in small;
        await t.step({
          name: `${document}: ${words.join(" ")}${ignore ? `, not run: ${small.notRun}` : ""}`,
          ignore,
          fn: async () => {
            await removeOutputs(root, small as string[]);
            const choice = { cwd: root, env: slurm };
            const { code, stderr } = ended(await command(small as string[], choice).output());
            assert.equal(code, 0, stderr);
          },
        });
      }
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
