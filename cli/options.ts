import type { Command } from "@commander-js/extra-typings";
import { type Command as AnyCommand, InvalidArgumentError, Option } from "commander";
import { type MethodName, methodNames } from "../lib/augment/methods.ts";
import { UsageError } from "./error.ts";

/** The closest of `names` to a mistyped word, if one is close. */
export function closest(word: string, names: readonly string[]): string | undefined {
  const scored = names.map((name) => ({ name, distance: editDistance(word, name) }));
  const best = scored.toSorted((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(2, word.length / 3) ? best.name : undefined;
}

/** Insertions, deletions and replacements that turn `a` into `b` (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(
        Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])),
      );
    }
    row = next;
  }
  return row[b.length]!;
}

/** The words that parsers take, of those that take no others. */
const choices = new WeakMap<object, readonly string[]>();

/** The words that a parser of `oneOf` or `listOf` takes; none where it takes others. */
export function choicesOf(parser: object | undefined): readonly string[] {
  return parser && choices.get(parser) || [];
}

/** One of `names`; another word is refused with the closest name. */
export function oneOf<Name extends string>(
  what: string,
  names: readonly Name[],
): (text: string) => Name {
  const parse = (text: string) => {
    const known = names.find((name) => name === text);
    if (known) return known;
    const near = closest(text, names);
    throw new UsageError(
      `Cannot use ${what} "${text}": expected ${names.join(", ")}${
        near ? `; did you mean ${near}?` : ""
      }`,
    );
  };
  choices.set(parse, names);
  return parse;
}

/** A comma-separated list, each item read by `item`. */
export function listOf<Item>(item: (text: string) => Item): (text: string) => Item[] {
  const parse = (text: string) => text.split(",").map((part) => item(part.trim()));
  choices.set(parse, choicesOf(item));
  return parse;
}

/** A whole number in `low` … `high`. */
export function integer(low: number, high = 2 ** 32 - 1): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Expected a whole number of ${low} … ${high}.`);
  };
}

/** A number in `low` … `high`. */
export function number(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? NaN : Number(text);
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Expected a number of ${low} … ${high}.`);
  };
}

/** A method's name; the published code calls LayerMix "laddermix". */
export function method(text: string): MethodName {
  return text === "laddermix" ? "layermix" : oneOf("the method", methodNames)(text);
}
choices.set(method, methodNames);

/** An option of several commands, as `command.option` would add it. */
export function option<Value>(
  flags: string,
  description: string,
  parse?: (text: string) => Value,
  byDefault?: Value,
): Option {
  const made = new Option(flags, description);
  if (parse) made.argParser(parse);
  return byDefault === undefined ? made : made.default(byDefault);
}

/** Adds options to a command, whose action then gets `Flags`. */
export function withOptions<Flags extends object>(
  command: unknown,
  options: readonly Option[],
): Command<[], { [Name in keyof Flags]: Flags[Name] }> {
  for (const one of options) (command as AnyCommand).addOption(one);
  return command as Command<[], { [Name in keyof Flags]: Flags[Name] }>;
}
