/**
 * Makes `lib/data/resample_wasm.ts` from `resample.wat`: deno run -A tests/data/assemble.ts
 *
 * @module
 */
import wabt from "wabt";

const folder = new URL("../../lib/data/", import.meta.url);

/** The source of the module that holds the WebAssembly of `resample.wat`. */
export async function assembled(): Promise<string> {
  const text = await Deno.readTextFile(new URL("resample.wat", folder));
  const module = (await wabt()).parseWat("resample.wat", text, { simd: true });
  const code = module.toBinary({}).buffer.toBase64();
  return `/** The WebAssembly of resample.wat, made by tests/data/assemble.ts. */
export const code: Uint8Array<ArrayBuffer> = Uint8Array.fromBase64(
  "${code}",
);
`;
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL("resample_wasm.ts", folder), await assembled());
}
