import assert from "node:assert/strict";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { createProgram } from "../../cli/program.ts";
import { documentedCommands, documents, withVariables } from "./commands.ts";

/** The program, but nothing is done, and nothing printed. */
function parser() {
  const program = createProgram();
  const silence = (command: CommandUnknownOpts) => {
    command.configureOutput({ writeErr() {}, writeOut() {} });
    if (command.commands.length === 0) command.action(() => {});
    for (const nested of command.commands) silence(nested);
  };
  silence(program as unknown as CommandUnknownOpts);
  return program;
}

for (const document of documents()) {
  Deno.test(`the commands of ${document} have flags that there are`, async () => {
    for (const { words } of documentedCommands(document)) {
      const [program, ...args] = words.map(withVariables);
      if (program !== "layermix") continue;
      await assert.doesNotReject(
        parser().parseAsync(["deno", "layermix", ...args]),
        `${document}: ${words.join(" ")}`,
      );
    }
  });
}

Deno.test("commands are taken apart as a shell does, and wrong ones are found", async () => {
  const commands = documents().flatMap(documentedCommands);
  assert(commands.filter(({ words }) => words[0] === "layermix").length > 40);
  const titled = commands.find(({ words }) => words.includes("--title"));
  assert.equal(titled?.words.at(-1), "CIFAR-10, WRN-40-4");
  for (const wrong of [["train", "cifar", "--nothing"], ["train", "cifar", "--epochs", "x"]]) {
    await assert.rejects(parser().parseAsync(["deno", "layermix", ...wrong]));
  }
});
