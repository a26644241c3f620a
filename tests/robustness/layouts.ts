import { join } from "node:path";
import { shapes } from "../../lib/data/shapes.ts";
import { encodeNpyHeader, type NpyType } from "../../lib/data/npy.ts";
import { TEST } from "../train/fixture.ts";

/** The test pictures of tests/train/fixture.ts. */
export const test = shapes("test", TEST, 5);

/** Writes a `.npy` file. */
export async function writeNpy(
  path: string,
  type: NpyType,
  shape: readonly number[],
  values: Uint8Array,
): Promise<void> {
  const header = encodeNpyHeader(type, shape);
  const bytes = new Uint8Array(header.length + values.length);
  bytes.set(header);
  bytes.set(values, header.length);
  await Deno.writeFile(path, bytes);
}

/** Bytes r, g, b of the test pictures, darkened and with stripes, the more the larger `level` is. */
export function corrupted(level: number, key: string): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array(test.count * 3072);
  const shift = [...key].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  for (let i = 0; i < rgb.length; i++) {
    const value = test.rgba[4 * Math.floor(i / 3) + i % 3]!;
    rgb[i] = Math.max(0, value - 12 * level) + ((i + shift) % 97 < 8 * level ? 30 : 0);
  }
  return rgb;
}

/** Writes `labels.npy` for all severities, and files of the named corruptions. */
export async function writeCorruptions(
  folder: string,
  names: readonly string[],
  severities = 5,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const labels = new Uint8Array(5 * test.count).map((_, i) => test.labels[i % test.count]!);
  await writeNpy(join(folder, "labels.npy"), "|u1", [labels.length], labels);
  for (const name of names) {
    const rows = new Uint8Array(severities * test.count * 3072);
    for (let severity = 1; severity <= severities; severity++) {
      rows.set(corrupted(severity, name), (severity - 1) * test.count * 3072);
    }
    await writeNpy(join(folder, `${name}.npy`), "|u1", [severities * test.count, 32, 32, 3], rows);
  }
}

/** Writes four videos of three frames for each of the named sequences. */
export async function writeSequences(
  folder: string,
  names: readonly string[],
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const name of names) {
    const rows = new Uint8Array(4 * 3 * 3072);
    for (let frame = 0; frame < 12; frame++) {
      const picture = Math.floor(frame / 3) * 3072;
      rows.set(corrupted(3 * (frame % 3), name).subarray(picture, picture + 3072), frame * 3072);
    }
    await writeNpy(join(folder, `${name}.npy`), "|u1", [4, 3, 32, 32, 3], rows);
  }
}
