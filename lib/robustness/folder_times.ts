import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fingerprint } from "../data/dataset.ts";

/**
 * A stamp of when a folder and those in it were changed last. It becomes another one when files in
 * them are put in, removed or replaced; not when one is written over in its place.
 *
 * @param names folders in it; those that are absent have no time
 */
export async function folderTimes(folder: string, names: readonly string[]): Promise<string> {
  const paths = [folder, ...names.map((name) => join(folder, name))];
  const times: unknown[] = [];
  for (const path of paths) times.push(await stat(path).then(({ mtimeMs }) => mtimeMs, () => null));
  return fingerprint(new TextEncoder().encode(JSON.stringify(times)));
}
