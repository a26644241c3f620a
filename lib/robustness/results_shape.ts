import { modelNames } from "../models/model.ts";
import { kind, listOf, object, orNull, type Shape, valuesOf } from "../shape.ts";
import {
  type CorruptionSuiteName,
  type NameLists,
  namesOf,
  sequenceNames,
  severities,
  suiteNames,
} from "./suites.ts";

/** Any text. */
export const text = kind("text", (value) => typeof value === "string");
/** Any finite number. */
export const number = kind("a number", Number.isFinite);
/** Yes or no. */
export const flag = kind("true or false", (value) => typeof value === "boolean");
/** A fraction in 0..1. */
export const share = kind(
  "a number in 0..1",
  (value) => typeof value === "number" && value >= 0 && value <= 1,
);
/** How many there are of something. */
export const count: Shape = whole(0, 2 ** 53 - 1);
export const interval = kind(
  "two numbers",
  (value) => Array.isArray(value) && value.length === 2 && value.every(Number.isFinite),
);

/** A whole number in `low` … `high`. */
export function whole(low: number, high: number): Shape {
  const isWithin = (value: unknown) =>
    Number.isInteger(value) && Number(value) >= low && Number(value) <= high;
  return kind(
    low || high < 2 ** 53 - 1 ? `a whole number in ${low} … ${high}` : "a whole number",
    isWithin,
  );
}

const source = object({ fingerprint: text, pictures: text });
const list = object({ fingerprint: text, pictures: text, classes: count, network_classes: count });

/** What is read of what results, and shards of them, say of where they come from. */
export const provenance: Record<string, Shape> = {
  layermix: text,
  measured: object({
    ...{ model: text, weights: text, checkpoint_sha256: text },
    ...{ method: orNull(text), seed: orNull(number) },
  }),
  checkpoint: object({ file: text }, { header: object({}) }),
  model: object({ name: text, classes: count }),
  adapter: object({ name: text }),
  tuning: orNull(object({ best: valuesOf(text) })),
  data: object({ dataset: text, count, fingerprint: text, missing: listOf(text) }),
  sources: object({}, { c: source, "c-bar": source, r: list, a: list, p: source }),
  options: object({
    difficulty: number,
    pgd: object({ eps: number, steps: number, step_size: number, center: text }),
  }),
  notes: listOf(text),
  date: text,
};

/** More pictures, videos or shards than this are not to be believed. */
const MOST = { pictures: 10_000_000, videos: 1_000_000, shards: 100_000 };

const all = ({ test, validation }: NameLists) => [...test, ...validation];

/** One of `allowed`. */
const among = (allowed: readonly unknown[]) =>
  kind(`one of ${allowed.join(", ")}`, (value) => allowed.includes(value));

/** A list in which nothing is twice, by `key`. */
function unique(shape: Shape, key: (item: never) => unknown = (item) => item): Shape {
  const list = listOf(shape);
  const isUnique = (value: unknown) => {
    const items = value as never[];
    return new Set(items.map(key)).size === items.length;
  };
  return (value, path) => list(value, path) ?? kind("without repetition", isUnique)(value, path);
}

const nameOf = ({ name }: { name: string }) => name;

/** Names of a suite's corruptions at either scale. */
const namesIn = (suite: CorruptionSuiteName) => [
  ...new Set((["cifar", "imagenet"] as const).flatMap((scale) => all(namesOf(suite, scale)))),
];

const corruptions = (suite: CorruptionSuiteName) =>
  object({
    count: whole(1, MOST.pictures),
    found: unique(
      object({
        name: among(namesIn(suite)),
        severities: unique(among(severities)),
      }, { counts: listOf(whole(1, MOST.pictures)) }),
      nameOf,
    ),
  });

const pictures = object({ count: whole(1, MOST.pictures) });

const sequences = object({
  found: unique(
    object({
      name: among(all(sequenceNames)),
      videos: whole(1, MOST.videos),
      frames: whole(2, MOST.videos),
    }),
    nameOf,
  ),
});

/** What a shard's units follow from, so that there is a bound to how many there are. */
export const shardShape: Shape = object({
  shard: object({ index: whole(0, MOST.shards - 1), count: whole(1, MOST.shards) }),
  outcomes: valuesOf(object({})),
  model: object({ name: among(modelNames) }),
  data: object({ count: whole(1, MOST.pictures) }),
  options: object({ suites: unique(among(suiteNames)), seed: whole(0, 2 ** 32 - 1) }),
  sources: object({}, {
    ...{ c: corruptions("c"), "c-bar": corruptions("c-bar"), r: pictures, a: pictures },
    p: sequences,
  }),
});
