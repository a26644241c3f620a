import { Buffer } from "node:buffer";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { NameTableBuilder } from "../../../../lib/data/name_table.ts";
import { openPack } from "../../../../lib/data/pack/open_pack.ts";
import {
  encodePreamble,
  encodeTables,
  packFingerprint,
  PREAMBLE_BYTES,
} from "../../../../lib/data/pack/pack_format.ts";
import type { Target } from "../target.ts";

/** A pack of three pictures in two classes. */
function pack(): Uint8Array {
  const sizes = [[8, 8], [8, 11], [9, 8]] as const;
  const pictures = sizes.map(([width, height], i) => Buffer.alloc(3 * width * height, 40 * i));
  const names = new NameTableBuilder();
  for (const name of ["a/0.png", "b/1.png", "b/ü.png"]) names.add(name);
  const { memory } = names.finish();
  const tables = encodeTables({
    index: sizes.flatMap((size, i) => [...size, crc32(pictures[i]!)]),
    labels: [0, 1, 1],
    names: memory,
  });
  const [size, classes] = [8, ["a", "b"]];
  const counts = { count: 3, names: memory.bytes.length, skipped: 0 };
  const fingerprint = packFingerprint(size, classes, tables);
  const header = Buffer.from(
    JSON.stringify({ version: "0.1.0", size, classes, ...counts, fingerprint }),
  );
  const pixels = Buffer.concat(pictures);
  const lengths = { pictures: pixels.length, tables: tables.length, header: header.length };
  return new Uint8Array(Buffer.concat([encodePreamble(lengths, header), pixels, tables, header]));
}

/** Puts the sums of the preamble and the header right, and the fingerprint of the tables. */
function repair(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes.slice().buffer);
  if (copy.length < PREAMBLE_BYTES) return bytes;
  const [pictures, tables] = [copy.readDoubleLE(16), copy.readDoubleLE(24)];
  const tablesAt = PREAMBLE_BYTES + pictures, headerAt = tablesAt + tables;
  if (!(pictures >= 0 && tables >= 0 && headerAt <= copy.length)) return bytes;
  const header = copy.subarray(headerAt);
  try {
    const { size, classes, fingerprint } = JSON.parse(header.toString());
    const sum = packFingerprint(size, classes, copy.subarray(tablesAt, headerAt));
    const at = header.indexOf(fingerprint);
    if (at >= 0 && fingerprint.length === sum.length) header.write(sum, at, "latin1");
  } catch {
    // A header that is no JSON any more has no fingerprint either.
  }
  copy.writeUInt32LE(crc32(header), 12);
  copy.writeUInt32LE(crc32(copy.subarray(0, 60)), 60);
  return new Uint8Array(copy);
}

/** Packs of pictures. */
export const packTarget: Target = {
  name: "pack",
  seeds: () => Promise.resolve([pack()]),
  file: "a.pack",
  errors: ["DataError"],
  repair,
  async parse(_bytes, folder) {
    const pack = openPack(join(folder, "a.pack"));
    try {
      for (let number = 0; number < pack.count; number++) {
        pack.name(number);
        await pack.read(number);
      }
    } finally {
      pack.close();
    }
  },
};
