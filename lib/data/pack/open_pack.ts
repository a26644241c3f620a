import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import { cannotRead, DataError } from "../error.ts";
import { NameTable, nameTable, sharedNumbers } from "../name_table.ts";
import type { PictureSource, SharedPack } from "../picture_source.ts";
import { readReason } from "../system_errors.ts";
import { MAX_ASPECT } from "../resize.ts";
import {
  decodeHeader,
  decodePreamble,
  packFingerprint,
  type PackHeader,
  PREAMBLE_BYTES,
  tablesLength,
} from "./pack_format.ts";

/** A pack, and what its header says. */
export interface Pack extends PictureSource {
  /** What the file says of itself. */
  readonly header: PackHeader;
}

/**
 * Opens a pack. Its tables are read and checked, of the pictures nothing yet: each has a CRC-32 that
 * is checked when it is read. Memory is taken for the tables, about 60 bytes a picture.
 *
 * @throws {DataError} that names the file and what is wrong with it
 */
export function openPack(path: string): Pack {
  const file = openFile(path);
  try {
    const length = fstatSync(file).size;
    const preamble = decodePreamble(
      readAt(file, path, 0, Math.min(length, PREAMBLE_BYTES)),
      path,
      length,
    );
    const tablesAt = PREAMBLE_BYTES + preamble.pictures, headerAt = tablesAt + preamble.tables;
    const bytes = readAt(file, path, headerAt, preamble.header);
    const header = decodeHeader(bytes, preamble.headerSum, path);
    if (tablesLength(header) !== preamble.tables) {
      throw cannotRead(path, `tables of ${tablesLength(header)} bytes`, `${preamble.tables}`);
    }
    const tables = readAt(file, path, tablesAt, preamble.tables);
    if (packFingerprint(header.size, header.classes, tables) !== header.fingerprint) {
      throw cannotRead(path, "the tables that its fingerprint is of", "damaged ones");
    }
    return { ...packSource(readTables(path, header, tables, preamble.pictures)), header };
  } finally {
    closeSync(file);
  }
}

/** The source that was opened before, in any worker. */
export function packSource(shared: SharedPack): PictureSource {
  const { path, classes, labels, fingerprint, index, offsets } = shared;
  const names = new NameTable(shared.names);
  let file: number | undefined;
  let buffer = new Uint8Array(0);
  return {
    ...{ path, classes, labels, fingerprint, shared, count: labels.length },
    name: (number) => names.at(number),
    size: (number) =>
      Promise.resolve({ width: index[3 * number]!, height: index[3 * number + 1]! }),
    read: (number) =>
      Promise.try(() => {
        const [width, height, sum] = index.subarray(3 * number, 3 * number + 3) as unknown as [
          ...[number, number, number],
        ];
        const bytes = 3 * width * height;
        if (buffer.length < bytes) buffer = new Uint8Array(bytes);
        const data = buffer.subarray(0, bytes), name = `${path}: ${names.at(number)}`;
        readInto(file ??= openFile(path), name, offsets[number]!, data);
        const found = crc32(data);
        if (found !== sum) {
          const hex = (value: number) => value.toString(16).padStart(8, "0");
          throw cannotRead(name, `the CRC-32 ${hex(sum)}`, `${hex(found)}: the pack is damaged`);
        }
        return { width, height, channels: 3, data };
      }),
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

function readTables(
  path: string,
  { size, count, classes, fingerprint }: PackHeader,
  tables: Uint8Array,
  pictures: number,
): SharedPack {
  const words = new Uint32Array(tables.buffer, 0, 5 * count + 1);
  const index = sharedNumbers(words.subarray(0, 3 * count));
  const labels = sharedNumbers(words.subarray(3 * count, 4 * count));
  const nameOffsets = words.subarray(4 * count, 5 * count + 1);
  const offsets = new Float64Array(new SharedArrayBuffer(8 * count));
  const refuse = (found: string) => cannotRead(path, "the tables of a pack", found);
  let at = PREAMBLE_BYTES;
  for (let i = 0; i < count; i++) {
    const [width, height] = [index[3 * i]!, index[3 * i + 1]!];
    const isSized = Math.min(width, height) === size &&
      Math.max(width, height) <= MAX_ASPECT * size;
    if (!isSized) {
      throw refuse(`a picture of ${width}x${height}, where the shorter side is ${size}`);
    }
    if (labels[i]! >= classes.length) {
      throw refuse(`label ${labels[i]} of ${classes.length} classes`);
    }
    if (nameOffsets[i]! > nameOffsets[i + 1]!) throw refuse("names that overlap");
    offsets[i] = at;
    at += 3 * width * height;
  }
  const names = tables.subarray(words.byteLength);
  if (nameOffsets[0] !== 0 || nameOffsets[count] !== names.length) throw refuse("cut names");
  if (at !== PREAMBLE_BYTES + pictures) throw refuse(`pictures of ${at - PREAMBLE_BYTES} bytes`);
  const { memory } = nameTable(names, nameOffsets);
  return { kind: "pack", path, classes, fingerprint, index, labels, offsets, names: memory };
}

function openFile(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw cannotRead(path, "a pack", readReason(error as Error));
  }
}

function readAt(
  file: number,
  path: string,
  position: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  readInto(file, path, position, bytes);
  return bytes;
}

function readInto(file: number, name: string, position: number, bytes: Uint8Array): void {
  try {
    for (let done = 0; done < bytes.length;) {
      const count = readSync(file, bytes, done, bytes.length - done, position + done);
      if (count === 0) throw cannotRead(name, `${bytes.length} bytes`, `${done}: the pack is cut`);
      done += count;
    }
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw cannotRead(name, "a readable file", readReason(error as Error));
  }
}
