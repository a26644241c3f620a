import { dirname, join } from "node:path";
import { runMain, UsageError } from "../cli/error.ts";
import { layermixVersion } from "../lib/version.ts";
import { bundleProgram } from "./bundle.ts";
import { commonPermissions } from "./permissions.ts";

/** All that Deno compiles for. */
const targets = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
] as const;

/** What is compiled, and into what. */
export interface CompileOptions {
  /** One of Deno's; this machine's by default. */
  target?: string;
  output: string;
  /** For the compiler, beside this process's own. */
  env?: Record<string, string>;
}

/**
 * Compiles the program and Deno's runtime, which is downloaded, into one file. What was compiled for
 * this machine is started, since a compiler that was given another runtime ends without an error.
 *
 * @throws {Error} when there is no runtime or no working file; `output` is as it was then
 */
export async function compileProgram({ target, output, env }: CompileOptions): Promise<void> {
  const folder = await Deno.makeTempDir({ dir: dirname(output), prefix: ".compile-" });
  try {
    const names: string[] = [];
    for (const { name, bytes } of await bundleProgram()) {
      await Deno.writeFile(join(folder, name), bytes);
      names.push(join(folder, name));
    }
    const program = join(folder, target?.includes("windows") ? "layermix.exe" : "layermix");
    await compile(names, { target: target ?? Deno.build.target, output: program, env });
    if (!target || target === Deno.build.target) await checkVersion(program);
    await Deno.rename(program, output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function compile(
  files: readonly string[],
  { target, output, env = {} }: CompileOptions & { target: string },
): Promise<void> {
  const named = env.DENORT_BIN ?? Deno.env.get("DENORT_BIN");
  if (named && target !== Deno.build.target) {
    throw new Error(
      `Cannot compile for ${target}: DENORT_BIN names one runtime (${named}), which is of one ` +
        "target; unset it",
    );
  }
  const permissions = [...commonPermissions, "--allow-net", "--allow-run"];
  const included = files.flatMap((file) => ["--include", file]);
  const main = files.find((file) => file.endsWith("main.js"))!;
  const args = ["compile", "--quiet", "--no-check", "--no-config", "--target", target, "--output"];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, output, ...permissions, ...included, main],
    env: { NO_COLOR: "1", ...env },
  }).output();
  if (success) return;
  const [told] = new TextDecoder().decode(stderr).split("Stack backtrace:");
  // The last cause says most.
  const reason = told!.trim().split("\n").at(-1)!.replace(/^\s*\d+: /, "");
  const advice = /base binary|release site|download/i.test(told!)
    ? "; Deno's runtime is downloaded from its release site: try again where that can be reached, " +
      "or make a file for Linux with deno task package"
    : "";
  throw new Error(`Cannot compile for ${target}: ${reason}${advice}`);
}

/** Refuses a file that is not layermix but looks like it, such as Deno under another name. */
async function checkVersion(path: string): Promise<void> {
  const { stdout, stderr } = await new Deno.Command(path, { args: ["--version"] }).output();
  const decoder = new TextDecoder();
  const found = decoder.decode(stdout).trim() || decoder.decode(stderr).trim();
  if (found === layermixVersion) return;
  throw new Error(
    `Cannot compile: expected a program whose --version is ${layermixVersion} but found ` +
      `"${found.split("\n")[0]}"; a DENORT_BIN that is no runtime makes such files`,
  );
}

/** `--all` compiles for all targets, into files that name theirs. */
async function main(args: readonly string[]): Promise<void> {
  const other = args.find((arg) => arg !== "--all");
  if (other !== undefined) {
    throw new UsageError(`Cannot compile with "${other}": expected nothing or --all`);
  }
  await Deno.mkdir("dist", { recursive: true });
  const extension = (target: string) => target.includes("windows") ? ".exe" : "";
  const wanted = args.includes("--all")
    ? targets.map((target) => ({ target, output: `dist/layermix-${target}${extension(target)}` }))
    : [{ output: `dist/layermix${extension(Deno.build.target)}` }];
  for (const one of wanted) {
    await compileProgram(one);
    console.log(`written to ${one.output}`);
  }
}

if (import.meta.main) await runMain(() => main(Deno.args));
