import createModule from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import { cannotRead } from "./error.ts";

/** Decoded bytes: red, green, blue and alpha for each pixel. */
export interface Decoded {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray;
}

interface Codec {
  decode(bytes: Uint8Array): Decoded;
  /** After an error libjpeg has left its memory behind: a few more, and it would fail. */
  broken: boolean;
}

let code: Promise<WebAssembly.Module> | undefined;
let codec: Promise<Codec> | undefined;

/**
 * The pixels of a baseline or progressive JPEG, grey or colour, as libjpeg decodes them.
 *
 * Orientation tags are ignored, as PIL does. Throws a DataError with libjpeg's own message for a file
 * that is broken or cut. Needs leave to read the codec's WebAssembly file, and no network.
 */
export async function decodeJpeg(bytes: Uint8Array, name: string): Promise<Decoded> {
  let current = await (codec ??= start());
  while (current.broken) current = await (codec ??= start());
  try {
    return current.decode(bytes);
  } catch (error) {
    current.broken = true;
    codec = undefined;
    const found = `that it is broken or cut (${(error as Error).message})`;
    throw cannotRead(name, "a JPEG picture", found);
  }
}

async function start(): Promise<Codec> {
  const wasm = await (code ??= Deno.readFile(file()).then((bytes) => WebAssembly.compile(bytes)));
  const messages: string[] = [];
  const module = await createModule({
    noInitialRun: true,
    printErr: (message: string) => void messages.push(message),
    instantiateWasm(
      imports: WebAssembly.Imports,
      callback: (instance: WebAssembly.Instance) => void,
    ) {
      const instance = new WebAssembly.Instance(wasm, imports);
      callback(instance);
      return instance.exports;
    },
  });
  const decode = (bytes: Uint8Array) => {
    messages.length = 0;
    try {
      const picture: Decoded | null = module.decode(bytes, false);
      const cut = messages.find((message) => message.startsWith("Premature end"));
      if (cut || !picture) throw new Error(cut);
      return picture;
    } catch (error) {
      throw new Error(messages.at(-1) ?? String(error), { cause: error });
    }
  };
  return { decode, broken: false };
}

/** Where the codec is: in its package, or, where that cannot be looked up, beside a bundle. */
function file(): URL {
  try {
    return new URL(import.meta.resolve("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm"));
  } catch {
    return new URL("./mozjpeg_dec.wasm", import.meta.url);
  }
}
