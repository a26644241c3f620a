import assert from "node:assert/strict";
import { methodNames } from "../../lib/augment/methods.ts";
import { withFolder } from "../data/folder.ts";
import { isInstalled } from "../installed.ts";
import { ended, layermix } from "../train/fixture.ts";

async function script(shell: string): Promise<string> {
  const { code, stdout, stderr } = await layermix("completion", shell);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout;
}

async function run(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = ended(await new Deno.Command(program, { args }).output());
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout;
}

Deno.test({
  name: "bash completes commands, flags, names and lists of them",
  ignore: !isInstalled("bash"),
  fn: () =>
    withFolder(async (folder) => {
      const file = `${folder}/layermix.bash`;
      await Deno.writeTextFile(file, await script("bash"));
      const complete = async (...words: string[]) => {
        const call = 'COMP_WORDS=("${@:2}"); COMP_CWORD=$(($# - 2)); _layermix';
        const told = await run(
          ...["bash", "-c", `source "$1"; ${call}; echo "\${COMPREPLY[*]}"`, "-"] as const,
          ...[file, "layermix", ...words],
        );
        return told.trim();
      };
      assert.equal(await complete("tr"), "train");
      assert.equal(await complete("train", ""), "cifar imagenet help");
      assert.equal(await complete("train", "cifar", "--meth"), "--method");
      assert.equal(await complete("train", "cifar", "--method", ""), methodNames.join(" "));
      assert.equal(await complete("train", "cifar", "--seed", "1", "--ops", "c"), "corrected");
      assert.equal(
        await complete("evaluate", "cifar", "x", "--suites", "clean,p"),
        "clean,p clean,pgd",
      );
      assert.equal(await complete("corrupt", ""), "c c-bar p");
      assert.equal(await complete("train", "cifar", "--data-path", ""), "", "files are bash's own");
      assert.equal(await complete("--de"), "--debug");
    }),
});

Deno.test({
  name: "fish completes them too, with what they mean",
  ignore: !isInstalled("fish"),
  fn: () =>
    withFolder(async (folder) => {
      const file = `${folder}/layermix.fish`;
      await Deno.writeTextFile(file, await script("fish"));
      const complete = (line: string) =>
        run("fish", "--no-config", "-c", `source ${file}; complete -C '${line}'`);
      assert.equal(await complete("layermix tra"), "train\tTrain a network.\n");
      assert.match(await complete("layermix train cifar --seed"), /^--seed/);
      assert.match(await complete("layermix train cifar --method augm"), /^augmix\t/);
      assert.equal(await complete("layermix corrupt c-"), "c-bar\n");
    }),
});

Deno.test({
  name: "zsh takes its script",
  ignore: !isInstalled("zsh"),
  fn: () =>
    withFolder(async (folder) => {
      const file = `${folder}/layermix.zsh`;
      await Deno.writeTextFile(file, await script("zsh"));
      const told = await run("zsh", "-f", "-c", `source ${file} && print $_comps[layermix]`);
      assert.match(told, /_layermix/);
    }),
});

Deno.test("completion refuses a shell that it does not know", async () => {
  const { code, stderr } = await layermix("completion", "tcsh");
  assert.equal(code, 2);
  assert.match(stderr, /^layermix: Cannot use the shell "tcsh": expected bash, zsh, fish/);
});
