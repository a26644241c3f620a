import { runMain } from "./error.ts";
import { createProgram } from "./program.ts";

await runMain(async () => {
  await createProgram().parseAsync(["deno", "layermix", ...Deno.args]);
});
