import { writeAtomic } from "../lib/checkpoint/atomic_write.ts";

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
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--platform", "browser", "--format", "iife", "--minify"],
      "examples/browser/page.ts",
    ],
    cwd: new URL("../", import.meta.url),
  }).output();
  if (!success) {
    throw new Error(`Cannot bundle the page: ${new TextDecoder().decode(stderr).trim()}`);
  }
  await Deno.mkdir(folder, { recursive: true });
  await writeAtomic(`${folder}/page.js`, stdout);
  for (const name of ["index.html", "style.css"]) {
    await writeAtomic(`${folder}/${name}`, await Deno.readFile(new URL(name, source)));
  }
  return stdout.length;
}

if (import.meta.main) {
  try {
    const bytes = await buildPage(OUTPUT);
    console.log(`written to ${OUTPUT}: page.js of ${(bytes / 1e3).toFixed(1)} kB`);
  } catch (error) {
    console.error(`layermix: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
