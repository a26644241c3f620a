import { basename, join } from "node:path";

const root = new URL("../", import.meta.url);

/** A file of the program. */
export interface ProgramFile {
  name: string;
  bytes: Uint8Array;
}

/** Where sources start threads, and where they name the WebAssembly of a package. */
const WORKER = /new URL\("\.\/(\w+)\.ts",\s*import\.meta\.url\)/g;
const WASM = /"(@[\w./-]+\.wasm)"/g;

/**
 * The command line as a few files that lie side by side and need nothing but Deno: `main.js`, a
 * script for each kind of thread, and the codecs.
 *
 * @throws {Error} when a source cannot be bundled, or a thread's script is not among them
 */
export async function bundleProgram(): Promise<ProgramFile[]> {
  const sources = ["cli/main.ts", ...workers(await sourcesBelow("lib"))];
  const scripts = await Promise.all(sources.map(bundle));
  const assets = new Set(scripts.flatMap(({ bytes }) => wasmOf(bytes)));
  return [...scripts, ...await Promise.all([...assets].map(asset))]
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Sources by their paths from the root. */
async function sourcesBelow(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    const path = `${folder}/${name}`;
    if (isDirectory) { for (const entry of await sourcesBelow(path)) found.set(...entry); }
    else if (name.endsWith(".ts")) found.set(path, await Deno.readTextFile(new URL(path, root)));
  }
  return found;
}

/** Paths of the scripts that sources start as threads; they must have names of their own. */
function workers(sources: ReadonlyMap<string, string>): string[] {
  const paths = [...sources].flatMap(([path, text]) =>
    [...text.matchAll(WORKER)].map(([, name]) => join(path, "..", `${name}.ts`))
  );
  const names = paths.map((path) => basename(path));
  if (new Set(names).size < names.length || names.includes("main.ts")) {
    throw new Error(`Cannot bundle: two of ${paths.join(", ")} have one name`);
  }
  return paths;
}

/**
 * A source and all it imports as one script.
 *
 * @param options of `deno bundle`, such as the platform
 * @throws {Error} that says why, when it cannot be bundled
 */
export async function bundleScript(
  source: string,
  options: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const args = ["bundle", "--quiet", "--minify", ...options, source];
  const command = new Deno.Command(Deno.execPath(), { args, cwd: root });
  const { success, stdout, stderr } = await command.output();
  if (success) return stdout;
  throw new Error(`Cannot bundle ${source}: ${new TextDecoder().decode(stderr).trim()}`);
}

/** A script of the program, which looks for others beside it. */
async function bundle(source: string): Promise<ProgramFile> {
  const text = new TextDecoder().decode(await bundleScript(source, ["--platform", "deno"]));
  const script = text.replaceAll(WORKER, (_, name) => `new URL("./${name}.js", import.meta.url)`);
  const name = basename(source).replace(/\.ts$/, ".js");
  return { name, bytes: new TextEncoder().encode(script) };
}

function wasmOf(script: Uint8Array): string[] {
  return [...new TextDecoder().decode(script).matchAll(WASM)].map(([, specifier]) => specifier!);
}

async function asset(specifier: string): Promise<ProgramFile> {
  const bytes = await Deno.readFile(new URL(import.meta.resolve(specifier)));
  return { name: basename(specifier), bytes };
}
