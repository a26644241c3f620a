import { imagenet200, imagenetA } from "../data/class_list.ts";
import { DataError, some } from "../data/error.ts";
import { agreement, openClassPictures } from "./class_pictures.ts";
import { type TreeOptions, viewWords } from "./corruption_trees.ts";
import { folderTimes } from "./folder_times.ts";
import type { ListSource } from "./source.ts";
import type { ListSuiteName } from "./suites.ts";

/** The classes of ImageNet-R and ImageNet-A, as their publishers list them. */
const suites: Readonly<Record<ListSuiteName, { title: string; classes: readonly string[] }>> = {
  r: { title: "ImageNet-R", classes: imagenet200 },
  a: { title: "ImageNet-A", classes: imagenetA },
};

/**
 * Opens ImageNet-R or ImageNet-A, `<class>/<picture>`. Answers are looked for among the classes that
 * the network and the suite have in common, and only pictures of these count: for a network of 1000
 * classes the 200 of the suite, as their publishers do it.
 *
 * @throws {DataError} when the folder cannot be read or has other classes, or the network has none
 * of them
 */
export async function openPictureList(
  folder: string,
  suite: ListSuiteName,
  { classes, view, reader, note }: TreeOptions,
): Promise<ListSource> {
  const { title, classes: own } = suites[suite], list = new Set(own);
  const columns = [...classes.keys()].filter((column) => list.has(classes[column]!));
  if (columns.length === 0) {
    throw new DataError(
      `Cannot evaluate ${suite}: expected a network of some of the ${own.length} classes of ` +
        `${title}, such as ${some(own, 2)}, but found ${some(classes, 2)}`,
    );
  }
  const shared = columns.map((column) => classes[column]!);
  const pictures = await openClassPictures(folder, shared, { of: title, areApart: true });
  const { source, known, unknown, count, labels, fingerprint } = pictures;
  agreement(folder, [...known, ...unknown], own, { of: title });
  const left = unknown.filter((name) => list.has(name));
  if (left.length) {
    note?.(
      `note: in ${folder}, pictures of ${left.length} of ${own.length} classes are left out, which ` +
        `the network does not have: ${some(left)}`,
    );
  }
  if (pictures.missing.length) {
    note?.(
      `note: in ${folder}, ${pictures.missing.length} classes are not there: ${
        some(pictures.missing)
      }`,
    );
  }
  const stamp = await folderTimes(folder, known);
  return {
    description: {
      from: folder,
      pictures: `files, ${viewWords(view)}`,
      ...{ count, classes: columns.length },
      ...{ suite_classes: own.length, network_classes: classes.length },
      unknown_files: unknown.filter((name) => !list.has(name)),
      fingerprint,
    },
    ...{ columns, labels, stamp },
    read: (...which) => reader.read(source.path, { pictures, view }, ...which),
    close: () => Promise.resolve(source.close()),
  };
}
