import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import configuration from "../../deno.json" with { type: "json" };
import { withFolder } from "../data/folder.ts";

/** A TypeScript block of a document; those that are marked `run` print what their comments say. */
interface Example {
  name: string;
  code: string;
  isRun: boolean;
}

const root = new URL("../../", import.meta.url);

/** All TypeScript blocks of a Markdown file, or of a source's first comment. */
function examples(path: string): Example[] {
  const text = Deno.readTextFileSync(new URL(path, root));
  const markdown = path.endsWith(".ts")
    ? text.slice(0, text.indexOf("*/")).replaceAll(/^ \* ?/gm, "")
    : text;
  return [...markdown.matchAll(/^```ts( run)?\n([^]*?)^```$/gm)].map(([, run, code], i) => ({
    name: `${path} ${i + 1}`,
    code: code!.replaceAll(/"(?:\.\/mod\.ts|@layermix\/layermix)(\/\w+)?"/g, (_, sub = "") => {
      const path: string = configuration.exports[`.${sub}` as keyof typeof configuration.exports];
      return `"${new URL(path, root)}"`;
    }),
    isRun: run !== undefined,
  }));
}

/** What the comments after calls of `console.log` say that is printed. */
function printed(code: string): string[] {
  return [...code.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment!);
}

async function deno(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const config = new URL("deno.json", root).pathname;
  const [command, ...others] = args;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [command!, "--quiet", "--config", config, ...others],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function write(folder: string, { name, code }: Example): Promise<string> {
  const path = join(folder, `${name.replaceAll(/\W+/g, "_")}.ts`);
  await Deno.writeTextFile(path, code);
  return path;
}

const entries = Object.values(configuration.exports).map((path) => path.replace("./", ""));
const documents = [
  "README.md",
  "docs/library.md",
  "docs/browser.md",
  "docs/tfjs.md",
  "docs/corruptions.md",
];
const all = [...documents, ...entries].flatMap(examples);

Deno.test("the examples have the right types", () =>
  withFolder(async (folder) => {
    ok(all.length > 6);
    const paths = await Promise.all(all.map((example) => write(folder, example)));
    const { code, stderr } = await deno("check", ...paths);
    equal(code, 0, stderr);
  }));

for (const example of all.filter(({ isRun }) => isRun)) {
  Deno.test(`example ${example.name} prints what it says`, () =>
    withFolder(async (folder) => {
      const expected = printed(example.code);
      ok(expected.length > 0);
      const { code, stdout, stderr } = await deno("run", "-A", await write(folder, example));
      equal(code, 0, stderr);
      deepEqual(stdout.trimEnd().split("\n"), expected);
    }));
}
