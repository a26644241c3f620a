/** Decoded bytes: red, green, blue and alpha for each pixel. */
export interface Decoded {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray;
}

/** What an Emscripten module makes of the bytes of a picture file. */
export interface CodecModule {
  decode(bytes: Uint8Array): Decoded | null;
}

/** How a codec is made. */
export interface CodecOptions {
  /** Starts the module with its WebAssembly and a place for its messages. */
  create(options: Record<string, unknown>): Promise<CodecModule>;
  /** Of the WebAssembly file, as imports name it. */
  wasm: string;
  /** The start of a message that means an error, though there are pixels. */
  refused?: string;
}

/** Decodes, or throws an Error with the library's own message. */
export type Decode = (bytes: Uint8Array) => Promise<Decoded>;

/**
 * A decoder in WebAssembly, started when it is first needed. After an error the library has left its
 * memory behind, and after a few more it would fail, so that the next picture has a new one.
 *
 * Needs leave to read the codec's WebAssembly file, and no network.
 */
export function openCodec(options: CodecOptions): Decode {
  let code: Promise<WebAssembly.Module> | undefined;
  let codec: Promise<Codec> | undefined;
  const restart = () =>
    codec ??= (code ??= compile(options.wasm)).then((wasm) => start(wasm, options));
  return async (bytes) => {
    let current = await restart();
    while (current.isBroken) current = await restart();
    try {
      return current.decode(bytes);
    } catch (error) {
      current.isBroken = true;
      codec = undefined;
      throw error;
    }
  };
}

interface Codec {
  decode(bytes: Uint8Array): Decoded;
  isBroken: boolean;
}

async function start(wasm: WebAssembly.Module, { create, refused }: CodecOptions): Promise<Codec> {
  const messages: string[] = [];
  const module = await create({
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
      const picture = module.decode(bytes);
      const bad = messages.find((message) => refused && message.startsWith(refused));
      if (bad || !picture) throw new Error(bad ?? "no pixels");
      return picture;
    } catch (error) {
      throw new Error(messages.at(-1) ?? (error as Error).message ?? String(error), {
        cause: error,
      });
    }
  };
  return { decode, isBroken: false };
}

/** The codec from its package, or, where that cannot be looked up, from beside a bundle. */
async function compile(specifier: string): Promise<WebAssembly.Module> {
  return await WebAssembly.compile(await Deno.readFile(addressOf(specifier)));
}

function addressOf(specifier: string): URL {
  try {
    return new URL(import.meta.resolve(specifier));
  } catch {
    return new URL(`./${specifier.split("/").at(-1)}`, import.meta.url);
  }
}
