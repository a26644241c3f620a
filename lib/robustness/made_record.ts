import { join } from "node:path";
import { cannotRead } from "../data/error.ts";
import type { Scale } from "./corruptions/corruption.ts";
import { parseJson } from "../json.ts";
import { severities as allSeverities } from "./suites.ts";

/** What the rows of a folder's files are, as many pictures of each severity. */
export interface Blocks {
  /** In the order of the rows. */
  severities: number[];
  /** What the pictures are. */
  pictures: string;
  /** The table of settings they were made by; absent for official ones. */
  scale?: Scale;
}

/**
 * What layermix wrote of a folder that it made, or what holds for official ones.
 *
 * @param official the severities of official folders, and of those whose record does not say it
 * @throws {DataError} that names `corrupt.json` when it is damaged
 */
export async function readBlocks(
  folder: string,
  official: readonly number[] = allSeverities,
): Promise<Blocks> {
  const path = join(folder, "corrupt.json");
  const text = await Deno.readTextFile(path).catch((error: Error) => {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw cannotRead(path, "the record of corrupted pictures", error.message);
  });
  if (text === undefined) return { severities: [...official], pictures: "files" };
  try {
    const { severities = [...official], scale, seed, frost, layermix } = parseJson(text) as
      & Record<"scale" | "seed" | "frost" | "layermix", unknown>
      & { severities?: number[] };
    const isKnown = (severity: unknown) => allSeverities.some((one) => one === severity);
    if (!severities.every(isKnown) || new Set(severities).size !== severities.length) {
      throw new TypeError("severities");
    }
    const made = frost === "built-in" ? frost : "published";
    return {
      severities,
      ...(scale === "cifar" || scale === "imagenet" ? { scale } : {}),
      pictures: `made, table ${scale}, seed ${seed}, frost ${made}, layermix ${layermix}`,
    };
  } catch {
    throw cannotRead(path, "the record of corrupted pictures", "something else");
  }
}
