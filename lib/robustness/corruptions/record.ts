import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { writeAtomic } from "../../checkpoint/atomic_write.ts";
import { cannotRead, DataError } from "../../data/error.ts";
import { FOLDER_LOCK } from "../../data/output_folder.ts";
import { parseJson } from "../../json.ts";
import { shown } from "../../shape.ts";

/** What all files of a folder of corrupted pictures have in common; `corrupt.json` in it. */
export type CorruptionRecord = Record<string, string | number | readonly number[]>;

const RECORD = "corrupt.json";
/** What `writeAtomic()` leaves behind when the process is killed while it writes. */
const TEMPORARY = /\.tmp-\d+-\d+$/;

/**
 * Sees that files of this record can be put into a folder: it is empty, or holds a part of the same.
 * What a killed process left half-written is removed, so that no other process may write there.
 *
 * @throws {DataError} that names the folder and what differs or is in the way
 * @throws {CheckpointError} where it cannot be written
 */
export async function openCorruptionFolder(
  folder: string,
  record: CorruptionRecord,
): Promise<void> {
  const names = (await takeStock(folder)).filter((name) => name !== FOLDER_LOCK);
  if (names.includes(RECORD)) return await checkSame(folder, record);
  if (names.length > 0) {
    throw new DataError(
      `Cannot write corrupted pictures to ${folder}: expected an empty folder, or one with ` +
        `${RECORD}, but found ${names[0]}`,
    );
  }
  await writeAtomic(join(folder, RECORD), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * The names of what is in a folder that is written to by `writeAtomic()`, without what a killed
 * process left half-written, which is removed; none where there is no folder.
 */
export async function takeStock(folder: string): Promise<string[]> {
  const isThere = await stat(folder).then(() => true, () => false);
  if (!isThere) return [];
  const names = await readdir(folder).catch((error: Error) => {
    throw cannotRead(folder, "a readable folder", error.message);
  });
  for (const name of names.filter((name) => TEMPORARY.test(name))) await rm(join(folder, name));
  return names.filter((name) => !TEMPORARY.test(name));
}

async function checkSame(folder: string, record: CorruptionRecord): Promise<void> {
  const path = join(folder, RECORD);
  const text = await readFile(path, "utf8");
  let found: CorruptionRecord | null = null;
  try {
    found = parseJson(text) as CorruptionRecord | null;
  } catch {
    // Said below, as for any other content.
  }
  if (found === null || typeof found !== "object") {
    throw cannotRead(path, "the record of corrupted pictures", "something else");
  }
  for (const name of new Set([...Object.keys(found), ...Object.keys(record)])) {
    if (isDeepStrictEqual(found[name], record[name])) continue;
    throw new DataError(
      `Cannot go on in ${folder}: expected ${name} ${
        told(found[name])
      }, with which it was begun, but ` +
        `found ${told(record[name])}; give another folder with --out`,
    );
  }
}

/** A value of a file that anybody may have changed. */
function told(value: unknown): string {
  if (value === undefined) return "none";
  const isPlainList = [value].flat().every(isPlain);
  return isPlainList ? String(value) : shown(value);
}

function isPlain(value: unknown): boolean {
  return typeof value === "number" || typeof value === "string";
}
