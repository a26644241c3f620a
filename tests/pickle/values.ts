import { goldenFile } from "../golden.ts";

/** What `pickle.dumps` of NumPy's Python wrote, by protocol. */
export interface GoldenPickles {
  /** Of one dictionary of values of all kinds. */
  values: Record<string, string>;
  /** Of a CIFAR-10 batch of one picture (7i mod 251) with the label 6. */
  cifar: Record<string, string>;
}

/** The pickles of a kind, with their protocols. */
export function goldenPickles(kind: keyof GoldenPickles): [protocol: string, Uint8Array][] {
  const file: GoldenPickles = JSON.parse(Deno.readTextFileSync(goldenFile("pickles.json")));
  return Object.entries(file[kind]).map((
    [protocol, text],
  ) => [protocol, Uint8Array.fromBase64(text)]);
}

/** Bytes of text of one byte for each character. */
export function ascii(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
