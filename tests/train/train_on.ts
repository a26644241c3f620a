import assert from "node:assert/strict";
import { join } from "node:path";
import { readCheckpoint } from "../../lib/checkpoint/checkpoint.ts";
import { command, type CommandChoice, type Place, trainArgs } from "./fixture.ts";

/** Whether the folder has a checkpoint; fails when there is one that cannot be read. */
export async function hasCheckpoint(folder: string): Promise<boolean> {
  try {
    await Deno.stat(join(folder, "last.safetensors"));
  } catch {
    return false;
  }
  const { header, tensors } = await readCheckpoint(join(folder, "last.safetensors"));
  assert.equal(Number.isInteger(header?.progress.step) && tensors.size > 0, true);
  return true;
}

/**
 * The command that trains in a process of its own: it begins, or goes on where there is a checkpoint.
 *
 * @param more further arguments, the same for both
 */
export async function trainOn(
  place: Place,
  name: string,
  more: string[],
  choice: CommandChoice = {},
): Promise<Deno.Command> {
  const folder = place.path(name), last = join(folder, "last.safetensors");
  const args = await Deno.stat(last).then(() => true, () => false)
    ? ["train", "cifar", "--resume", "--save", folder, ...more]
    : trainArgs(place, name, more);
  return command(args, choice);
}

/** Mounts a file system of so many kilobytes in memory, where that is allowed. */
export async function mounted(folder: string, kilobytes: number): Promise<boolean> {
  await Deno.mkdir(folder);
  const args = ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", folder];
  const mount = new Deno.Command("mount", { args, stdout: "null", stderr: "null" });
  return (await mount.output().catch(() => ({ success: false }))).success;
}
