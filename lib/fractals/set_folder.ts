import { open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomic } from "../checkpoint/atomic_write.ts";
import { parseJson } from "../json.ts";
import { cannotRead, DataError } from "../data/error.ts";
import { FOLDER_LOCK } from "../data/output_folder.ts";

/** What all pictures of a set have in common; `mixing-set.json` in its folder. */
export interface SetRecord {
  /** Of layermix: another one may draw other pictures of the same seed. */
  version: string;
  /** An unsigned 32-bit number. */
  seed: number;
  /** Of each side, in pixels. */
  size: number;
  /** Another one may round otherwise. */
  adapter: string;
}

const RECORD = "mixing-set.json";
const PICTURE = /^\d{5,}\.png$/;
/** What `writeAtomic()` leaves behind when the process is killed while it writes. */
const TEMPORARY = /^(\d{5,}\.png|mixing-set\.json)\.tmp-\d+-\d+$/;
/** The last chunk of a PNG. */
const END = Uint8Array.of(0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82);

/** The name of a picture's file: "00000.png" and so on. */
export function pictureName(number: number): string {
  return `${String(number).padStart(5, "0")}.png`;
}

/**
 * Sees that a set of this seed and size can be put into a folder: nothing else is in it, and if it
 * holds a part of a set, that is of the same seed and size. What a killed process left half-written
 * is removed, so that no other process may write there.
 *
 * @returns the record of that part, if there is one
 * @throws {DataError} that names the folder and what is in the way
 */
export async function openSetFolder(
  folder: string,
  wanted: Omit<SetRecord, "adapter">,
): Promise<SetRecord | undefined> {
  const all = await readdir(folder).catch((error: Error) => {
    throw cannotRead(folder, "a readable folder", error.message);
  });
  const names = all.filter((name) => name !== FOLDER_LOCK);
  const other = names.find((name) =>
    name !== RECORD && !PICTURE.test(name) && !TEMPORARY.test(name)
  );
  if (other !== undefined) {
    throw new DataError(
      `Cannot write a mixing set to ${folder}: expected an empty folder, or a part of the set, ` +
        `but found ${other}`,
    );
  }
  const record = names.includes(RECORD) ? await readRecord(join(folder, RECORD)) : undefined;
  if (!record && names.some((name) => PICTURE.test(name))) {
    throw cannotRead(folder, `${RECORD} beside its pictures`, "none");
  }
  if (record) checkSame(folder, record, wanted);
  for (const name of names.filter((name) => TEMPORARY.test(name))) await rm(join(folder, name));
  return record;
}

/**
 * Throws a DataError unless all that `wanted` says is the same in the record of a folder's set.
 */
export function checkSame(folder: string, record: SetRecord, wanted: Partial<SetRecord>): void {
  for (const [name, value] of Object.entries(wanted)) {
    const found = record[name as keyof SetRecord];
    if (found === value) continue;
    throw new DataError(
      `Cannot go on with the mixing set in ${folder}: expected ${name} ${found}, with which it ` +
        `was begun, but found ${value}`,
    );
  }
}

/** Writes the record of a set, before its pictures. Throws a CheckpointError where it cannot. */
export async function writeRecord(folder: string, record: SetRecord): Promise<void> {
  await writeAtomic(join(folder, RECORD), `${JSON.stringify(record, null, 2)}\n`);
}

/** Whether a file of the set is there and has the end of a PNG. */
export async function isComplete(path: string): Promise<boolean> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return false;
  try {
    const { size } = await file.stat();
    const tail = new Uint8Array(END.length);
    await file.read(tail, 0, tail.length, Math.max(0, size - tail.length));
    return tail.every((byte, i) => byte === END[i]);
  } finally {
    await file.close();
  }
}

async function readRecord(path: string): Promise<SetRecord> {
  const text = await readFile(path, "utf8");
  let found: Partial<SetRecord> | null;
  try {
    found = parseJson(text) as Partial<SetRecord> | null;
  } catch {
    found = null;
  }
  const { version, seed, size, adapter } = found ?? {};
  const isWhole = typeof version === "string" && typeof adapter === "string" &&
    Number.isInteger(seed) && Number.isInteger(size);
  if (!isWhole) throw cannotRead(path, "the record of a mixing set", "something else");
  return { version, adapter, seed: seed!, size: size! };
}
