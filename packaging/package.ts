import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { runMain } from "../cli/error.ts";
import { writeAtomic } from "../lib/checkpoint/atomic_write.ts";
import { layermixVersion } from "../lib/version.ts";
import { bundleProgram, type ProgramFile } from "./bundle.ts";
import { commandPermissions, commonPermissions } from "./permissions.ts";

/** Where the file is put that `deno task package` makes. */
const OUTPUT = "dist/layermix";

/**
 * One file for Linux that needs nothing else but a Vulkan driver: a script that unpacks the program
 * and the Deno that runs this, once, and starts them. The same sources give the same bytes.
 *
 * @throws {Error} on other systems
 */
export async function packageProgram(): Promise<Uint8Array> {
  if (Deno.build.os !== "linux") {
    throw new Error(
      `Cannot package on ${Deno.build.os}: the file is for Linux; use deno task compile`,
    );
  }
  const deno = { name: "deno", bytes: await Deno.readFile(Deno.execPath()) };
  const archive = gzipSync(await tar([deno, ...await bundleProgram()]));
  const launcher = await Deno.readTextFile(new URL("./launcher.sh", import.meta.url));
  const head = new TextEncoder().encode(fill(launcher, archive));
  const whole = new Uint8Array(head.length + archive.length);
  whole.set(head);
  whole.set(archive, head.length);
  return whole;
}

/** All in one archive, without times and owners; its last entry says that it is whole. */
async function tar(files: readonly ProgramFile[]): Promise<Uint8Array> {
  const archive = pack();
  for (const { name, bytes } of [...files, { name: "complete", bytes: new Uint8Array() }]) {
    const mode = name === "deno" ? 0o755 : 0o644;
    archive.entry({ name, mode, mtime: new Date(0) }, bytes as Uint8Array & string);
  }
  archive.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of archive) parts.push(part as Uint8Array);
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

function fill(launcher: string, archive: Uint8Array): string {
  const cases = Object.entries(commandPermissions).map(([command, permissions]) =>
    `  ${command}) set -- ${permissions.join(" ")} "$program/main.js" "$@" ;;`
  );
  const values: Record<string, string> = {
    VERSION: layermixVersion,
    ARCHITECTURE: Deno.build.arch,
    DIGEST: createHash("sha256").update(archive).digest("hex").slice(0, 16),
    LINE: String(launcher.split("\n").length + cases.length - 1),
    PERMISSIONS: cases.join("\n"),
    COMMON_PERMISSIONS: commonPermissions.join(" "),
  };
  return launcher.replaceAll(/@([A-Z_]+)@/g, (_, name) => values[name]!);
}

if (import.meta.main) {
  await runMain(async () => {
    const bytes = await packageProgram();
    await Deno.mkdir("dist", { recursive: true });
    await writeAtomic(OUTPUT, bytes);
    await Deno.chmod(OUTPUT, 0o755);
    console.log(`written to ${OUTPUT}: ${(bytes.length / 1e6).toFixed(1)} MB`);
  });
}
