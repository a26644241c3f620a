import { Command } from "@commander-js/extra-typings";
import { mergeShards } from "../lib/robustness/merge.ts";
import { parseShard } from "../lib/robustness/shard_file.ts";
import { resultsTable } from "./results_table.ts";
import { writeResults } from "./write_results.ts";

const example = `
Example:
  layermix merge results.shard-0-of-2.json results.shard-1-of-2.json --out results.json`;

/** `layermix merge`: the results of an evaluation from those of its shards. */
export function merge() {
  return new Command("merge")
    .description("Make the results of one evaluation of the files that its shards wrote.")
    .argument("<shards...>", "what `layermix evaluate --shard` wrote, all of them, in any order")
    .requiredOption("--out <file>", "where to write; a .csv is written beside it")
    .option("--quiet", "print nothing but errors")
    .option("--json", "print the results as JSON")
    .addHelpText("after", example)
    .action(async (paths, { out, quiet, json }) => {
      const files = [];
      for (const path of paths) files.push(parseShard(path, await textOf(path)));
      const results = mergeShards(files);
      if (!quiet) console.log(json ? JSON.stringify(results) : resultsTable(results));
      await writeResults(out, results);
      if (!quiet && !json) console.log(`written to ${out}`);
    });
}

async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    const found = cause instanceof Deno.errors.NotFound
      ? "nothing there"
      : (cause as Error).message;
    throw new Error(`Cannot read ${path}: expected a shard but found ${found}`, { cause });
  }
}
