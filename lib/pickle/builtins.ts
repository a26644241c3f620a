import { Buffer } from "node:buffer";
import { PickleError, show } from "./error.ts";
import {
  type Allowance,
  countOf,
  ENTRY,
  type Global,
  globals,
  keyOf,
  listOf,
  textOf,
} from "./values.ts";

/** `dict(pairs)`, and what is like it; keys in order. */
function dict(pairs: unknown, allowance: Allowance): Map<unknown, unknown> {
  if (pairs instanceof Map) {
    allowance.spend(pairs.size * ENTRY);
    return new Map(pairs);
  }
  const list = pairs === undefined ? [] : listOf(pairs, "the entries of a dictionary");
  allowance.spend(list.length * ENTRY);
  return new Map(list.map((entry) => {
    const pair = listOf(entry, "an entry of a dictionary");
    if (pair.length !== 2) throw new PickleError("a key and a value", `${pair.length} values`);
    return [keyOf(pair[0]), pair[1]];
  }));
}

function set(items: unknown, allowance: Allowance): Set<unknown> {
  const list = items === undefined ? [] : listOf(items, "the items of a set");
  allowance.spend(list.length * ENTRY);
  return new Set(list.map(keyOf));
}

function list(items: unknown, allowance: Allowance): unknown[] {
  const copied = items === undefined ? [] : listOf(items, "the items of a list");
  allowance.spend(copied.length * ENTRY);
  return copied.slice();
}

/** `_codecs.encode(text, "latin1")`: how protocol 2 of Python 3 writes bytes. */
function encode([text, encoding]: unknown[], allowance: Allowance): Uint8Array {
  if (typeof text !== "string") throw new PickleError("text to encode", show(text));
  const name = encoding === undefined ? "utf-8" : textOf(encoding, "an encoding");
  if (!/^(latin[-_]?1|iso-?8859-1)$/i.test(name)) {
    throw new PickleError("bytes encoded as latin1", show(name));
  }
  allowance.spend(text.length);
  // deno-lint-ignore no-control-regex -- the characters that one byte holds
  if (/[^\x00-\xff]/.test(text)) throw new PickleError("latin1 text", "a character above U+00FF");
  return new Uint8Array(Buffer.from(text, "latin1"));
}

function bytes([value]: unknown[], allowance: Allowance): Uint8Array {
  if (value === undefined) return new Uint8Array(0);
  const source = value instanceof Uint8Array ? value : listOf(value, "bytes");
  allowance.spend(source.length);
  return Uint8Array.from(source as ArrayLike<unknown>, (byte) => countOf(byte, "a byte"));
}

const python = {
  dict: ([pairs]: unknown[], allowance: Allowance) => dict(pairs, allowance),
  set: ([items]: unknown[], allowance: Allowance) => set(items, allowance),
  frozenset: ([items]: unknown[], allowance: Allowance) => set(items, allowance),
  list: ([items]: unknown[], allowance: Allowance) => list(items, allowance),
  tuple: ([items]: unknown[], allowance: Allowance) => list(items, allowance),
  bytes,
  bytearray: bytes,
};

/** Python's own containers, under the module names of Python 2 and 3. */
export const builtins: ReadonlyMap<string, Global> = globals({
  ...Object.fromEntries(
    Object.entries(python).flatMap(([name, call]) => [
      [`builtins.${name}`, call],
      [`__builtin__.${name}`, call],
    ]),
  ),
  "_codecs.encode": encode,
  "collections.OrderedDict": ([pairs], allowance) => dict(pairs, allowance),
  "collections.Counter": ([pairs], allowance) => dict(pairs, allowance),
  "collections.defaultdict": ([, pairs], allowance) => dict(pairs, allowance),
});
