import { readPickledBatch, readPickledNames } from "./cifar_pickle.ts";
import type { Split } from "./dataset.ts";
import { cannotRead } from "./error.ts";

/** Of a picture, in pixels. */
export const SIDE = 32;

/** Bytes of one color of a picture. */
export const PLANE = SIDE * SIDE;

/** Bytes of a picture: its red, green and blue plane. */
const PICTURE = 3 * PLANE;

/** The files of one official version of a data set. */
export interface Layout {
  /** The folder inside the official archive. */
  subfolder: string;
  files: Record<Split, string[]>;
  classes: number;
  /** What is in a file, for errors. */
  content: string;
  /** Opens a batch file of `size` bytes. */
  open(path: string, size: number): Batch | Promise<Batch>;
  /** The file with the names of the classes. */
  names: string;
  readNames(path: string): Promise<string[]>;
}

/** A batch file whose number of records is known. */
export interface Batch {
  records: number;
  load(): Records | Promise<Records>;
}

/** Record i has `labels[i]`, and its red, green and blue plane at `first + i * stride`. */
export interface Records {
  labels: ArrayLike<number>;
  bytes: Uint8Array;
  first: number;
  stride: number;
}

const numbers = [1, 2, 3, 4, 5];

/** The official versions of each data set; the first one that is there is read. */
export const layouts: Record<"cifar10" | "cifar100", [binary: Layout, python: Layout]> = {
  cifar10: [
    binary({
      subfolder: "cifar-10-batches-bin",
      files: { train: numbers.map((n) => `data_batch_${n}.bin`), test: ["test_batch.bin"] },
      names: "batches.meta.txt",
      classes: 10,
      labelBytes: 1,
    }),
    python({
      subfolder: "cifar-10-batches-py",
      files: { train: numbers.map((n) => `data_batch_${n}`), test: ["test_batch"] },
      names: "batches.meta",
      classes: 10,
      keys: ["labels", "label_names"],
    }),
  ],
  cifar100: [
    binary({
      subfolder: "cifar-100-binary",
      files: { train: ["train.bin"], test: ["test.bin"] },
      names: "fine_label_names.txt",
      classes: 100,
      labelBytes: 2,
    }),
    python({
      subfolder: "cifar-100-python",
      files: { train: ["train"], test: ["test"] },
      names: "meta",
      classes: 100,
      keys: ["fine_labels", "fine_label_names"],
    }),
  ],
};

type Files = Pick<Layout, "subfolder" | "files" | "names" | "classes">;

/** @param labelBytes before the pixels of a record; the last of them is the label */
function binary({ labelBytes, ...files }: Files & { labelBytes: number }): Layout {
  const size = labelBytes + PICTURE;
  const content = `a file of ${size}-byte records`;
  return {
    ...files,
    content,
    open(path, bytes) {
      if (bytes === 0) throw cannotRead(path, content, "an empty file");
      if (bytes % size !== 0) {
        throw cannotRead(path, content, `that its size ${bytes} is not a multiple of ${size}`);
      }
      const records = bytes / size;
      return { records, load: () => readRecords(path, records, labelBytes) };
    },
    readNames: (path) => readLines(path, files.classes),
  };
}

/** @param keys of the labels in a batch, and of the names of the classes */
function python({ keys, ...files }: Files & { keys: [string, string] }): Layout {
  return {
    ...files,
    content: "a pickle of pictures",
    async open(path) {
      const { labels, pixels } = await readPickledBatch(path, keys[0], PICTURE);
      const records = { labels, bytes: pixels, first: 0, stride: PICTURE };
      return { records: labels.length, load: () => records };
    },
    readNames: (path) => readPickledNames(path, keys[1], files.classes),
  };
}

async function readRecords(path: string, records: number, labelBytes: number): Promise<Records> {
  const stride = labelBytes + PICTURE;
  const expected = records * stride;
  const bytes = await Deno.readFile(path).catch((error: Error) => {
    throw cannotRead(path, `${expected} bytes`, error.message);
  });
  if (bytes.length !== expected) {
    throw cannotRead(path, `${expected} bytes`, `${bytes.length}: the file is being changed`);
  }
  const labels = Uint8Array.from(
    { length: records },
    (_, record) => bytes[record * stride + labelBytes - 1]!,
  );
  return { labels, bytes, first: labelBytes, stride };
}

/** The lines of a file that are not empty. */
async function readLines(path: string, count: number): Promise<string[]> {
  const text = await Deno.readTextFile(path).catch((error: Error) => {
    throw cannotRead(path, `${count} class names`, error.message);
  });
  const names = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  if (names.length !== count) throw cannotRead(path, `${count} class names`, String(names.length));
  return names;
}
