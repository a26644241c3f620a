import { runMain } from "../cli/error.ts";
import { writeAtomic } from "../lib/checkpoint/atomic_write.ts";
import { bundleScript } from "./bundle.ts";

const source = new URL("../examples/browser/", import.meta.url);

/** Where the folder is put that `deno task browser` makes. */
const OUTPUT = "dist/browser";

/**
 * Makes a folder of the page, its style and one script with all of layermix that it uses, for any
 * static server. No network, Deno or Node is needed to show it.
 *
 * @returns bytes of the script
 * @throws {Error} when it cannot be bundled
 */
export async function buildPage(folder: string): Promise<number> {
  const options = ["--platform", "browser", "--format", "iife"];
  const script = await bundleScript("examples/browser/page.ts", options);
  await Deno.mkdir(folder, { recursive: true });
  await writeAtomic(`${folder}/page.js`, script);
  for (const name of ["index.html", "style.css"]) {
    await writeAtomic(`${folder}/${name}`, await Deno.readFile(new URL(name, source)));
  }
  return script.length;
}

if (import.meta.main) {
  await runMain(async () => {
    const bytes = await buildPage(OUTPUT);
    console.log(`written to ${OUTPUT}: page.js of ${(bytes / 1e3).toFixed(1)} kB`);
  });
}
