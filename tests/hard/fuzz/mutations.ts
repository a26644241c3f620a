import { Buffer } from "node:buffer";
import type { Stream } from "../../../lib/random/stream.ts";

/** No mutated file is longer, in bytes. */
const LONGEST = 2 ** 20;

/** Numbers at which parsers go wrong: signs, limits of types, lengths that no file has. */
const INTEGERS = [
  ...[0n, 1n, 2n, 7n, 255n, 256n, 32767n, 65535n, 65536n, -1n, -2n],
  ...[24, 28, 31, 32, 40, 53, 63].flatMap((
    bits,
  ) => [(1n << BigInt(bits)) - 1n, 1n << BigInt(bits)]),
];
const FRACTIONS = [NaN, Infinity, -Infinity, -1, 0.5, 1e308, 5e-324, 2 ** 53, 2 ** 31];

type Mutation = (bytes: Uint8Array, random: Stream, others: readonly Uint8Array[]) => Uint8Array;

const pick = <Item>(random: Stream, items: readonly Item[]): Item =>
  items[random.integer(items.length)]!;

/** A place and a length that lie in the bytes; short pieces are as likely as long ones. */
function piece({ length }: Uint8Array, random: Stream): [from: number, to: number] {
  const size = Math.ceil(2 ** random.between(0, Math.log2(length + 1)));
  const from = random.integer(Math.max(1, length - size + 1));
  return [from, Math.min(length, from + size)];
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts)).subarray(0, LONGEST);
}

function changed(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  // slice() of a Buffer would be no copy.
  const copy = new Uint8Array(bytes);
  change(copy);
  return copy;
}

const mutations: Mutation[] = [
  function flipBit(bytes, random) {
    return changed(bytes, (copy) => copy[random.integer(copy.length)]! ^= 1 << random.integer(8));
  },
  function setByte(bytes, random) {
    const value = pick(random, [0, 1, 0x20, 0x7f, 0x80, 0xff, random.integer(256)]);
    return changed(bytes, (copy) => copy[random.integer(copy.length)] = value);
  },
  function setInteger(bytes, random) {
    const size = pick(random, [1, 2, 4, 8]), isLittle = random.chance();
    const value = BigInt.asUintN(8 * size, pick(random, INTEGERS));
    const digits = Array.from({ length: size }, (_, i) => Number(value >> BigInt(8 * i) & 255n));
    const at = random.integer(Math.max(1, bytes.length - size + 1));
    return changed(bytes, (copy) => {
      (isLittle ? digits : digits.reverse()).forEach((digit, i) => copy[at + i] = digit);
    });
  },
  function setFraction(bytes, random) {
    const at = random.integer(Math.max(1, bytes.length - 7)), value = pick(random, FRACTIONS);
    const digits = new Uint8Array(Float64Array.of(value).buffer);
    return changed(bytes, (copy) => digits.forEach((digit, i) => copy[at + i] = digit));
  },
  function setDigits(bytes, random) {
    const text = Buffer.from(bytes).toString("latin1");
    const runs = [...text.matchAll(/\d+/g)];
    if (runs.length === 0) return bytes;
    const { index, 0: found } = pick(random, runs);
    const value = String(pick(random, INTEGERS));
    const fitted = random.chance() ? value.padStart(found.length, "0") : value;
    return new Uint8Array(
      Buffer.from(text.slice(0, index) + fitted + text.slice(index + found.length), "latin1"),
    );
  },
  function cut(bytes, random) {
    return bytes.slice(0, random.integer(bytes.length));
  },
  function remove(bytes, random) {
    const [from, to] = piece(bytes, random);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  function insert(bytes, random) {
    const at = random.integer(bytes.length + 1), [from, to] = piece(bytes, random);
    const made = Uint8Array.from({ length: Math.min(64, to - from) }, () => random.integer(256));
    return joined(bytes.subarray(0, at), made, bytes.subarray(at));
  },
  function repeat(bytes, random) {
    const [from, to] = piece(bytes, random);
    const most = Math.floor((LONGEST - bytes.length) / (to - from));
    const times = Math.min(most, Math.floor(2 ** random.between(0, 17)));
    const copies = Buffer.alloc(Math.max(0, times) * (to - from), bytes.subarray(from, to));
    return joined(bytes.subarray(0, to), copies, bytes.subarray(to));
  },
  function splice(bytes, random, others) {
    const other = pick(random, others);
    const [from, to] = piece(other, random), [low, high] = piece(bytes, random);
    return joined(bytes.subarray(0, low), other.subarray(from, to), bytes.subarray(high));
  },
];

/**
 * One to four random changes of a file: bits, bytes, numbers at limits, cuts, pieces removed, put in,
 * repeated, or taken from `others`. An empty file stays empty.
 */
export function mutate(
  bytes: Uint8Array,
  random: Stream,
  others: readonly Uint8Array[],
): Uint8Array {
  let mutated = bytes;
  for (let change = random.integer(4); change >= 0 && mutated.length > 0; change--) {
    mutated = pick(random, mutations)(mutated, random, others);
  }
  return mutated;
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Values of other kinds than are expected, some of them large. */
const values: ((random: Stream) => Json)[] = [
  () => null,
  () => true,
  () => "",
  () => [],
  () => ({}),
  (random) => Number(pick(random, INTEGERS)),
  (random) => pick(random, [-0, 0.5, -0.5, 1e-9, 1e21, 1e308, -1e308]),
  (random) => String(pick(random, INTEGERS)),
  (random) =>
    pick(random, ["__proto__", "constructor", "toString", "\u0000\n\u202e", "NaN", "../x"]),
  (random) => "x".repeat(2 ** random.integer(18)),
  (random) => Array.from({ length: 2 ** random.integer(12) }, () => 0),
  (random) => `@nested${2 ** random.integer(17)}`,
];

/** Lists in lists, deeper than they could be written by JSON.stringify(). */
function withNested(json: string): string {
  return json.replaceAll(/"@nested(\d+)"/g, (_, depth) => "[".repeat(depth) + "]".repeat(depth));
}

/** Every object and list of a value, the value itself among them. */
function containers(value: Json): Exclude<Json, null | boolean | number | string>[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(containers)];
}

const changes: ((within: Record<string, Json>, name: string, random: Stream) => void)[] = [
  (within, name, random) => within[name] = pick(random, values)(random),
  (within, name) => delete within[name],
  (within, name, random) => within[name] = pick(random, Object.values(within)),
  (within, name, random) => within[`${name}${random.integer(10)}`] = within[name]!,
  (within, name) => within[name] = [within[name]!],
];

/** A JSON text of which one to three values are others, absent, or elsewhere. */
export function mutateJson(text: string, random: Stream): string {
  const root = { value: JSON.parse(text) as Json };
  for (let change = random.integer(3); change >= 0; change--) {
    const within = pick(random, containers(root)) as Record<string, Json>;
    const names = Object.keys(within);
    if (names.length) pick(random, changes)(within, pick(random, names), random);
  }
  return withNested(JSON.stringify(root.value) ?? "");
}
