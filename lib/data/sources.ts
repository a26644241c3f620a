/** Data sets that can be downloaded. */
export const sourceNames = [
  "cifar10",
  "cifar100",
  "cifar10-c",
  "cifar10-p",
  "cifar100-c",
  "cifar100-p",
] as const;
/** One of them. */
export type SourceName = typeof sourceNames[number];

/** Where a data set is published, and what is in it. */
export interface Source {
  /** A tar archive, or one that is compressed by gzip. */
  url: string;
  /** Of the archive, as published with it; absent where none is known. */
  md5?: string;
  /** The folder that the archive holds. */
  folder: string;
  /** Of all files once unpacked, at the most: about twice what is published, in bytes. */
  most: number;
  /** What is in the folder. */
  content:
    | { kind: "binary"; dataset: "cifar10" | "cifar100" }
    | { kind: "c" | "p"; classes: 10 | 100 };
}

const GIB = 2 ** 30;
const toronto = "https://www.cs.toronto.edu/~kriz";
const zenodo = (record: number, file: string) =>
  `https://zenodo.org/records/${record}/files/${file}?download=1`;

/**
 * The official archives: Krizhevsky 2009 for CIFAR, Hendrycks and Dietterich 2019 (arXiv 1903.12261)
 * for C and P. Checksums are those of their pages.
 */
export const sources: Record<SourceName, Source> = {
  "cifar10": {
    url: `${toronto}/cifar-10-binary.tar.gz`,
    md5: "c32a1d4ab5d03f1284b67883e8d87530",
    folder: "cifar-10-batches-bin",
    most: 0.4 * GIB,
    content: { kind: "binary", dataset: "cifar10" },
  },
  "cifar100": {
    url: `${toronto}/cifar-100-binary.tar.gz`,
    md5: "03b5dce01913d631647c71ecec9e9cb8",
    folder: "cifar-100-binary",
    most: 0.4 * GIB,
    content: { kind: "binary", dataset: "cifar100" },
  },
  "cifar10-c": {
    url: zenodo(2535967, "CIFAR-10-C.tar"),
    md5: "56bf5dcef84df0e2308c6dcbcbbd8499",
    folder: "CIFAR-10-C",
    most: 6 * GIB,
    content: { kind: "c", classes: 10 },
  },
  "cifar10-p": {
    url: zenodo(2535967, "CIFAR-10-P.tar"),
    md5: "125d6775afc5846ea84584d7524dedff",
    folder: "CIFAR-10-P",
    most: 40 * GIB,
    content: { kind: "p", classes: 10 },
  },
  "cifar100-c": {
    url: zenodo(3555552, "CIFAR-100-C.tar"),
    md5: "11f0ed0f1191edbf9fa23466ae6021d3",
    folder: "CIFAR-100-C",
    most: 6 * GIB,
    content: { kind: "c", classes: 100 },
  },
  "cifar100-p": {
    url: zenodo(3555552, "CIFAR-100-P.tar"),
    folder: "CIFAR-100-P",
    most: 40 * GIB,
    content: { kind: "p", classes: 100 },
  },
};
