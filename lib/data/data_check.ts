import { join } from "node:path";
import { readdir } from "node:fs/promises";
import { readCifar } from "./cifar.ts";
import { cannotRead, DataError } from "./error.ts";
import { openNpy, readNpyIntegers } from "./npy.ts";
import { type SourceName, sources } from "./sources.ts";

/** What was found of one file, or of files that belong together. */
export interface DataFinding {
  /** The file, or what the files are together. */
  name: string;
  /** What is in it, for people; or what is wrong with it. */
  found: string;
  isRight: boolean;
}

const TEST_PICTURES = 10_000;
const SIDE = 32;

/** The 15 corruptions of C, and the ten sequences of P, without which a figure cannot be computed. */
const required = {
  c: [
    ...["gaussian_noise", "shot_noise", "impulse_noise", "defocus_blur", "glass_blur"],
    ...["motion_blur", "zoom_blur", "snow", "frost", "fog", "brightness", "contrast"],
    ...["elastic_transform", "pixelate", "jpeg_compression"],
  ],
  p: [
    ...["gaussian_noise", "shot_noise", "motion_blur", "zoom_blur", "snow", "brightness"],
    ...["translate", "rotate", "tilt", "scale"],
  ],
};

/**
 * Compares a folder with what a data set must hold: each file that is needed is there, and has the
 * right type, shape and labels. Files that are there beside them are looked at too.
 *
 * @param folder the one that the official archive holds, such as `data/CIFAR-10-C`, or what it is in
 * @throws {DataError} when there is no such folder
 */
export async function checkData(name: SourceName, folder: string): Promise<DataFinding[]> {
  const { content, folder: own } = sources[name];
  const list = (folder: string) => readdir(folder).catch(() => undefined);
  const inner = await list(join(folder, own));
  if (inner) folder = join(folder, own);
  const names = inner ?? await list(folder);
  if (!names) throw cannotRead(folder, `a folder of ${name}`, "none");
  if (content.kind === "binary") {
    const splits = ["train", "test"] as const;
    return await Promise.all(splits.map((split) =>
      finding(split, async () => {
        const { count, classes, missing = [] } = await readCifar(folder, content.dataset, split);
        if (missing.length) throw cannotRead(folder, missing.join(", "), "none of that name");
        const pictures = split === "train" ? 50_000 : TEST_PICTURES;
        if (count !== pictures) throw cannotRead(folder, `${pictures} pictures`, `${count}`);
        return `${count} pictures of ${classes.length} classes`;
      })
    ));
  }
  const { kind, classes } = content;
  const beside = names.filter((name) => name.endsWith(".npy") && name !== "labels.npy")
    .map((name) => name.slice(0, -".npy".length)).filter((name) => !required[kind].includes(name));
  const findings = [...required[kind], ...beside.sort()].map((name) =>
    finding(`${name}.npy`, () => checkPictures(join(folder, `${name}.npy`), kind))
  );
  const labels = finding(
    "labels.npy",
    () => checkLabels(join(folder, "labels.npy"), kind, classes),
  );
  const hasLabels = kind === "c" || names.includes("labels.npy");
  return await Promise.all(hasLabels ? [...findings, labels] : findings);
}

async function finding(name: string, look: () => Promise<string>): Promise<DataFinding> {
  try {
    return { name, found: await look(), isRight: true };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { name, found: error.message, isRight: false };
  }
}

async function checkPictures(path: string, kind: "c" | "p"): Promise<string> {
  const picture = [SIDE, SIDE, 3];
  const shape = kind === "c" ? [5 * TEST_PICTURES, ...picture] : [TEST_PICTURES, null, ...picture];
  const file = await openNpy(path, { types: ["|u1"], shape });
  await file.close();
  return kind === "c"
    ? `5 severities of ${TEST_PICTURES} pictures`
    : `${TEST_PICTURES} sequences of ${file.shape[1]} pictures`;
}

async function checkLabels(path: string, kind: "c" | "p", classes: number): Promise<string> {
  const labels = await readNpyIntegers(path);
  const count = kind === "c" ? 5 * TEST_PICTURES : TEST_PICTURES;
  if (labels.length !== count) throw cannotRead(path, `${count} labels`, `${labels.length}`);
  const at = labels.findIndex((label) => label >= classes);
  if (at >= 0) throw cannotRead(path, `labels of 0 … ${classes - 1}`, `${labels[at]} at ${at}`);
  return `${count} labels of ${classes} classes`;
}
