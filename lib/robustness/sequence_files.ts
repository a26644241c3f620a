import { fingerprint } from "../data/dataset.ts";
import { cannotRead } from "../data/error.ts";
import { openNpyFolder } from "./npy_folder.ts";
import { readBlocks } from "./made_record.ts";
import type { SequenceSource } from "./source.ts";
import { isNoise, sequenceNames } from "./suites.ts";

/** The difficulties of CIFAR-P: noise of three strengths, other frames 1 to 3 apart. */
export const difficulties = [1, 2, 3] as const;

/**
 * The file or folder of a sequence: stronger noise is apart from the others.
 *
 * @param own how strong the noise is that has the name alone
 */
export function sequenceFile(name: string, difficulty: number, own: number): string {
  return difficulty !== own && isNoise(name) ? `${name}_${difficulty}` : name;
}

/** All names of `sequenceFile()`. */
export function sequenceNamesAt(own: number): string[] {
  const all = [...sequenceNames.test, ...sequenceNames.validation];
  return all.flatMap((name) => difficulties.map((level) => sequenceFile(name, level, own)));
}

/**
 * Opens the official layout of CIFAR-10-P or CIFAR-100-P: `<sequence>.npy`, bytes (videos × frames ×
 * height × width × 3). Stronger noise is in `<sequence>_2.npy` and `<sequence>_3.npy`; where
 * `layermix corrupt` wrote the folder, all noise is as strong as its `corrupt.json` says.
 *
 * @throws {DataError} that names the file, when it has another type, order or size, or fewer frames
 * than are compared
 */
export async function openSequenceFiles(
  folder: string,
  { width, height }: { width: number; height: number },
  difficulty: number,
): Promise<SequenceSource> {
  const all = [...sequenceNames.test, ...sequenceNames.validation];
  const { severities: [own], pictures } = await readBlocks(folder, [1]);
  const fileOf = (name: string) => sequenceFile(name, difficulty, own!);
  const known = sequenceNamesAt(own!);
  const shape = [null, height, width, 3];
  const names = all.map(fileOf);
  const { files, unknown, stamp, close } = await openNpyFolder(
    ...[folder, names, known, shape, "--p-dir"] as const,
  );
  const found = all.flatMap((name) => {
    const [videos, frames] = files.get(fileOf(name))?.shape ?? [];
    return videos === undefined ? [] : [{ name, videos, frames: frames! }];
  });
  for (const { name, videos, frames } of found) {
    const step = isNoise(name) ? 1 : difficulty;
    if (videos > 0 && frames > step) continue;
    await close();
    const { path, shape } = files.get(fileOf(name))!;
    throw cannotRead(path, `videos of more than ${step} frames`, `shape (${shape.join(", ")})`);
  }
  const told = JSON.stringify([found, difficulty, pictures]);
  return {
    description: {
      from: folder,
      pictures,
      found,
      unknown_files: unknown,
      fingerprint: fingerprint(new TextEncoder().encode(told)),
    },
    ...{ stamp, close },
    read: (name, first, count) => files.get(fileOf(name))!.read(first, count),
  };
}
