import assert from "node:assert/strict";
import { createProgram } from "../../cli/program.ts";
import { layermix } from "../train/fixture.ts";

interface Parent {
  readonly commands: readonly (Parent & { name(): string })[];
}

/** The words of every command that does something, such as ["train", "cifar"]. */
function pathsOf({ commands }: Parent, path: string[] = []): string[][] {
  if (commands.length === 0) return [path];
  return commands.flatMap((command) => pathsOf(command, [...path, command.name()]));
}

for (const path of pathsOf(createProgram())) {
  const command = path.join(" ");
  Deno.test(`the examples of layermix ${command} --help use flags that there are`, async () => {
    const { code, stdout, stderr } = await layermix(...path, "--help");
    assert.deepEqual([code, stderr], [0, ""]);
    const [flags, examples] = stdout.split(/^Examples?:\n/m);
    assert.match(flags!, /^ {2}(--\w|-h, --help)/m);
    assert.match(examples!, new RegExp(`^ {2}layermix ${command}\\b`, "m"));
    for (const [flag] of examples!.matchAll(/--[a-z-]+/g)) {
      assert(flags!.includes(`  ${flag} `), `${flag} of an example is no flag`);
    }
  });
}

Deno.test("the help of train and evaluate tells of --no-tune", async () => {
  for (const command of ["train", "evaluate"]) {
    const { stdout } = await layermix(command, "cifar", "--help");
    assert.match(stdout, /^ {2}--no-tune +use fixed kernels, instead of the fastest/m);
  }
  const { stdout } = await layermix("quickstart", "--help");
  assert.doesNotMatch(stdout, /tune/);
});

Deno.test("layermix --help names every command", async () => {
  const { code, stdout } = await layermix("--help");
  assert.equal(code, 0);
  for (const command of createProgram().commands) {
    assert.match(stdout, new RegExp(`^  ${command.name()} `, "m"));
  }
});

const wrong: [string, RegExp][] = [
  ["train cifar --epoch 3", /unknown option '--epoch'\n\(Did you mean --epochs\?\)/],
  [
    "train cifar --epochs many",
    /'--epochs <n>' argument 'many' is invalid\. Expected a whole numb/,
  ],
  ["train cifar --droprate 1", /'--droprate <p>' argument '1' is invalid/],
  ["train cifar extra", /too many arguments for 'cifar'/],
  ["evaluate cifar", /missing required argument 'checkpoint'/],
  ["samples --index 1,x", /'--index <numbers>' argument '1,x' is invalid/],
  ["trian", /unknown command 'trian'\n\(Did you mean train\?\)/],
];

Deno.test("a wrong command line says what is wrong and where help is, with code 2", async () => {
  for (const [line, message] of wrong) {
    const { code, stdout, stderr } = await layermix(...line.split(" "));
    assert.deepEqual([code, stdout], [2, ""], line);
    assert.match(stderr, message);
    assert(stderr.endsWith("(add --help for the flags and an example)\n"), stderr);
  }
});
