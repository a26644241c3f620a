import { latin1 } from "../pickle/byte_reader.ts";
import { PickleError } from "../pickle/error.ts";
import { unpickle } from "../pickle/unpickle.ts";
import { tensorArrays } from "./safetensors.ts";
import { storageOf, torchGlobals } from "./torch_globals.ts";
import { type StorageName, TensorReader } from "./torch_tensor.ts";
import { ZipArchive } from "./zip.ts";

/** What a PyTorch file holds: values with TorchTensors among them, whose numbers `reader` reads. */
export interface TorchFile {
  value: unknown;
  reader: TensorReader;
}

/** `torch.serialization.MAGIC_NUMBER`: the first pickle of a file from before PyTorch 1.6. */
const MAGIC = 0x1950a86a20f9469cfc6cn;

/** The version of that format, its second pickle. */
const PROTOCOL = 1001;

/** Whether a file begins as PyTorch's did before 1.6: in binary, or as text of protocols 0 and 1. */
export function isTorchLegacy(bytes: Uint8Array): boolean {
  const text = `L${MAGIC}L\n.`;
  return bytes[0] === 0x80 || latin1(bytes.subarray(0, text.length)) === text;
}

/** Whether a file begins as a zip archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/**
 * Reads what `torch.save` wrote since PyTorch 1.6: a zip archive with the pickle
 * `<name>/data.pkl` and a storage in each `<name>/data/<key>`. Nothing in it is run.
 *
 * @throws {PickleError} when it is cut or damaged, names code, or is big endian
 */
export function readTorchZip(bytes: Uint8Array): TorchFile {
  const archive = new ZipArchive(bytes);
  const pickles = archive.names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1) {
    throw new PickleError("a zip archive with one data.pkl, as PyTorch's", `${pickles.length}`);
  }
  const root = pickles[0]!.slice(0, -"data.pkl".length);
  const order = archive.read(`${root}byteorder`);
  const text = order ? new TextDecoder().decode(order).trim() : "little";
  if (text !== "little") {
    throw new PickleError("little-endian numbers", text === "big" ? "big-endian ones" : "neither");
  }
  const pickle = archive.read(pickles[0]!)!;
  const { value } = unpickle(pickle, { globals: torchGlobals, persistent: storageOf });
  const storages = new Map<string, Uint8Array | undefined>();
  const storage = (key: string) => {
    if (!storages.has(key)) storages.set(key, archive.read(`${root}data/${key}`));
    return storages.get(key);
  };
  return { value, reader: new TensorReader(storage, bytes.length) };
}

/**
 * Reads what `torch.save` wrote before PyTorch 1.6: pickles of a magic number, a version, the
 * machine's byte order, the value and the storages' keys, then for each storage its number of
 * elements (u64) and their bytes. Nothing in it is run.
 *
 * @throws {PickleError} when it is cut or damaged, names code, or is big endian
 */
export function readTorchLegacy(bytes: Uint8Array): TorchFile {
  const named = new Map<string, StorageName>();
  const persistent = (id: unknown) => {
    const storage = storageOf(id);
    const known = named.get(storage.key);
    if (known && (known.dtype !== storage.dtype || known.elements !== storage.elements)) {
      throw new PickleError(`one size of storage ${storage.key}`, "two");
    }
    named.set(storage.key, storage);
    return storage;
  };
  let at = 0;
  const next = () => {
    const { value, end } = unpickle(bytes, { globals: torchGlobals, persistent, at });
    at = end;
    return value;
  };
  if (next() !== MAGIC) {
    throw new PickleError("a file of PyTorch or safetensors", "a pickle without PyTorch's mark");
  }
  const protocol = next();
  if (protocol !== PROTOCOL) throw new PickleError(`version ${PROTOCOL}`, String(protocol));
  const system = next();
  if (!(system instanceof Map) || system.get("little_endian") !== true) {
    throw new PickleError("little-endian numbers", "big-endian ones");
  }
  const value = next();
  const storages = legacyStorages(bytes, named, next(), () => at);
  return { value, reader: new TensorReader((key) => storages.get(key), bytes.length) };
}

/** The storages that follow the pickles, which `start` says the end of. */
function legacyStorages(
  bytes: Uint8Array,
  named: ReadonlyMap<string, StorageName>,
  keys: unknown,
  start: () => number,
): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const storages = new Map<string, Uint8Array>();
  let at = start();
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = named.get(key);
    if (!storage) throw new PickleError("storages that the pickle names", "another one");
    if (at + 8 > bytes.length) throw new PickleError(`storage ${key}`, "the end of the file");
    const elements = Number(view.getBigUint64(at, true));
    if (elements !== storage.elements) {
      throw new PickleError(`${storage.elements} elements in storage ${key}`, `${elements}`);
    }
    const size = elements * (storage.dtype ? tensorArrays[storage.dtype].BYTES_PER_ELEMENT : 1);
    if (size > bytes.length - at - 8) {
      throw new PickleError(`${size} bytes in storage ${key}`, "the end of the file: it is cut");
    }
    storages.set(storage.key, bytes.subarray(at + 8, at + 8 + size));
    at += 8 + size;
  }
  return storages;
}
