import { layermixVersion } from "../version.ts";

/** The commit of the sources where they are a repository and git can be run; else the version. */
export async function commitOf(folder: URL = new URL("../../", import.meta.url)): Promise<string> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["rev-parse", "--short", "HEAD"],
      cwd: folder,
      stdin: "null",
      stderr: "null",
    }).output();
    if (success) return new TextDecoder().decode(stdout).trim();
  } catch {
    // No git, no permission to run it, or a package that is not in a folder.
  }
  return layermixVersion;
}
