import { createHash } from "node:crypto";
import { goldenFile } from "../golden.ts";

/** What Pillow made of the files beside it and of pictures made by `formula()`. */
export const goldenPictures: {
  decoded: Record<string, { mode: string; width: number; height: number; sha256: string }>;
  evaluation: { width: number; height: number; resize: number; crop: number; sha256: string }[];
  resized_crop: {
    width: number;
    height: number;
    top: number;
    left: number;
    part_height: number;
    part_width: number;
    size: number;
    sha256: string;
    flipped: string;
  }[];
} = JSON.parse(Deno.readTextFileSync(goldenFile("pictures/pictures.json")));

/** A golden picture file's bytes. */
export function goldenPicture(name: string): Uint8Array {
  return Deno.readFileSync(goldenFile(`pictures/${name}`));
}

/** The picture whose byte c of pixel (x, y) is (3xx + 5yy + (c + 1)xy + 40c) mod 256, as RGB. */
export function formula(width: number, height: number) {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) data[i++] = 3 * x * x + 5 * y * y + (c + 1) * x * y + 40 * c;
    }
  }
  return { width, height, channels: 3 as const, data };
}

/** SHA-256 of the red, green and blue of RGBA bytes, which must be opaque. */
export function rgbHash(rgba: Uint8Array): string {
  const rgb = new Uint8Array(rgba.length / 4 * 3);
  for (let i = 0; i < rgba.length / 4; i++) {
    rgb.set(rgba.subarray(4 * i, 4 * i + 3), 3 * i);
    if (rgba[4 * i + 3] !== 255) throw new Error(`pixel ${i} is not opaque`);
  }
  return createHash("sha256").update(rgb).digest("hex");
}

/** The same bytes with red, green and blue only, as RGBA with an alpha of 255. */
export function toRgba({ data }: { data: Uint8Array }): Uint8Array {
  return Uint8Array.from(
    { length: data.length / 3 * 4 },
    (_, i) => i % 4 === 3 ? 255 : data[(i >> 2) * 3 + i % 4]!,
  );
}
