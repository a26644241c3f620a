import { PickleError, show } from "./error.ts";
import { latin1 } from "./byte_reader.ts";

/** The longest whole number, in bytes; the longest that PyTorch writes has 10. */
const LONGEST_NUMBER = 256;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 as text; Python's lone surrogates are refused. */
export function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new PickleError("UTF-8 text", `${bytes.length} bytes that are none`);
  }
}

/** A number where f64 holds it exactly, else the bigint. */
function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A decimal whole number. */
export function decimal(text: string): number | bigint {
  if (!/^[+-]?\d+$/.test(text) || text.length > LONGEST_NUMBER) {
    throw new PickleError("a whole number", show(text));
  }
  return narrow(BigInt(text.replace("+", "")));
}

/** A whole number in two's complement, little endian; none is 0. */
export function longOf(bytes: Uint8Array): number | bigint {
  if (bytes.length > LONGEST_NUMBER) {
    throw new PickleError(`a number of at most ${LONGEST_NUMBER} bytes`, `${bytes.length} bytes`);
  }
  let value = 0n;
  for (const byte of bytes.toReversed()) value = value << 8n | BigInt(byte);
  return narrow(BigInt.asIntN(Math.max(1, 8 * bytes.length), value));
}

/** Python's `repr` of a float. */
export function floating(text: string): number {
  if (/^[+-]?inf$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (text === "nan") return NaN;
  const value = /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (Number.isNaN(value)) throw new PickleError("a number", show(text));
  return value;
}

const escapes: Record<string, number> = { n: 10, r: 13, t: 9, "\\": 92, "'": 39, '"': 34 };

/** Python 2's `repr` of a string, in quotes, as the bytes that it means. */
export function escaped(line: Uint8Array): Uint8Array {
  const quote = line[0];
  if (line.length < 2 || (quote !== 39 && quote !== 34) || line.at(-1) !== quote) {
    throw new PickleError("text in quotes", `${line.length} bytes without`);
  }
  const bytes = new Uint8Array(line.length);
  let size = 0;
  for (let at = 1; at < line.length - 1; at++) {
    if (line[at] !== 92) {
      bytes[size++] = line[at]!;
      continue;
    }
    const code = String.fromCharCode(line[++at]!);
    const hexadecimal = code === "x" ? latin1(line.subarray(at + 1, at + 3)) : "";
    if (/^[0-9a-f]{2}$/i.test(hexadecimal)) {
      bytes[size++] = parseInt(hexadecimal, 16);
      at += 2;
    } else if (Object.hasOwn(escapes, code)) bytes[size++] = escapes[code]!;
    else throw new PickleError("a known escape in text", show(`\\${code}`));
  }
  return bytes.subarray(0, size);
}

/** Protocol 0's raw-unicode-escape: latin1, and \uXXXX or \UXXXXXXXX for the rest. */
export function rawUnicode(line: Uint8Array): string {
  return latin1(line).replaceAll(
    /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g,
    (_, short: string | undefined, long: string | undefined) => {
      const point = parseInt((short ?? long)!, 16);
      if (point > 0x10ffff) throw new PickleError("a character", `U+${point.toString(16)}`);
      return String.fromCodePoint(point);
    },
  );
}
