import { join } from "node:path";
import { fingerprint } from "../../data/dataset.ts";
import { cannotRead } from "../../data/error.ts";
import { readPicture } from "../../data/read_picture.ts";
import type { RgbBatch } from "./corrupt_batch.ts";

/** The published pictures in their order; a sixth, frost6.jpg, is never used by the published code. */
const FILES = ["frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg"] as const;

/** Pictures of frost. */
export interface FrostPictures {
  textures: RgbBatch[];
  /** SHA-256 over their sizes and pixels. */
  fingerprint: string;
}

/**
 * Reads the published pictures of frost, frost1.png … frost5.jpg, as they are.
 *
 * @throws {DataError} that names all files that are missing, or one that is no picture
 */
export async function readFrost(folder: string): Promise<FrostPictures> {
  const isThere = (name: string) => Deno.stat(join(folder, name)).then(() => true, () => false);
  const found = await Promise.all(FILES.map(isThere));
  const missing = FILES.filter((_, i) => !found[i]);
  if (missing.length > 0) {
    throw cannotRead(
      folder,
      `the frost pictures ${FILES.join(", ")}`,
      `no ${missing.join(", no ")}`,
    );
  }
  const textures: RgbBatch[] = [];
  for (const name of FILES) {
    const { width, height, rgba } = await readPicture(join(folder, name));
    textures.push({ width, height, rgb: rgba.filter((_, i) => i % 4 < 3) });
  }
  const sizes = Uint32Array.from(textures.flatMap(({ width, height }) => [width, height]));
  const parts = [new Uint8Array(sizes.buffer), ...textures.map(({ rgb }) => rgb)];
  return { textures, fingerprint: fingerprint(...parts) };
}
