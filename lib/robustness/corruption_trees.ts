import { join } from "node:path";
import { fingerprint } from "../data/dataset.ts";
import { cannotRead, DataError, some } from "../data/error.ts";
import { foldersIn } from "../data/picture_tree.ts";
import type { PictureSource } from "../data/picture_source.ts";
import type { EvaluationView } from "../data/view.ts";
import { type ClassPictures, openClassPictures } from "./class_pictures.ts";
import type { Scale } from "./corruptions/corruption.ts";
import { cBarStrengths } from "./corruptions/c_bar.ts";
import { folderTimes } from "./folder_times.ts";
import { readBlocks } from "./made_record.ts";
import type { CorruptionSource, FoundCorruption } from "./source.ts";
import type { StreamedReader } from "./streamed_reader.ts";
import { type CorruptionSuiteName, namesOf, severities } from "./suites.ts";

/** How trees of pictures are read. */
export interface TreeOptions {
  /** The network's, in the order of its outputs. */
  classes: readonly string[];
  /** What the network sees of a picture. */
  view: EvaluationView;
  reader: StreamedReader;
  note?: (line: string) => void;
}

/** One corruption at one severity. */
interface TreeSet {
  name: string;
  severity: number;
  path: string;
  count: number;
  /** SHA-256 of the names of pictures without their endings. */
  names: string;
  fingerprint: string;
}

/**
 * Opens ImageNet-C's layout, `<corruption>/<severity>/<class>/<picture>`, or C-bar's, whose published
 * code names severities by their strength, such as 0.80. Corruptions, severities, classes and pictures
 * may be missing, which the description tells. Names of files are read at once, and not kept;
 * pictures are decoded while they are needed.
 *
 * @throws {DataError} when the folder cannot be read, holds no corruption, or other classes
 */
export async function openCorruptionTrees(
  folder: string,
  suite: CorruptionSuiteName,
  options: TreeOptions,
): Promise<CorruptionSource> {
  const { scale = "imagenet", pictures } = await readBlocks(folder);
  const { places, unknown_files } = await findPlaces(folder, suite, scale);
  const sets: TreeSet[] = [], missing = new Set<string>(), unknown = new Set<string>();
  let stamp = "";
  for (const place of places) {
    const own = await openClassPictures(place.path, options.classes);
    const { source: all, count, fingerprint } = own;
    own.missing.forEach((name) => missing.add(name));
    own.unknown.forEach((name) => unknown.add(name));
    sets.push({ ...place, count, fingerprint, names: namesDigest(all) });
    stamp += await folderTimes(place.path, all.classes);
  }
  const { areSame, ...found } = foundIn(sets);
  tellClasses(folder, options, [...missing], [...unknown]);
  if (!areSame) {
    options.note?.(
      `note: in ${folder}, not all corruptions and severities are of the same pictures`,
    );
  }
  const told = sets.map(({ name, severity, fingerprint }) => [name, severity, fingerprint]);
  return {
    description: {
      from: folder,
      pictures: `${pictures}, ${viewWords(options.view)}`,
      ...{ ...found, scale, unknown_files },
      ...(missing.size ? { missing_classes: [...missing].sort() } : {}),
      ...(unknown.size ? { unknown_classes: [...unknown].sort() } : {}),
      fingerprint: fingerprint(new TextEncoder().encode(JSON.stringify([scale, pictures, told]))),
    },
    stamp,
    ...reading(sets, options),
    close: () => Promise.resolve(),
  };
}

/** What a view does, in torchvision's words. */
export function viewWords({ resize, size }: EvaluationView): string {
  return `Resize(${resize}), CenterCrop(${size})`;
}

/** SHA-256 of the names of pictures, without their endings. */
export function namesDigest(source: Pick<PictureSource, "count" | "name">): string {
  const names = Array.from({ length: source.count }, (_, i) => source.name(i));
  const text = names.map((name) => name.replace(/\.\w+$/, "")).join("\n");
  return fingerprint(new TextEncoder().encode(text));
}

/** Tells which classes a folder and the network do not have in common. */
export function tellClasses(
  folder: string,
  { classes, note }: Pick<TreeOptions, "classes" | "note">,
  missing: readonly string[],
  unknown: readonly string[],
): void {
  if (missing.length) {
    const share = `${missing.length} of the network's ${classes.length} classes`;
    note?.(`note: in ${folder}, ${share} are not there: ${some(missing)}`);
  }
  if (unknown.length) {
    note?.(
      `note: in ${folder}, ${unknown.length} folders are no classes of the network and are passed ` +
        `over: ${some(unknown)}`,
    );
  }
}

type Place = Pick<TreeSet, "name" | "severity" | "path">;

async function findPlaces(
  folder: string,
  suite: CorruptionSuiteName,
  scale: Scale,
): Promise<{ places: Place[]; unknown_files: string[] }> {
  const flag = `--imagenet-${suite}-dir`;
  const there = await foldersIn(folder, `a folder (${flag})`);
  const { test, validation } = namesOf(suite, scale), known = [...test, ...validation];
  const unknown_files = there.filter((name) => !known.includes(name));
  const places: Place[] = [];
  for (const name of known.filter((name) => there.includes(name))) {
    const own = new Map<number, string>();
    for (const level of await foldersIn(join(folder, name), "a folder of severities")) {
      const severity = severityOf(level, suite, name, scale);
      if (severity === undefined || own.has(severity)) unknown_files.push(`${name}/${level}`);
      else own.set(severity, join(folder, name, level));
    }
    for (const severity of severities) {
      const path = own.get(severity);
      if (path !== undefined) places.push({ name, severity, path });
    }
  }
  if (places.length > 0) return { places, unknown_files };
  const found = unknown_files.length ? some(unknown_files, 3) : "none";
  const expected = `folders such as ${test[0]}/1, or of ${some(test.slice(1), 2)}`;
  throw cannotRead(folder, expected, `${found}; is it the right folder?`);
}

function severityOf(
  level: string,
  suite: CorruptionSuiteName,
  name: string,
  scale: Scale,
): number | undefined {
  if (severities.some((severity) => String(severity) === level)) return Number(level);
  const strengths = suite === "c-bar" ? cBarStrengths(name, scale) : [];
  const place = strengths.findIndex((strength) => strength.toFixed(2) === level);
  return place < 0 ? undefined : place + 1;
}

/** What the sets are of, and whether all are of the same pictures. */
function foundIn(
  sets: readonly TreeSet[],
): { found: FoundCorruption[]; count: number; names?: string; areSame: boolean } {
  const areSame = sets.every(({ names }) => names === sets[0]!.names);
  const found = [...Map.groupBy(sets, ({ name }) => name)].map(([name, own]) => ({
    name,
    severities: own.map(({ severity }) => severity),
    ...(areSame ? {} : { counts: own.map(({ count }) => count) }),
  }));
  const count = Math.max(...sets.map((one) => one.count));
  return { found, count, areSame, ...(areSame ? { names: sets[0]!.names } : {}) };
}

/** Lists the pictures of one set at a time, when they are asked for. */
function reading(
  sets: readonly TreeSet[],
  { classes, view, reader }: TreeOptions,
): Pick<CorruptionSource, "labels" | "read"> {
  let current: { set: TreeSet; pictures: Promise<ClassPictures> } | undefined;
  const open = async (set: TreeSet) => {
    const pictures = await openClassPictures(set.path, classes);
    if (pictures.fingerprint === set.fingerprint) return pictures;
    throw new DataError(
      `Cannot go on with ${set.path}: its files are others than at the beginning`,
    );
  };
  const picturesOf = (name: string, severity: number) => {
    const set = sets.find((one) => one.name === name && one.severity === severity)!;
    if (current?.set !== set) current = { set, pictures: open(set) };
    return current.pictures;
  };
  return {
    labels: async (severity, name) => (await picturesOf(name!, severity)).labels,
    async read(name, severity, ...which) {
      const pictures = await picturesOf(name, severity);
      return await reader.read(pictures.source.path, { pictures, view }, ...which);
    },
  };
}
